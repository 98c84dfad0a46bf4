//! An emulator whose one console is the user's own terminal; the others are written to files, and
//! shown in a second pane if the terminal is one of tmux.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Console, Error, Options, at, hard_killed};
use crate::guest::Guest;
use crate::process;

/// An emulator to be used by hand.
#[derive(Debug)]
pub struct Interactive {
    command: Command,
    others: Vec<(String, PathBuf)>,
}

impl Interactive {
    /// Prepares an emulator whose console `mine` is the terminal.
    pub fn new(
        options: &Options,
        consoles: &[&str],
        mine: Console,
        logs: &Path,
    ) -> Result<Self, Error> {
        fs::create_dir_all(logs).map_err(at(logs))?;
        let mut command = hard_killed(Guest::of(options.machine.arch).emulator);
        command.args(options.arguments());
        let mut others = Vec::new();
        // Those in memory are nobody's to show here.
        let serial = consoles.get(..consoles.len() - options.rings.len());
        let serial = serial.unwrap_or_default();
        for (number, name) in serial.iter().enumerate() {
            if Console(number) == mine {
                command.args(["-serial", "mon:stdio"]);
            } else {
                let path = logs.join(format!("{name}.log"));
                // There from the start, so that it can be followed.
                fs::write(&path, "").map_err(at(&path))?;
                command.args(["-serial", &format!("file:{}", path.display())]);
                others.push(((*name).to_owned(), path));
            }
        }
        Ok(Self { command, others })
    }

    /// The other consoles, and the files that they are written to.
    pub fn others(&self) -> impl Iterator<Item = (&str, &Path)> {
        let others = self.others.iter();
        others.map(|(name, path)| (name.as_str(), path.as_path()))
    }

    /// Runs it until the user ends it.
    pub fn run(mut self) -> Result<(), Error> {
        if std::env::var_os("TMUX").is_some() {
            for (_, path) in &self.others {
                show_in_pane(path);
            }
        }
        Ok(process::visible(&mut self.command)?)
    }
}

/// A pane is a comfort: without it the file is still there.
fn show_in_pane(path: &Path) {
    let _shown = Command::new("tmux")
        .args(["split-window", "-d", "-l", "30%", "tail", "-f"])
        .arg(path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

#[cfg(test)]
mod tests {
    use super::super::Pace;
    use super::*;
    use crate::build::plan::{Boot, Machine};
    use cofferdam_core::region::Region;
    use cofferdam_system::Arch;

    #[test]
    fn the_terminal_takes_the_place_of_one_console() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            machine: Machine {
                arch: Arch::Arm64,
                machine: "virt".to_owned(),
                cpu: "cortex-a53".to_owned(),
                cores: 2,
                memory: Region::from_raw(0x4000_0000, 0x10_0000).unwrap(),
                boot: Boot::Firmware,
            },
            flash: "flash.bin".into(),
            flash_size: 0x400_0000,
            rings: Vec::new(),
            pace: Pace::Free,
            more: Vec::new(),
        };
        let consoles = ["cluster", "linux"];
        let prepared = Interactive::new(&options, &consoles, Console(1), folder.path()).unwrap();
        let line = process::line(&prepared.command);
        let file = folder.path().join("cluster.log");
        let serial = format!("-serial file:{} -serial mon:stdio", file.display());
        assert!(line.ends_with(&serial), "{line}");
        assert!(file.exists());
    }
}
