//! Channels on the monitor's side: a constant table. A system without channels gets nothing.

use crate::tokens::{interrupt, literal};
use cofferdam_system::System;
use cofferdam_system::model::{Channel, End};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

/// What is the same for all: how often an end may ask for the next epoch, and how long a flooded channel is held off.
const BEGIN_INTERVAL: u64 = 100_000_000;
const BEGIN_BURST: u32 = 8;
const HOLD_OFF: u64 = 100_000_000;

/// The channels by their numbers. `monitor`: the crate of the architecture's monitor.
pub(crate) fn table(system: &System, monitor: &Ident) -> Option<TokenStream> {
    if system.channels.is_empty() {
        return None;
    }
    let count = literal(system.channels.len());
    let channels = system.channels.iter().map(channel);
    Some(quote! {
        use #monitor::channel::Channel;
        use cofferdam_core::bucket::Limit;
        use cofferdam_core::channel::{self, End};

        static CHANNELS: [Channel; #count] = [#(#channels),*];
    })
}

/// The method that says so.
pub(crate) fn feature(system: &System) -> Option<TokenStream> {
    let any = !system.channels.is_empty();
    any.then(|| {
        quote! {
            #[inline(always)]
            fn channels() -> &'static [Channel] {
                &CHANNELS
            }
        }
    })
}

fn channel(channel: &Channel) -> TokenStream {
    let ends = channel.ends.iter().map(|it| end(channel, it));
    let (interval, burst) = (
        Literal::u64_unsuffixed(BEGIN_INTERVAL),
        Literal::u32_unsuffixed(BEGIN_BURST),
    );
    let hold_off = Literal::u64_unsuffixed(HOLD_OFF);
    quote! {
        Channel::new(channel::Channel {
            ends: [#(#ends),*],
            begins: Limit::new(table::interval(HZ, #interval), #burst),
            hold_off: ticks(HZ, #hold_off),
        })
    }
}

fn end(channel: &Channel, end: &End) -> TokenStream {
    let partition = literal(end.partition.index());
    let interval = Literal::u128_unsuffixed(end.doorbells.interval.as_nanos());
    let burst = Literal::u32_unsuffixed(end.doorbells.burst);
    let interrupt = interrupt(channel.interrupt_of(end));
    quote! {
        End {
            partition: PartitionId(#partition),
            limit: Limit::new(table::interval(HZ, #interval), #burst),
            interrupt: #interrupt,
        }
    }
}
