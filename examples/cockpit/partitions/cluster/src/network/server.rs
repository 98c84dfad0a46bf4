//! The sockets, and who is answered with what.

use cofferdam_net::iperf::{self, Iperf};
use smoltcp::iface::{SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::{tcp, udp};
use smoltcp::time::{Duration, Instant};

use crate::network::http::{self, Answer};
use crate::network::status::Status;

/// Connections at a time.
pub const CONNECTIONS: usize = 3;
/// Sockets: those, two of `iperf3`, and the echo's.
pub const SOCKETS: usize = CONNECTIONS + 3;
/// Port of the status page, and of the echo.
pub const PAGE_PORT: u16 = 80;
/// See `PAGE_PORT`.
pub const ECHO_PORT: u16 = 5000;
/// A connection without a whole request for so long is cut: there are few.
const PATIENCE: Duration = Duration::from_secs(10);
/// The page, which asks for the status by itself.
const PAGE: &[u8] = include_bytes!("page.html");
/// Room for the longest answer.
const ANSWER: usize = 4096;
/// Longest datagram that is echoed.
const DATAGRAM: usize = 1472;

const _: () = assert!(PAGE.len() + 128 <= ANSWER);

/// Memory of all sockets.
#[derive(Debug)]
pub struct Buffers {
    requests: [[u8; http::LONGEST]; CONNECTIONS],
    answers: [[u8; ANSWER]; CONNECTIONS],
    iperf: iperf::Buffers,
    echo: [[u8; DATAGRAM]; 2],
    metadata: [[udp::PacketMetadata; 2]; 2],
}

impl Buffers {
    /// Empty.
    pub const fn new() -> Self {
        Self {
            requests: [[0; http::LONGEST]; CONNECTIONS],
            answers: [[0; ANSWER]; CONNECTIONS],
            iperf: iperf::Buffers::new(),
            echo: [[0; DATAGRAM]; 2],
            metadata: [[udp::PacketMetadata::EMPTY; 2]; 2],
        }
    }
}

impl Default for Buffers {
    fn default() -> Self {
        Self::new()
    }
}

/// One of the connections.
#[derive(Clone, Copy, Debug)]
struct Connection {
    socket: SocketHandle,
    /// When it last brought a request, or waited for a peer.
    since: Instant,
    /// Bytes that were looked at and are no whole request.
    seen: usize,
}

/// All sockets of the cluster.
#[derive(Debug)]
pub struct Server<'a> {
    /// For the interface.
    pub sockets: SocketSet<'a>,
    connections: [Connection; CONNECTIONS],
    iperf: Iperf,
    echo: SocketHandle,
}

impl<'a> Server<'a> {
    /// Listens on all ports.
    pub fn new(buffers: &'a mut Buffers, storage: &'a mut [SocketStorage<'a>; SOCKETS]) -> Self {
        let mut sockets = SocketSet::new(&mut storage[..]);
        let mut pairs = buffers.requests.iter_mut().zip(&mut buffers.answers);
        let connections = core::array::from_fn(|_| {
            // There is a pair for each connection.
            let (request, answer): (&mut [u8], &mut [u8]) = match pairs.next() {
                Some((request, answer)) => (request, answer),
                None => (&mut [], &mut []),
            };
            let (request, answer) = (
                tcp::SocketBuffer::new(request),
                tcp::SocketBuffer::new(answer),
            );
            let socket = tcp::Socket::new(request, answer);
            Connection {
                socket: sockets.add(socket),
                since: Instant::ZERO,
                seen: 0,
            }
        });
        let iperf = Iperf::new(&mut buffers.iperf, &mut sockets);
        let [received, sent] = &mut buffers.echo;
        let [of_received, of_sent] = &mut buffers.metadata;
        let echo = udp::Socket::new(
            udp::PacketBuffer::new(&mut of_received[..], &mut received[..]),
            udp::PacketBuffer::new(&mut of_sent[..], &mut sent[..]),
        );
        let echo = sockets.add(echo);
        Self {
            sockets,
            connections,
            iperf,
            echo,
        }
    }

    /// Answers what has come. `status` is asked only for who wants to know it.
    pub fn serve(&mut self, now: Instant, status: impl Fn() -> Status) {
        for connection in &mut self.connections {
            let socket = self.sockets.get_mut::<tcp::Socket<'_>>(connection.socket);
            connection.serve(socket, now, &status);
        }
        self.iperf.serve(&mut self.sockets, now);
        echo(self.sockets.get_mut(self.echo));
    }
}

impl Connection {
    fn serve(&mut self, socket: &mut tcp::Socket<'_>, now: Instant, status: impl Fn() -> Status) {
        if !socket.is_active() {
            (self.since, self.seen) = (now, 0);
            // After its end the socket is there for the next peer at once.
            if !socket.is_listening() {
                socket.abort();
                // The port is not 0, and the socket was just closed.
                let _listening = socket.listen(PAGE_PORT);
            }
            return;
        }
        if now > self.since + PATIENCE {
            socket.abort();
        } else if socket.recv_queue() != self.seen {
            self.read(socket, now, status);
        } else if socket.state() == tcp::State::CloseWait && socket.send_queue() == 0 {
            // The peer is done, and has all of its answers.
            socket.close();
        }
    }

    /// Reads one request, if it is whole and the answer before it is gone.
    fn read(&mut self, socket: &mut tcp::Socket<'_>, now: Instant, status: impl Fn() -> Status) {
        if socket.send_queue() > 0 {
            return;
        }
        let mut buffer = [0; http::LONGEST];
        self.seen = socket.peek_slice(&mut buffer).unwrap_or(0);
        let request = http::request(buffer.get(..self.seen).unwrap_or_default());
        if let Some((length, answer)) = request {
            (self.since, self.seen) = (now, 0);
            let _taken = socket.recv_slice(buffer.get_mut(..length).unwrap_or_default());
            send(socket, answer, status);
        }
    }
}

fn send(socket: &mut tcp::Socket<'_>, answer: Answer, status: impl Fn() -> Status) {
    match answer {
        Answer::Page => send_body(socket, answer, PAGE),
        Answer::Status => send_body(socket, answer, status().json().as_bytes()),
        Answer::NotFound => send_body(socket, answer, b"not here: / or /status.json\n"),
        Answer::NotAllowed => send_body(socket, answer, b"only GET\n"),
        Answer::Bad => {
            send_body(socket, answer, b"no request\n");
            socket.close();
        }
    }
}

/// The socket's buffer is empty and has room for the longest answer; a peer that is gone takes none.
fn send_body(socket: &mut tcp::Socket<'_>, answer: Answer, body: &[u8]) {
    let _gone = socket.send_slice(answer.head(body.len()).as_bytes());
    let _gone = socket.send_slice(body);
}

/// Sends one datagram back to where it came from.
fn echo(socket: &mut udp::Socket<'_>) {
    if !socket.is_open() {
        // The port is not 0, and the socket not open.
        let _bound = socket.bind(ECHO_PORT);
    }
    if !socket.can_send() {
        return;
    }
    let mut datagram = [0; DATAGRAM];
    if let Ok((length, from)) = socket.recv_slice(&mut datagram) {
        let datagram = datagram.get(..length).unwrap_or_default();
        // Without room it is lost, as datagrams may be.
        let _lost = socket.send_slice(datagram, from.endpoint);
    }
}
