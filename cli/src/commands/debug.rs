//! `cofferdam debug`: the emulator stopped before the first instruction, and gdb with all symbols.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use cofferdam_system::Arch;

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
    let script = write_script(plan.machine.arch, &built, arguments.port)?;
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

fn write_script(arch: Arch, built: &Built, port: u16) -> Result<PathBuf, Error> {
    let path = built.flash.with_file_name("debug.gdb");
    let programs = built.programs.iter();
    let programs: Vec<_> = programs.map(|(_, program)| program.as_path()).collect();
    let text = text(arch, &built.monitor, &programs, port);
    fs::write(&path, text).map_err(|source| Error::Io {
        path: path.clone(),
        source,
    })?;
    Ok(path)
}

/// The gdb script. Monitor and partitions are linked at the addresses at which they run, so their symbol
/// files need no offset; which exception level or mode is current, `level` says, and what happened, `records`.
fn text(arch: Arch, monitor: &Path, programs: &[&Path], port: u16) -> String {
    // A crate's name is its program's, with underscores.
    let firmware = monitor.file_name().unwrap_or_default().to_string_lossy();
    let records = RECORDS.replace("FIRMWARE", &firmware.replace('-', "_"));
    let mut symbols = format!("# The monitor.\nsymbol-file {}\n", monitor.display());
    for program in programs {
        symbols += &format!("# A partition.\nadd-symbol-file {}\n", program.display());
    }
    let (architecture, remote, level) = match arch {
        Arch::Arm64 => ("aarch64", "remote", LEVEL.to_owned()),
        Arch::Riscv64 => (
            "riscv:rv64",
            "extended-remote",
            MODE.replace("SYMBOLS\n", &symbols),
        ),
    };
    format!(
        "set architecture {architecture}\nset confirm off\n{symbols}\
         target {remote} 127.0.0.1:{port}\n{records}{level}"
    )
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

const MODE: &str = r#"
define level
  printf "hart %d in mode %d\n", $mhartid, $priv
end
document level
Mode of the current hart: 0 is a partition's programs, 1 its kernel, 3 the monitor.
Harts are gdb's threads: `thread 2` is the second.
end
define harts
  set schedule-multiple on
  add-inferior
  inferior 2
SYMBOLS
  attach 2
end
document harts
Where hart 0 is of another kind (sifive-u, microchip-icicle-kit): the others too, a second process to the emulator.
end
level
"#;

/// `cofferdam_core::record::Ring`, and the words of a `Record`.
const RECORDS: &str = r#"
define records
  set language c
  set $ring = &'FIRMWARE::MONITOR'.records.value.value
  set $place = (unsigned long *) $ring->places.data_ptr
  set $number = 0
  if $ring->next > $ring->places.length
    set $number = $ring->next - $ring->places.length
  end
  while $number < $ring->next
    set $word = $place + 4 * ($number % $ring->places.length)
    printf "%lu: time %lu core %lu partition %ld data %#lx ", $number, $word[0], $word[1] >> 8, $word[2], $word[3]
    output (enum 'cofferdam_core::record::What') ($word[1] & 0xff)
    printf "\n"
    set $number = $number + 1
  end
  set language auto
end
document records
What happened to partitions, the oldest record that is kept first: those that `log: level` asks for.
end
"#;

#[cfg(test)]
mod tests {
    use super::*;

    const MONITOR: &str = "/target/cockpit-firmware";

    #[test]
    fn all_symbols_are_loaded_before_the_machine_is_met() {
        let programs = [Path::new("/cluster.elf")];
        let script = text(Arch::Arm64, Path::new(MONITOR), &programs, 1234);
        let place = |text: &str| script.find(text).unwrap();
        assert!(place("symbol-file /target/cockpit") < place("add-symbol-file /cluster.elf"));
        assert!(place("add-symbol-file /cluster.elf") < place("target remote 127.0.0.1:1234"));
    }

    #[test]
    fn the_architecture_is_the_machine_s_and_records_are_the_monitor_s() {
        let script = |arch| text(arch, Path::new(MONITOR), &[], 1234);
        let (arm64, riscv64) = (script(Arch::Arm64), script(Arch::Riscv64));
        assert!(arm64.contains("set architecture aarch64\n") && arm64.contains("$SCR_EL3"));
        assert!(riscv64.contains("set architecture riscv:rv64\n") && riscv64.contains("$mhartid"));
        assert!(riscv64.contains("&'cockpit_firmware::MONITOR'.records"));
    }
}
