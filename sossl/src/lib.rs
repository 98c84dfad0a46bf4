//! Generates what a build needs from a checked system: the monitor's tables and linker script, and the
//! numbers of a partition.
//!
//! Rust is built by structure and printed by `prettyplease`; linker scripts are templates of the board.
//! Nothing is checked here: a [`System`] passed every check before.
#![forbid(unsafe_code)]

mod arm64;
pub mod build;
pub mod c;
mod channels;
mod client;
mod decode;
pub mod docs;
mod features;
mod firmware;
mod handler;
mod header;
mod hooks;
mod layout;
mod linux;
mod migration;
mod partition;
mod requests;
mod riscv64;
mod services;
pub mod skeleton;
pub mod templates;
mod tokens;

pub use firmware::{Firmware, firmware};
pub use layout::{Layout, LayoutError};
pub use partition::{PartitionFiles, partition};

use cofferdam_system::System;

/// Why nothing was generated.
#[derive(thiserror::Error)]
pub enum Error {
    /// The monitor's memory cannot be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The board's linker template, or one of this crate, is missing or wrong.
    #[error("template: {0}")]
    Template(#[from] minijinja::Error),
    /// A file of the board or of the build.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No partition has this name.
    #[error("the system has no partition `{name}`; it has {known}")]
    NoSuchPartition {
        /// Asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// What was generated is not Rust; a defect of the generator.
    #[error("generated code does not parse: {0}")]
    Syntax(#[from] syn::Error),
    /// The system is wrong; the text says where and how.
    #[error("{0}")]
    Refused(String),
    /// A service whose handler is in C has none.
    #[error(
        "no file of {folder} has the function `{function}`: `cofferdam gen` begins it",
        folder = folder.display()
    )]
    NoHandlerInC {
        /// Its name.
        function: String,
        /// Where it is looked for.
        folder: std::path::PathBuf,
    },
    /// The handlers in C do not compile.
    #[error("handlers in C: {0}")]
    Compiler(#[from] cc::Error),
    /// A variable that cargo sets for build scripts is missing.
    #[error("{0} is not set: this is for build scripts")]
    NotABuildScript(&'static str),
}

/// As for a person, line by line: it is what Cargo shows of a build script that answers one.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// Generates the trait that the handlers of a system's services implement.
pub fn handlers(system: &System) -> Result<String, Error> {
    print(system, services::handlers(system))
}

/// What a partition needs to handle services of others.
#[derive(Clone, Debug)]
pub struct Handler {
    /// A trait in Rust, and what calls it.
    pub rust: String,
    /// A header for C.
    pub header: String,
}

/// Generates what the partition of this name handles services with.
pub fn handler(system: &System, name: &str) -> Result<Handler, Error> {
    let handler = partition::named(system, name)?;
    Ok(Handler {
        rust: print(system, handler::of(system, handler))?,
        header: handler::c::header(system, handler)?,
    })
}

/// What a partition needs to call services.
#[derive(Clone, Debug)]
pub struct Client {
    /// Functions in Rust.
    pub rust: String,
    /// A header for C.
    pub header: String,
}

/// What Linux needs to call services, in the partition of this name.
#[derive(Clone, Debug)]
pub struct LinuxClient {
    /// A header for programs in C.
    pub user: String,
    /// A header for drivers.
    pub kernel: String,
    /// Functions for programs in Rust.
    pub rust: String,
}

/// Generates the functions with which Linux and its programs call services.
pub fn linux_client(system: &System, name: &str) -> Result<LinuxClient, Error> {
    let caller = partition::named(system, name)?;
    Ok(LinuxClient {
        user: linux::user_header(system, caller)?,
        kernel: linux::kernel_header(system, caller)?,
        rust: print(system, linux::rust(system, caller))?,
    })
}

/// Generates the functions with which the partition of this name calls services.
pub fn client(system: &System, name: &str) -> Result<Client, Error> {
    let caller = partition::named(system, name)?;
    Ok(Client {
        rust: print(system, client::rust(system, caller))?,
        header: header::header(system, caller)?,
    })
}

/// Name of the file that a text was generated from, without its folder.
fn source_name(system: &System) -> String {
    let name = system.file.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Prints generated items, with a line that says what they come from.
fn print(system: &System, items: proc_macro2::TokenStream) -> Result<String, Error> {
    let file: syn::File = syn::parse2(items)?;
    let from = source_name(system);
    let mut text = format!("// Generated from {from}; changes here are lost.\n");
    let mut after_use = false;
    for item in file.items {
        let is_use = matches!(item, syn::Item::Use(_));
        // A line between items, which the printer leaves out; imports stay together.
        if !(is_use && after_use) {
            text.push('\n');
        }
        after_use = is_use;
        text += &prettyplease::unparse(&syn::File {
            shebang: None,
            frontmatter: None,
            attrs: Vec::new(),
            items: vec![item],
        });
    }
    Ok(text)
}
