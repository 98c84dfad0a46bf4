//! The cluster's sockets against a client's stack, over a wire that drops nothing.

use cofferdam_cockpit_cluster::network::http;
use cofferdam_cockpit_cluster::network::server::{Buffers, ECHO_PORT, PAGE_PORT, SOCKETS, Server};
use cofferdam_cockpit_cluster::network::status::Status;
use smoltcp::iface::{
    Config, Interface, PollIngressSingleResult, SocketHandle, SocketSet, SocketStorage,
};
use smoltcp::phy::{self, DeviceCapabilities};
use smoltcp::socket::{tcp, udp};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use std::cell::RefCell;
use std::collections::VecDeque;

mod iperf;

type Wire = RefCell<VecDeque<Vec<u8>>>;

/// One end of two wires.
struct End<'a> {
    from: &'a Wire,
    to: &'a Wire,
}

struct Frame(Vec<u8>);

impl phy::RxToken for Frame {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

struct Room<'a>(&'a Wire);

impl phy::TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut frame = vec![0; length];
        let result = f(&mut frame);
        self.0.borrow_mut().push_back(frame);
        result
    }
}

impl phy::Device for End<'_> {
    type RxToken<'t>
        = Frame
    where
        Self: 't;
    type TxToken<'t>
        = Room<'t>
    where
        Self: 't;

    fn receive(&mut self, _: Instant) -> Option<(Frame, Room<'_>)> {
        let frame = self.from.borrow_mut().pop_front()?;
        Some((Frame(frame), Room(self.to)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Room<'_>> {
        Some(Room(self.to))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = 1514;
        capabilities
    }
}

fn interface(station: u8, device: &mut End<'_>) -> Interface {
    let address = EthernetAddress([2, 0, 0, 0, 0, station]);
    let mut interface = Interface::new(Config::new(address.into()), device, Instant::ZERO);
    interface.update_ip_addrs(|addresses| {
        let own = IpCidr::new(IpAddress::v4(10, 7, 0, station), 24);
        addresses.push(own).expect("room");
    });
    interface
}

/// A client with a stack of its own, and the server.
struct Scene<'a> {
    client: SocketSet<'static>,
    client_end: (Interface, End<'a>),
    server: Server<'static>,
    server_end: (Interface, End<'a>),
    millisecond: i64,
}

impl<'a> Scene<'a> {
    fn new([up, down]: &'a [Wire; 2]) -> Self {
        let mut client = End { from: down, to: up };
        let mut server = End { from: up, to: down };
        let buffers = Box::leak(Box::new(Buffers::new()));
        let storage = Box::leak(Box::new([SocketStorage::EMPTY; SOCKETS]));
        let storage_of_client: Vec<_> = (0..9).map(|_| SocketStorage::EMPTY).collect();
        Self {
            client: SocketSet::new(storage_of_client.leak() as &mut [_]),
            client_end: (interface(1, &mut client), client),
            server: Server::new(buffers, storage),
            server_end: (interface(2, &mut server), server),
            millisecond: 0,
        }
    }

    fn run(&mut self, milliseconds: i64) {
        for _ in 0..milliseconds {
            self.millisecond += 1;
            let now = Instant::from_millis(self.millisecond);
            let (interface, device) = &mut self.server_end;
            let sockets = &mut self.server.sockets;
            let came = interface.poll_ingress_single(now, device, sockets);
            // As the station: when something came, or now and then.
            if came != PollIngressSingleResult::None || self.millisecond % 100 == 0 {
                self.server.serve(now, || Status {
                    speed_kmh: 57,
                    ..Status::default()
                });
            }
            interface.poll_egress(now, device, &mut self.server.sockets);
            let (interface, device) = &mut self.client_end;
            interface.poll(now, device, &mut self.client);
        }
    }

    fn connect(&mut self, from: u16) -> SocketHandle {
        self.connect_to(PAGE_PORT, from)
    }

    fn connect_to(&mut self, port: u16, from: u16) -> SocketHandle {
        let buffer = || tcp::SocketBuffer::new(vec![0u8; 8192].leak() as &mut [u8]);
        let mut socket = tcp::Socket::new(buffer(), buffer());
        let to = (IpAddress::v4(10, 7, 0, 2), port);
        let context = self.client_end.0.context();
        socket.connect(context, to, from).expect("a port");
        let socket = self.client.add(socket);
        self.run(20);
        socket
    }

    fn socket(&mut self, socket: SocketHandle) -> &mut tcp::Socket<'static> {
        self.client.get_mut(socket)
    }

    /// Sends `request` and answers all that comes back.
    fn ask(&mut self, socket: SocketHandle, request: &str) -> String {
        let sent = self.socket(socket).send_slice(request.as_bytes());
        assert_eq!(sent, Ok(request.len()));
        self.run(50);
        let mut answer = [0; 8192];
        let length = self.socket(socket).recv_slice(&mut answer).unwrap_or(0);
        String::from_utf8(answer[..length].to_vec()).expect("text")
    }
}

#[test]
fn a_connection_serves_many_requests() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    let socket = scene.connect(40_000);
    for _ in 0..20 {
        let status = scene.ask(socket, "GET /status.json HTTP/1.1\r\nHost: cluster\r\n\r\n");
        assert!(status.starts_with("HTTP/1.1 200 OK\r\n"), "{status}");
        assert!(status.contains("\r\n\r\n{\"speed_kmh\":57,"), "{status}");
    }
    let page = scene.ask(socket, "GET / HTTP/1.1\r\n\r\n");
    assert!(page.ends_with("</html>\n"), "{page}");
    let absent = scene.ask(socket, "GET /favicon.ico HTTP/1.1\r\n\r\n");
    assert!(absent.starts_with("HTTP/1.1 404 "), "{absent}");
}

#[test]
fn requests_may_come_in_pieces_and_in_pairs() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    let socket = scene.connect(40_000);
    assert_eq!(scene.ask(socket, "GET /no HTTP/1.1\r\n"), "");
    let both = scene.ask(socket, "\r\nPUT / HTTP/1.1\r\n\r\n");
    let (first, second) = both.split_once("/status.json\n").expect("two answers");
    assert!(first.starts_with("HTTP/1.1 404 "), "{first}");
    assert!(second.starts_with("HTTP/1.1 405 "), "{second}");
}

#[test]
fn who_sends_nonsense_is_answered_and_cut() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    let socket = scene.connect(40_000);
    let answer = scene.ask(socket, &"a".repeat(http::LONGEST));
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(!scene.socket(socket).may_recv());
}

#[test]
fn idle_connections_make_room_for_others() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    for n in 0..3 {
        scene.connect(40_000 + n);
    }
    let refused = scene.connect(41_000);
    assert!(!scene.socket(refused).may_send(), "all are taken");
    scene.run(11_000);
    let socket = scene.connect(42_000);
    let answer = scene.ask(socket, "GET /status.json HTTP/1.1\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn a_closed_connection_is_free_at_once() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    for n in 0..20 {
        let socket = scene.connect(40_000 + n);
        let answer = scene.ask(socket, "GET /status.json HTTP/1.1\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{n}: {answer}");
        scene.socket(socket).close();
        scene.run(20);
        scene.client.remove(socket);
    }
}

#[test]
fn datagrams_come_back() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    let buffer = || {
        let metadata = vec![udp::PacketMetadata::EMPTY; 2].leak() as &mut [_];
        udp::PacketBuffer::new(metadata, vec![0u8; 4096].leak() as &mut [u8])
    };
    let mut socket = udp::Socket::new(buffer(), buffer());
    socket.bind(6000).expect("a port");
    let socket = scene.client.add(socket);
    scene.run(100);
    for length in [1, 700, 1472] {
        let bytes = vec![0x3c; length];
        let to = (IpAddress::v4(10, 7, 0, 2), ECHO_PORT);
        let client = scene.client.get_mut::<udp::Socket<'_>>(socket);
        client.send_slice(&bytes, to).expect("room");
        scene.run(20);
        let client = scene.client.get_mut::<udp::Socket<'_>>(socket);
        let (back, _) = client.recv().expect("an echo");
        assert_eq!(back, bytes);
    }
}
