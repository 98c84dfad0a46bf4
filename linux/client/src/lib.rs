//! Calls of services from a program of Linux in Rust: what the functions that `sossl` generates are made of.
//!
//! It asks the driver `linux/cofferdam_services`, whose header says what a call is, and so gives the monitor no address of
//! its own. Without `std`, so that it also serves programs that have none.
#![no_std]

#[cfg_attr(not(target_arch = "aarch64"), path = "elsewhere.rs")]
mod kernel;

use core::ffi::CStr;
use core::marker::PhantomData;

pub use cofferdam_abi::call::Error;

/// Invalid argument.
const EINVAL: i32 = 22;

/// Words of a call.
pub const WORDS: usize = 17;
/// Regions of a call.
const BUFFERS: usize = 8;

const DEVICE: &CStr = c"/dev/cofferdam-services";

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The monitor or the handler refused.
    Service(Error),
    /// Linux refused: an errno.
    System(i32),
}

/// `struct cofferdam_buffer`, of memory that is borrowed for the call.
#[derive(Debug)]
#[repr(C)]
pub struct Buffer<'a> {
    address: u64,
    length: u64,
    memory: PhantomData<&'a mut [u8]>,
}

impl<'a> Buffer<'a> {
    const NONE: Self = Self {
        address: 0,
        length: 0,
        memory: PhantomData,
    };

    /// One that the service reads.
    pub fn read(bytes: &'a [u8]) -> Self {
        Self {
            address: bytes.as_ptr().expose_provenance() as u64,
            length: bytes.len() as u64,
            memory: PhantomData,
        }
    }

    /// One that it writes.
    pub fn write(bytes: &'a mut [u8]) -> Self {
        Self {
            address: bytes.as_mut_ptr().expose_provenance() as u64,
            length: bytes.len() as u64,
            memory: PhantomData,
        }
    }
}

/// `struct cofferdam_call`.
#[derive(Debug)]
#[repr(C)]
struct Call<'a> {
    function: u32,
    buffers: u32,
    status: i64,
    words: [u64; WORDS],
    buffer: [Buffer<'a>; BUFFERS],
}

/// The driver's device.
#[derive(Debug)]
pub struct Device(kernel::File);

impl Device {
    /// Opens it.
    ///
    /// # Errors
    /// What Linux says; for others than root that it is not permitted.
    pub fn open() -> Result<Self, Failure> {
        kernel::File::open(DEVICE)
            .map(Self)
            .map_err(Failure::System)
    }

    /// Calls the service with this number; answers its results.
    ///
    /// # Errors
    /// Linux's, the monitor's or the handler's.
    pub fn call<const N: usize>(
        &self,
        function: u32,
        words: [u64; WORDS],
        buffers: [Buffer<'_>; N],
    ) -> Result<[u64; WORDS], Failure> {
        const { assert!(N <= BUFFERS, "the driver takes fewer regions") }
        let mut call = Call {
            function,
            buffers: u32::try_from(N).map_err(|_| Failure::System(EINVAL))?,
            status: 0,
            words,
            buffer: [const { Buffer::NONE }; BUFFERS],
        };
        for (place, buffer) in call.buffer.iter_mut().zip(buffers) {
            *place = buffer;
        }
        self.0.ask(&mut call).map_err(Failure::System)?;
        cofferdam_abi::call::check(call.status.cast_unsigned()).map_err(Failure::Service)?;
        Ok(call.words)
    }
}
