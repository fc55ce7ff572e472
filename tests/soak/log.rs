//! Envoy's access log, read from a pipe: half an hour at full load would fill a disk.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::mpsc::Sender;

use rustix::fs::{CWD, Mode};
use testbed::access_log::FORMAT;
use testbed::{Context, Entry, Error, Result};

use crate::event::{Event, Line};
use crate::sample::id_of;

/// The format of the log in Envoy's configuration.
pub fn format() -> String {
    format!("%REQ(:PATH)% {FORMAT}")
}

/// Makes the pipe at `path`.
///
/// # Errors
/// The system refuses.
pub fn make(path: &Path) -> Result<()> {
    rustix::fs::mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR).context(path.display())
}

/// Reads the log from the pipe at `path` and sends it to `events`, on a thread that ends with this process.
///
/// # Errors
/// The pipe cannot be opened.
pub fn follow(path: &Path, events: Sender<Event>) -> Result<()> {
    // Open for both, or opening would wait for Envoy.
    let pipe = File::options().read(true).write(true).open(path).context(path.display())?;
    let mut reader = BufReader::with_capacity(1 << 16, pipe);
    std::thread::spawn(move || {
        let mut text = String::new();
        let mut lines = Vec::new();
        while reader.read_line(&mut text).is_ok_and(|read| read > 0) {
            match parse(text.trim_end_matches('\n')) {
                Ok(line) => lines.push(line),
                Err(error) => drop(events.send(Event::Failed(error.to_string()))),
            }
            text.clear();
            // What has come is sent in one piece.
            let has_more = reader.buffer().contains(&b'\n');
            if !has_more && events.send(Event::Logged(std::mem::take(&mut lines))).is_err() {
                break;
            }
        }
    });
    Ok(())
}

/// Reads a line of [`format()`].
fn parse(line: &str) -> Result<Line> {
    let (path, rest) = line.split_once(' ').ok_or_else(|| Error::new(format!("a log line: {line:?}")))?;
    Ok(Line { id: id_of(path), entry: Entry::parse(rest)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_number_of_its_request() {
        let rest = "1795321348718000000 1795321348719000000 900000 500000 200 plan-gold allowed";
        let line = |path| parse(&format!("{path} {rest}")).expect("a line");
        assert_eq!(line("/soak/17").id, Some(17));
        assert_eq!(line("/soak/17").entry.plan, "plan-gold");
        assert_eq!(line("/crash").id, None);
        assert!(parse("/soak/1 2").is_err());
    }
}
