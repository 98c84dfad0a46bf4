//! `apt` with a state of its own: another architecture, no privilege, nothing of the host's changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::lock::{Lock, Locked};
use super::{Error, at, sources};
use crate::cache::Cache;
use crate::process;

/// Architectures of the hosts, whose tools a kernel's headers need.
const HOSTS: [&str; 2] = ["arm64", "amd64"];

/// The headers of an architecture whose dependencies are known here by names without a version: what a kernel module is built with.
const HEADERS: [(&str, &str); 2] = [
    ("arm64", "linux-headers-cloud-arm64"),
    ("riscv64", "linux-headers-riscv64"),
];

/// Tools for headers, how their names begin; and how those end that were built for the release before the headers', which run on hosts of both.
const TOOLS: &str = "linux-kbuild-";
const OLDER_HOST: &str = "+deb12";

/// Such a dependency: our name of it, how the package's name begins and ends, and the architecture it is asked for.
const COMPANIONS: [(&str, &str, &str, &str); 3] = [
    ("linux-headers-common", "linux-headers-", "-common", ""),
    ("linux-kbuild:amd64", TOOLS, "", ":amd64"),
    ("linux-kbuild:arm64", TOOLS, "", ":arm64"),
];

/// The hooks of a container image's apt configuration would clean this state or run as root; only a
/// configuration file can clear a list, `-o` cannot.
const CONFIGURATION: &str =
    "#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n";

/// apt with its private state in the cache.
pub(super) struct Apt {
    folder: PathBuf,
    architecture: String,
}

impl Apt {
    /// Prepares the private state. Asks nobody.
    pub(super) fn open(cache: &Cache, lock: &Lock) -> Result<Self, Error> {
        let Lock {
            architecture,
            suite,
            ..
        } = lock;
        let apt = Self {
            folder: cache.folder(&format!("apt/{architecture}"))?,
            architecture: architecture.clone(),
        };
        for folder in ["state/lists/partial", "cache/archives/partial"] {
            cache.folder(&format!("apt/{architecture}/{folder}"))?;
        }
        let sources = format!(
            "Types: deb\nURIs: {}\nSuites: {suite}\nComponents: main\nSigned-By: {}\n",
            sources::archive()?,
            sources::KEYRING
        );
        apt.write("state/status", "")?;
        apt.write("apt.conf", CONFIGURATION)?;
        apt.write("debian.sources", &sources)?;
        Ok(apt)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(at(&path))
    }

    /// Fetches the index of the archive.
    pub(super) fn update(&self) -> Result<(), process::Error> {
        // Without this option a failed download is only a warning.
        process::output(self.command("apt-get").args([
            "-o",
            "APT::Update::Error-Mode=any",
            "update",
        ]))
        .map(drop)
    }

    /// Downloads a package into an empty folder; the inner error is apt's refusal.
    pub(super) fn download(
        &self,
        locked: &Locked,
        scratch: &Path,
    ) -> Result<Result<PathBuf, process::Error>, Error> {
        fs::remove_dir_all(scratch).map_err(at(scratch))?;
        fs::create_dir_all(scratch).map_err(at(scratch))?;
        let asked = process::output(
            self.command("apt-get")
                .current_dir(scratch)
                .arg("download")
                .arg(format!("{}={}", locked.name, locked.version)),
        );
        if let Err(refused) = asked {
            return Ok(Err(refused));
        }
        fs::read_dir(scratch)
            .map_err(at(scratch))?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|end| end == "deb"))
            .map(Ok)
            .ok_or_else(|| Error::Record(locked.name.clone(), "nothing was downloaded"))
    }

    /// What the archive has today under this name. A kernel's metapackage is followed to the kernel.
    pub(super) fn resolve(&self, wanted: &str) -> Result<Locked, Error> {
        let companion = COMPANIONS.iter().find(|(name, ..)| *name == wanted);
        let name = match companion {
            Some((name, start, end, architecture)) => {
                let missing = Error::Record((*name).to_owned(), "not needed");
                let older = (*start == TOOLS).then(|| self.older_tools()).transpose()?;
                let package = match older.flatten() {
                    Some(package) => package,
                    None => self.dependency_of_headers(start, end)?.ok_or(missing)?,
                };
                format!("{package}{architecture}")
            }
            None => self.followed(wanted)?,
        };
        let record = self.show(&name)?;
        let field = |key, missing| {
            field(&record, key)
                .map(str::to_owned)
                .ok_or(Error::Record(name.clone(), missing))
        };
        Ok(Locked {
            wanted: wanted.to_owned(),
            version: field("Version", "it has no version")?,
            sha256: field("SHA256", "it has no SHA-256")?,
            name,
        })
    }

    fn dependency_of_headers(&self, start: &str, end: &str) -> Result<Option<String>, Error> {
        let own = |(architecture, _): &&(&str, &str)| *architecture == self.architecture;
        let Some((_, headers)) = HEADERS.iter().find(own) else {
            return Ok(None);
        };
        let record = self.show(&self.followed(headers)?)?;
        Ok(dependency(&record, start, end))
    }

    /// The last of them, if the archive has any.
    fn older_tools(&self) -> Result<Option<String>, Error> {
        let names = process::output(self.command("apt-cache").args(["pkgnames", TOOLS]))?;
        let names = names.lines().filter(|it| it.ends_with(OLDER_HOST));
        Ok(names.max().map(str::to_owned))
    }

    fn followed(&self, wanted: &str) -> Result<String, Error> {
        let record = self.show(wanted)?;
        Ok(followed(&record, wanted).unwrap_or_else(|| wanted.to_owned()))
    }

    fn show(&self, name: &str) -> Result<String, Error> {
        let record =
            process::output(
                self.command("apt-cache")
                    .args(["show", "--no-all-versions", name]),
            )?;
        Ok(record)
    }

    fn command(&self, program: &str) -> Command {
        let inside = |name: &str| self.folder.join(name).display().to_string();
        let mut architectures = vec![self.architecture.as_str()];
        architectures.extend(HOSTS.iter().filter(|host| **host != self.architecture));
        let options = [
            ("APT::Architecture", self.architecture.clone()),
            ("APT::Architectures", architectures.join(",")),
            ("Dir::State", inside("state")),
            ("Dir::State::status", inside("state/status")),
            ("Dir::Cache", inside("cache")),
            ("Dir::Etc::sourcelist", inside("debian.sources")),
            ("Dir::Etc::sourceparts", "-".to_owned()),
            ("APT::Sandbox::User", String::new()),
            ("Acquire::Languages", "none".to_owned()),
        ];
        let mut command = Command::new(program);
        command.env("LC_ALL", "C.UTF-8");
        command.arg("-c").arg(self.folder.join("apt.conf"));
        for (key, value) in options {
            command.arg("-o").arg(format!("{key}={value}"));
        }
        command
    }
}

fn field<'a>(record: &'a str, key: &str) -> Option<&'a str> {
    record
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
        .map(str::trim)
}

/// The package that a metapackage of a kernel or of its headers depends on: the same name with a version in it, and for the same
/// architecture.
fn followed(record: &str, wanted: &str) -> Option<String> {
    let (name, architecture) = wanted.split_at(wanted.find(':').unwrap_or(wanted.len()));
    let kinds = ["linux-image-", "linux-headers-"];
    let (kind, flavour) = kinds
        .iter()
        .find_map(|kind| Some((*kind, name.strip_prefix(kind)?)))?;
    let package = dependency(record, kind, &format!("-{flavour}"))?;
    Some(format!("{package}{architecture}"))
}

fn dependency(record: &str, start: &str, end: &str) -> Option<String> {
    field(record, "Depends")?
        .split(',')
        .filter_map(|dependency| dependency.split_whitespace().next())
        .find(|name| name.starts_with(start) && name.ends_with(end))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: &str = "Package: linux-image-cloud-arm64\nVersion: 6.1.1-1\n\
                        Depends: linux-base (>= 4), linux-image-6.1.0-7-cloud-arm64 (= 6.1.1-1)\n\
                        SHA256: 00ff\n";

    #[test]
    fn fields_are_read_by_their_whole_name() {
        assert_eq!(field(META, "Version"), Some("6.1.1-1"));
        assert_eq!(field(META, "SHA"), None);
    }

    #[test]
    fn a_companion_is_found_among_the_dependencies_of_the_headers() {
        let headers = "Package: linux-headers-6.1.0-7-cloud-arm64\n\
                       Depends: linux-headers-6.1.0-7-common (= 6.1.1-1), linux-kbuild-6.1 (>= 6.1.1-1), gcc-12\n";
        let found = COMPANIONS.map(|(_, start, end, _)| dependency(headers, start, end));
        let found = found.map(Option::unwrap_or_default);
        assert_eq!(
            found,
            [
                "linux-headers-6.1.0-7-common",
                "linux-kbuild-6.1",
                "linux-kbuild-6.1"
            ]
        );
        // It is no metapackage: what it depends on is not it.
        assert_eq!(followed(headers, "linux-headers-6.1.0-7-cloud-arm64"), None);
    }

    #[test]
    fn only_a_kernel_metapackage_is_followed() {
        assert_eq!(
            followed(META, "linux-image-cloud-arm64").as_deref(),
            Some("linux-image-6.1.0-7-cloud-arm64")
        );
        assert_eq!(
            followed(META, "linux-image-cloud-arm64:arm64").as_deref(),
            Some("linux-image-6.1.0-7-cloud-arm64:arm64")
        );
        assert_eq!(followed(META, "busybox-static"), None);
        let kernel = "Package: linux-image-6.1.0-7-cloud-arm64\nDepends: kmod, linux-base\n";
        assert_eq!(followed(kernel, "linux-image-6.1.0-7-cloud-arm64"), None);
    }
}
