//! The numbers of one partition, for its own build.

use crate::tokens::{constant, hex, ident, interrupt, literal};
use crate::{Error, print, riscv64, source_name, templates};
use cofferdam_abi::virtualnet::Side;
use cofferdam_core::region::Region;
use cofferdam_system::System;
use cofferdam_system::model::{
    Caches, Channel, Checksum, Controller, Device, End, Neighbour, Partition,
};
use minijinja::context;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// What is generated for a partition.
#[derive(Clone, Debug)]
pub struct PartitionFiles {
    /// Constants: RAM, devices, interrupts, deadline, channels, and the numbers of all partitions.
    pub rust: String,
    /// The memory of the linker script, for `INCLUDE memory.x`.
    pub memory: String,
    /// The same constants for C, where a folder's own Makefile builds the partition.
    pub header: String,
}

/// Generates the numbers of the partition with this name.
pub fn partition(system: &System, name: &str) -> Result<PartitionFiles, Error> {
    let partition = named(system, name)?;
    let memory = partition.ram().map_or_else(String::new, |ram| {
        let (start, size) = (ram.region.start().get(), ram.region.len().get());
        format!("MEMORY {{ RAM (rwx) : ORIGIN = {start:#x}, LENGTH = {size:#x} }}\n")
    });
    let symbol = match system.board.controller {
        // Where no register says it.
        Controller::Plic { timebase, .. } | Controller::Aplic { timebase, .. } => {
            format!("__timebase = {timebase};\n")
        }
        // Its address is the number, and no address of a variable is 0.
        Controller::GicV2 { .. } | Controller::GicV3 { .. } => match partition.caches {
            Caches::Off => "__caches = 1;\n".to_owned(),
            Caches::On => "__caches = 2;\n".to_owned(),
        },
    };
    Ok(PartitionFiles {
        rust: print(system, items(system, partition))?,
        memory: memory + &symbol,
        header: header(system, partition)?,
    })
}

const HEADER: &str = include_str!("../templates/partition.h.jinja");

fn header(system: &System, partition: &Partition) -> Result<String, Error> {
    let registers = |name: &str, region: Region| {
        let start = format!("{:#x}", region.start().get());
        context! { name => name.to_uppercase(), start }
    };
    let controller = system.board.controller.regions();
    let devices = system.devices(partition).map(|device| {
        let region = device.region.map(|it| registers(&device.name, it));
        let interrupt = device.interrupts.first().map(|it| it.number());
        context! { name => device.name.to_uppercase(), region, interrupt }
    });
    let cores = partition.cores.all().count();
    let period = partition
        .deadline
        .map(|it| it.period.as_nanos().to_string());
    let values = context! {
        source => source_name(system),
        partition => &partition.name,
        controller => controller.into_iter().map(|(name, region)| registers(name, region)).collect::<Vec<_>>(),
        devices => devices.collect::<Vec<_>>(),
        period,
        cores,
        caches => u8::from(partition.caches == Caches::On),
    };
    templates::c(system, "partition.h.jinja", HEADER, values)
}

/// The partition with this name.
pub(crate) fn named<'a>(system: &'a System, name: &str) -> Result<&'a Partition, Error> {
    let mut partitions = system.partitions.iter();
    partitions.find(|it| it.name == name).ok_or_else(|| {
        let known: Vec<_> = system.partitions.iter().map(|p| p.name.as_str()).collect();
        Error::NoSuchPartition {
            name: name.to_owned(),
            known: known.join(", "),
        }
    })
}

fn items(system: &System, partition: &Partition) -> TokenStream {
    let numbers = system.partitions.iter().map(|other| {
        let name = constant(&other.name);
        let id = Literal::usize_unsuffixed(other.id.index());
        let doc = format!(" Number of the partition `{}`.", other.name);
        quote! { #[doc = #doc] pub const #name: u64 = #id; }
    });
    let boot = Literal::usize_unsuffixed(partition.cores.boot.index());
    let devices = system.devices(partition).map(device);
    let deadline = partition.deadline.map(|deadline| {
        let period = Literal::u128_unsuffixed(deadline.period.as_nanos());
        let within = Literal::u128_unsuffixed(deadline.within.as_nanos());
        quote! {
            #[doc = " Nanoseconds from release to release of the periodic task."]
            pub const PERIOD: u64 = #period;
            #[doc = " Nanoseconds from release to completion."]
            pub const WITHIN: u64 = #within;
        }
    });
    let controller = controller(system, partition);
    let shared = shared(system, partition);
    let count = literal(shared.len());
    let completion = interrupt(system.completion(partition.id));
    let channels = system
        .channels(partition)
        .map(|(channel, end)| self::channel(channel, end));
    quote! {
        #[doc = " Numbers of the partitions, for calls to the monitor."]
        pub mod partition { #(#numbers)* }

        #[doc = " The core that this partition starts on."]
        pub const BOOT_CORE: u64 = #boot;

        #deadline

        #[doc = " The interrupt controller."]
        pub mod interrupt_controller { #controller }

        #[doc = " What this partition owns."]
        pub mod device { #(#devices)* }

        #[doc = " Memory shared with the Non-secure world, first address and bytes: of channels, and of who may ask for what this \
                 partition handles."]
        pub const SHARED: [(usize, usize); #count] = [#(#shared),*];

        #[doc = " The interrupt (INTID) that says that another partition did what this one asked for; none: it polls."]
        pub const COMPLETION: Option<u32> = #completion;

        #[doc = " The channels that this partition is an end of."]
        pub mod channel { #(#channels)* }
    }
}

/// What a partition has to map beside its own, if it is critical: none of it twice.
fn shared(system: &System, partition: &Partition) -> Vec<TokenStream> {
    let channels = system.channels(partition).map(|(it, _)| it.memory.region);
    let handled = |caller: &&Partition| {
        let mut services = system.services.iter();
        services.any(|it| it.partition() == Some(partition.id) && it.callers.contains(&caller.id))
    };
    let callers = system.partitions.iter().filter(handled);
    let callers = callers.flat_map(|it| &it.memory).map(|it| it.region);
    let regions = channels.chain(callers);
    let pairs = regions.map(|it| [it.start().get(), it.len().get()].map(hex));
    pairs.map(|[start, size]| quote!((#start, #size))).collect()
}

/// One end's view of a channel.
fn channel(channel: &Channel, end: &End) -> TokenStream {
    let peer = channel.peer(end);
    let name = ident(&channel.name);
    let doc = format!(" The channel `{}`.", channel.name);
    let number = Literal::u8_unsuffixed(channel.number);
    let side = match end.side {
        Side::First => quote!(0),
        Side::Second => quote!(1),
    };
    let region = channel.memory.region;
    let memory = range("MEMORY", region.start().get(), region.len().get());
    let [slots, mtu] = [channel.geometry.slots(), channel.mtu].map(Literal::u32_unsuffixed);
    let crc = channel.checksum == Checksum::Crc32c;
    let siphash = channel.siphash.is_some();
    let key = channel.siphash.unwrap_or_default();
    let key = key.map(|half| octets(&half));
    let [mac, peer_mac] = [end, peer].map(|end| octets(&channel.mac(end)));
    let [address, peer_address] = [end, peer].map(|end| octets(&end.address.octets()));
    let prefix = Literal::u8_unsuffixed(end.prefix);
    let known = end.neighbour == Neighbour::Static;
    let echo = end.accept.echo;
    let [tcp, udp] = [&end.accept.tcp, &end.accept.udp].map(|ports| {
        let ports = ports.iter().copied().map(Literal::u16_unsuffixed);
        quote!(&[#(#ports),*])
    });
    let interrupt = interrupt(channel.interrupt_of(end));
    let bytes = match end.bytes.map(Literal::u64_unsuffixed) {
        Some(bytes) => quote!(Some(#bytes)),
        None => quote!(None),
    };
    quote! {
        #[doc = #doc]
        pub mod #name {
            #[doc = " Its number, for calls to the monitor."]
            pub const NUMBER: u64 = #number;
            #[doc = " Which section this end writes: 0 the first, 1 the second."]
            pub const SIDE: u32 = #side;
            #memory
            #[doc = " Frames in each direction."]
            pub const SLOTS: u32 = #slots;
            #[doc = " Bytes behind the Ethernet header."]
            pub const MTU: u32 = #mtu;
            #[doc = " Whether frames carry a CRC."]
            pub const CRC: bool = #crc;
            #[doc = " Whether frames carry a tag, by SipHash."]
            pub const SIPHASH: bool = #siphash;
            #[doc = " The key of the tags, by halves: for frames, for tags. Zeros if there are none."]
            pub const KEY: [[u8; 16]; 2] = [#(#key),*];
            #[doc = " This end's Ethernet address."]
            pub const MAC: [u8; 6] = #mac;
            #[doc = " This end's IPv4 address."]
            pub const ADDRESS: [u8; 4] = #address;
            #[doc = " Bits of the network in both addresses."]
            pub const PREFIX: u8 = #prefix;
            #[doc = " The other end's Ethernet address."]
            pub const PEER_MAC: [u8; 6] = #peer_mac;
            #[doc = " The other end's IPv4 address."]
            pub const PEER_ADDRESS: [u8; 4] = #peer_address;
            #[doc = " Whether these two are known from here alone, and not by ARP."]
            pub const STATIC_NEIGHBOUR: bool = #known;
            #[doc = " Whether echo requests are accepted."]
            pub const ACCEPT_ECHO: bool = #echo;
            #[doc = " Own ports of TCP that are accepted."]
            pub const ACCEPT_TCP: &[u16] = #tcp;
            #[doc = " Own ports of UDP that are accepted."]
            pub const ACCEPT_UDP: &[u16] = #udp;
            #[doc = " Its doorbell's interrupt (INTID); none: it asks."]
            pub const INTERRUPT: Option<u32> = #interrupt;
            #[doc = " Bytes a second that this end takes at most."]
            pub const BYTES: Option<u64> = #bytes;
        }
    }
}

fn octets(bytes: &[u8]) -> TokenStream {
    let bytes = bytes.iter().copied().map(Literal::u8_unsuffixed);
    quote!([#(#bytes),*])
}

/// A PLIC with the page of the context of the hart that the partition starts on, an APLIC with that hart's file and the first one: the CLINT is
/// the monitor's.
fn controller(system: &System, partition: &Partition) -> TokenStream {
    let regions = riscv64::controller_of(system, partition);
    let regions = regions.unwrap_or_else(|| system.board.controller.regions());
    let names = regions.iter().map(|(name, _)| constant(name));
    let parts = regions.iter();
    let parts = parts.map(|(name, region)| range(name, region.start().get(), region.len().get()));
    let count = literal(regions.len());
    let version = match system.board.controller {
        Controller::GicV2 { .. } => quote!(2),
        Controller::GicV3 { .. } => quote!(3),
        Controller::Plic { .. } => quote!(0),
        Controller::Aplic { .. } => quote!(1),
    };
    quote! {
        #[doc = " Generation of the GIC; 0 for a PLIC, 1 for an APLIC."]
        pub const VERSION: u32 = #version;
        #(#parts)*
        #[doc = " All of them."]
        pub const REGISTERS: [(usize, usize); #count] = [#(#names),*];
    }
}

fn device(device: &Device) -> TokenStream {
    let name = ident(&device.name);
    let region = device
        .region
        .map(|region| range("registers", region.start().get(), region.len().get()));
    let interrupt = device.interrupts.first().map(|interrupt| {
        let id = Literal::u32_unsuffixed(interrupt.number());
        quote! {
            #[doc = " Its interrupt, as the controller numbers it; the first, if it has several."]
            pub const INTERRUPT: u32 = #id;
        }
    });
    let doc = format!(" The board's `{}`.", device.name);
    quote! { #[doc = #doc] pub mod #name { #region #interrupt } }
}

fn range(name: &str, start: u64, size: u64) -> TokenStream {
    let name = constant(name);
    let [start, size] = [start, size].map(|number| {
        let text = format!("{number:#x}");
        text.parse()
            .unwrap_or_else(|_| Literal::u64_unsuffixed(number))
    });
    quote! {
        #[doc = " First address, bytes."]
        pub const #name: (usize, usize) = (#start, #size);
    }
}
