//! The service that the critical partition handles: asked for well, and attacked.

use crate::attack::{self, CRITICAL, END, MONITOR, WIDE, attack};
use crate::{completion, console, flipper, give_way, services};
use cofferdam_abi::call::{Call, Error};
use cofferdam_abi::digests::crc32c;
use ed25519_compact::{PublicKey, Signature};

const SIGN: u32 = 0xc200_0005;

/// The first of RFC 8032, section 7.1.
const PUBLIC: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

/// Signatures of a message that changes.
const ROUNDS: u32 = 8;

#[repr(align(8))]
struct Signed([u8; 64]);

fn is_signed(message: &[u8], signature: &[u8; 64]) -> bool {
    PublicKey::new(PUBLIC)
        .verify(message, &Signature::new(*signature))
        .is_ok()
}

/// Asks until the limit lets it through.
fn ask(message: &[u8], signature: &mut [u8; 64]) -> u64 {
    loop {
        match services::sign(message, signature) {
            Ok(ticket) => return ticket,
            Err(Error::Busy) => give_way(),
            Err(error) => panic!("sign: {error:?}"),
        }
    }
}

fn wait_for(ticket: u64) -> Result<(), Error> {
    answer(|| services::sign_poll(ticket))
}

fn answer<T>(poll: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
    loop {
        match poll() {
            Err(Error::Busy) => give_way(),
            answer => return answer,
        }
    }
}

/// The partition's other service, whose answer is in a register.
fn checksum() {
    let bytes = Form(*b"12345678");
    let ticket = services::checksum(&bytes.0);
    let sum = ticket.and_then(|ticket| answer(|| services::checksum_poll(ticket)));
    assert_eq!(sum, Ok(crc32c(&bytes.0)));
}

/// As it may; then tickets that are none, and the calls of the other side.
pub fn as_it_may() {
    let message = [0x11_u8; 24];
    let mut signature = Signed([0; 64]);
    let early = completion::is_pending();
    let ticket = ask(&message, &mut signature.0);
    // At once, before the partition that handles it gets to it.
    attack("take", Error::Busy, Call::ServiceTake.function_id(), []);
    let complete = Call::ServiceComplete.function_id();
    attack("complete", Error::Gone, complete, [ticket]);
    while !completion::is_pending() {
        give_way();
    }
    completion::clear();
    // The answer is there, for who has its ticket.
    let poll = Call::ServicePoll.function_id();
    for (name, other) in [
        ("ticket-invented", ticket ^ 1 << 40),
        ("ticket-of-nobody", ticket | 0xffff),
        ("ticket-zero", 0),
    ] {
        attack(name, Error::Gone, poll, [other]);
    }
    assert_eq!(services::sign_poll(ticket), Ok(()));
    attack("ticket-again", Error::Gone, poll, [ticket]);
    assert!(is_signed(&message, &signature.0));
    // One answer, one interrupt, whatever else is called.
    let verdict = match early || completion::is_pending() {
        true => "SUCCEEDED",
        false => "held",
    };
    console::line(format_args!("caller: interrupt-without-answer: {verdict}"));
    console::line(format_args!("caller: told that it is signed"));
    checksum();
}

/// What the monitor must not even submit. The signature would go to the message: its own memory.
pub fn attacks() {
    let message = [0_u64; 8];
    let own = message.as_ptr().expose_provenance() as u64;
    let invalid = Error::InvalidParameter;
    let unsupported = Error::NotSupported;
    for (name, wanted, id, arguments) in [
        ("sign-convention", unsupported, SIGN & !WIDE, [own, 8, own]),
        ("sign-empty", invalid, SIGN, [own, 0, own]),
        ("sign-too-long", invalid, SIGN, [own, 4097, own]),
        ("sign-straddles", invalid, SIGN, [END - 8, 16, own]),
        ("sign-wraps", invalid, SIGN, [u64::MAX - 7, 16, own]),
        ("sign-to-critical", invalid, SIGN, [own, 8, CRITICAL]),
        ("sign-of-critical", invalid, SIGN, [CRITICAL, 32, own]),
        ("sign-of-monitor", invalid, SIGN, [MONITOR, 32, own]),
    ] {
        attack::judge(name, wanted, || {
            loop {
                // The limit, or the one before, where a protection is gone.
                match attack::call(id, &arguments) {
                    Err(Error::Busy) => give_way(),
                    answer => return answer,
                }
            }
        });
    }
}

/// Another core changes the message all the time. A signature has one value for each of its forms (RFC 8032, 5.1.6); any
/// other is of two forms at once, and two such with one nonce would give the key away.
pub fn changing() {
    let mut known = [const { Signed([0; 64]) }; flipper::FORMS];
    for (form, signature) in flipper::forms().zip(&mut known) {
        let form = Form(form);
        let ticket = ask(&form.0, &mut signature.0);
        assert_eq!(wait_for(ticket), Ok(()));
    }
    flipper::start();
    let mut signature = Signed([0; 64]);
    let mut verdict = "held";
    for _ in 0..ROUNDS {
        let ticket = ask(flipper::message().lend(), &mut signature.0);
        assert_eq!(wait_for(ticket), Ok(()));
        if known.iter().all(|it| it.0 != signature.0) {
            verdict = "SUCCEEDED";
        }
    }
    console::line(format_args!("caller: sign-changes: {verdict}"));
}

#[repr(align(8))]
struct Form([u8; 8]);
