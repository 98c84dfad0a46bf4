//! Packs a source tree of Cofferdam, for the build script and for the test of what it does.

use std::io;
use std::path::Path;
use std::process::Command;

/// What is no source: by name, wherever it lies.
pub const LEFT_OUT: [&str; 3] = [".git", ".cofferdam", "target"];

/// Packs the tree into `archive`. The same sources always make the same bytes.
pub fn pack(tree: &Path, archive: &Path) -> io::Result<()> {
    let mut tar = Command::new("tar");
    tar.args(["--create", "--dereference", "--sort=name", "--mtime=@0"]);
    tar.args(["--owner=0", "--group=0", "--numeric-owner"]);
    tar.args(LEFT_OUT.map(|name| format!("--exclude={name}")));
    tar.args(["--use-compress-program=gzip -n9", "--file"])
        .arg(archive);
    let packed = tar.arg("--directory").arg(tree).arg(".").status()?;
    packed
        .success()
        .then_some(())
        .ok_or_else(|| io::Error::other(format!("{tar:?} failed")))
}
