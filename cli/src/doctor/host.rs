//! The host as `doctor` asks it; tests answer in its place.

use std::path::Path;
use std::process::Command;

/// What can be asked about a host.
pub trait Host {
    /// The output of a program that is only asked, or why there is none.
    fn output(&self, program: &str, arguments: &[&str]) -> Result<String, String>;
    /// Whether a file or folder exists.
    fn exists(&self, path: &Path) -> bool;
}

/// The host that this runs on, asked in a folder: the folder decides which Rust toolchain answers.
#[derive(Clone, Copy, Debug)]
pub struct ThisHost<'a>(pub &'a Path);

impl Host for ThisHost<'_> {
    fn output(&self, program: &str, arguments: &[&str]) -> Result<String, String> {
        let done = Command::new(program)
            .args(arguments)
            .current_dir(self.0)
            // Under `cargo run` it names this tool's own toolchain, whatever the folder says.
            .env_remove("RUSTUP_TOOLCHAIN")
            .output()
            .map_err(|_| "not installed".to_owned())?;
        if done.status.success() {
            return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&done.stderr);
        Err(said.lines().next().unwrap_or("it fails").to_owned())
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}
