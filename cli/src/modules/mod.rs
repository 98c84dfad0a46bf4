//! Builds the kernel modules of `linux/`, and those of tests, for a Debian kernel, out of its tree, against Debian's own headers.
//!
//! The headers are those of the locked kernel, unpacked in the cache; the host's kernel and its headers are not looked
//! at. What is built stays until the module's sources or the headers change.

use std::env::consts::ARCH;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::cache::Cache;
use crate::debian::{self, lock::Lock};
use crate::process;
use crate::repository::Repository;

mod order;

pub use order::{Known, Module};

/// The module by which Linux asks the monitor to watch over it.
pub const WATCHDOG: &str = "cofferdam_wdt";

/// The module that drives VirtualNet.
pub const NETWORK: &str = "cofferdam_net";

/// The module by which programs call services.
pub const SERVICES: &str = "cofferdam_services";

/// The module that shows what the monitor counts.
pub const PROFILE: &str = "cofferdam_profile";

/// How the kernel's build calls an architecture, and how the cross compiler's tools begin.
const ARCHITECTURES: [(&str, &str, &str); 2] = [
    ("arm64", "arm64", "aarch64-linux-gnu-"),
    ("riscv64", "riscv", "riscv64-linux-gnu-"),
];

/// Why there is no module.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The headers could not be had.
    #[error(transparent)]
    Debian(#[from] debian::Error),
    /// The kernel's build failed.
    #[error(transparent)]
    Build(#[from] process::Error),
    /// The tools of a kernel's headers are programs, and there are none for this host.
    #[error("Debian's linux-kbuild is locked for amd64 and arm64 hosts, and this is {ARCH}")]
    Host,
    /// Not the name of a kernel package.
    #[error("\"{0}\" is no linux-image package, so its headers are not known")]
    NoKernel(String),
    /// The kernel has no such module.
    #[error("the kernel has no module \"{0}\"")]
    NoModule(String),
    /// A module that does not say what it depends on.
    #[error("\"{0}\" is no kernel module")]
    NotAModule(String),
    /// There is no compiler for what a module would run on.
    #[error("no kernel module is built for {0} here")]
    NoCompiler(String),
    /// A file cannot be used.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

/// What modules are built from.
#[derive(Clone, Copy, Debug)]
pub struct Modules<'a> {
    repository: &'a Repository,
    cache: &'a Cache,
    lock: &'a Lock,
}

impl<'a> Modules<'a> {
    /// The modules that came with this tool.
    pub fn new(repository: &'a Repository, cache: &'a Cache, lock: &'a Lock) -> Self {
        Self {
            repository,
            cache,
            lock,
        }
    }

    /// The folders of a module's sources, which are put together. One of a test's is built with the files of the driver that
    /// it abuses.
    fn sources(&self, module: &str) -> Vec<PathBuf> {
        let ours = self.repository.modules();
        let of_test = self.repository.root().join("tests/linux").join(module);
        if of_test.is_dir() {
            return vec![ours.join(NETWORK), of_test];
        }
        vec![ours.join(module)]
    }

    /// A module for the kernel in a package, such as `linux-image-cloud-arm64`; with `:ARCHITECTURE` behind it, for one of another
    /// architecture in the same release. Only its headers are needed.
    pub fn build(&self, module: &str, kernel: &str) -> Result<Vec<u8>, Error> {
        let headers = headers(kernel)?;
        let tree = debian::fetch_together(
            self.cache,
            self.lock,
            &[&headers, "linux-headers-common", kbuild()?],
        )?;
        let sources = self.sources(module);
        let folder = self
            .repository
            .output()
            .join("modules")
            // In a name for make, a colon would end it.
            .join(kernel.replace(':', "_"))
            .join(module);
        let built = folder.join(format!("{module}.ko"));
        let stamp = folder.join("sources.sha256");
        let digest = copy(&sources, &folder, &tree)?;
        if !built.is_file() || fs::read_to_string(&stamp).ok().as_ref() != Some(&digest) {
            let cross = self.make(kernel, &tree, &folder)?;
            // Its debug information is nine tenths of it.
            let mut strip = Command::new(format!("{cross}strip"));
            process::output(strip.arg("--strip-debug").arg(&built))?;
            fs::write(&stamp, digest).map_err(at(&stamp))?;
        }
        fs::read(&built).map_err(at(&built))
    }

    /// Runs the kernel's own build. Debian's makefiles name each other by where they would be installed, so the common part
    /// is entered and told where the kernel's own part is. Answers how the tools' names begin.
    fn make(&self, kernel: &str, tree: &Path, folder: &Path) -> Result<&'static str, Error> {
        let of_lock = self.lock.architecture.as_str();
        let wanted = kernel.split_once(':').map_or(of_lock, |(_, it)| it);
        let mut architectures = ARCHITECTURES.iter();
        let found = architectures.find(|(debian, ..)| *debian == wanted);
        let (_, name, cross) = found.ok_or_else(|| Error::NoCompiler(wanted.to_owned()))?;
        let (common, own) = parts(&tree.join("usr/src"))?;
        link_tools(tree, &common)?;
        let mut make = Command::new("make");
        make.arg("-C").arg(common).arg("modules");
        for (variable, path) in [("O", own.as_path()), ("M", folder)] {
            make.arg(format!("{variable}={}", path.display()));
        }
        make.args([format!("ARCH={name}"), format!("CROSS_COMPILE={cross}")]);
        make.arg(format!("CC={cross}gcc"));
        // What its own developers are warned of. CI makes each warning an error, by the kernel's own KCFLAGS.
        make.arg("W=1");
        // The headers' own compiler is of a later release than the hosts', and has an option more.
        make.arg("CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=");
        // Types for BPF would need a tool more, and the kernel itself.
        make.arg("CONFIG_DEBUG_INFO_BTF_MODULES=");
        process::output(&mut make)?;
        Ok(cross)
    }
}

/// Headers name the tools of their own version, which were built for the hosts of their release: those of another version of
/// the same series are put in their place, if they are what is there.
fn link_tools(tree: &Path, common: &Path) -> Result<(), Error> {
    let scripts = common.join("scripts");
    if scripts.exists() {
        return Ok(());
    }
    let named = fs::read_link(&scripts).map_err(at(&scripts))?;
    let named = common.join(named.parent().unwrap_or(&named));
    let libraries = tree.join("usr/lib");
    let entries = fs::read_dir(&libraries).map_err(at(&libraries))?;
    let tools = entries
        .filter_map(Result::ok)
        .map(|it| it.file_name())
        .find(|it| it.to_string_lossy().starts_with("linux-kbuild-"));
    let tools = tools.ok_or_else(|| at(&libraries)(io::ErrorKind::NotFound.into()))?;
    std::os::unix::fs::symlink(tools, &named).map_err(at(&named))
}

/// The name under which the headers of a kernel package are locked.
fn headers(kernel: &str) -> Result<String, Error> {
    let flavour = kernel.strip_prefix("linux-image-");
    let flavour = flavour.ok_or_else(|| Error::NoKernel(kernel.to_owned()))?;
    Ok(format!("linux-headers-{flavour}"))
}

fn kbuild() -> Result<&'static str, Error> {
    match ARCH {
        "x86_64" => Ok("linux-kbuild:amd64"),
        "aarch64" => Ok("linux-kbuild:arm64"),
        _ => Err(Error::Host),
    }
}

/// Copies the sources, since a kernel's build writes beside them; of files with one name the last counts. Answers a digest of them and of what they are built with.
fn copy(sources: &[PathBuf], folder: &Path, tree: &Path) -> Result<String, Error> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    let mut digest = Sha256::new();
    digest.update(tree.as_os_str().as_encoded_bytes());
    let mut files = Vec::new();
    for sources in sources {
        let entries = fs::read_dir(sources).map_err(at(sources))?;
        let start = files.len();
        files.extend(entries.filter_map(Result::ok).map(|it| it.path()));
        files.split_at_mut(start).1.sort();
    }
    for file in files {
        let bytes = fs::read(&file).map_err(at(&file))?;
        let name = file.file_name().unwrap_or_default();
        digest.update(name.as_encoded_bytes());
        digest.update(&bytes);
        let copy = folder.join(name);
        fs::write(&copy, bytes).map_err(at(&copy))?;
    }
    Ok(debian::hex(&digest.finalize()))
}

/// The folder that all flavours' headers have in common, and the one of this flavour.
fn parts(sources: &Path) -> Result<(PathBuf, PathBuf), Error> {
    let entries = fs::read_dir(sources).map_err(at(sources))?;
    let headers = |path: &PathBuf| path.join("include").is_dir();
    let (common, own): (Vec<_>, Vec<_>) = entries
        .filter_map(Result::ok)
        .map(|it| it.path())
        .filter(headers)
        .partition(|path| path.to_string_lossy().ends_with("-common"));
    let one = |found: Vec<PathBuf>| {
        let missing = || at(sources)(io::ErrorKind::NotFound.into());
        found.into_iter().next().ok_or_else(missing)
    };
    Ok((one(common)?, one(own)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice;

    #[test]
    fn headers_are_known_by_their_kernel() {
        let name = headers("linux-image-cloud-arm64").unwrap();
        assert_eq!(name, "linux-headers-cloud-arm64");
        let name = headers("linux-image-cloud-arm64:arm64").unwrap();
        assert_eq!(name, "linux-headers-cloud-arm64:arm64");
        assert!(matches!(headers("u-boot-qemu"), Err(Error::NoKernel(_))));
    }

    #[test]
    fn the_two_parts_of_the_headers_are_told_apart() {
        let sources = tempfile::tempdir().unwrap();
        let make = |name: &str| fs::create_dir_all(sources.path().join(name)).unwrap();
        make("linux-headers-6.1.0-7-common/include");
        assert!(parts(sources.path()).is_err());
        make("linux-headers-6.1.0-7-cloud-arm64/include");
        make("linux-kbuild-6.1/scripts");
        let (common, own) = parts(sources.path()).unwrap();
        assert!(common.ends_with("linux-headers-6.1.0-7-common"));
        assert!(own.ends_with("linux-headers-6.1.0-7-cloud-arm64"));
    }

    #[test]
    fn a_changed_source_is_built_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (sources, copied) = (folder.path().join("a"), folder.path().join("b"));
        fs::create_dir(&sources).unwrap();
        let digest = |text: &str, tree: &str| {
            fs::write(sources.join("m.c"), text).unwrap();
            copy(slice::from_ref(&sources), &copied, Path::new(tree)).unwrap()
        };
        assert_eq!(digest("one", "t"), digest("one", "t"));
        assert_ne!(digest("one", "t"), digest("two", "t"));
        assert_ne!(digest("one", "t"), digest("one", "u"));
        assert_eq!(fs::read_to_string(copied.join("m.c")).unwrap(), "one");
    }
}
