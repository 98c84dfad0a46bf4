//! A server for `iperf3` clients: one test at a time, TCP, one stream, either way.
//!
//! A control connection carries states of one byte each and JSON behind its length (32 bits, big-endian): the client's cookie,
//! its parameters, the results of both. The stream is a second connection to the same port, which begins with the cookie.
//!
//! All of it is the other side's: no loop here is longer than what a buffer holds, and who says nothing, or nonsense, is cut.

use core::fmt::Write;

use smoltcp::iface::{SocketHandle, SocketSet};
use smoltcp::socket::tcp;
use smoltcp::time::{Duration, Instant};

use crate::text::Text;
use parameters::Parameters;

mod parameters;

/// Port of both connections.
pub const PORT: u16 = 5201;
/// A client that brings nothing for so long is cut.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a cookie, the zero at its end included.
const COOKIE: usize = 37;
/// Bytes of the longest parameters and results that are taken.
const LONGEST: usize = 1024;
/// Bytes of the length in front of JSON.
const PREFIX: usize = 4;
/// Bytes of the stream that wait, in each direction.
const WINDOW: usize = 8192;

/// States, as they are sent.
mod state {
    pub const TEST_START: u8 = 1;
    pub const TEST_RUNNING: u8 = 2;
    pub const TEST_END: u8 = 4;
    pub const PARAM_EXCHANGE: u8 = 9;
    pub const CREATE_STREAMS: u8 = 10;
    pub const EXCHANGE_RESULTS: u8 = 13;
    pub const DISPLAY_RESULTS: u8 = 14;
    /// -2. iperf3's number of the error follows, and `errno`.
    pub const SERVER_ERROR: u8 = 0xfe;
}

/// Numbers of iperf3's errors.
mod error {
    /// More streams than there may be.
    pub const STREAMS: u32 = 6;
    /// An option that is not there.
    pub const NOT_THERE: u32 = 13;
}

/// Memory of both connections.
#[derive(Debug)]
pub struct Buffers {
    control: [[u8; LONGEST + PREFIX]; 2],
    stream: [[u8; WINDOW]; 2],
}

impl Buffers {
    /// Empty.
    pub const fn new() -> Self {
        Self {
            control: [[0; LONGEST + PREFIX]; 2],
            stream: [[0; WINDOW]; 2],
        }
    }
}

impl Default for Buffers {
    fn default() -> Self {
        Self::new()
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Cookie,
    Parameters,
    Stream {
        reverse: bool,
    },
    Running {
        reverse: bool,
    },
    Results,
    /// The client's end of the connection.
    End,
}

/// The test is over: both connections are cut.
struct Over;

/// The server.
#[derive(Debug)]
pub struct Iperf {
    control: SocketHandle,
    stream: SocketHandle,
    stage: Stage,
    /// When the client last did something.
    since: Instant,
    cookie: [u8; COOKIE],
    /// When the test began, and what passed in it.
    begun: Instant,
    bytes: u64,
    took: Duration,
}

impl Iperf {
    /// Adds two sockets.
    pub fn new<'a>(buffers: &'a mut Buffers, sockets: &mut SocketSet<'a>) -> Self {
        let [received, sent] = &mut buffers.control;
        let control = sockets.add(socket(received, sent));
        let [received, sent] = &mut buffers.stream;
        let stream = sockets.add(socket(received, sent));
        Self {
            control,
            stream,
            stage: Stage::Cookie,
            since: Instant::ZERO,
            cookie: [0; COOKIE],
            begun: Instant::ZERO,
            bytes: 0,
            took: Duration::ZERO,
        }
    }

    /// Does what can be done now.
    pub fn serve(&mut self, sockets: &mut SocketSet<'_>, now: Instant) {
        let control = sockets.get_mut::<tcp::Socket<'_>>(self.control);
        if !control.is_active() {
            (self.stage, self.since) = (Stage::Cookie, now);
            listen(control);
            sockets.get_mut::<tcp::Socket<'_>>(self.stream).abort();
            return;
        }
        let is_late = now > self.since + PATIENCE;
        if is_late || self.advance(sockets, now).is_err() {
            self.stage = Stage::End;
            sockets.get_mut::<tcp::Socket<'_>>(self.stream).abort();
            let control = sockets.get_mut::<tcp::Socket<'_>>(self.control);
            // What was said last is still to be read, by a client that reads.
            if is_late || has_ended(control) {
                control.abort();
            } else {
                control.close();
            }
        }
    }

    /// From one stage to the next, if what it waits for is there.
    fn advance(&mut self, sockets: &mut SocketSet<'_>, now: Instant) -> Result<(), Over> {
        let next = match self.stage {
            Stage::Stream { reverse } => self.greet_stream(sockets, reverse)?,
            Stage::Running { reverse } => self.run(sockets, reverse, now)?,
            _ => self.talk(sockets.get_mut(self.control))?,
        };
        let Some(next) = next else {
            return Ok(());
        };
        match next {
            Stage::Stream { .. } => listen(sockets.get_mut(self.stream)),
            Stage::Running { .. } => (self.begun, self.bytes) = (now, 0),
            _ => {}
        }
        (self.stage, self.since) = (next, now);
        Ok(())
    }

    /// On the control connection alone.
    fn talk(&mut self, control: &mut tcp::Socket<'_>) -> Result<Option<Stage>, Over> {
        match self.stage {
            Stage::Cookie if control.recv_queue() >= COOKIE => {
                take(control, &mut self.cookie)?;
                say(control, &[state::PARAM_EXCHANGE])?;
                Ok(Some(Stage::Parameters))
            }
            Stage::Parameters => {
                let Some(parameters) = json(control, parameters::parse)? else {
                    return Ok(None);
                };
                let parameters = parameters.ok_or(Over)?;
                if let Some(error) = refusal(&parameters) {
                    say(control, &[state::SERVER_ERROR])?;
                    say(control, &error.to_be_bytes())?;
                    say(control, &0_u32.to_be_bytes())?;
                    return Err(Over);
                }
                say(control, &[state::CREATE_STREAMS])?;
                let reverse = parameters.reverse;
                Ok(Some(Stage::Stream { reverse }))
            }
            Stage::Results => {
                // What the client counted is its own affair.
                if json(control, |_| ())?.is_none() {
                    return Ok(None);
                }
                self.say_results(control)?;
                say(control, &[state::DISPLAY_RESULTS])?;
                Ok(Some(Stage::End))
            }
            // "Done", which is all that it has left to say.
            Stage::End if control.recv_queue() > 0 => Err(Over),
            _ if has_ended(control) => Err(Over),
            _ => Ok(None),
        }
    }

    /// The second connection must bring the cookie of the first.
    fn greet_stream(
        &mut self,
        sockets: &mut SocketSet<'_>,
        reverse: bool,
    ) -> Result<Option<Stage>, Over> {
        if has_ended(sockets.get_mut(self.control)) {
            return Err(Over);
        }
        let stream = sockets.get_mut::<tcp::Socket<'_>>(self.stream);
        if !stream.is_active() {
            listen(stream);
        } else if stream.recv_queue() >= COOKIE {
            let mut cookie = [0; COOKIE];
            take(stream, &mut cookie)?;
            if cookie == self.cookie {
                let control = sockets.get_mut(self.control);
                say(control, &[state::TEST_START, state::TEST_RUNNING])?;
                return Ok(Some(Stage::Running { reverse }));
            }
            stream.abort();
        }
        Ok(None)
    }

    /// Takes what came or gives what there is room for, until the client says that it is enough.
    fn run(
        &mut self,
        sockets: &mut SocketSet<'_>,
        reverse: bool,
        now: Instant,
    ) -> Result<Option<Stage>, Over> {
        let stream = sockets.get_mut::<tcp::Socket<'_>>(self.stream);
        let passed = if reverse { give(stream) } else { drain(stream) };
        if passed > 0 {
            self.bytes = self.bytes.saturating_add(passed as u64);
            self.since = now;
        }
        let control = sockets.get_mut::<tcp::Socket<'_>>(self.control);
        if control.recv_queue() == 0 {
            return if has_ended(control) {
                Err(Over)
            } else {
                Ok(None)
            };
        }
        let mut said = [0];
        take(control, &mut said)?;
        if said != [state::TEST_END] {
            return Err(Over);
        }
        self.took = now - self.begun;
        say(control, &[state::EXCHANGE_RESULTS])?;
        // A client that is sent to reads whole blocks until here, and only then what was said.
        sockets.get_mut::<tcp::Socket<'_>>(self.stream).close();
        Ok(Some(Stage::Results))
    }

    fn say_results(&self, control: &mut tcp::Socket<'_>) -> Result<(), Over> {
        let (seconds, millis) = (self.took.secs(), self.took.millis());
        let mut results = Text::<512>::new();
        // What is not known here, of the processor and of retransmissions, is 0 and -1, as iperf3 has it.
        let written = write!(
            results,
            "{{\"cpu_util_total\":0,\"cpu_util_user\":0,\"cpu_util_system\":0,\"sender_has_retransmits\":-1,\
             \"streams\":[{{\"id\":1,\"bytes\":{},\"retransmits\":-1,\"jitter\":0,\"errors\":0,\"packets\":0,\
             \"start_time\":0,\"end_time\":{seconds}.{millis:03}}}]}}",
            self.bytes
        );
        let bytes = results.as_bytes();
        let length = u32::try_from(bytes.len()).map_err(|_| Over)?;
        written.map_err(|_| Over)?;
        say(control, &length.to_be_bytes())?;
        say(control, bytes)
    }
}

/// What this server has not.
fn refusal(parameters: &Parameters) -> Option<u32> {
    if parameters.streams != 1 {
        Some(error::STREAMS)
    } else if parameters.other_protocol || parameters.bidirectional {
        Some(error::NOT_THERE)
    } else {
        None
    }
}

fn socket<'a>(received: &'a mut [u8], sent: &'a mut [u8]) -> tcp::Socket<'a> {
    tcp::Socket::new(
        tcp::SocketBuffer::new(received),
        tcp::SocketBuffer::new(sent),
    )
}

fn listen(socket: &mut tcp::Socket<'_>) {
    if !socket.is_listening() {
        socket.abort();
        // The port is not 0, and the socket was just closed.
        let _listening = socket.listen(PORT);
    }
}

/// Whether nothing more can come of it.
fn has_ended(socket: &tcp::Socket<'_>) -> bool {
    socket.state() != tcp::State::SynReceived && !socket.may_recv()
}

/// Exactly so many bytes, which have come.
fn take(socket: &mut tcp::Socket<'_>, to: &mut [u8]) -> Result<(), Over> {
    let taken = socket.recv_slice(to).map_err(|_| Over)?;
    (taken == to.len()).then_some(()).ok_or(Over)
}

/// All of it: a client that left no room for these few bytes is cut.
fn say(socket: &mut tcp::Socket<'_>, bytes: &[u8]) -> Result<(), Over> {
    let sent = socket.send_slice(bytes).map_err(|_| Over)?;
    (sent == bytes.len()).then_some(()).ok_or(Over)
}

/// What `read` makes of the JSON that has come; none until it is whole.
fn json<R>(socket: &mut tcp::Socket<'_>, read: impl FnOnce(&[u8]) -> R) -> Result<Option<R>, Over> {
    let mut buffer = [0; PREFIX + LONGEST];
    let came = socket.peek_slice(&mut buffer).map_err(|_| Over)?;
    let Some((prefix, text)) = buffer.get(..came).and_then(<[u8]>::split_first_chunk) else {
        return Ok(None);
    };
    let length = usize::try_from(u32::from_be_bytes(*prefix)).map_err(|_| Over)?;
    if length > LONGEST {
        return Err(Over);
    }
    let Some(text) = text.get(..length) else {
        return Ok(None);
    };
    let result = read(text);
    let whole = buffer.get_mut(..PREFIX + length).ok_or(Over)?;
    take(socket, whole)?;
    Ok(Some(result))
}

/// Leaves all that has come in one piece of the buffer; what lies in another, the next time takes.
fn drain(stream: &mut tcp::Socket<'_>) -> usize {
    stream.recv(|bytes| (bytes.len(), bytes.len())).unwrap_or(0)
}

/// Fills a piece of the buffer with what was in it before: zeros at first, and nobody else's bytes later.
fn give(stream: &mut tcp::Socket<'_>) -> usize {
    stream.send(|room| (room.len(), room.len())).unwrap_or(0)
}
