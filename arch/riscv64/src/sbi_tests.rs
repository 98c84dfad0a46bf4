use super::*;
use cofferdam_core::ids::{PartitionId, Slot};
use cofferdam_core::region::Region;
use cofferdam_core::table::{Entry, Policy};
use proptest::prelude::*;

const RAM: u64 = 0x8020_0000;
const SIZE: u64 = 0x1000;

/// Harts 5 and 1 are the caller's, as cores 0 and 2; 3 is another's.
const CORES: [Core; 3] = [core_of(5, 0), core_of(3, 1), core_of(1, 0)];

const fn core_of(hardware_id: u64, partition: u8) -> Core {
    Core {
        hardware_id,
        critical: None,
        rich: Some(PartitionId(partition)),
    }
}

fn with_partition<T>(use_it: impl FnOnce(Caller<'_>) -> T) -> T {
    const MEMORY: [Region; 1] = [match Region::from_raw(RAM, SIZE) {
        Ok(region) => region,
        Err(_) => panic!(),
    }];
    let partition = Partition {
        name: "linux",
        slot: Slot::Rich,
        boot: CoreId(0),
        cores: CoreSet::from_bits(0b101),
        memory: &MEMORY,
        interrupts: &[],
        entry: Entry::PLAIN,
        caches: true,
        on_crash: Policy::Stop,
        on_reset: Policy::Restart,
        on_power_off: Policy::Stop,
        on_hang: None,
        deadline: None,
        budget: None,
    };
    use_it(Caller {
        partition: &partition,
        cores: &CORES,
    })
}

fn call(extension: u64, function: u64, arguments: [u64; 4]) -> Result<Call, Error> {
    let [a0, a1, a2, a3] = arguments;
    with_partition(|caller| decode(caller, &[a0, a1, a2, a3, 0, 0, function, extension]))
}

fn known(number: u64) -> Result<Call, Error> {
    Ok(Call::Identify(Identity::Known(number)))
}

#[test]
fn base_says_what_there_is() {
    let base = |function, argument| call(extension::BASE, function, [argument, 0, 0, 0]);
    assert_eq!(base(0, 0), known(0x0200_0000));
    for id in extension::ALL {
        assert_eq!(base(3, id), known(1));
    }
    // Legacy console, PMU, STA.
    for id in [1, 0x0050_4d55, 0x0053_5441, u64::MAX] {
        assert_eq!(base(3, id), known(0));
    }
    assert_eq!(base(4, 0), Ok(Call::Identify(Identity::Vendor)));
    assert_eq!(base(7, 0), Err(Error::NotSupported));
}

#[test]
fn what_there_is_not_is_not_supported() {
    for (id, first_absent) in [
        (extension::TIME, 1),
        (extension::IPI, 1),
        (extension::RFENCE, 3),
        (extension::HSM, 4),
        (extension::SRST, 1),
        (extension::DBCN, 3),
    ] {
        assert_eq!(call(id, first_absent, [0; 4]), Err(Error::NotSupported));
    }
    for legacy in 0..9 {
        assert_eq!(call(legacy, 0, [0; 4]), Err(Error::NotSupported));
    }
}

#[test]
fn a_mask_names_harts_and_not_cores() {
    let ipi = |mask, base| call(extension::IPI, 0, [mask, base, 0, 0]);
    let set = |bits| Ok(Call::Interrupt(CoreSet::from_bits(bits)));
    assert_eq!(ipi(0b10_0010, 0), set(0b101));
    assert_eq!(ipi(1, 5), set(0b001));
    assert_eq!(ipi(0, u64::MAX), set(0b101), "all of the caller's");
    assert_eq!(ipi(0, 77), set(0), "nobody");
}

#[test]
fn another_s_hart_is_refused_whatever_else_is_asked_for() {
    for extension in [extension::IPI, extension::RFENCE] {
        for (mask, base) in [
            (0b1000, 0),
            (0b10_1010, 0),
            (1, 3),
            (1, 2),
            (0b11, u64::MAX - 1),
        ] {
            let refused = call(extension, 0, [mask, base, 0, 0]);
            assert_eq!(refused, Err(Error::InvalidParam), "{mask:#b} from {base}");
        }
    }
    for id in [3, 0, 2, u64::MAX] {
        assert_eq!(
            call(extension::HSM, 0, [id, RAM, 0, 0]),
            Err(Error::InvalidParam)
        );
        assert_eq!(
            call(extension::HSM, 2, [id, 0, 0, 0]),
            Err(Error::InvalidParam)
        );
    }
}

#[test]
fn a_hart_starts_in_the_caller_s_memory() {
    let start = |entry| call(extension::HSM, 0, [1, entry, 7, 0]);
    for entry in [RAM, RAM + 2, RAM + SIZE - 2] {
        let begin = Start { entry, argument: 7 };
        assert_eq!(start(entry), Ok(Call::HartStart(CoreId(2), begin)));
    }
    for entry in [0, RAM - 2, RAM + 1, RAM + SIZE - 1, RAM + SIZE, u64::MAX] {
        assert_eq!(start(entry), Err(Error::InvalidAddress), "{entry:#x}");
    }
}

#[test]
fn a_range_of_a_fence_ends_within_the_address_space() {
    let fence = |start, size| call(extension::RFENCE, 1, [0b10, 0, start, size]);
    let done = Ok(Call::Fence(Fence::Translations, CoreSet::from_bits(0b100)));
    for (start, size) in [
        (0, 0),
        (RAM, u64::MAX),
        (u64::MAX, 0),
        (u64::MAX, 1),
        (0, 4096),
    ] {
        assert_eq!(fence(start, size), done);
    }
    assert_eq!(fence(u64::MAX, 2), Err(Error::InvalidAddress));
}

#[test]
fn a_hart_sleeps_in_one_of_two_ways() {
    let suspend = |kind, entry| call(extension::HSM, 3, [kind, entry, 9, 0]);
    let asleep = |how| Ok(Call::HartSuspend(how));
    assert_eq!(suspend(0, 0), asleep(Suspend::Retentive));
    // It is a number of 32 bits (9.4).
    assert_eq!(suspend(1 << 32, 0), asleep(Suspend::Retentive));
    let start = Start {
        entry: RAM,
        argument: 9,
    };
    assert_eq!(
        suspend(0x8000_0000, RAM),
        asleep(Suspend::NonRetentive(start))
    );
    assert_eq!(suspend(0x8000_0000, 0), Err(Error::InvalidAddress));
    for kind in [1, 0x1000_0000, 0x7fff_ffff, 0x8000_0001, 0xffff_ffff] {
        assert_eq!(suspend(kind, RAM), Err(Error::InvalidParam));
    }
}

#[test]
fn a_reset_is_of_a_known_kind_for_a_known_reason() {
    let reset = |kind, reason| call(extension::SRST, 0, [kind, reason, 0, 0]);
    assert_eq!(reset(0, 0), Ok(Call::Reset(Reset::PowerOff)));
    assert_eq!(reset(1, 0), Ok(Call::Reset(Reset::Reboot)));
    assert_eq!(reset(2, 0), Ok(Call::Reset(Reset::Reboot)));
    assert_eq!(reset(1, 1), Ok(Call::Reset(Reset::Crash)));
    for (kind, reason) in [(3, 0), (0xf000_0000, 0), (0, 2), (0, 0xe000_0000)] {
        assert_eq!(reset(kind, reason), Err(Error::InvalidParam));
    }
}

#[test]
fn a_text_lies_in_the_caller_s_memory() {
    for function in [0, 1] {
        let console = |bytes, low, high| call(extension::DBCN, function, [bytes, low, high, 0]);
        assert!(console(SIZE, RAM, 0).is_ok());
        assert!(console(0, 0, 0).is_ok());
        for (bytes, low, high) in [
            (SIZE + 1, RAM, 0),
            (1, RAM - 1, 0),
            (1, RAM + SIZE, 0),
            (2, RAM + SIZE - 1, 0),
            (u64::MAX, RAM, 0),
            (1, RAM, 1),
            (0, RAM, 1),
        ] {
            assert_eq!(console(bytes, low, high), Err(Error::InvalidParam));
        }
    }
    let byte = call(extension::DBCN, 2, [0x141, 0, 0, 0]);
    assert_eq!(byte, Ok(Call::ConsoleWriteByte(b'A')));
}

/// Numbers of interest, and any others.
fn word() -> impl Strategy<Value = u64> {
    let edges = vec![
        0,
        1,
        2,
        3,
        5,
        RAM,
        RAM + SIZE,
        1 << 31,
        1 << 32,
        u64::MAX - 1,
        u64::MAX,
    ];
    prop_oneof![prop::sample::select(edges), any::<u64>()]
}

proptest! {
    #[test]
    fn nothing_but_the_caller_s_own_is_named(
        registers in prop::array::uniform8(word()),
        function in 0_u64..8,
        id in prop::sample::select(extension::ALL.to_vec()),
    ) {
        let mut registers = registers;
        registers[6] = function;
        registers[7] = id;
        let (own, call) = with_partition(|caller| {
            (caller.partition.cores, decode(caller, &registers))
        });
        let inside = |at: u64, bytes: u64| at >= RAM && at - RAM <= SIZE - bytes;
        match call {
            Ok(Call::Interrupt(harts) | Call::Fence(_, harts)) => prop_assert!(harts.minus(own).is_empty()),
            Ok(Call::HartStatus(hart)) => prop_assert!(own.contains(hart)),
            Ok(Call::HartStart(hart, start)) => {
                prop_assert!(own.contains(hart) && inside(start.entry, 2));
            }
            Ok(Call::HartSuspend(Suspend::NonRetentive(start))) => prop_assert!(inside(start.entry, 2)),
            Ok(Call::ConsoleWrite(at, bytes)) => prop_assert!(bytes == 0 || inside(at, bytes)),
            _ => {}
        }
    }
}
