//! In which order modules are loaded: each after what it depends on, as it says itself (`depends=` in `.modinfo`).
//!
//! A kernel package brings no list of dependencies, since that is made where it is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::{Object, ObjectSection};

use super::{Error, at};
use crate::process;

/// A module, to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// Its file.
    pub bytes: Vec<u8>,
}

/// The modules of a kernel package, and of our own.
#[derive(Debug, Default)]
pub struct Known {
    files: BTreeMap<String, PathBuf>,
    built_in: BTreeSet<String>,
    own: BTreeMap<String, Vec<u8>>,
}

impl Known {
    /// The modules of an unpacked kernel package.
    pub fn of_kernel(package: &Path) -> Result<Self, Error> {
        let mut known = Self::default();
        // Debian 12, and 13.
        let folders = ["lib/modules", "usr/lib/modules"].map(|it| package.join(it));
        let there = folders.iter().find(|folder| folder.is_dir());
        known.add_below(there.unwrap_or(&folders[0]))?;
        Ok(known)
    }

    fn add_below(&mut self, folder: &Path) -> Result<(), Error> {
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let path = entry.map_err(at(folder))?.path();
            if path.is_dir() {
                self.add_below(&path)?;
            } else if path.ends_with("modules.builtin") {
                self.add_built_in(&fs::read_to_string(&path).map_err(at(&path))?);
            } else if let Some(name) = module_name(&path) {
                self.files.insert(canonical(name), path.clone());
            }
        }
        Ok(())
    }

    /// Adds what is a module elsewhere and part of this kernel: its list has a path to a line.
    fn add_built_in(&mut self, list: &str) {
        let stems = list.lines().filter_map(|line| Path::new(line).file_stem());
        self.built_in
            .extend(stems.map(|stem| canonical(&stem.to_string_lossy())));
    }

    /// Adds a module that is not the kernel's.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.own.insert(canonical(name), bytes);
    }

    /// These modules and all that they depend on, less what is built into the kernel, in an order in which they can be
    /// loaded.
    pub fn in_order(&self, wanted: &[&str]) -> Result<Vec<Module>, Error> {
        let mut order = Vec::new();
        for name in wanted {
            self.append(name, &mut order)?;
        }
        Ok(order)
    }

    /// Ends: the kernel's build refuses modules that depend on each other in a circle.
    fn append(&self, name: &str, order: &mut Vec<Module>) -> Result<(), Error> {
        let name = canonical(name);
        if self.built_in.contains(&name) || order.iter().any(|module| module.name == name) {
            return Ok(());
        }
        let bytes = match (self.own.get(&name), self.files.get(&name)) {
            (Some(bytes), _) => bytes.clone(),
            (None, Some(file)) => read(file)?,
            (None, None) => return Err(Error::NoModule(name)),
        };
        for dependency in dependencies(&bytes).ok_or_else(|| Error::NotAModule(name.clone()))? {
            self.append(&dependency, order)?;
        }
        order.push(Module { name, bytes });
        Ok(())
    }
}

/// The name in a module's file, which Debian 13 compresses.
fn module_name(file: &Path) -> Option<&str> {
    let name = file.file_name()?.to_str()?;
    name.strip_suffix(".ko")
        .or_else(|| name.strip_suffix(".ko.xz"))
}

/// A module as the kernel takes it.
fn read(file: &Path) -> Result<Vec<u8>, Error> {
    if file.extension().is_some_and(|end| end == "xz") {
        let mut command = Command::new("xz");
        command.args(["--decompress", "--stdout"]).arg(file);
        return Ok(process::output_bytes(&mut command)?);
    }
    fs::read(file).map_err(at(file))
}

/// The kernel takes a hyphen and an underscore in a module's name for the same.
fn canonical(name: &str) -> String {
    name.replace('-', "_")
}

/// What a module says that it depends on.
fn dependencies(module: &[u8]) -> Option<Vec<String>> {
    let file = object::File::parse(module).ok()?;
    let section = file.section_by_name(".modinfo")?;
    listed(section.data().ok()?)
}

/// The list in strings of the form `key=value`, each ended by a zero.
fn listed(modinfo: &[u8]) -> Option<Vec<String>> {
    let mut strings = modinfo.split(|byte| *byte == 0);
    let list = strings.find_map(|string| string.strip_prefix(b"depends="))?;
    let list = str::from_utf8(list).ok()?;
    let names = list.split(',').filter(|name| !name.is_empty());
    Some(names.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_read_from_their_own_key() {
        let modinfo = b"license=GPL\0xdepends=no\0depends=virtio,virtio-ring\0name=x\0";
        assert_eq!(listed(modinfo).unwrap(), ["virtio", "virtio-ring"]);
        assert_eq!(listed(b"depends=\0").unwrap(), [""; 0]);
        assert_eq!(listed(b"license=GPL\0"), None);
    }

    #[test]
    fn modules_are_found_by_their_files() {
        let name = |file| module_name(Path::new(file));
        assert_eq!(name("a/virtio-ring.ko"), Some("virtio-ring"));
        assert_eq!(name("a/virtio-ring.ko.xz"), Some("virtio-ring"));
        assert_eq!(name("a/modules.builtin"), None);
    }

    #[test]
    fn what_is_built_in_is_not_loaded() {
        let mut known = Known::default();
        known.add_built_in("kernel/fs/ext4/ext4.ko\nkernel/crypto/crc32c-generic.ko\n");
        assert_eq!(known.in_order(&["ext4", "crc32c_generic"]).unwrap(), []);
    }

    #[test]
    fn what_is_not_there_or_no_module_is_named() {
        let mut known = Known::default();
        known.add("text", b"no module".to_vec());
        let error = |name| known.in_order(&[name]).unwrap_err().to_string();
        assert!(error("absent").contains("absent"));
        assert!(error("text").contains("text"));
    }
}
