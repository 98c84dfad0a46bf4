//! As much of HTTP/1.1 (RFC 9112) as a status page needs: GET, no body, the connection stays open.

use core::fmt::Write;

use cofferdam_net::text::Text;

/// Longest request that is read, with all its fields.
pub const LONGEST: usize = 1024;
/// Bytes of the longest head of an answer.
const HEAD: usize = 128;

/// What a request is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The page.
    Page,
    /// The status.
    Status,
    /// There is no such thing here.
    NotFound,
    /// Another method than GET.
    NotAllowed,
    /// Not HTTP, or longer than [`LONGEST`]. The connection ends.
    Bad,
}

impl Answer {
    /// Status code, reason and type of the body.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Page => ("200 OK", "text/html"),
            Self::Status => ("200 OK", "application/json"),
            Self::NotFound => ("404 Not Found", "text/plain"),
            Self::NotAllowed => ("405 Method Not Allowed\r\nAllow: GET", "text/plain"),
            Self::Bad => ("400 Bad Request\r\nConnection: close", "text/plain"),
        }
    }

    /// The head in front of a body of `length` bytes.
    pub fn head(self, length: usize) -> Text<HEAD> {
        let (code, kind) = self.words();
        let mut head = Text::new();
        // There is room for the longest, which a test holds.
        let _too_long = write!(
            head,
            "HTTP/1.1 {code}\r\nContent-Type: {kind}\r\nCache-Control: no-store\r\nContent-Length: {length}\r\n\r\n"
        );
        head
    }
}

/// The first request in `bytes`: how long it is, and its answer. None as long as its end has not come.
pub fn request(bytes: &[u8]) -> Option<(usize, Answer)> {
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n");
    match end {
        Some(end) => Some((end + 4, answer(bytes))),
        None if bytes.len() >= LONGEST => Some((bytes.len(), Answer::Bad)),
        None => None,
    }
}

/// The answer to a request line, the first of `bytes`.
fn answer(bytes: &[u8]) -> Answer {
    let line = bytes.split(|byte| *byte == b'\r').next();
    let mut words = line.unwrap_or_default().split(|byte| *byte == b' ');
    let [method, path, version] = [words.next(), words.next(), words.next()];
    if !version.is_some_and(|it| it.starts_with(b"HTTP/1.")) || words.next().is_some() {
        return Answer::Bad;
    }
    match (method, path) {
        (Some(b"GET"), Some(b"/")) => Answer::Page,
        (Some(b"GET"), Some(b"/status.json")) => Answer::Status,
        (Some(b"GET"), _) => Answer::NotFound,
        _ => Answer::NotAllowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_when_it_is_whole() {
        let whole = b"GET /status.json HTTP/1.1\r\nHost: 10.7.0.2\r\n\r\n";
        assert_eq!(request(whole), Some((whole.len(), Answer::Status)));
        for end in 0..whole.len() {
            let (begun, _) = whole.split_at(end);
            assert_eq!(request(begun), None);
        }
        let two = [whole.as_slice(), b"GET / HTTP/1.1\r\n\r\n"].concat();
        assert_eq!(request(&two), Some((whole.len(), Answer::Status)));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (line, expected) in [
            ("GET / HTTP/1.0", Answer::Page),
            ("GET /favicon.ico HTTP/1.1", Answer::NotFound),
            ("POST / HTTP/1.1", Answer::NotAllowed),
            ("GET / HTTP/1.1 more", Answer::Bad),
            ("GET /", Answer::Bad),
            ("GET / HTTP/2", Answer::Bad),
            ("", Answer::Bad),
        ] {
            let bytes = format!("{line}\r\n\r\n");
            let answer = request(bytes.as_bytes()).map(|(_, answer)| answer);
            assert_eq!(answer, Some(expected), "{line}");
        }
        assert_eq!(request(&[b'a'; LONGEST]), Some((LONGEST, Answer::Bad)));
    }

    #[test]
    fn every_head_fits() {
        for answer in [
            Answer::Page,
            Answer::Status,
            Answer::NotFound,
            Answer::NotAllowed,
            Answer::Bad,
        ] {
            let head = answer.head(99_999);
            assert!(head.as_bytes().ends_with(b"99999\r\n\r\n"), "{answer:?}");
        }
    }
}
