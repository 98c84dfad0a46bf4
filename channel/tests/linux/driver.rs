//! The Linux driver's endpoint, `linux/cofferdam_net/endpoint.c`, compiled for the host over any [`Memory`].

use cofferdam_channel::authentication::Key;
use cofferdam_channel::endpoint::{Counters, Violation};
use cofferdam_channel::memory::{Fence, Memory};
use std::ffi::{CString, c_char, c_int, c_void};
use std::path::Path;
use std::process::Command;
use std::ptr::{NonNull, null};
use std::slice;
use std::sync::OnceLock;

/// Whether frames can pass, as the driver numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Link {
    Closed,
    Down,
    Up,
    Left,
    Quarantined,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Sent {
    Silent,
    Ring,
    Length,
    Full,
    Down,
}

/// `struct cofd_counters`.
#[repr(C)]
struct Counted {
    sent: u64,
    sent_bytes: u64,
    received: u64,
    received_bytes: u64,
    length: u64,
    full: u64,
    down: u64,
    abandoned: u64,
    doorbells: u64,
    epochs: u64,
    violations: [u64; Violation::ALL.len()],
}

/// `struct accesses`: what the driver calls in the place of an access.
#[repr(C)]
struct Accesses {
    context: *const c_void,
    load: unsafe extern "C" fn(*const c_void, usize) -> u32,
    store: unsafe extern "C" fn(*const c_void, usize, u32),
    copy_out: unsafe extern "C" fn(*const c_void, usize, *mut u8, usize),
    copy_in: unsafe extern "C" fn(*const c_void, usize, *const u8, usize),
    fence: unsafe extern "C" fn(*const c_void, c_int),
}

/// Its `struct cofd_endpoint`.
type Opaque = NonNull<c_void>;

/// `struct driver`.
#[repr(C)]
struct Driver {
    create: unsafe extern "C" fn(*const Accesses, u32, u32, u32, bool, *const u8) -> Option<Opaque>,
    destroy: unsafe extern "C" fn(Opaque),
    counters: unsafe extern "C" fn(Opaque) -> *const Counted,
    begin: unsafe extern "C" fn(Opaque, u32),
    close: unsafe extern "C" fn(Opaque),
    look: unsafe extern "C" fn(Opaque) -> Link,
    send: unsafe extern "C" fn(Opaque, *const u8, u32) -> Sent,
    receive: unsafe extern "C" fn(Opaque, *mut u8, *mut u32) -> u32,
    arm: unsafe extern "C" fn(Opaque) -> bool,
    disarm: unsafe extern "C" fn(Opaque),
    reassert: unsafe extern "C" fn(Opaque),
    skip: unsafe extern "C" fn(Opaque, u32, u32),
}

unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// `RTLD_NOW`, the same on Linux and macOS.
const NOW: c_int = 2;

/// Compiles the driver once.
fn driver() -> &'static Driver {
    static DRIVER: OnceLock<&Driver> = OnceLock::new();
    DRIVER.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sources = here.join("../linux/cofferdam_net");
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cofferdam_net.so");
        let mut compiler = Command::new("cc");
        compiler.args([
            "-shared", "-fPIC", "-O1", "-g", "-Wall", "-Wextra", "-Werror",
        ]);
        compiler.args([
            "-Wno-unused-parameter",
            "-fsanitize=undefined",
            "-fsanitize-undefined-trap-on-error",
        ]);
        compiler.arg("-I").arg(&sources);
        compiler
            .arg("-include")
            .arg(here.join("tests/linux/host.h"));
        compiler.arg("-o").arg(&library);
        compiler.arg(here.join("tests/linux/host.c"));
        compiler.args(["endpoint.c", "guard.c"].map(|file| sources.join(file)));
        let status = compiler.status().expect("cc, which Rust links with too");
        assert!(status.success(), "{compiler:?}");
        let file = CString::new(library.into_os_string().into_encoded_bytes()).expect("a path");
        // SAFETY: a string that ends in a zero; the library runs nothing when it is loaded.
        let library = unsafe { dlopen(file.as_ptr(), NOW) };
        assert!(!library.is_null(), "loaded");
        // SAFETY: the library was loaded, and stays.
        let found = unsafe { dlsym(library, c"driver".as_ptr()) };
        // SAFETY: host.c has it with these members, constant and for good.
        unsafe { found.cast::<Driver>().as_ref() }.expect("host.c has it")
    })
}

// SAFETY: of all below: `context` is the memory that `End::new` borrowed for as long as the end lives, and pointers come with
// the length to which the driver may use them.

unsafe extern "C" fn load<M: Memory>(context: *const c_void, at: usize) -> u32 {
    // SAFETY: see above.
    unsafe { &*context.cast::<M>() }.load(at)
}

unsafe extern "C" fn store<M: Memory>(context: *const c_void, at: usize, value: u32) {
    // SAFETY: see above.
    unsafe { &*context.cast::<M>() }.store(at, value);
}

unsafe extern "C" fn copy_out<M: Memory>(context: *const c_void, at: usize, to: *mut u8, n: usize) {
    // SAFETY: see above.
    let to = unsafe { slice::from_raw_parts_mut(to, n) };
    // SAFETY: see above.
    unsafe { &*context.cast::<M>() }.copy_out(at, to);
}

unsafe extern "C" fn copy_in<M: Memory>(
    context: *const c_void,
    at: usize,
    from: *const u8,
    n: usize,
) {
    // SAFETY: see above.
    let from = unsafe { slice::from_raw_parts(from, n) };
    // SAFETY: see above.
    unsafe { &*context.cast::<M>() }.copy_in(at, from);
}

unsafe extern "C" fn fence<M: Memory>(context: *const c_void, fence: c_int) {
    let order = [Fence::Acquire, Fence::Release, Fence::Full];
    let order = order[usize::try_from(fence).expect("one of host.h")];
    // SAFETY: see above.
    unsafe { &*context.cast::<M>() }.fence(order);
}

/// An end of the driver's.
pub struct End<'a, M> {
    end: Opaque,
    /// The driver points to it.
    _accesses: Box<Accesses>,
    _memory: &'a M,
}

impl<'a, M: Memory> End<'a, M> {
    /// An end in no epoch; none if there is no such ring.
    pub fn new(
        memory: &'a M,
        (slots, mtu): (u32, u32),
        second: bool,
        crc: bool,
        key: Option<&Key>,
    ) -> Option<Self> {
        let key = key.map_or(null(), |key| key.as_flattened().as_ptr());
        let accesses = Box::new(Accesses {
            context: (&raw const *memory).cast(),
            load: load::<M>,
            store: store::<M>,
            copy_out: copy_out::<M>,
            copy_in: copy_in::<M>,
            fence: fence::<M>,
        });
        // SAFETY: both stay where they are for as long as the end lives.
        let end = unsafe {
            (driver().create)(&raw const *accesses, slots, mtu, second.into(), crc, key)
        }?;
        Some(Self {
            end,
            _accesses: accesses,
            _memory: memory,
        })
    }

    pub fn begin(&mut self, epoch: u32) {
        // SAFETY: it was created and not destroyed.
        unsafe { (driver().begin)(self.end, epoch) }
    }

    pub fn close(&mut self) {
        // SAFETY: it was created and not destroyed.
        unsafe { (driver().close)(self.end) }
    }

    pub fn look(&mut self) -> Link {
        // SAFETY: it was created and not destroyed.
        unsafe { (driver().look)(self.end) }
    }

    pub fn send(&mut self, frame: &[u8]) -> Sent {
        let length = u32::try_from(frame.len()).expect("short");
        // SAFETY: it was created and not destroyed; the frame has this length.
        unsafe { (driver().send)(self.end, frame.as_ptr(), length) }
    }

    /// Receives into `frame`, which is as long as the longest, up to a multiple of 8 bytes.
    pub fn receive(&mut self, slots: &mut u32, frame: &mut [u8; 88]) -> u32 {
        // SAFETY: it was created and not destroyed, of a ring whose frames fit.
        unsafe { (driver().receive)(self.end, frame.as_mut_ptr(), slots) }
    }

    pub fn arm(&mut self) -> bool {
        // SAFETY: it was created and not destroyed.
        unsafe { (driver().arm)(self.end) }
    }

    pub fn disarm(&mut self) {
        // SAFETY: it was created and not destroyed.
        unsafe { (driver().disarm)(self.end) }
    }

    pub fn reassert(&mut self) {
        // SAFETY: it was created and not destroyed.
        unsafe { (driver().reassert)(self.end) }
    }

    /// As if it had sent and taken so many frames in this epoch.
    pub fn skip(&mut self, sent: u32, taken: u32) {
        // SAFETY: it was created and not destroyed.
        unsafe { (driver().skip)(self.end, sent, taken) }
    }

    /// What it counts, less what the Rust end does not.
    pub fn counters(&self) -> Counters {
        // SAFETY: it was created and not destroyed.
        let counted = unsafe { (driver().counters)(self.end) };
        // SAFETY: it lies in the end, which nobody changes during this call.
        let counted = unsafe { &*counted };
        Counters {
            sent: counted.sent,
            received: counted.received,
            full: counted.full,
            down: counted.down,
            abandoned: counted.abandoned,
            doorbells: counted.doorbells,
            violations: counted.violations,
        }
    }
}

impl<M> Drop for End<'_, M> {
    fn drop(&mut self) {
        // SAFETY: it was created and is not used any more.
        unsafe { (driver().destroy)(self.end) }
    }
}
