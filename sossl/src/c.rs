//! Handlers written in C: the header that they include, a first form of each, and how the monitor calls them.
//!
//! The checks in front of a handler are the same as for Rust. What C does with what it gets is trusted: it gets numbers
//! and addresses, where Rust gets types.

use crate::header::{c_type, commented};
use crate::services::origin;
use crate::tokens::{doc, ident};
use crate::{Error, source_name, templates};
use cofferdam_system::System;
use cofferdam_system::model::{Kind, Language, Parameter, Scalar, Service};
use minijinja::{Value, context};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Their folder, beside a system file.
pub const FOLDER: &str = "services/c";

const HEADER: &str = include_str!("../templates/handlers.h.jinja");
const SKELETON: &str = include_str!("../templates/handler.c.jinja");

/// Services whose handlers are in C.
pub(crate) fn of(system: &System) -> impl Iterator<Item = &Service> {
    system.services.iter().filter(|it| it.is_in(Language::C))
}

/// What the handlers in C include.
pub fn handlers_header(system: &System) -> Result<String, Error> {
    let services: Vec<_> = of(system).map(|it| values(system, it)).collect();
    let partitions = system.partitions.iter().map(|it| {
        context! { name => it.name.to_uppercase(), id => it.id.index() }
    });
    let partitions: Vec<_> = partitions.collect();
    templates::c(
        system,
        "handlers.h.jinja",
        HEADER,
        context! { source => source_name(system), services, partitions },
    )
}

/// The name of the function that handles a service.
pub fn function_name(service: &Service) -> String {
    format!("handle_{}", service.name)
}

/// The sources in a folder; none if there is no such folder. In the order of their names, so that a build is the same on
/// every machine.
pub fn sources(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(at(folder))?,
    };
    let paths = entries.map(|entry| entry.map(|it| it.path()));
    let mut files: Vec<_> = paths.collect::<Result<_, _>>().map_err(at(folder))?;
    files.retain(|path| path.extension().is_some_and(|it| it == "c"));
    files.sort_unstable();
    Ok(files)
}

/// The functions of a source that begin as handlers do, and whose service is gone. They are the user's to remove.
pub fn orphans(system: &System, source: &Path) -> Result<Vec<String>, Error> {
    let text = fs::read_to_string(source).map_err(at(source))?;
    let handlers = text.split("int64_t handle_").skip(1);
    let names = handlers.filter_map(|it| Some(it.split_once("(struct service_caller")?.0));
    let gone = names.filter(|name| {
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name && of(system).all(|service| service.name != *name)
    });
    Ok(gone.map(|name| format!("handle_{name}")).collect())
}

/// Services that have their handler in C, and in none of these sources.
pub fn missing<'a>(system: &'a System, sources: &[PathBuf]) -> Result<Vec<&'a Service>, Error> {
    let texts = sources
        .iter()
        .map(|path| fs::read_to_string(path).map_err(at(path)));
    let written = texts.collect::<Result<String, _>>()?;
    let is_missing = |it: &&Service| !written.contains(&format!("{}(", function_name(it)));
    Ok(of(system).filter(is_missing).collect())
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { path, source }
}

/// First forms of the handlers in C, by their services. They compile, and refuse every call.
pub fn skeletons(system: &System) -> Result<Vec<(&Service, String)>, Error> {
    let made = of(system).map(|it| {
        let form = templates::c(system, "handler.c.jinja", SKELETON, values(system, it))?;
        Ok((it, form))
    });
    made.collect()
}

fn values(system: &System, service: &Service) -> Value {
    let instructions = service.instructions();
    let arguments = service.arguments.iter().map(argument);
    let results = service
        .results
        .iter()
        .map(|it| format!("{} *{}", c_type(it.kind), it.name));
    let caller = ["struct service_caller caller".to_owned()];
    let parameters: Vec<_> = caller.into_iter().chain(arguments).chain(results).collect();
    let named = service.arguments.iter().chain(&service.results);
    let names: Vec<_> = named.map(|it| it.name.clone()).collect();
    context! {
        function => function_name(service),
        parameters => parameters.join(", "),
        names,
        doc => commented(service),
        origin => origin(system, service),
        instructions,
    }
}

/// An argument as a handler in C declares it.
pub(crate) fn argument(parameter: &Parameter) -> String {
    match parameter.kind {
        Kind::Scalar { .. } => format!("{} {}", c_type(parameter.kind), parameter.name),
        Kind::Region { .. } => format!("struct service_memory {}", parameter.name),
    }
}

/// What the firmware declares of them, if there are any.
pub(crate) fn declarations(system: &System) -> Option<TokenStream> {
    let functions: Vec<_> = of(system).map(|it| declaration(system, it)).collect();
    let mut arguments = of(system).flat_map(|it| &it.arguments);
    let regions = arguments.any(|it| matches!(it.kind, Kind::Region { .. }));
    let memory = regions.then(|| {
        quote! {
            #[doc = " `struct service_memory`."]
            #[repr(C)]
            #[derive(Clone, Copy)]
            struct MemoryInC { start: u64, length: u64 }
        }
    });
    (!functions.is_empty()).then(|| {
        quote! {
            #[doc = " `struct service_caller`."]
            #[repr(C)]
            #[derive(Clone, Copy)]
            struct CallerInC { partition: u32, core: u32 }

            #memory

            unsafe extern "C" { #(#functions)* }
        }
    })
}

/// Safe to call: what it must find is what the types say.
fn declaration(system: &System, service: &Service) -> TokenStream {
    let (name, from) = (
        function(service),
        doc(format!("{}.", origin(system, service))),
    );
    let arguments = service.arguments.iter().map(|it| {
        let (name, of) = (ident(&it.name), rust_type(it));
        quote!(#name: #of)
    });
    let results = service.results.iter().map(|it| {
        let (name, of) = (ident(&it.name), rust_type(it));
        quote!(#name: &mut #of)
    });
    quote! {
        #from
        safe fn #name(caller: CallerInC, #(#arguments,)* #(#results),*) -> i64;
    }
}

/// Calls the handler, and names what it gives.
pub(crate) fn handled(service: &Service) -> TokenStream {
    let function = function(service);
    let arguments = service.arguments.iter().map(|it| {
        let name = ident(&it.name);
        match it.kind {
            Kind::Scalar { .. } => quote!(#name),
            Kind::Region { .. } => quote!(MemoryInC { start: #name.start(), length: #name.len() }),
        }
    });
    // Arguments and results have different names.
    let results: Vec<_> = service.results.iter().map(|it| ident(&it.name)).collect();
    let empty = service.results.iter().map(|it| match it.kind {
        Kind::Scalar {
            scalar: Scalar::Bool,
            ..
        } => quote!(false),
        _ => quote!(0),
    });
    quote! {
        #(let mut #results = #empty;)*
        let caller = CallerInC {
            partition: u32::from(caller.partition.0),
            core: u32::from(caller.core.0),
        };
        service::answered(#function(caller, #(#arguments,)* #(&mut #results),*))?;
    }
}

fn function(service: &Service) -> Ident {
    ident(&function_name(service))
}

fn rust_type(parameter: &Parameter) -> TokenStream {
    match parameter.kind {
        Kind::Scalar { scalar, .. } => {
            let name = ident(scalar.as_str());
            quote!(#name)
        }
        Kind::Region { .. } => quote!(MemoryInC),
    }
}
