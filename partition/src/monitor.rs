//! Calls to the monitor (see [`cofferdam_abi::call`]).

use cofferdam_abi::call::{Call, Error, check};
use cofferdam_abi::stats::Page;

use crate::arch;
pub use crate::arch::CrossCallHandler;

/// Version of the interface that the monitor speaks, as [`cofferdam_abi::VERSION`].
pub fn version() -> Result<u32, Error> {
    let [version, ..] = request(Call::Version, [0; 3])?;
    u32::try_from(version).map_err(|_| Error::NotSupported)
}

/// Tells the monitor that job `number` of the periodic task, counted from 0, is done, and at which
/// counter value it was released.
///
/// The monitor judges the deadline by it and takes it as the sign of life of the partition.
pub fn job_done(number: u64, release: u64) -> Result<(), Error> {
    request(Call::JobDone, [number, release, 0]).map(drop)
}

/// Reads a page of counters of a partition on a core. What each register means, see [`Page`].
pub fn stats(partition: u64, core: u64, page: Page) -> Result<[u64; 7], Error> {
    request(Call::Stats, [partition, core, page as u64])
}

/// Reads the log: the numbers of the oldest record kept and of the next to come, then the record with this number, if it is
/// kept; else zeros. What its words mean, see [`Call::Event`].
pub fn event(number: u64) -> Result<[u64; 7], Error> {
    request(Call::Event, [number, 0, 0])
}

/// Reads what a hook took. What each word means, see [`Call::Hook`].
pub fn hook(number: u64) -> Result<[u64; 7], Error> {
    request(Call::Hook, [number, 0, 0])
}

/// Registers what answers the cross calls of other partitions; `None` withdraws it.
///
/// The monitor enters the handler with x0..x7 of the caller, all interrupts masked, on the stack
/// as it was at the WFI; x8..x30 and system registers are the WFI's too and must be as found when
/// the handler ends with [`Call::HandlerDone`].
pub fn register_handler(handler: Option<CrossCallHandler>) -> Result<(), Error> {
    let address = handler.map_or(0, |handler| handler as usize as u64);
    request(Call::RegisterHandler, [address, 0, 0]).map(drop)
}

/// Moves the partition to another of its cores, by its place in the board's list, where this returns. The timer and all of its
/// interrupts move along, those that are pending too. For the main loop: not where an interrupt is being handled.
///
/// # Errors
/// [`Error::Busy`]: an interrupt is active, a cross call is under way, or the partition is being ended. [`Error::InvalidParameter`]: not another
/// core of its own. [`Error::Denied`], [`Error::NotSupported`]: its description does not allow it.
pub fn migrate(core: u64) -> Result<(), Error> {
    request(Call::Migrate, [core, 0, 0]).map(drop)
}

/// Asks for an epoch of a channel that this end has not begun: begin it at once.
///
/// # Errors
/// [`Error::Busy`]: ask again later.
pub fn channel_begin(channel: u64) -> Result<u32, Error> {
    let [epoch, ..] = request(Call::ChannelBegin, [channel, 0, 0])?;
    u32::try_from(epoch).map_err(|_| Error::NotSupported)
}

/// Rings the doorbell of the other end of a channel.
pub fn channel_ring(channel: u64) -> Result<(), Error> {
    request(Call::ChannelRing, [channel, 0, 0]).map(drop)
}

/// Acknowledges this end's doorbell of a channel. What each word means, see [`Call::ChannelAcknowledge`].
pub fn channel_acknowledge(channel: u64) -> Result<[u64; 7], Error> {
    request(Call::ChannelAcknowledge, [channel, 0, 0])
}

/// Reports that the partition cannot go on. The monitor does what its description says of a crash.
pub fn crash(cause: u64, address: u64, fault_address: u64) -> ! {
    arch::crash(cause, address, fault_address)
}

/// Asks to stop the partition for good.
pub fn power_off() -> ! {
    // A refusal leaves nothing better to do than what follows.
    let _refused = request(Call::PowerOff, [0; 3]);
    arch::halt()
}

/// Asks to restart the partition.
pub fn reset() -> ! {
    // A refusal leaves nothing better to do than what follows.
    let _refused = request(Call::Reset, [0; 3]);
    arch::halt()
}

fn request(call: Call, arguments: [u64; 3]) -> Result<[u64; 7], Error> {
    let [status, results @ ..] = arch::call(call.function_id(), arguments);
    check(status)?;
    Ok(results)
}
