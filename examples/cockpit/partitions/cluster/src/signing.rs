//! The services `sign` and `checksum`, done for Linux in what the deadlines leave.

use core::ptr::with_exposed_provenance;

use cofferdam_abi::digests::crc32c;
use cofferdam_cockpit_cluster::signer::Signer;
use cofferdam_partition::slack::{self, Stack};

mod generated {
    //! The services of `system.yaml` that this partition handles.

    include!(concat!(env!("OUT_DIR"), "/handler.rs"));
}

use generated::{Error, Readable, Services, Writable};

/// The longest message, as the description has it.
const MOST: usize = 4096;

static STACK: Stack<{ 48 << 10 }> = Stack::new();

/// Gives the partition this work. Called once, at its start.
pub fn begin() {
    // SAFETY: before the main loop, once, and the stack is this module's.
    unsafe { slack::begin(&STACK, work) }
}

fn work() -> ! {
    let mut signing = Signing {
        signer: Signer::new(),
        copy: [0; MOST],
    };
    loop {
        if !generated::serve(&mut signing) {
            slack::pause();
        }
    }
}

struct Signing {
    signer: Signer,
    copy: [u8; MOST],
}

impl Services for Signing {
    fn sign(
        &mut self,
        _caller: u64,
        message: Readable<'_>,
        mut signature: Writable<'_>,
    ) -> Result<(), Error> {
        let message = if cfg!(feature = "weaken-copy") {
            uncopied(&message)
        } else {
            message
                .copy_to(&mut self.copy)
                .ok_or(Error::InvalidParameter)?
        };
        let signed = self.signer.sign(message);
        if signature.copy_from(&signed) {
            Ok(())
        } else {
            Err(Error::InvalidParameter)
        }
    }

    fn checksum(&mut self, _caller: u64, bytes: Readable<'_>) -> Result<u32, Error> {
        let copy = bytes.copy_to(&mut self.copy);
        Ok(crc32c(copy.ok_or(Error::InvalidParameter)?))
    }
}

/// What must not be done, for the positive control: the message in Linux's memory, for it to change between two looks.
fn uncopied<'a>(message: &'a Readable<'_>) -> &'a [u8] {
    let bytes = usize::try_from(message.len()).unwrap_or(0);
    let start = with_exposed_provenance(usize::try_from(message.start()).unwrap_or(0));
    // SAFETY: none: Linux writes to it. That is what the control shows.
    unsafe { core::slice::from_raw_parts(start, bytes) }
}
