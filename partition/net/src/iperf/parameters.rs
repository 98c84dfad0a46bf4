//! What an iperf3 client asks for: one JSON object (RFC 8259) whose values are numbers, words and texts.
//!
//! The text is the other side's. It is read once, from front to end; an object in the object is refused, as nothing that
//! iperf3 sends has one.

/// What matters here of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Datagrams or SCTP, not TCP.
    pub other_protocol: bool,
    /// The server sends.
    pub reverse: bool,
    /// Both send.
    pub bidirectional: bool,
    /// Connections at a time.
    pub streams: u32,
}

/// The parameters in this text; none if it is no such object.
pub fn parse(text: &[u8]) -> Option<Parameters> {
    let mut parameters = Parameters {
        other_protocol: false,
        reverse: false,
        bidirectional: false,
        streams: 1,
    };
    let mut rest = Rest(text);
    rest.take(b'{')?;
    loop {
        let name = rest.text()?;
        rest.take(b':')?;
        let value = rest.value()?;
        // As iperf3's own server: a flag is set by being there.
        match name {
            b"udp" | b"sctp" => parameters.other_protocol = true,
            b"reverse" => parameters.reverse = true,
            b"bidirectional" => parameters.bidirectional = true,
            b"parallel" => parameters.streams = number(value)?,
            _ => {}
        }
        match rest.next()? {
            b',' => {}
            b'}' => return Some(parameters),
            _ => return None,
        }
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}

/// What is left to read. Each step takes some of it, so every loop over steps ends.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// The next byte that is no space.
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.trim_ascii_start().split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.next()? == wanted).then_some(())
    }

    /// A text in quotes, with its escapes as they stand.
    fn text(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let mut escaped = false;
        let end = self.0.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        let (text, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        self.take(b'"')?;
        Some(text)
    }

    /// A text, a number or a word.
    fn value(&mut self) -> Option<&'a [u8]> {
        self.0 = self.0.trim_ascii_start();
        if self.0.starts_with(b"\"") {
            return self.text();
        }
        let in_value = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let length = self.0.iter().take_while(|byte| in_value(byte)).count();
        let (value, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        (!value.is_empty()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAIN: Parameters = Parameters {
        other_protocol: false,
        reverse: false,
        bidirectional: false,
        streams: 1,
    };

    #[test]
    fn what_iperf3_says_is_understood() {
        let sent = br#"{"tcp":true,"omit":0,"time":10,"num":0,"blockcount":0,"parallel":1,"len":131072,"pacing_timer":1000,"client_version":"3.12"}"#;
        assert_eq!(parse(sent), Some(PLAIN));
        let reverse = br#" { "tcp" : true, "parallel":4 , "reverse":true, "title":"a \"}\\" } "#;
        let expected = Parameters {
            reverse: true,
            streams: 4,
            ..PLAIN
        };
        assert_eq!(parse(reverse), Some(expected));
        let expected = Parameters {
            other_protocol: true,
            bidirectional: true,
            ..PLAIN
        };
        let udp = br#"{"udp":true,"bidirectional":true}"#;
        assert_eq!(parse(udp), Some(expected));
    }

    #[test]
    fn what_is_no_object_of_plain_values_is_refused() {
        for text in [
            "",
            "{",
            "{}",
            "[]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1",
            "{\"a\":1;",
            "{\"a\":{}}",
            "{\"a\":[1]}",
            "{\"a\\\":1}",
            "{\"parallel\":-1}",
            "{\"parallel\":4294967296}",
            "{\"parallel\":\"1",
            "{\"a\":1,}",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _parsed = parse(&text);
        }

        /// From the letters of JSON, so that most get far.
        #[test]
        fn nor_one_that_looks_like_json(text in r#"\{("[a-z\\"]{0,3}" ?[:,}] ?("|[0-9]{1,11}|true|\{)[,}]?){0,9}"#) {
            let _parsed = parse(text.as_bytes());
        }

        #[test]
        fn what_is_said_is_read(streams in any::<u32>(), before in "[a-z]{0,9}", spaces in " {0,3}") {
            let text = format!("{{{spaces}\"x{before}\":\"{before}\",{spaces}\"parallel\"{spaces}:{streams}}}");
            prop_assert_eq!(parse(text.as_bytes()), Some(Parameters { streams, ..PLAIN }));
        }
    }
}
