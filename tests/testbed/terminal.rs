//! A pseudo-terminal, and the command that runs on it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::error::{Context, Result};
use crate::process;

/// How long to wait for what a command must show: longer than any machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The byte that ends the input of a terminal (Ctrl-D).
const END: u8 = 4;

/// A command whose three streams are a terminal. Dropping it ends the command.
pub struct Terminal {
    child: Child,
    /// The end of the terminal at which a person would sit.
    keyboard: File,
    shown: Receiver<Vec<u8>>,
    /// All that was shown, and how much of it has been waited for.
    text: String,
    seen: usize,
}

impl Terminal {
    /// Starts the command on a new terminal.
    ///
    /// # Errors
    /// There is no terminal, or the command cannot be started.
    pub fn start(mut command: Command) -> Result<Self> {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).context("a terminal")?;
        grantpt(&person).context("a terminal")?;
        unlockpt(&person).context("a terminal")?;
        let name = ptsname(&person, Vec::new()).context("a terminal")?;
        let name = name.into_string().context("the name of a terminal")?;
        // Without this flag, it would become the terminal of the tests.
        let no_controlling = i32::try_from(OFlags::NOCTTY.bits()).context("a flag")?;
        let stream = OpenOptions::new().read(true).write(true).custom_flags(no_controlling).open(name);
        let stream = stream.context("a terminal")?;
        command.stdin(stream.try_clone().context("a terminal")?);
        command.stdout(stream.try_clone().context("a terminal")?).stderr(stream);
        let child = command.spawn().context(format_args!("{command:?}"))?;
        // The command's streams are closed here, so that the terminal ends with the command.
        drop(command);
        let keyboard = File::from(person);
        let mut screen = keyboard.try_clone().context("a terminal")?;
        let (sender, shown) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Linux reports the end of a terminal as an error.
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, keyboard, shown, text: String::new(), seen: 0 })
    }

    /// Waits until the command shows `text`, after what was waited for before.
    ///
    /// # Panics
    /// It does not show it.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        loop {
            if let Some(found) = self.text[self.seen..].find(text) {
                self.seen += found + text.len();
                return;
            }
            match self.shown.recv_timeout(PATIENCE) {
                Ok(bytes) => self.text.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("no {text:?} in:\n{}", self.text),
            }
        }
    }

    /// Types a line.
    ///
    /// # Panics
    /// The terminal is closed.
    pub fn type_line(&mut self, line: &str) {
        writeln!(self.keyboard, "{line}").expect("an open terminal");
    }

    /// Types the end of the input (Ctrl-D).
    ///
    /// # Panics
    /// The terminal is closed.
    pub fn type_end(&mut self) {
        self.keyboard.write_all(&[END]).expect("an open terminal");
    }

    /// Waits for the command's end. Returns its exit code, and all that the terminal has shown, with line
    /// feeds alone between lines.
    ///
    /// # Panics
    /// The command does not end by itself, or a signal ends it.
    #[track_caller]
    pub fn end(mut self) -> (i32, String) {
        let end = loop {
            match self.shown.recv_timeout(PATIENCE) {
                Ok(bytes) => self.text.push_str(&String::from_utf8_lossy(&bytes)),
                Err(end) => break end,
            }
        };
        let text = std::mem::take(&mut self.text).replace("\r\n", "\n");
        assert!(end == RecvTimeoutError::Disconnected, "it does not end:\n{text}");
        let status = self.child.wait().expect("the command's end");
        (status.code().unwrap_or_else(|| panic!("{status}:\n{text}")), text)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if process::is_running(&mut self.child) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}
