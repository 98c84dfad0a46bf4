//! `cofferdam debug`: the emulator stopped before the first instruction, and gdb with all symbols.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Error, system};
use crate::arguments::Debug;
use crate::build::Built;
use crate::emulator::Pace;
use crate::process;
use crate::repository::Repository;

/// The gdb that knows both architectures of a host and a target.
const GDB: &str = "gdb-multiarch";

pub(super) fn run(repository: &Repository, arguments: &Debug) -> Result<(), Error> {
    let plan = system::plan(repository, &arguments.file)?;
    let built = system::build(repository, &plan)?;
    let script = write_script(&built, arguments.port)?;
    let logs = repository.output().join("logs").join(&plan.name);
    let server = format!("tcp:127.0.0.1:{}", arguments.port);
    let more = ["-S", "-gdb", &server].map(str::to_owned).to_vec();
    // In virtual time: while the debugger stops the machine, its time stands still too.
    let options = system::options(&plan, &built, Pace::Judged { shift: 3 }, more);
    let emulator = system::start(&plan, &options, Vec::new(), &logs)?;
    eprintln!("consoles: {}/*.log", logs.display());
    let mut gdb = Command::new(GDB);
    gdb.arg("-x").arg(&script);
    eprintln!("debugger: {}", process::line(&gdb));
    if std::io::stdin().is_terminal() {
        return Ok(process::visible(&mut gdb)?);
    }
    // For an editor's debugger, or a gdb elsewhere: until the machine ends or ^C.
    eprintln!("stopped, waiting for it; ^C ends the machine");
    while !emulator.transcript().wait_end(super::DAY) {}
    Ok(())
}

fn write_script(built: &Built, port: u16) -> Result<PathBuf, Error> {
    let path = built.flash.with_file_name("debug.gdb");
    let programs = built.programs.iter();
    let programs: Vec<_> = programs.map(|(_, program)| program.as_path()).collect();
    fs::write(&path, text(&built.monitor, &programs, port)).map_err(|source| Error::Io {
        path: path.clone(),
        source,
    })?;
    Ok(path)
}

/// The gdb script. Monitor and partitions are linked at the addresses at which they run, so their symbol
/// files need no offset; which exception level is current, `level` says.
fn text(monitor: &Path, programs: &[&Path], port: u16) -> String {
    let mut script = format!(
        "set architecture aarch64\n\
         set confirm off\n\
         # The monitor, at EL3.\n\
         symbol-file {}\n",
        monitor.display()
    );
    for program in programs {
        script += &format!(
            "# A partition, at its own level.\nadd-symbol-file {}\n",
            program.display()
        );
    }
    script += &format!("target remote 127.0.0.1:{port}\n");
    script += LEVEL;
    script
}

const LEVEL: &str = r#"
define level
  printf "core %d at EL%d; SCR_EL3 selects ", $_thread - 1, ($cpsr >> 2) & 3
  if $SCR_EL3 & 1
    printf "Non-secure\n"
  else
    printf "Secure\n"
  end
end
document level
Exception level of the current core, and the world that SCR_EL3 selects below EL3.
Cores are gdb's threads: `thread 2` is core 1.
end
level
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_symbols_are_loaded_before_the_machine_is_met() {
        let script = text(Path::new("/m.elf"), &[Path::new("/cluster.elf")], 1234);
        let place = |text: &str| script.find(text).unwrap();
        assert!(place("symbol-file /m.elf") < place("add-symbol-file /cluster.elf"));
        assert!(place("add-symbol-file /cluster.elf") < place("target remote 127.0.0.1:1234"));
    }
}
