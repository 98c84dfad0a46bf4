//! `sign N`: has the cluster sign N messages of different lengths, one after the other, and verifies each signature with the
//! vehicle's public key.
//!
//! Without `std`, so that the toolchain of the partitions builds it too; a program with `std` calls the services alike.
#![no_std]
#![no_main]

mod linux;

use cofferdam_linux::{Device, Error, Failure};
use ed25519_compact::{PublicKey, Signature};
use linux::{Line, exit, sleep_milliseconds};

mod services {
    //! The services of `system.yaml` that Linux may call.
    #![expect(dead_code, reason = "all of them are generated, used or not")]

    include!(concat!(env!("OUT_DIR"), "/linux.rs"));
}

/// Of the vehicle's key, which the cluster alone has.
const PUBLIC: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

/// The longest message that the service takes.
const MOST: usize = 4096;

/// The program.
fn main(count: usize) -> i32 {
    let mut line = Line::new();
    let result = run(count);
    match result {
        Ok(verified) => line
            .say("cofferdam: signatures verified: ")
            .number(verified),
        Err(what) => line.say("cofferdam: sign: WRONG, ").say(what),
    }
    .end();
    i32::from(result.is_err())
}

fn run(count: usize) -> Result<usize, &'static str> {
    let device = Device::open().map_err(|_| "no /dev/cofferdam-services")?;
    let services = services::Services(device);
    let mut message = [0x5a_u8; MOST];
    for number in 0..count {
        message.rotate_left(1);
        message[0] = u8::try_from(number % 256).unwrap_or(0);
        let length = 1 + number * 251 % MOST;
        let message = message.get(..length).ok_or("no message")?;
        let mut signature = [0; 64];
        while let Err(failure) = services.sign(message, &mut signature) {
            // The limit of the description.
            if failure != Failure::Service(Error::Busy) {
                return Err("refused");
            }
            sleep_milliseconds(20);
        }
        let (key, signature) = (PublicKey::new(PUBLIC), Signature::new(signature));
        key.verify(message, &signature)
            .map_err(|_| "not the signature of this message")?;
    }
    Ok(count)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    Line::new().say("cofferdam: sign: WRONG, a panic").end();
    exit(1)
}
