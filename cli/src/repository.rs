//! Where things lie: the workspace that the user works in, what builds leave there, and the source tree of
//! Cofferdam that it is built on.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project;
use crate::sdk::{self, Tree, Wishes};

/// Why there is nothing to work in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Cofferdam's source tree was not found.
    #[error(transparent)]
    Sdk(#[from] sdk::Error),
    /// The project cannot be used.
    #[error(transparent)]
    Project(#[from] project::Error),
}

/// A Cargo workspace with systems in it.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
    sdk: Tree,
    target: Option<PathBuf>,
}

impl Repository {
    /// The workspace around the current folder, or else Cofferdam's own. A project's link to Cofferdam is made to
    /// point where `wishes`, or else the project, say.
    pub fn locate(mut wishes: Wishes) -> Result<Self, Error> {
        let here = env::current_dir().unwrap_or_default();
        let around = here.ancestors();
        let here = around
            .map(Path::to_owned)
            .find(|folder| folder.join("Cargo.lock").is_file());
        let project = match &here {
            Some(root) => project::read(root)?,
            None => None,
        };
        let is_project = project.is_some();
        wishes.pin = project.and_then(|project| project.sdk);
        let sdk = wishes.find(here.as_deref())?;
        let root = here.unwrap_or_else(|| sdk.folder.clone());
        if is_project {
            project::link(&root, &sdk.folder)?;
        }
        Ok(Self {
            root,
            sdk,
            target: None,
        })
    }

    /// A project in another folder, built into this workspace's target folder: what both need is built once.
    pub fn with_project(&self, root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            sdk: self.sdk.clone(),
            target: Some(self.target()),
        }
    }

    /// The folder of the workspace.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The source tree of Cofferdam.
    pub fn sdk(&self) -> &Path {
        &self.sdk.folder
    }

    /// The same, and whether it is inside this tool.
    pub fn tree(&self) -> &Tree {
        &self.sdk
    }

    /// What this tool leaves in the workspace: images, logs. Never committed, safe to remove.
    pub fn output(&self) -> PathBuf {
        self.root.join(".cofferdam")
    }

    /// Where Cargo builds.
    pub fn target(&self) -> PathBuf {
        let own = || self.root.join("target");
        let said = || env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        self.target.clone().or_else(said).unwrap_or_else(own)
    }

    /// Cargo, run at the root, with the toolchain that the workspace asks for.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root);
        // Under `cargo run` it names this tool's own toolchain, whatever the workspace says.
        command.env_remove("RUSTUP_TOOLCHAIN");
        if let Some(target) = &self.target {
            command.env("CARGO_TARGET_DIR", target);
        }
        command
    }

    /// The kernel modules that came with Cofferdam.
    pub fn modules(&self) -> PathBuf {
        self.sdk().join("linux")
    }

    /// The lock file of Debian packages for an architecture: the workspace's own, or Cofferdam's.
    pub fn debian_lock(&self, architecture: &str) -> PathBuf {
        let file = crate::debian::lock::file(architecture);
        let own = self.root.join(&file);
        if own.is_file() {
            own
        } else {
            self.sdk().join(file)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_is_found_from_the_package_s_folder() {
        // `cargo test` runs in cli/, one below the workspace.
        let repository = Repository::locate(Wishes::default()).unwrap();
        assert_eq!(repository.root(), repository.sdk());
        assert!(repository.debian_lock("arm64").is_file());
    }
}
