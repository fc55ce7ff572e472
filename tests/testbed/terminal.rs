//! A pseudo-terminal, and the command that runs on it.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

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
    /// Starts the command on a new terminal with so many columns. No other process has the terminal.
    ///
    /// # Errors
    /// There is no terminal, or the command cannot be started.
    pub fn start(command: &Command, columns: u16) -> Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let person = openpt(flags).context("a terminal")?;
        grantpt(&person).context("a terminal")?;
        unlockpt(&person).context("a terminal")?;
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&person, size).context("the size of a terminal")?;
        let stream = ioctl_tiocgptpeer(&person, flags).context("a terminal")?;
        // A prompt is written to the controlling terminal of a process, which `setsid` makes of its input.
        let mut on_terminal = Command::new("setsid");
        on_terminal.arg("--ctty").arg(command.get_program()).args(command.get_args());
        on_terminal.env("TERM", "xterm").env_remove("NO_COLOR");
        if let Some(directory) = command.get_current_dir() {
            on_terminal.current_dir(directory);
        }
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => on_terminal.env(name, value),
                None => on_terminal.env_remove(name),
            };
        }
        let copy = || stream.try_clone().context("a terminal");
        on_terminal.stdin(copy()?).stdout(copy()?).stderr(copy()?);
        let child = on_terminal.spawn().context(format_args!("{command:?}"))?;
        // The command's streams are closed here, so that the terminal ends with the command.
        drop((on_terminal, stream));
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

    /// Waits until the terminal does not show what is typed. A prompt may be there a moment before.
    ///
    /// # Panics
    /// The terminal is closed.
    pub fn hides_what_is_typed(&self) {
        while tcgetattr(&self.keyboard).expect("an open terminal").local_modes.contains(LocalModes::ECHO) {
            thread::yield_now();
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
