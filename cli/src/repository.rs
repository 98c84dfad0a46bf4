//! Where things lie: the workspace that the user works in, and what builds leave there.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Cargo workspace with systems in it.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The workspace around the current folder, or the one that this tool was built in.
    pub fn locate() -> Self {
        let here = env::current_dir().unwrap_or_default();
        let root = here
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").is_file())
            .map(Path::to_owned)
            .unwrap_or_else(|| tool().to_owned());
        Self { root }
    }

    /// The folder of the workspace.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What this tool leaves in the workspace: images, logs. Never committed, safe to remove.
    pub fn output(&self) -> PathBuf {
        self.root.join(".cofferdam")
    }

    /// Cargo, run at the root, with the toolchain that the workspace asks for.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root);
        // Under `cargo run` it names this tool's own toolchain, whatever the workspace says.
        command.env_remove("RUSTUP_TOOLCHAIN");
        command
    }

    /// The kernel modules that came with this tool.
    pub fn modules(&self) -> PathBuf {
        tool().join("linux")
    }

    /// The lock file of Debian packages for an architecture: the workspace's own, or the one that came with this tool.
    pub fn debian_lock(&self, architecture: &str) -> PathBuf {
        let file = crate::debian::lock::file(architecture);
        let own = self.root.join(&file);
        if own.is_file() {
            own
        } else {
            tool().join(file)
        }
    }
}

/// The workspace that this tool was built in.
fn tool() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_is_found_from_the_package_s_folder() {
        // `cargo test` runs in cli/, one below the workspace.
        let repository = Repository::locate();
        assert_eq!(repository.root(), tool());
        assert!(repository.debian_lock("arm64").is_file());
    }
}
