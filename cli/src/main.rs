//! The `cofferdam` command.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use cofferdam_cli::arguments::Arguments;
use cofferdam_cli::commands;

fn main() -> ExitCode {
    match commands::run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cofferdam: {error}");
            ExitCode::FAILURE
        }
    }
}
