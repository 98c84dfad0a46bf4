//! The stable codes of mistakes. Each has a folder in `tests/refused/` with a file that provokes it
//! and the same file cured. A code is never reused for another mistake.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// What kind of mistake it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

codes! {
    // What a text says by itself.
    /// The file cannot be read.
    FileUnreadable = "file-unreadable",
    /// Not YAML.
    YamlSyntax = "yaml-syntax",
    /// A mapping, a list or a plain value where another is due.
    WrongShape = "wrong-shape",
    /// A key that means nothing there.
    UnknownKey = "unknown-key",
    /// A key given twice.
    DuplicateKey = "duplicate-key",
    /// A key that must be there.
    MissingKey = "missing-key",
    /// None of the words that may stand there.
    UnknownWord = "unknown-word",
    /// A name that cannot become an identifier.
    NameInvalid = "name-invalid",
    /// Not a number.
    NumberInvalid = "number-invalid",
    /// `010`: octal to some readers.
    NumberLeadingZero = "number-leading-zero",
    /// `22:33`: base 60 to some readers.
    NumberSexagesimal = "number-sexagesimal",
    /// More than the number's width.
    NumberTooLarge = "number-too-large",
    /// A size or time without unit.
    UnitMissing = "unit-missing",
    /// A unit that is not one.
    UnitUnknown = "unit-unknown",
    /// A size or time of nothing.
    QuantityZero = "quantity-zero",
    /// Not so many times a second.
    RateInvalid = "rate-invalid",
    /// A format version that this program does not read.
    FormatVersion = "format-version",
    /// No such board.
    BoardUnknown = "board-unknown",
    /// An image is made from none, or from more than one thing.
    ImageKind = "image-kind",
    /// `on_hang` does not say after how long.
    HangWithoutTime = "hang-without-time",
    /// A list that must have an item.
    EmptyList = "empty-list",

    // A board by itself.
    /// Named otherwise than its folder.
    BoardName = "board-name",
    /// Two things at one address.
    BoardOverlap = "board-overlap",
    /// Two cores with one hardware number.
    BoardCoreTwice = "board-core-twice",
    /// Past the end of the address space.
    RegionWraps = "region-wraps",
    /// A count that size or interrupts do not match.
    DeviceCount = "device-count",
    /// Neither shared nor per core, or both.
    InterruptKind = "interrupt-kind",
    /// An INTID where a number from 0 is due: off by 32 (or 16).
    InterruptRawIntid = "interrupt-raw-intid",
    /// Beyond the controller's last one.
    InterruptOutOfRange = "interrupt-out-of-range",
    /// The monitor's flash in RAM, or the reverse.
    MonitorBankKind = "monitor-bank-kind",
    /// The monitor's memory beyond its bank.
    MonitorOutsideBank = "monitor-outside-bank",
    /// The monitor's memory in reach of the rich partition.
    MonitorExposed = "monitor-exposed",
    /// A device that the monitor cannot use as its timer.
    MonitorTimerUnsuited = "monitor-timer-unsuited",
    /// An interrupt for doorbells that a device has.
    BoardDoorbellTaken = "board-doorbell-taken",
    /// An output that does not exist.
    SafeStatePin = "safe-state-pin",

    // The set of partitions.
    /// Nothing to protect.
    NoCritical = "no-critical",
    /// Nothing to protect it from.
    NoRich = "no-rich",
    /// A critical partition outside the Secure world.
    CriticalNotSecure = "critical-not-secure",
    /// A rich partition in the Secure world.
    RichSecure = "rich-secure",
    /// Two partitions that nothing separates.
    WorldTwoPartitions = "world-two-partitions",

    // Cores.
    /// A core that the board does not have.
    CoreAbsent = "core-absent",
    /// A core listed twice by one partition.
    CoreTwice = "core-twice",
    /// Starts on a core that is not its own.
    BootCoreNotListed = "boot-core-not-listed",
    /// An own core that another partition has too.
    CoreTwoOwners = "core-two-owners",
    /// A shared core that nobody else has.
    CoreSharedAlone = "core-shared-alone",

    // Memory.
    /// No such bank.
    MemoryBankUnknown = "memory-bank-unknown",
    /// Two partitions have the same bytes.
    MemoryOverlap = "memory-overlap",
    /// A partition has bytes of the monitor.
    MemoryOfMonitor = "memory-of-monitor",
    /// A partition's memory where a device is.
    MemoryOverDevice = "memory-over-device",
    /// Not, or not all, in its bank.
    MemoryOutsideBank = "memory-outside-bank",
    /// Memory that cannot be written.
    MemoryNotRam = "memory-not-ram",
    /// Not whole pages.
    MemoryMisaligned = "memory-misaligned",
    /// Nothing named `ram`.
    MemoryRamMissing = "memory-ram-missing",
    /// Cannot be placed.
    MemoryNoRoom = "memory-no-room",
    /// A partition in one world, its memory in the other.
    MemoryWorld = "memory-world",
    /// Memory of the critical partition in reach of the rich one.
    MemoryExposed = "memory-exposed",
    /// Memory of the critical partition in reach of a bus master of the rich one.
    DmaReachesCritical = "dma-reaches-critical",
    /// A bus master that nothing keeps from all memory.
    DmaUntrusted = "dma-untrusted",
    /// Trusted, and no such bus master of the partition.
    DmaUnsuited = "dma-unsuited",

    // Devices.
    /// No such device.
    DeviceUnknown = "device-unknown",
    /// Listed twice by one partition.
    DeviceTwice = "device-twice",
    /// Listed by two partitions.
    DeviceTwoOwners = "device-two-owners",
    /// The monitor's own.
    DeviceOfMonitor = "device-of-monitor",
    /// A partition in one world, its device in the other.
    DeviceWorld = "device-world",
    /// A device of the critical partition in reach of the rich one.
    DeviceExposed = "device-exposed",
    /// One interrupt, two devices, two owners.
    InterruptTwoOwners = "interrupt-two-owners",
    /// The rich partition could undo the safe state.
    SafeStateDeviceRich = "safe-state-device-rich",

    // Images and entry.
    /// No such file or folder.
    ImageMissing = "image-missing",
    /// Larger than its memory.
    ImageTooLarge = "image-too-large",
    /// Memory too small for this kind of image.
    MemoryTooSmall = "memory-too-small",
    /// More images than flash.
    FlashOverflow = "flash-overflow",
    /// A Linux kernel in the Secure world.
    LinuxSecure = "linux-secure",
    /// Memory of Linux not at a multiple of 2 MiB.
    LinuxMisaligned = "linux-misaligned",
    /// An exception level that its world does not have.
    EntryLevelWorld = "entry-level-world",
    /// A state that the image is not built for.
    StateUnsupported = "state-unsupported",
    /// A byte order that the image is not built for.
    ByteOrderUnsupported = "byte-order-unsupported",

    /// A partition without caches that nobody looks at.
    CachesNotHeld = "caches-not-held",
    /// An end of a channel without caches.
    CachesOfChannel = "caches-of-channel",
    /// An entry outside of the memory.
    EntryOutside = "entry-outside",
    /// An entry for what has its own.
    EntryOfLinux = "entry-of-linux",

    // Time and policy.
    /// Nothing brings the critical partition back to its core.
    SecureTimerMissing = "secure-timer-missing",
    /// The monitor has no timer for what is asked of it.
    MonitorTimerMissing = "monitor-timer-missing",
    /// The interrupt controller cannot do what is asked of it.
    ControllerCannotPreempt = "controller-cannot-preempt",
    /// The interrupt controller cannot call a critical partition's other cores back.
    ControllerOneCore = "controller-one-core",
    /// The interrupt controller of a core is one partition's.
    ControllerNotShared = "controller-not-shared",
    /// The interrupt controller is one that the health monitor does not know.
    ControllerNotWatched = "controller-not-watched",
    /// Nothing releases the jobs.
    DeadlineWithoutTimer = "deadline-without-timer",
    /// Due after the next release.
    DeadlineExceedsPeriod = "deadline-exceeds-period",
    /// A deadline that nobody keeps.
    DeadlineOnRich = "deadline-on-rich",
    /// More budget than time.
    BudgetExceedsPeriod = "budget-exceeds-period",
    /// A budget of one that preempts nobody.
    BudgetOnRich = "budget-on-rich",
    /// A rich partition that moves.
    MigrationOnRich = "migration-on-rich",
    /// Nowhere to move to.
    MigrationOneCore = "migration-one-core",
    /// It has floating point for good, on one core.
    MigrationFpuExclusive = "migration-fpu-exclusive",
    /// Registers of AArch32 that are not moved.
    MigrationState = "migration-state",
    /// A watchdog faster than the work it watches.
    HangBeforePeriod = "hang-before-period",
    /// Off would mean on.
    PowerOffRestarts = "power-off-restarts",
    /// A rich partition could stop the critical function.
    RichCommandsSafeState = "rich-commands-safe-state",
    /// A safe state that the board does not name.
    SafeStateUndefined = "safe-state-undefined",

    // Features.
    /// No such partition.
    FpuExclusiveUnknown = "fpu-exclusive-unknown",
    /// Periodic, but how often?
    SelfTestsWithoutPeriod = "self-tests-without-period",
    /// A health monitor that never has a core to look from.
    HealthWithoutSteps = "health-without-steps",
    /// A device that the monitor cannot print on.
    LogDeviceUnsuited = "log-device-unsuited",
    /// The rich partition has the log's device.
    LogDeviceRich = "log-device-rich",
    /// Not a power of two.
    LogRingSize = "log-ring-size",
    /// Too much of the monitor's RAM.
    LogRingTooLarge = "log-ring-too-large",

    // Services.
    /// A word that Rust or C keeps for itself.
    ServiceNameReserved = "service-name-reserved",
    /// One name for two parameters.
    ServiceNameTwice = "service-name-twice",
    /// No such partition may call.
    ServiceCallerUnknown = "service-caller-unknown",
    /// A caller listed twice.
    ServiceCallerTwice = "service-caller-twice",
    /// Neither the monitor nor a partition does the work.
    ServiceHandlerUnknown = "service-handler-unknown",
    /// A partition that may never get to it.
    ServiceHandlerRich = "service-handler-rich",
    /// A critical partition would wait for another's slack, or for its own.
    ServiceCallerCritical = "service-caller-critical",
    /// A key of the monitor's handlers for one of a partition's.
    ServiceKeyOfMonitor = "service-key-of-monitor",
    /// A ticket has 64 bits.
    ServiceTicketTooWide = "service-ticket-too-wide",
    /// A partition in AArch32, and a service of the other convention.
    ServiceState = "service-state",
    /// The monitor works for how long?
    ServiceUnbounded = "service-unbounded",
    /// Longer than the critical side may wait.
    ServiceTooLong = "service-too-long",
    /// Beyond the numbers of a range.
    ServiceNumberTooLarge = "service-number-too-large",
    /// One number for two services, now or in the past.
    ServiceNumberTwice = "service-number-twice",
    /// No number yet.
    ServiceNotFrozen = "service-not-frozen",
    /// Another number than the frozen one.
    ServiceRenumbered = "service-renumbered",
    /// More than the registers of a call.
    ServiceRegisters = "service-registers",
    /// 64 bits in a call of 32.
    ServiceTypeTooWide = "service-type-too-wide",
    /// Bounds outside of the type.
    ServiceRangeOutside = "service-range-outside",
    /// Nothing between the bounds.
    ServiceRangeEmpty = "service-range-empty",
    /// A region without a size, or with two.
    ServiceRegionSize = "service-region-size",
    /// An alignment that is none.
    ServiceRegionAlignment = "service-region-alignment",
    /// Bounds of what the handler gives.
    ServiceRangeOfResult = "service-range-of-result",
    /// Memory as a result.
    ServiceRegionResult = "service-region-result",
    /// A limit that lets nothing through.
    ServiceBurstZero = "service-burst-zero",
    /// More than the registers of a call of the SBI, or of another width.
    ServiceOnRiscv = "service-on-riscv",
    /// What only another architecture has.
    OtherArchitecture = "other-architecture",
    /// The riscv64 monitor does not do it yet.
    NotOnRiscv = "not-on-riscv",
    /// More regions than a hart can tell apart.
    PmpEntries = "pmp-entries",

    // Channels.
    /// Memory that the Non-secure end cannot reach.
    ChannelMemorySecure = "channel-memory-secure",
    /// Less memory than its slots take.
    ChannelMemoryTooSmall = "channel-memory-too-small",
    /// A number of slots that counters cannot wrap around.
    ChannelSlots = "channel-slots",
    /// Frames that are none.
    ChannelMtu = "channel-mtu",
    /// Not two ends.
    ChannelEnds = "channel-ends",
    /// No such partition at its end.
    ChannelEndUnknown = "channel-end-unknown",
    /// No address with a prefix.
    ChannelAddressInvalid = "channel-address-invalid",
    /// An address that no single station can have.
    ChannelAddressUnsuited = "channel-address-unsuited",
    /// Both ends have one address.
    ChannelAddressTwice = "channel-address-twice",
    /// Ends that do not reach each other.
    ChannelSubnets = "channel-subnets",
    /// Two links to one network.
    ChannelSubnetTwice = "channel-subnet-twice",
    /// Rules for an end that keeps its own.
    ChannelRulesOfRich = "channel-rules-of-rich",
    /// Not a port.
    ChannelPort = "channel-port",
    /// One port twice.
    ChannelPortTwice = "channel-port-twice",
    /// A limit that lets no doorbell through.
    ChannelBurstZero = "channel-burst-zero",
    /// A limit that lets no frame through.
    ChannelBytesTooFew = "channel-bytes-too-few",
    /// No interrupt for its doorbell.
    ChannelWithoutInterrupt = "channel-without-interrupt",
    /// No key for its frames' tags, or one for nothing, or none at all.
    ChannelKey = "channel-key",
    /// One key for two channels.
    ChannelKeyTwice = "channel-key-twice",

    /// Two handlers of one name.
    HookNameTwice = "hook-name-twice",
    /// A hook that may take no instruction, or too many.
    HookInstructions = "hook-instructions",
    /// An interrupt without a device that has one, or a device where there is no interrupt.
    HookDevice = "hook-device",
    /// An interrupt of a partition's.
    HookInterruptOwned = "hook-interrupt-owned",
    /// A limit that lets no interrupt through.
    HookBurstZero = "hook-burst-zero",
    /// An interrupt of the monitor's own where it can have none.
    HookController = "hook-controller",

    /// A check of this program is missing: please report it.
    Internal = "internal",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_well_formed() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(
            names
                .iter()
                .all(|n| n.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
