//! Checksums of TCP (RFC 9293) and UDP (RFC 768) in the place of the stack's: on a processor where a byte is as dear as a word, the
//! stack's own cost more than the rest of a segment's way.

use core::ops::Range;

/// The sum of 16-bit words in big-endian, with the end-around carry of RFC 1071, not inverted. An odd last byte is the upper one of a
/// word.
pub type Sum = fn(&[u8]) -> u16;

/// Behind an Ethernet header; IPv4 has no options here, as the filter and the stack keep it.
const PACKET: usize = 14;
const LENGTH: Range<usize> = PACKET + 2..PACKET + 4;
const PROTOCOL: usize = PACKET + 9;
const ADDRESSES: Range<usize> = PACKET + 12..PACKET + 20;
const SEGMENT: usize = PACKET + 20;
const TCP: u8 = 6;
const UDP: u8 = 17;

/// A frame's segment or datagram, and where in the frame its checksum stands.
struct Transport {
    protocol: u8,
    segment: Range<usize>,
    checksum: Range<usize>,
}

impl Transport {
    /// None if there is neither of the two in the frame.
    fn of(frame: &[u8]) -> Option<Self> {
        let protocol = *frame.get(PROTOCOL)?;
        let at = SEGMENT
            + match (frame.get(PACKET - 2..PACKET + 1)?, protocol) {
                ([8, 0, 0x45], TCP) => 16,
                ([8, 0, 0x45], UDP) => 6,
                _ => return None,
            };
        let length = frame.get(LENGTH)?.first_chunk()?;
        let end = PACKET + usize::from(u16::from_be_bytes(*length));
        Some(Self {
            protocol,
            segment: SEGMENT..end,
            checksum: at..at + 2,
        })
    }

    /// The sum over segment and pseudo header; none if the frame is shorter than it says.
    fn sum(&self, frame: &[u8], sum: Sum) -> Option<u16> {
        let segment = frame.get(self.segment.clone())?;
        let length = u16::try_from(segment.len()).ok()?;
        let parts = [
            sum(segment),
            sum(frame.get(ADDRESSES)?),
            u16::from(self.protocol),
            length,
        ];
        let all = parts.iter().fold(0_u32, |all, part| all + u32::from(*part));
        let once = (all & 0xffff) + (all >> 16);
        u16::try_from((once & 0xffff) + (once >> 16)).ok()
    }

    fn has_none(&self, frame: &[u8]) -> bool {
        self.protocol == UDP && frame.get(self.checksum.clone()) == Some(&[0, 0])
    }
}

/// Whether a frame has the right one, or neither of the two protocols; a datagram may go without.
pub fn is_right(frame: &[u8], sum: Sum) -> bool {
    Transport::of(frame).is_none_or(|it| it.has_none(frame) || it.sum(frame, sum) == Some(0xffff))
}

/// Writes it into a frame of the stack's, if it is of one of the two protocols.
pub fn fill(frame: &mut [u8], sum: Sum) {
    let Some(transport) = Transport::of(frame) else {
        return;
    };
    let write = |bytes: [u8; 2], frame: &mut [u8]| {
        if let Some(field) = frame.get_mut(transport.checksum.clone()) {
            field.copy_from_slice(&bytes);
        }
    };
    write([0, 0], frame);
    if let Some(sum) = transport.sum(frame, sum) {
        // A UDP checksum of 0 would say that there is none; the other 0 is as good in TCP.
        let inverted = if sum == 0xffff { 0xffff } else { !sum };
        write(inverted.to_be_bytes(), frame);
    }
}

#[cfg(test)]
#[expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use smoltcp::wire::{Ipv4Packet, TcpPacket, UdpPacket};

    fn slowly(bytes: &[u8]) -> u16 {
        let words = bytes.chunks(2).map(|it| match it {
            [high, low] => u32::from(*high) << 8 | u32::from(*low),
            [high] => u32::from(*high) << 8,
            _ => 0,
        });
        let all = words.sum::<u32>();
        let once = (all & 0xffff) + (all >> 16);
        ((once & 0xffff) + (once >> 16)) as u16
    }

    /// A frame with such a packet.
    fn frame(protocol: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![2; 12];
        frame.extend([8, 0, 0x45, 0]);
        frame.extend(u16::try_from(20 + payload.len()).unwrap().to_be_bytes());
        frame.extend([0, 0, 0, 0, 64, protocol, 0, 0, 10, 7, 0, 1, 10, 7, 0, 2]);
        frame.extend(payload);
        frame
    }

    /// Whether smoltcp finds the checksum right.
    fn stack_agrees(frame: &[u8]) -> bool {
        let packet = Ipv4Packet::new_checked(&frame[PACKET..]).unwrap();
        let (from, to) = (packet.src_addr().into(), packet.dst_addr().into());
        match frame[PROTOCOL] {
            TCP => TcpPacket::new_unchecked(packet.payload()).verify_checksum(&from, &to),
            _ => UdpPacket::new_unchecked(packet.payload()).verify_checksum(&from, &to),
        }
    }

    fn payload(protocol: u8, mut bytes: Vec<u8>) -> Vec<u8> {
        if protocol == UDP {
            let length = u16::try_from(bytes.len()).unwrap();
            bytes[4..6].copy_from_slice(&length.to_be_bytes());
        }
        bytes
    }

    proptest! {
        #[test]
        fn what_is_filled_in_the_stack_finds_right(
            tcp in any::<bool>(), bytes in proptest::collection::vec(any::<u8>(), 20..300), padding in 0_usize..9,
        ) {
            let protocol = if tcp { TCP } else { UDP };
            let mut frame = frame(protocol, &payload(protocol, bytes));
            frame.extend(vec![0x5a; padding]);
            fill(&mut frame, slowly);
            prop_assert!(stack_agrees(&frame) && is_right(&frame, slowly));
        }

        #[test]
        fn what_is_found_right_the_stack_finds_right(
            tcp in any::<bool>(), bytes in proptest::collection::vec(any::<u8>(), 20..300), at in 0_usize..300, by in 1_u8..,
        ) {
            let protocol = if tcp { TCP } else { UDP };
            let mut frame = frame(protocol, &payload(protocol, bytes));
            fill(&mut frame, slowly);
            let at = SEGMENT + at % (frame.len() - SEGMENT);
            // The length of a datagram is the filter's to check (`accept`).
            prop_assume!(tcp || !(4..6).contains(&(at - SEGMENT)));
            frame[at] ^= by;
            prop_assert_eq!(is_right(&frame, slowly), stack_agrees(&frame));
        }

        #[test]
        fn no_frame_makes_it_panic(mut frame in proptest::collection::vec(any::<u8>(), 0..80), ip in any::<bool>()) {
            if let (true, Some(kind)) = (ip, frame.get_mut(12..15)) {
                kind.copy_from_slice(&[8, 0, 0x45]);
            }
            let _right = is_right(&frame, slowly);
            fill(&mut frame, slowly);
        }
    }

    #[test]
    fn other_frames_are_let_alone() {
        let mut echo = frame(1, &[8, 0, 1, 2, 3, 4, 5, 6]);
        let before = echo.clone();
        fill(&mut echo, slowly);
        assert_eq!(echo, before);
        assert!(is_right(&echo, slowly));
    }

    #[test]
    fn a_frame_shorter_than_it_says_is_not_right() {
        let mut short = frame(TCP, &[0; 40]);
        short.truncate(60);
        assert!(!is_right(&short, slowly));
    }
}
