//! Which Debian archive to ask: the one that the host itself is configured for, or the one that
//! [`VARIABLE`] names on a host of another distribution.

use std::env;
use std::process::Command;

use crate::process;

/// The variable that names a mirror: the address that stands after `URIs:` or `deb` in a Debian
/// source list.
pub const VARIABLE: &str = "COFFERDAM_DEBIAN_MIRROR";

/// The keys of the Debian archive, from the package `debian-archive-keyring`.
pub const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Suites of Debian that a source list may name.
const SUITES: [&str; 8] = [
    "bookworm",
    "trixie",
    "forky",
    "oldstable",
    "stable",
    "testing",
    "unstable",
    "sid",
];

/// Why no archive is known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The host's sources hold no Debian archive.
    #[error(
        "no source of this host is a Debian archive\n  \
         set {VARIABLE} to the address of a Debian mirror (and install debian-archive-keyring)"
    )]
    None,
    /// apt does not answer.
    #[error(transparent)]
    Process(#[from] process::Error),
}

/// The address of the archive.
pub fn archive() -> Result<String, Error> {
    if let Ok(mirror) = env::var(VARIABLE)
        && !mirror.is_empty()
    {
        return Ok(mirror);
    }
    let targets = process::output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(ORIGIN)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)",
        "Created-By: Packages",
    ]))?;
    configured(&targets).ok_or(Error::None)
}

/// The first main archive among lines of `origin|suite|component|address`.
///
/// An unfetched index has no origin (the variable stays as it was written), so an unknown origin is
/// believed when the suite is one of Debian's: a wrong guess fails the archive's signature.
fn configured(targets: &str) -> Option<String> {
    targets.lines().find_map(|line| {
        let mut fields = line.split('|');
        let (origin, suite) = (fields.next()?, fields.next()?);
        let (component, address) = (fields.next()?, fields.next()?);
        let debian = origin == "Debian" || origin.is_empty() || origin.starts_with("$(");
        (debian && SUITES.contains(&suite) && component == "main").then(|| address.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_suite_is_found_among_others() {
        let targets = "Google|cloud-bookworm|main|http://a/\n\
                       Debian|bookworm-security|main|http://b/\n\
                       PGDG|bookworm|main|http://c/\n\
                       Debian|bookworm|non-free|http://d/\n\
                       Debian|bookworm|main|http://e/\n";
        assert_eq!(configured(targets).as_deref(), Some("http://e/"));
    }

    #[test]
    fn an_index_not_fetched_yet_counts() {
        assert_eq!(
            configured("$(ORIGIN)|trixie|main|http://e/\n").as_deref(),
            Some("http://e/")
        );
    }

    #[test]
    fn another_distribution_has_none() {
        assert_eq!(
            configured("Ubuntu|noble|main|http://u/\n$(ORIGIN)|noble|main|http://u/\n"),
            None
        );
    }
}
