//! Images by themselves, and in the model of the specification.

use super::*;
use proptest::prelude::*;
use softcore_rv64::prelude::bv;
use softcore_rv64::raw::{AccessType, Config, ConfigMemory, ConfigPmp, physaddr, pmpCheck};
use softcore_rv64::{Core, Privilege, config, new_core};

/// A processor of the model's with as many entries as an image fills, of any size.
const MODEL: Config = Config {
    memory: ConfigMemory {
        pmp: ConfigPmp {
            count: ENTRIES as i128,
            grain: 0,
        },
    },
    ..config::U74
};

/// What the model of the specification lets through with an image, by read, write and fetch.
fn allows(core: &mut Core, address: u64, bytes: u64, mode: Privilege) -> [bool; 3] {
    [
        AccessType::Read(()),
        AccessType::Write(()),
        AccessType::InstructionFetch(()),
    ]
    .map(|access| {
        let address = physaddr::Physaddr(bv(address));
        pmpCheck(core, address, i128::from(bytes), access, mode).is_none()
    })
}

fn model(image: &Image) -> Core {
    let mut core = new_core(MODEL);
    core.reset();
    // Addresses first: a locked rule keeps its own.
    for (n, address) in image.addresses.iter().enumerate() {
        core.set_pmpaddr(n, *address);
    }
    // pmpcfg0 and pmpcfg2: RV64 has no odd ones.
    for (n, config) in image.configs.iter().enumerate() {
        core.set_pmpcfg(2 * n, *config);
    }
    core
}

fn region(start: u64, len: u64) -> Region {
    Region::from_raw(start, len).unwrap()
}

#[test]
fn a_power_of_two_takes_one_entry_and_any_other_two() {
    let one = Image::EMPTY
        .with(region(0x8000_0000, 0x20_0000), Rule::Memory)
        .unwrap();
    assert_eq!((one.used, one.configs[0]), (1, 0x1f));
    assert_eq!(one.addresses[0], 0x2000_0000 | 0x3_ffff);
    let two = one
        .with(region(0x0c00_0000, 0x60_0000), Rule::Device)
        .unwrap();
    assert_eq!((two.used, two.configs[0]), (3, 0x0b_00_1f));
    assert_eq!(two.addresses[1..3], [0x0300_0000, 0x0318_0000]);
}

#[test]
fn an_image_clears_what_the_other_of_its_hart_fills() {
    let few = Image::EMPTY.with_all(&[region(0x8000_0000, 0x1000)], Rule::Memory);
    let many: Vec<_> = (0..9).map(|n| region(n << 16, 0x1000)).collect();
    let many = Image::EMPTY.with_all(&many, Rule::Memory);
    let [first, second] = few.together(many);
    assert_eq!((first.used, second.used), (9, 9));
    assert_eq!(
        (first.configs, first.addresses),
        (few.configs, few.addresses)
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut image = Image::EMPTY;
    for n in 0..ENTRIES as u64 {
        image = image.with(region(n << 12, 0x1000), Rule::Device).unwrap();
    }
    assert_eq!(image.with(region(1 << 20, 0x1000), Rule::Device), None);
}

#[test]
fn the_monitor_s_rules_bind_the_monitor() {
    let image = Image::EMPTY
        .with(region(0x2000_0000, 0x8_0000), Rule::Text)
        .unwrap();
    assert_eq!(image.configs[0], 0x9d);
    let image = Image::EMPTY
        .with(region(0x8000_0000, 0x1000), Rule::Guard)
        .unwrap();
    assert_eq!(image.configs[0], 0x98);
}

/// Regions of whole pages that do not touch.
fn regions() -> impl Strategy<Value = Vec<Region>> {
    prop::collection::vec((1_u64..64, 1_u64..64), 1..7).prop_map(|sizes| {
        let mut at = 0x8000_0000;
        let place = |(gap, pages)| {
            let start = at + gap * 0x1000;
            at = start + pages * 0x1000;
            region(start, pages * 0x1000)
        };
        sizes.into_iter().map(place).collect()
    })
}

/// A rule, as what S-mode and M-mode are to find there: read, write, fetch.
fn rules() -> impl Strategy<Value = (Rule, [bool; 3], [bool; 3])> {
    let all = [true; 3];
    let none = [false; 3];
    prop::sample::select(vec![
        (Rule::Memory, all, all),
        (Rule::Device, [true, true, false], all),
        (Rule::Foreign, [true, false, false], all),
        (Rule::Text, [true, false, true], [true, false, true]),
        (Rule::Guard, none, none),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    /// Accesses around the edges of regions, across them too.
    #[test]
    fn exactly_the_regions_can_be_reached_by_the_model(
        regions in regions(),
        rules in prop::collection::vec(rules(), 7),
        near in any::<prop::sample::Index>(),
        offset in -16_i64..16,
        from_end in any::<bool>(),
        bytes in prop::sample::select(vec![1_u64, 2, 4, 8]),
    ) {
        let image = regions.iter().zip(&rules).try_fold(Image::EMPTY, |image, (region, (rule, ..))| image.with(*region, *rule));
        let mut core = model(&image.unwrap());
        let edge = near.get(&regions);
        let edge = if from_end { edge.end() } else { edge.start() };
        let first = edge.get().wrapping_add_signed(offset);
        let access = region(first, bytes);
        let of = |mode: Privilege, otherwise: [bool; 3]| {
            let touched = regions.iter().zip(&rules).find(|(region, _)| region.overlaps(access));
            match touched {
                Some((region, _)) if !region.contains(access) => [false; 3],
                Some((_, (_, below, machine))) => if mode == Privilege::Machine { *machine } else { *below },
                None => otherwise,
            }
        };
        let below = of(Privilege::Supervisor, [false; 3]);
        prop_assert_eq!(allows(&mut core, first, bytes, Privilege::Supervisor), below);
        prop_assert_eq!(allows(&mut core, first, bytes, Privilege::User), below);
        // M-mode passes what is not locked, but for an access across its edge.
        prop_assert_eq!(allows(&mut core, first, bytes, Privilege::Machine), of(Privilege::Machine, [true; 3]));
    }
}
