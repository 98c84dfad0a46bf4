//! What the host needs, what of it is missing, and the line that cures it.
//!
//! Nothing here changes the host; [`install`] does. What only one command needs is checked by that
//! command (`debug`: gdb).

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

mod host;
pub mod install;

pub use host::{Host, ThisHost};

use crate::debian::sources::KEYRING;
use crate::disk::make::MKE2FS;

/// The oldest QEMU whose machines and icount the runs are judged with.
const QEMU: (u32, u32) = (7, 2);
/// Headers of lwIP, for the test of its netif.
const LWIP: &str = "/usr/include/lwip/lwip/netif.h";

/// Why the host cannot be examined.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `rust-toolchain.toml` cannot be read.
    #[error("{path}: {reason}", path = path.display())]
    Toolchain {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// How something missing is cured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cure {
    /// Packages of the host's distribution.
    Packages(&'static [&'static str]),
    /// Arguments for `rustup`.
    Rustup(Vec<String>),
    /// Only the user can.
    ByHand(&'static str),
}

/// One thing that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What, for the list.
    pub name: String,
    /// What of it was found, or why it does not do.
    pub found: Result<String, String>,
    /// What to do when it is missing.
    pub cure: Cure,
}

/// What `rust-toolchain.toml` asks for.
#[derive(Debug, Deserialize)]
struct Toolchain {
    channel: String,
    #[serde(default)]
    components: Vec<String>,
    #[serde(default)]
    targets: Vec<String>,
}

/// Everything that is needed, found or not.
pub fn examine(root: &Path, host: &dyn Host) -> Result<Vec<Need>, Error> {
    let mut needs = rust_needs(&toolchain(root)?, host);
    needs.push(qemu(host, "qemu-system-aarch64", &["qemu-system-arm"]));
    needs.push(qemu(host, "qemu-system-riscv64", &["qemu-system-misc"]));
    let programs: [(&str, &[&str], Cure); 14] = [
        (
            "dtc",
            &["--version"],
            Cure::Packages(&["device-tree-compiler"]),
        ),
        (
            "aarch64-linux-gnu-gcc",
            &["--version"],
            Cure::Packages(&["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"]),
        ),
        (
            "arm-linux-gnueabihf-gcc",
            &["--version"],
            Cure::Packages(&["gcc-arm-linux-gnueabihf"]),
        ),
        (
            "riscv64-linux-gnu-gcc",
            &["--version"],
            Cure::Packages(&["gcc-riscv64-linux-gnu", "libc6-dev-riscv64-cross"]),
        ),
        ("make", &["--version"], Cure::Packages(&["make"])),
        ("git", &["--version"], Cure::Packages(&["git"])),
        ("setpriv", &["--version"], Cure::Packages(&["util-linux"])),
        (
            "apt-get",
            &["--version"],
            Cure::ByHand("install apt: Debian's kernel is fetched with it"),
        ),
        ("dpkg-deb", &["--version"], Cure::Packages(&["dpkg"])),
        ("tar", &["--version"], Cure::Packages(&["tar"])),
        ("xz", &["--version"], Cure::Packages(&["xz-utils"])),
        ("fakeroot", &["--version"], Cure::Packages(&["fakeroot"])),
        (MKE2FS, &["-V"], Cure::Packages(&["e2fsprogs"])),
        ("spin", &["-V"], Cure::Packages(&["spin"])),
    ];
    for (program, arguments, cure) in programs {
        needs.push(Need {
            name: program.to_owned(),
            found: first_line(host, program, arguments),
            cure,
        });
    }
    for (name, file, cure) in [
        (
            "keys of the Debian archive",
            KEYRING,
            Cure::Packages(&["debian-archive-keyring"]),
        ),
        ("headers of lwIP", LWIP, Cure::Packages(&["liblwip-dev"])),
    ] {
        needs.push(Need {
            name: name.to_owned(),
            found: if host.exists(Path::new(file)) {
                Ok(file.to_owned())
            } else {
                Err("not installed".to_owned())
            },
            cure,
        });
    }
    Ok(needs)
}

/// What the fuzz targets of a soak run need; nothing else does.
pub fn fuzzing(host: &dyn Host) -> Need {
    Need {
        name: "cargo-fuzz with a nightly compiler".to_owned(),
        found: first_line(host, "cargo", &["+nightly", "fuzz", "--version"]),
        cure: Cure::ByHand("rustup toolchain install nightly && cargo install cargo-fuzz"),
    }
}

fn toolchain(root: &Path) -> Result<Toolchain, Error> {
    #[derive(Deserialize)]
    struct File {
        toolchain: Toolchain,
    }
    let path = root.join("rust-toolchain.toml");
    let bad = |reason: String| Error::Toolchain {
        path: path.clone(),
        reason,
    };
    let text = fs::read_to_string(&path).map_err(|error| bad(error.to_string()))?;
    let file: File = toml::from_str(&text).map_err(|error| bad(error.to_string()))?;
    Ok(file.toolchain)
}

fn rust_needs(toolchain: &Toolchain, host: &dyn Host) -> Vec<Need> {
    let add = |what: &str, name: &str| {
        let words = [what, "add", "--toolchain", &toolchain.channel, name];
        Cure::Rustup(words.map(str::to_owned).to_vec())
    };
    let targets = toolchain.targets.iter().map(|target| Need {
        name: format!("Rust target {target}"),
        found: target_library(host, target),
        cure: add("target", target),
    });
    let components = toolchain.components.iter().map(|component| Need {
        name: format!("Rust component {component}"),
        found: first_line(host, program_of(component), &["--version"]),
        cure: add("component", component),
    });
    targets.chain(components).collect()
}

/// The program by which a component shows that it is installed.
fn program_of(component: &str) -> &str {
    match component {
        "clippy" => "cargo-clippy",
        other => other,
    }
}

/// A target is installed if the compiler has its library, whoever installed the compiler.
fn target_library(host: &dyn Host, target: &str) -> Result<String, String> {
    let folder = host.output("rustc", &["--print", "target-libdir", "--target", target])?;
    let folder = folder.trim();
    if host.exists(Path::new(folder)) {
        Ok(folder.to_owned())
    } else {
        Err("not installed".to_owned())
    }
}

fn qemu(host: &dyn Host, program: &str, packages: &'static [&'static str]) -> Need {
    let (major, minor) = QEMU;
    let found = first_line(host, program, &["--version"]).and_then(|line| match version(&line) {
        Some(found) if found >= QEMU => Ok(line),
        Some(_) => Err(format!("too old: {line}")),
        None => Err(format!("says no version: {line}")),
    });
    Need {
        name: format!("{program} >= {major}.{minor}"),
        found,
        cure: Cure::Packages(packages),
    }
}

fn first_line(host: &dyn Host, program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = host.output(program, arguments)?;
    Ok(output.lines().next().unwrap_or_default().trim().to_owned())
}

/// The first `N.N` of a line.
fn version(line: &str) -> Option<(u32, u32)> {
    line.split_whitespace().find_map(|word| {
        let mut parts = word.split('.');
        let major = parts.next()?.parse().ok()?;
        let digits: String = parts
            .next()?
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        Some((major, digits.parse().ok()?))
    })
}

/// The list of what was found and what was not, for a reader.
pub fn report(needs: &[Need]) -> String {
    let lines = needs.iter().map(|need| match &need.found {
        Ok(found) => format!("ok       {:<40} {found}\n", need.name),
        Err(why) => format!("MISSING  {:<40} {why}\n", need.name),
    });
    lines.collect()
}

/// The line of what can be done without.
pub fn report_optional(need: &Need) -> String {
    match (&need.found, &need.cure) {
        (Err(_), Cure::ByHand(how)) => format!("optional {:<40} {how}\n", need.name),
        _ => report(std::slice::from_ref(need)),
    }
}

#[cfg(test)]
mod tests;
