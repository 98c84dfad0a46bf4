//! The monitor's part for tests, as functions of C, and the memory between two ends.
#![expect(unsafe_code, reason = "hands out pointers to C")]

use cofferdam_abi::virtualnet::Geometry;
use cofferdam_channel_c::{Channel, Monitor};
use std::ffi::c_void;
use std::ptr::null;
use std::sync::Mutex;

/// The current epoch, and to which ends it was given.
#[derive(Default)]
pub struct Epochs(Mutex<(u32, [bool; 2])>);

/// One end's context.
struct End {
    epochs: &'static Epochs,
    side: usize,
}

/// Two ends of a new channel, for C. Tests are short: neither its memory nor the monitor's part is ever freed.
pub fn channels(slots: u32, mtu: u32) -> [Channel; 2] {
    let geometry = Geometry::new(slots, mtu).expect("a ring");
    let memory = vec![0u64; geometry.bytes() / 8].leak().as_mut_ptr();
    let epochs: &Epochs = Box::leak(Box::default());
    [0, 1].map(|side| Channel {
        memory: memory.cast(),
        bytes: geometry.bytes(),
        slots,
        mtu,
        side,
        crc: 1,
        siphash: null(),
        monitor: Monitor {
            context: Box::into_raw(Box::new(End {
                epochs,
                side: side as usize,
            }))
            .cast(),
            begin: Some(begin),
            ring: Some(ring),
            acknowledge: Some(acknowledge),
        },
    })
}

unsafe extern "C" fn begin(context: *mut c_void) -> u32 {
    // SAFETY: the end that `channels` put there.
    let end = unsafe { &*context.cast::<End>() };
    let mut epochs = end.epochs.0.lock().expect("no panic");
    let (current, given) = &mut *epochs;
    if given[end.side] || *current == 0 {
        *current += 1;
        *given = [false; 2];
    }
    given[end.side] = true;
    *current
}

unsafe extern "C" fn ring(_: *mut c_void) {}

unsafe extern "C" fn acknowledge(context: *mut c_void) -> u32 {
    // SAFETY: the end that `channels` put there.
    let end = unsafe { &*context.cast::<End>() };
    end.epochs.0.lock().expect("no panic").0
}
