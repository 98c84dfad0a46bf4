//! Which frames may reach the IP stack of a critical partition: what the description's `accept` names, and
//! nothing else.
//!
//! It reads a private copy of a frame and keeps no state: the same frame has the same answer always, in a time that its
//! length hardly changes. It knows Ethernet II, ARP for IPv4 (RFC 826), IPv4 (RFC 791) without options or
//! fragments, ICMP echo requests (RFC 792), TCP (RFC 9293) and UDP (RFC 768). What it has no words for it refuses: VLAN tags,
//! IPv6, multicast.
//!
//! It looks at no checksum and at no TCP state: the device or the stack does. Neither does it know who may have which
//! source address: on a link with one neighbour that would be the neighbour's word.

/// Bytes of an IPv4 header without options.
const IPV4_HEADER: usize = 20;
const TYPE_IPV4: u16 = 0x0800;
const TYPE_ARP: u16 = 0x0806;
/// Operations of ARP (RFC 826).
const REQUEST: u16 = 1;
const REPLY: u16 = 2;
const BROADCAST: Mac = [0xff; 6];

/// An Ethernet address.
pub type Mac = [u8; 6];
/// An IPv4 address.
pub type Ipv4 = [u8; 4];

/// What one interface accepts.
#[derive(Clone, Copy, Debug)]
pub struct Accept<'a> {
    /// Its own Ethernet address.
    pub mac: Mac,
    /// Its own address.
    pub address: Ipv4,
    /// Address resolution; not needed with static neighbours.
    pub arp: bool,
    /// Echo requests.
    pub echo: bool,
    /// Own ports of TCP.
    pub tcp: &'a [u16],
    /// Own ports of UDP.
    pub udp: &'a [u16],
}

/// What an accepted frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// Address resolution.
    Arp,
    /// An echo request.
    Echo,
    /// TCP to this port.
    Tcp(u16),
    /// UDP to this port.
    Udp(u16),
}

/// Why a frame is refused. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Refusal {
    /// It ends before its headers do, or a length in it says so.
    Short = 0,
    /// It is for another station, from a group, or from this station.
    Mac = 1,
    /// Its EtherType is not accepted.
    EtherType = 2,
    /// Address resolution of another kind, for another address, or that names another sender than the frame.
    Arp = 3,
    /// An IPv4 header of another version or with options.
    Header = 4,
    /// A fragment.
    Fragment = 5,
    /// It is to another address, or from one that no single station has.
    Address = 6,
    /// The protocol is not accepted, or an ICMP message is no echo request.
    Protocol = 7,
    /// The port is not accepted.
    Port = 8,
}

/// The `N` bytes at `at`.
fn field<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Refusal> {
    let rest = bytes.get(at..).ok_or(Refusal::Short)?;
    rest.first_chunk().copied().ok_or(Refusal::Short)
}

/// The number at `at`, in network order.
fn number(bytes: &[u8], at: usize) -> Result<u16, Refusal> {
    field(bytes, at).map(u16::from_be_bytes)
}

/// Goes on if `good`.
fn require(good: bool, or: Refusal) -> Result<(), Refusal> {
    good.then_some(()).ok_or(or)
}

/// Whether one station can have this address: not 0.0.0.0/8, loopback, multicast or above.
fn is_unicast([first, ..]: Ipv4) -> bool {
    !matches!(first, 0 | 127 | 224..)
}

impl Accept<'_> {
    /// What `frame` is, or why it is refused.
    pub fn check(&self, frame: &[u8]) -> Result<Traffic, Refusal> {
        let destination: Mac = field(frame, 0)?;
        let source: Mac = field(frame, 6)?;
        let kind = number(frame, 12)?;
        let packet = frame.get(14..).ok_or(Refusal::Short)?;
        let [first, ..] = source;
        require(first & 1 == 0 && source != self.mac, Refusal::Mac)?;
        let to_me = destination == self.mac;
        match kind {
            TYPE_ARP if self.arp => {
                let to_all = destination == BROADCAST && number(packet, 6)? != REPLY;
                require(to_me || to_all, Refusal::Mac)?;
                self.check_arp(source, packet)
            }
            TYPE_IPV4 => {
                require(to_me, Refusal::Mac)?;
                self.check_ipv4(packet)
            }
            _ => Err(Refusal::EtherType),
        }
    }

    /// A request for our address or a reply to us, from whom the frame is from.
    fn check_arp(&self, source: Mac, packet: &[u8]) -> Result<Traffic, Refusal> {
        // Ethernet, IPv4, addresses of 6 and 4 bytes.
        let of_ipv4 = field(packet, 0)? == [0, 1, 8, 0, 6, 4];
        let operation = number(packet, 6)?;
        let sender_mac: Mac = field(packet, 8)?;
        let sender: Ipv4 = field(packet, 14)?;
        let target: Ipv4 = field(packet, 24)?;
        let good = of_ipv4
            && matches!(operation, REQUEST | REPLY)
            && sender_mac == source
            && is_unicast(sender)
            && sender != self.address
            && target == self.address;
        require(good, Refusal::Arp).map(|()| Traffic::Arp)
    }

    fn check_ipv4(&self, packet: &[u8]) -> Result<Traffic, Refusal> {
        let header: [u8; IPV4_HEADER] = field(packet, 0)?;
        let [version, ..] = header;
        require(version == 0x45, Refusal::Header)?;
        // A frame may be longer than its packet: short ones are padded.
        let total = usize::from(number(&header, 2)?);
        let payload = packet.get(IPV4_HEADER..total).ok_or(Refusal::Short)?;
        // All but "do not fragment": the reserved bit, "more fragments", the offset.
        require(number(&header, 6)? & !0x4000 == 0, Refusal::Fragment)?;
        let source: Ipv4 = field(&header, 12)?;
        let destination: Ipv4 = field(&header, 16)?;
        let good = destination == self.address && is_unicast(source) && source != destination;
        require(good, Refusal::Address)?;
        let [protocol] = field(&header, 9)?;
        match protocol {
            1 if self.echo => check_icmp(payload),
            6 if !self.tcp.is_empty() => self.check_tcp(payload),
            17 if !self.udp.is_empty() => self.check_udp(payload),
            _ => Err(Refusal::Protocol),
        }
    }

    fn check_tcp(&self, segment: &[u8]) -> Result<Traffic, Refusal> {
        let [words] = field(segment, 12)?;
        let header = usize::from(words >> 4) * 4;
        require((20..=segment.len()).contains(&header), Refusal::Short)?;
        let port = number(segment, 2)?;
        require(self.tcp.contains(&port), Refusal::Port).map(|()| Traffic::Tcp(port))
    }

    fn check_udp(&self, datagram: &[u8]) -> Result<Traffic, Refusal> {
        let length = usize::from(number(datagram, 4)?);
        require(length >= 8 && length == datagram.len(), Refusal::Short)?;
        let port = number(datagram, 2)?;
        require(self.udp.contains(&port), Refusal::Port).map(|()| Traffic::Udp(port))
    }
}

/// Type 8, code 0, and the whole of its header.
fn check_icmp(message: &[u8]) -> Result<Traffic, Refusal> {
    let [kind, code, ..] = field::<8>(message, 0)?;
    require(kind == 8 && code == 0, Refusal::Protocol).map(|()| Traffic::Echo)
}
