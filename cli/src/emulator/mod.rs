//! Runs QEMU with a flash image: its consoles captured, and killed at the latest when dropped.
//!
//! Killed hard, always: under `-icount sleep=off` an idle guest can ignore a polite signal. Should this
//! process die first, the kernel kills the emulator (`setpriv --pdeathsig`), so none is left behind.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::guest::Guest;
use crate::process;

mod interactive;
mod log;
mod options;
mod rings;
mod transcript;

pub use interactive::Interactive;
pub use options::{Options, Pace};
use rings::Ring;
pub use transcript::{Console, Missed, Transcript};

/// Why the emulator does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or socket cannot be used.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] process::Error),
    /// It ended, or did not open its consoles.
    #[error("`{line}` did not open its consoles\n{output}")]
    NoConsoles {
        /// The command line.
        line: String,
        /// What it said.
        output: String,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

/// The name under which the emulator's own words are kept.
pub const ITSELF: &str = "emulator";

/// How long it may take until the emulator has opened its consoles, on a busy host.
const OPEN_BOUND: Duration = Duration::from_secs(30);

/// A running emulator.
#[derive(Debug)]
pub struct Emulator {
    child: Child,
    transcript: Transcript,
    inputs: Vec<UnixStream>,
    readers: Vec<JoinHandle<io::Result<()>>>,
    ended: Arc<AtomicBool>,
    /// With its memory, until it has ended.
    _folder: Option<TempDir>,
}

impl Emulator {
    /// Starts the emulator. Console `i` is named `consoles[i]` and logged in `logs/NAME.log`; it is serial
    /// port `i` of the machine, or one of the rings that `options` names for the last ones. The one behind the last is what the emulator itself says ([`ITSELF`]), its traces
    /// among it. `forbidden` texts end every wait (see [`Transcript`]).
    pub fn start(
        options: &Options,
        consoles: &[&str],
        forbidden: Vec<String>,
        logs: &Path,
    ) -> Result<Self, Error> {
        fs::create_dir_all(logs).map_err(at(logs))?;
        // Not in `logs`: the path of a socket has to be shorter than many a folder's.
        let sockets = tempfile::tempdir().map_err(at(&std::env::temp_dir()))?;
        let mut command = hard_killed(Guest::of(options.machine.arch).emulator);
        command.args(options.arguments());
        let memory = match options.rings.as_slice() {
            [] => None,
            _ => Some(memory_file(&mut command, options, sockets.path())?),
        };
        let (serial, in_memory) = consoles.split_at(consoles.len() - options.rings.len());
        let mut listeners = Vec::new();
        for name in serial {
            let path = sockets.path().join(name);
            listeners.push(UnixListener::bind(&path).map_err(at(&path))?);
            let path = path.display();
            command.arg("-chardev");
            command.arg(format!("socket,id={name},path={path},server=off"));
            command.args(["-serial", &format!("chardev:{name}")]);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| process::Error::Start {
                line: process::line(&command),
                source,
            })?;
        let itself = child.stderr.take();
        let mut emulator = Self {
            child,
            transcript: Transcript::new(consoles.len() + 1, forbidden),
            inputs: Vec::new(),
            readers: Vec::new(),
            ended: Arc::default(),
            _folder: Some(sockets),
        };
        if let Some(itself) = itself {
            let log = logs.join(format!("{ITSELF}.log"));
            let console = Console(consoles.len());
            emulator.record(console, itself, &log).map_err(at(&log))?;
        }
        for (number, (listener, name)) in listeners.iter().zip(serial).enumerate() {
            let Some(stream) = emulator.accept(listener) else {
                return Err(Error::NoConsoles {
                    line: process::line(&command),
                    output: emulator.stop().text(Console(consoles.len())),
                });
            };
            let log = logs.join(format!("{name}.log"));
            emulator
                .listen(Console(number), stream, &log)
                .map_err(at(&log))?;
        }
        let rings = in_memory.iter().zip(&options.rings);
        for (number, (name, offset)) in (serial.len()..).zip(rings) {
            let Some(memory) = &memory else { break };
            let source = Ring::new(memory.clone(), *offset, emulator.ended.clone());
            let log = logs.join(format!("{name}.log"));
            let recorded = emulator.record(Console(number), source, &log);
            recorded.map_err(at(&log))?;
        }
        Ok(emulator)
    }

    /// The connection of one console, or `None` if the emulator ended or took too long.
    fn accept(&mut self, listener: &UnixListener) -> Option<UnixStream> {
        let deadline = Instant::now() + OPEN_BOUND;
        listener.set_nonblocking(true).ok()?;
        while Instant::now() < deadline {
            match listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false).ok()?;
                    return Some(stream);
                }
                Err(_) if self.has_ended() => return None,
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        }
        None
    }

    fn listen(&mut self, console: Console, stream: UnixStream, log: &Path) -> io::Result<()> {
        let source = stream.try_clone()?;
        self.inputs.push(stream);
        self.record(console, source, log)
    }

    fn record(
        &mut self,
        console: Console,
        mut source: impl Read + Send + 'static,
        log: &Path,
    ) -> io::Result<()> {
        let log = File::create(log)?;
        let transcript = self.transcript.clone();
        self.readers.push(thread::spawn(move || {
            transcript.record(console, &mut source, log)
        }));
        Ok(())
    }

    /// What the consoles say.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Types text on a console.
    pub fn send(&self, console: Console, text: &str) -> io::Result<()> {
        let mut input = self
            .inputs
            .get(console.0)
            .ok_or(io::ErrorKind::NotConnected)?;
        input.write_all(text.as_bytes())
    }

    /// Whether the emulator ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills the emulator and waits until all that it said is in the transcript and the logs.
    pub fn stop(mut self) -> Transcript {
        self.kill();
        self.transcript.clone()
    }

    fn kill(&mut self) {
        // It may have ended by itself, and then there is nothing to kill.
        let _ended = self.child.kill();
        let _status = self.child.wait();
        self.ended.store(true, Ordering::Release);
        for reader in self.readers.drain(..) {
            // A log that could not be written is no reason to judge a run otherwise.
            let _logged = reader.join();
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Has the emulator keep its RAM in a file of this folder, and opens it.
fn memory_file(
    command: &mut Command,
    options: &Options,
    folder: &Path,
) -> Result<Arc<File>, Error> {
    let path = folder.join("memory");
    let size = options.machine.memory.len().get();
    let mut create = File::options();
    let file = create.read(true).write(true).create_new(true).open(&path);
    let file = file.map_err(at(&path))?;
    file.set_len(size).map_err(at(&path))?;
    let object = format!(
        "memory-backend-file,id=memory,share=on,size={size},mem-path={}",
        path.display()
    );
    command.args(["-object", &object, "-machine", "memory-backend=memory"]);
    Ok(Arc::new(file))
}

/// A command that the kernel kills when the thread that started it ends.
pub fn hard_killed(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", program]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_that_ends_at_once_is_not_waited_for() {
        // A stand-in that ends at once: the host tests run without QEMU.
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("s")).unwrap();
        let mut emulator = Emulator {
            child: Command::new("true").spawn().unwrap(),
            transcript: Transcript::new(1, Vec::new()),
            inputs: Vec::new(),
            readers: Vec::new(),
            ended: Arc::default(),
            _folder: None,
        };
        let began = Instant::now();
        assert!(emulator.accept(&listener).is_none());
        assert!(began.elapsed() < OPEN_BOUND);
    }

    #[test]
    fn dropping_kills_a_program_that_ignores_polite_signals() {
        let mut command = hard_killed("sh");
        command.args([
            "-c",
            "trap '' TERM INT HUP; echo $$; while :; do sleep 60; done",
        ]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut pid = String::new();
        let mut output = io::BufReader::new(child.stdout.take().unwrap());
        io::BufRead::read_line(&mut output, &mut pid).unwrap();
        let process = PathBuf::from(format!("/proc/{}", pid.trim()));
        assert!(process.exists());
        drop(Emulator {
            child,
            transcript: Transcript::new(0, Vec::new()),
            inputs: Vec::new(),
            readers: Vec::new(),
            ended: Arc::default(),
            _folder: None,
        });
        assert!(!process.exists());
    }
}
