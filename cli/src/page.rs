//! The page that a critical partition serves over a channel, as the host sees it: Linux hands on what comes to its own
//! port 80, and the emulator's user network hands on to Linux what comes to a port of the host's loopback.
//!
//! Linux reaches nothing else of the host by it, and nobody else than the host reaches Linux.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// The port of HTTP, at both ends of Linux.
pub const PORT: u16 = 80;

/// The modules with which Linux drives the emulator's network card.
pub const MODULES: [&str; 2] = ["virtio_mmio", "virtio_net"];

/// The port on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    port: u16,
}

impl Page {
    /// At a port that nobody listens at just now.
    pub fn at_free_port() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        Ok(Self { port })
    }

    /// Where a browser finds it.
    pub fn url(self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The emulator's options for it.
    pub fn options(self) -> [String; 4] {
        let forward = format!("tcp:127.0.0.1:{}-:{PORT}", self.port);
        [
            "-netdev".to_owned(),
            format!("user,id=page,restrict=on,ipv6=off,hostfwd={forward}"),
            "-device".to_owned(),
            "virtio-net-device,netdev=page".to_owned(),
        ]
    }

    /// The body of what `path` is answered with, if that comes within the bound and is good.
    pub fn get(self, path: &str, bound: Duration) -> io::Result<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, bound)?;
        stream.set_read_timeout(Some(bound))?;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())?;
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        loop {
            if let Some(body) = body(&answer, false)? {
                return Ok(body);
            }
            match stream.read(&mut piece)? {
                0 => return body(&answer, true)?.ok_or(io::ErrorKind::UnexpectedEof.into()),
                count => answer.extend_from_slice(piece.get(..count).unwrap_or_default()),
            }
        }
    }
}

/// Longest answer that is waited for.
const LONGEST: usize = 64 << 10;

/// The body of a good answer; none as long as it has not come whole. Where it does not say how long it is, its end is that of
/// the connection (RFC 1945, 7.2.2).
fn body(answer: &[u8], has_ended: bool) -> io::Result<Option<String>> {
    if answer.len() > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let answer = String::from_utf8_lossy(answer);
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return Ok(None);
    };
    let bad = || io::Error::new(io::ErrorKind::InvalidData, head.to_owned());
    let mut lines = head.lines();
    if !lines.next().is_some_and(|line| line.contains(" 200 ")) {
        return Err(bad());
    }
    let length = lines.find_map(|line| line.strip_prefix("Content-Length: "));
    let Some(length) = length else {
        return Ok(has_ended.then(|| body.to_owned()));
    };
    let length: usize = length.parse().map_err(|_| bad())?;
    if length > LONGEST {
        return Err(bad());
    }
    Ok(body.get(..length).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    const BOUND: Duration = Duration::from_secs(20);

    /// A host's server that answers one request with these pieces.
    fn served(pieces: &'static [&'static str]) -> io::Result<String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let page = Page {
            port: listener.local_addr().unwrap().port(),
        };
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 256];
            let length = stream.read(&mut request).unwrap();
            for piece in pieces {
                stream.write_all(piece.as_bytes()).unwrap();
                stream.flush().unwrap();
            }
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let answer = page.get("/status.json", BOUND);
        assert!(server.join().unwrap().starts_with("GET /status.json HTTP"));
        answer
    }

    #[test]
    fn a_whole_answer_is_a_body_and_nothing_else_is() {
        let good = ["HTTP/1.1 200 OK\r\nContent-Len", "gth: 4\r\n\r\nab", "cd"];
        let good: &'static [&'static str] = Box::leak(Box::new(good));
        assert_eq!(served(good).unwrap(), "abcd");
        let old = served(&["HTTP/1.0 200 OK\r\n\r\nab", "c"]);
        assert_eq!(old.unwrap(), "abc");
        let error = |answer| served(answer).unwrap_err().kind();
        let cut = error(&["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"]);
        assert_eq!(cut, io::ErrorKind::UnexpectedEof);
        let refused = error(&["HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"]);
        assert_eq!(refused, io::ErrorKind::InvalidData);
        let endless = error(&["HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nno"]);
        assert_eq!(endless, io::ErrorKind::InvalidData);
    }

    #[test]
    fn only_the_host_itself_is_let_in() {
        let page = Page::at_free_port().unwrap();
        let options = page.options().join(" ");
        assert!(options.contains(&format!("hostfwd=tcp:127.0.0.1:{}-:80", page.port)));
        assert!(options.contains("restrict=on"));
        assert!(page.url().ends_with(&format!(":{}/", page.port)));
    }
}
