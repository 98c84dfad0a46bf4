//! The server for `iperf3`, whose client is played here.

use super::Scene;
use cofferdam_net::iperf::PORT;
use proptest::prelude::*;
use smoltcp::iface::SocketHandle;

const COOKIE: &[u8; 37] = b"abcdefghijklmnopqrstuvwxyz0123456789\0";
const PARAMETERS: &str = r#"{"tcp":true,"omit":0,"time":1,"parallel":1,"len":131072}"#;
const REVERSE: &str = r#"{"tcp":true,"omit":0,"time":1,"parallel":1,"reverse":true}"#;
const RESULTS: &str = r#"{"cpu_util_total":1.5,"streams":[{"id":1,"bytes":5}]}"#;

impl Scene<'_> {
    fn say(&mut self, socket: SocketHandle, bytes: &[u8]) {
        assert_eq!(self.socket(socket).send_slice(bytes), Ok(bytes.len()));
        self.run(20);
    }

    fn hear(&mut self, socket: SocketHandle) -> Vec<u8> {
        let mut bytes = vec![0; 8192];
        let length = self.socket(socket).recv_slice(&mut bytes).unwrap_or(0);
        bytes.truncate(length);
        bytes
    }

    fn say_json(&mut self, socket: SocketHandle, text: &str) {
        let length = u32::try_from(text.len()).unwrap();
        self.say(socket, &length.to_be_bytes());
        self.say(socket, text.as_bytes());
    }

    /// A control connection that has said its parameters.
    fn begin(&mut self, from: u16, parameters: &str) -> SocketHandle {
        let control = self.connect_to(PORT, from);
        self.say(control, COOKIE);
        assert_eq!(self.hear(control), [9]);
        self.say_json(control, parameters);
        control
    }

    /// With its stream.
    fn begin_running(&mut self, from: u16, parameters: &str) -> [SocketHandle; 2] {
        let control = self.begin(from, parameters);
        assert_eq!(self.hear(control), [10]);
        let stream = self.connect_to(PORT, from + 1);
        self.say(stream, COOKIE);
        assert_eq!(self.hear(control), [1, 2]);
        [control, stream]
    }

    /// Ends the test, and answers the server's results.
    fn end(&mut self, control: SocketHandle) -> String {
        self.say(control, &[4]);
        self.end_results(control)
    }

    /// Answers the server's results, once it has been told of the end.
    fn end_results(&mut self, control: SocketHandle) -> String {
        assert_eq!(self.hear(control), [13]);
        self.say_json(control, RESULTS);
        let said = self.hear(control);
        let (prefix, rest) = said.split_first_chunk().unwrap();
        let (last, json) = rest.split_last().unwrap();
        assert_eq!(u32::from_be_bytes(*prefix), json.len() as u32);
        assert_eq!(*last, 14);
        self.say(control, &[16]);
        self.socket(control).close();
        self.run(20);
        String::from_utf8(json.to_vec()).unwrap()
    }
}

#[test]
fn what_a_client_sends_is_counted() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    // One after the other, as a shell has them.
    for from in [40_000, 40_010, 40_020] {
        let [control, stream] = scene.begin_running(from, PARAMETERS);
        for _ in 0..10 {
            scene.say(stream, &[0x5a; 3000]);
        }
        let results = scene.end(control);
        assert!(results.contains(r#""id":1,"bytes":30000,"#), "{results}");
        assert!(results.contains(r#""end_time":0."#), "{results}");
    }
}

#[test]
fn a_client_is_sent_to_until_it_has_enough() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    let [control, stream] = scene.begin_running(40_000, REVERSE);
    let mut came = 0;
    for _ in 0..20 {
        let bytes = scene.hear(stream);
        assert!(bytes.iter().all(|byte| *byte == 0));
        came += bytes.len();
        scene.run(20);
    }
    assert!(came > 100_000, "{came}");
    // It reads on until the stream ends, as `iperf3` does, before it looks at what is said.
    scene.say(control, &[4]);
    for _ in 0..20 {
        scene.hear(stream);
        scene.run(20);
    }
    assert!(!scene.socket(stream).may_recv());
    scene.end_results(control);
}

#[test]
fn a_stream_without_the_cookie_is_cut() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    let control = scene.begin(40_000, PARAMETERS);
    assert_eq!(scene.hear(control), [10]);
    let stranger = scene.connect_to(PORT, 41_000);
    scene.say(stranger, &[b'x'; 37]);
    assert!(!scene.socket(stranger).is_active());
    scene.run(100);
    let stream = scene.connect_to(PORT, 40_001);
    scene.say(stream, COOKIE);
    assert_eq!(scene.hear(control), [1, 2]);
    let third = scene.connect_to(PORT, 42_000);
    assert!(!scene.socket(third).is_active(), "one test at a time");
}

#[test]
fn what_is_not_there_is_refused_by_its_number() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    let refused = [
        (r#"{"tcp":true,"parallel":2}"#, 6),
        (r#"{"udp":true}"#, 13),
        (r#"{"tcp":true,"bidirectional":true}"#, 13),
    ];
    for (from, (parameters, error)) in (40_000..).zip(refused) {
        let control = scene.begin(from, parameters);
        assert_eq!(scene.hear(control), [0xfe, 0, 0, 0, error, 0, 0, 0, 0]);
        scene.socket(control).close();
        scene.run(20);
    }
}

#[test]
fn a_client_that_leaves_without_a_stream_makes_room_at_once() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    let control = scene.begin(40_000, PARAMETERS);
    scene.socket(control).close();
    scene.run(200);
    scene.begin_running(41_000, PARAMETERS);
}

#[test]
fn a_silent_client_makes_room() {
    let wires = Default::default();
    let mut scene = Scene::new(&wires);
    scene.run(100);
    let control = scene.connect_to(PORT, 40_000);
    scene.run(11_000);
    assert!(!scene.socket(control).is_active());
    scene.begin_running(41_000, PARAMETERS);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes after any number of right steps, the next client is served.
    #[test]
    fn nonsense_is_cut_and_the_next_client_served(
        steps in 0_usize..4, nonsense in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let wires = Default::default();
        let mut scene = Scene::new(&wires);
        scene.run(100);
        let (control, stream) = match steps {
            0 => (scene.connect_to(PORT, 40_000), None),
            1 => {
                let control = scene.connect_to(PORT, 40_000);
                scene.say(control, COOKIE);
                (control, None)
            }
            2 => (scene.begin(40_000, PARAMETERS), None),
            _ => {
                let [control, stream] = scene.begin_running(40_000, REVERSE);
                (control, Some(stream))
            }
        };
        scene.say(control, &nonsense);
        if let Some(stream) = stream {
            let _gone = scene.socket(stream).send_slice(&nonsense);
        }
        // Silent from here on.
        scene.run(11_000);
        scene.begin_running(41_000, PARAMETERS);
    }
}
