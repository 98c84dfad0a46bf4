//! What the tables say of the interrupt controller (GICv3, Arm IHI 0069), held against its registers and
//! written again.
//!
//! As [`GicV3`] sets it up and claims it for critical partitions. What its owner may change is not looked at: enables, pending and
//! active states, and priorities within the owner's half.

use crate::gic::v3::{self, GicV3};
use crate::gic::{SECURE_TIMER, SGI, own_timer};
use arm_gic::UniqueMmioPointer;
use cofferdam_core::ids::{CoreId, PartitionId, Slot};
use cofferdam_core::table::{Partition, System};
use core::ops::Range;
use core::ptr::NonNull;
use safe_mmio::field;
use safe_mmio::fields::ReadPureWrite;

type Register = ReadPureWrite<u32>;

/// The first registers of the distributor, and of a core's SGI frame, which has one word for its 32 interrupts.
#[repr(C)]
struct Frame {
    control: Register,
    kind: Register,
    _to_80: [u32; 30],
    group: [Register; 32],
    enable: [Register; 32],
    _to_300: [u32; 96],
    active: [Register; 32],
    inactive: [Register; 32],
    priority: [Register; 256],
    _to_d00: [u32; 320],
    modifier: [Register; 32],
    _to_e00: [u32; 32],
    access: [Register; 64],
}

const _: () = assert!(core::mem::offset_of!(Frame, access) == 0xe00);

/// Bytes from a core's redistributor frame to its SGI frame.
const SGI_FRAME: u64 = 0x1_0000;
/// Interrupts that a core's software makes by itself.
const SGIS: usize = 16;
/// GICD_IROUTER0, one of 8 bytes for each interrupt.
const ROUTES: u64 = 0x6000;
/// GICD_CTLR: groups 0 and 1 Secure enabled, affinity routing in both states, two Security states. Group 1
/// Non-secure is Linux's.
const CONTROL: u32 = 0b11_0101;
const CONTROL_MASK: u32 = CONTROL | 1 << 6;

/// Groups of 32 interrupts, a bit each: in neither it is the rich side's.
#[derive(Clone, Copy, Debug)]
struct Owners {
    monitor: u32,
    critical: u32,
}

fn registers<T>(address: u64) -> UniqueMmioPointer<'static, T> {
    let address = NonNull::new(address as *mut T).unwrap_or(NonNull::dangling());
    // SAFETY: the board's description names the controller here and `mmu` maps it as device memory. Registers
    // shared between cores are read and written whole.
    unsafe { UniqueMmioPointer::new(address) }
}

/// How many shared interrupts the controller has (GICD_TYPER.ITLinesNumber).
pub fn shared(gic: &GicV3) -> u32 {
    let mut frame = registers::<Frame>(gic.distributor);
    32 * (field!(frame, kind).read() & 0x1f)
}

/// Whether the distributor forwards what it should; makes it so if it is to.
pub fn control_is_right(gic: &GicV3, repair: bool) -> bool {
    let mut frame = registers::<Frame>(gic.distributor);
    hold(field!(frame, control), CONTROL, CONTROL_MASK, repair)
}

/// Whether 32 shared interrupts are their owners'; makes it so if they are to be.
pub fn shared_is_right(gic: &GicV3, system: &System, word: u8, repair: bool) -> bool {
    let word = usize::from(word);
    let mut critical = 0;
    for (id, ..) in owned(system) {
        if id as usize / 32 == word {
            critical |= 1 << (id % 32);
        }
    }
    let hooked = system
        .hooked
        .iter()
        .filter(|it| it.interrupt as usize / 32 == word);
    let monitor = hooked.fold(0, |bits, it| bits | 1 << (it.interrupt % 32));
    let owners = Owners { monitor, critical };
    let address = gic.distributor;
    let access = 2 * word..2 * word + 2;
    word_is_right(address, word, owners, repair) & no_access(address, access, repair)
}

/// Whether the critical partitions' interrupts of this word go to their cores (`home`, if there is one), and hooked ones to theirs;
/// makes it so if they are to.
pub fn routing_is_right(
    gic: &GicV3,
    system: &System,
    word: u8,
    repair: bool,
    home: &dyn Fn(PartitionId, &Partition) -> Option<CoreId>,
) -> bool {
    let mut right = true;
    let hooked = system.hooked.iter().map(|it| (it.interrupt, it.core));
    let owned = owned(system).filter_map(|(id, partition, it)| Some((id, home(partition, it)?)));
    for (id, core) in owned.chain(hooked) {
        let core = system.cores.get(core.index());
        let (true, Some(core)) = (id / 32 == u32::from(word), core) else {
            continue;
        };
        let address = gic.distributor + ROUTES + 8 * u64::from(id);
        let mut route = registers::<ReadPureWrite<u64>>(address);
        if route.read() != core.hardware_id {
            right = false;
            if repair {
                route.write(core.hardware_id);
            }
        }
    }
    right
}

/// Whether a core's private interrupts are their owners'; makes it so if they are to be. `lent`: the critical
/// partition's timer is the monitor's for a while.
pub fn private_is_right(
    gic: &GicV3,
    system: &System,
    core: CoreId,
    lent: bool,
    repair: bool,
) -> bool {
    let own = 1 << SGI | 1 << own_timer(system, core);
    let monitor = own | u32::from(lent) << SECURE_TIMER;
    let frames = gic.redistributors + u64::from(core.0) * gic.stride;
    let address = frames + SGI_FRAME;
    let mut critical = 0;
    if system.occupant(core, Slot::Critical).is_some() {
        critical = taken(address);
    }
    for (id, _, partition) in owned(system) {
        if id < 32 && partition.cores.contains(core) {
            critical |= 1 << id;
        }
    }
    let owners = Owners {
        monitor,
        critical: critical & !monitor,
    };
    let mut right = word_is_right(address, 0, owners, repair) & no_access(address, 0..1, repair);
    let mut frame = registers::<Frame>(address);
    if let Some(enable) = field!(frame, enable).get(0) {
        right &= hold(enable, own, own, repair);
    }
    // They were ended when they were acknowledged; one that stays active never comes again.
    if let Some(active) = field!(frame, active).get(0)
        && active.read() & own != 0
    {
        right = false;
        if let (true, Some(mut inactive)) = (repair, field!(frame, inactive).get(0)) {
            inactive.write(own);
        }
    }
    right
}

/// The interrupts of critical partitions, and whose they are.
fn owned(system: &System) -> impl Iterator<Item = (u32, PartitionId, &'static Partition)> {
    let all = (0..).map(PartitionId).zip(system.partitions);
    let critical = all.filter(|(_, partition)| partition.slot == Slot::Critical);
    critical.flat_map(|(of, partition)| {
        let interrupts = partition.interrupts.iter();
        interrupts.map(move |id| (*id, of, partition))
    })
}

/// SGIs that a critical partition took into its group for itself, which no table says. Group, modifier and the priority's upper half
/// say it all three, so where one of them has a wrong bit the other two are believed.
fn taken(address: u64) -> u32 {
    let mut frame = registers::<Frame>(address);
    let read =
        |register: Option<UniqueMmioPointer<'_, Register>>| register.map_or(0, |it| it.read());
    let not_group = !read(field!(frame, group).get(0));
    let modifier = read(field!(frame, modifier).get(0));
    let urgent = (0..SGIS).fold(0, |bits, id| {
        let word = read(field!(frame, priority).get(id / 4));
        bits | (!word >> (8 * (id % 4) + 7) & 1) << id
    });
    let majority = not_group & modifier | not_group & urgent | modifier & urgent;
    majority & ((1 << SGIS) - 1)
}

fn word_is_right(address: u64, word: usize, owners: Owners, repair: bool) -> bool {
    let mut frame = registers::<Frame>(address);
    let secure = owners.monitor | owners.critical;
    let mut right = true;
    if let Some(group) = field!(frame, group).get(word) {
        right &= hold(group, !secure, !0, repair);
    }
    if let Some(modifier) = field!(frame, modifier).get(word) {
        right &= hold(modifier, owners.critical, !0, repair);
    }
    for n in 0..8 {
        // A byte for each of four interrupts: 0x80 is set in those of the rich side, and the monitor's are whole.
        let (rich, monitor) = (
            each_byte(!secure >> (4 * n)),
            each_byte(owners.monitor >> (4 * n)),
        );
        let expected = (rich << 7) | (monitor * u32::from(v3::MONITOR_PRIORITY));
        let mask = 0x8080_8080 | (monitor * 0xff);
        if let Some(priority) = field!(frame, priority).get(8 * word + n) {
            right &= hold(priority, expected, mask, repair);
        }
    }
    right
}

/// 1 in each byte for each of the lowest four bits.
const fn each_byte(bits: u32) -> u32 {
    ((bits & 0xf) * 0x0020_4081) & 0x0101_0101
}

/// Whether Non-secure code has no access to Secure interrupts.
fn no_access(address: u64, words: Range<usize>, repair: bool) -> bool {
    let mut frame = registers::<Frame>(address);
    let mut right = true;
    for word in words {
        if let Some(access) = field!(frame, access).get(word) {
            right &= hold(access, 0, !0, repair);
        }
    }
    right
}

/// Whether a register has the expected value in the bits of the mask; writes it if it is to.
fn hold(
    mut register: UniqueMmioPointer<'_, Register>,
    expected: u32,
    mask: u32,
    repair: bool,
) -> bool {
    let value = register.read();
    let right = value & mask == expected;
    if !right && repair {
        register.write(value & !mask | expected);
    }
    right
}

/// Flips a bit, for tests: 3 in the priority of a private interrupt, 4 in the distributor's control, 5 in what `which`
/// says of the first shared word, 6 in the route of an interrupt in it.
#[cfg(any(feature = "inject-faults", feature = "inject-at-boot"))]
pub fn flip(gic: &GicV3, core: CoreId, kind: u8, which: u8) {
    let frames = gic.redistributors + u64::from(core.0) * gic.stride;
    let word = 1;
    let mut private = registers::<Frame>(frames + SGI_FRAME);
    let mut shared = registers::<Frame>(gic.distributor);
    let flip = |register: Option<UniqueMmioPointer<'_, Register>>, bit: u32| {
        if let Some(mut register) = register {
            let value = register.read();
            register.write(value ^ 1 << bit);
        }
    };
    match (kind, which) {
        (3, _) => flip(field!(private, priority).get(SGI as usize / 4), 5),
        (4, _) => flip(Some(field!(shared, control)), 2),
        (5, 1) => flip(field!(shared, group).get(word), 31),
        (5, 2) => flip(field!(shared, modifier).get(word), 31),
        (5, 3) => flip(field!(shared, priority).get(8 * word), 7),
        (5, 4) => flip(field!(shared, access).get(2 * word), 0),
        _ => {
            let route = gic.distributor + ROUTES + 8 * 40;
            flip(Some(registers(route)), 0);
        }
    }
}
