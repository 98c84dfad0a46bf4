//! Services on Linux's side: headers for its programs and its drivers, and functions in Rust for its programs.
//!
//! A program gives memory by its own addresses, and the driver `linux/cofferdam_services` copies it; a driver of the
//! kernel gives physical addresses itself.

use crate::client::{calls, of_caller, outcome, parameter, results, scalar_value};
use crate::header::{c_type, commented, is_sized, parameters};
use crate::services::origin;
use crate::tokens::{doc, hex, ident};
use crate::{Error, source_name, templates};
use cofferdam_system::model::{
    Access, Convention, Kind, Parameter, Partition, RegionSize, Service,
};
use cofferdam_system::{Arch, System};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;

/// Templates by their names.
type Template = (&'static str, &'static str);

const USER: Template = (
    "linux_user.h.jinja",
    include_str!("../templates/linux_user.h.jinja"),
);
const KERNEL: Template = (
    "linux_kernel.h.jinja",
    include_str!("../templates/linux_kernel.h.jinja"),
);

/// Words of a call, as the driver takes them.
const WORDS: usize = 17;

/// The header for programs in C. It includes the driver's own.
pub(crate) fn user_header(system: &System, caller: &Partition) -> Result<String, Error> {
    let services = of_caller(system, caller).map(|it| user(system, it));
    render(USER, system, caller, services.collect())
}

/// The header for drivers.
pub(crate) fn kernel_header(system: &System, caller: &Partition) -> Result<String, Error> {
    let services = of_caller(system, caller).flat_map(calls);
    let services = services.map(|(it, id)| kernel(system, &it, id));
    render(KERNEL, system, caller, services.collect())
}

fn render(
    (name, own): Template,
    system: &System,
    caller: &Partition,
    services: Vec<Value>,
) -> Result<String, Error> {
    let values = context! {
        caller => &caller.name,
        source => source_name(system),
        riscv => system.board.arch == Arch::Riscv64,
        extension => format!("{:#x}", cofferdam_abi::call::SBI_EXTENSION),
        services,
    };
    templates::c(system, name, own, values)
}

/// Arguments with the first of their registers, from 1.
fn placed(service: &Service) -> impl Iterator<Item = (usize, &Parameter)> {
    let mut next = 1;
    service.arguments.iter().map(move |it| {
        let first = next;
        next += it.kind.registers();
        (first, it)
    })
}

fn user(system: &System, service: &Service) -> Value {
    let (mut scalars, mut buffers) = (Vec::new(), Vec::new());
    for (first, it) in placed(service) {
        match it.kind {
            Kind::Scalar { .. } => scalars.push(context! { word => first - 1, name => &it.name }),
            Kind::Region { size, .. } => buffers.push(context! {
                name => &it.name,
                length => match size {
                    RegionSize::AtMost(_) => format!("{}_len", it.name),
                    RegionSize::Exactly(size) => size.to_string(),
                },
            }),
        }
    }
    context! {
        name => &service.name,
        doc => commented(service),
        origin => origin(system, service),
        parameters => parameters(service),
        id => format!("{:#x}", service.function_id()),
        scalars,
        buffers,
        results => results_in(service, |it| c_type(it.kind).to_owned()),
    }
}

fn results_in(service: &Service, of: impl Fn(&Parameter) -> String) -> Vec<Value> {
    let results = service.results.iter();
    results
        .map(|it| context! { name => &it.name, type => of(it) })
        .collect()
}

fn kernel(system: &System, service: &Service, id: u32) -> Value {
    let registers = placed(service).flat_map(|(first, it)| {
        let own = context! { number => first, value => &it.name };
        let length = is_sized(it)
            .then(|| context! { number => first + 1, value => format!("{}_len", it.name) });
        [Some(own), length].into_iter().flatten()
    });
    let given = service.results.iter();
    let given = given.map(|it| format!("{} *{}", kernel_type(it.kind), it.name));
    let parameters = service
        .arguments
        .iter()
        .flat_map(kernel_parameters)
        .chain(given);
    context! {
        name => &service.name,
        doc => commented(service),
        origin => origin(system, service),
        id => format!("{id:#x}"),
        parameters => match parameters.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "void".to_owned(),
            list => list,
        },
        registers => registers.collect::<Vec<_>>(),
        results => results_in(service, |it| kernel_type(it.kind).to_owned()),
        status => match service.convention {
            Convention::Smc64 => "s64",
            Convention::Smc32 => "s32",
        },
    }
}

fn kernel_parameters(parameter: &Parameter) -> impl Iterator<Item = String> {
    let own = format!("{} {}", kernel_type(parameter.kind), parameter.name);
    let length = is_sized(parameter).then(|| format!("u64 {}_len", parameter.name));
    [Some(own), length].into_iter().flatten()
}

fn kernel_type(kind: Kind) -> &'static str {
    match c_type(kind) {
        "uint32_t" => "u32",
        "uint64_t" => "u64",
        "int64_t" => "s64",
        "bool" => "bool",
        _ => "phys_addr_t",
    }
}

/// Functions for programs in Rust. They need the crate `cofferdam-linux`.
pub(crate) fn rust(system: &System, caller: &Partition) -> TokenStream {
    let methods = of_caller(system, caller).map(|it| method(system, it));
    let results = of_caller(system, caller).filter_map(results);
    quote! {
        use cofferdam_linux::{Buffer, Device, Error, Failure};

        #(#results)*

        #[doc = " The services, by the device of their driver."]
        #[derive(Debug)]
        pub struct Services(pub Device);

        impl Services { #(#methods)* }
    }
}

fn method(system: &System, service: &Service) -> TokenStream {
    let name = ident(&service.name);
    let docs = service.doc.iter().map(doc);
    let from = doc(format!("{}.", origin(system, service)));
    let parameters = service.arguments.iter().map(parameter);
    let words: Vec<_> = service.arguments.iter().flat_map(words).collect();
    let zeros = (words.len()..WORDS).map(|_| quote!(0));
    let buffers = service.arguments.iter().filter_map(buffer);
    let id = hex(service.function_id().into());
    let registers = service.results.iter().map(|it| ident(&it.name));
    let narrowed = crate::client::narrowed(service, &quote!(Failure::Service(Error::NotSupported)));
    let (result, value) = outcome(service);
    quote! {
        #(#docs #[doc = ""])*
        #from
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " What the driver, the monitor or the handler refuses."]
        pub fn #name(&self, #(#parameters),*) -> Result<#result, Failure> {
            let [#(#registers,)* ..] = self.0.call(#id, [#(#words,)* #(#zeros),*], [#(#buffers),*])?;
            #(#narrowed)*
            Ok(#value)
        }
    }
}

/// The driver fills in what is memory's.
fn words(parameter: &Parameter) -> Vec<TokenStream> {
    match parameter.kind {
        Kind::Scalar { scalar, .. } => vec![scalar_value(&parameter.name, scalar, true)],
        Kind::Region { .. } => vec![quote!(0); parameter.kind.registers()],
    }
}

fn buffer(parameter: &Parameter) -> Option<TokenStream> {
    let name = ident(&parameter.name);
    match parameter.kind {
        Kind::Scalar { .. } => None,
        Kind::Region {
            access: Access::Read,
            ..
        } => Some(quote!(Buffer::read(#name))),
        Kind::Region {
            access: Access::Write,
            ..
        } => Some(quote!(Buffer::write(#name))),
    }
}
