//! Publishing again whenever the document changes.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use super::published::Published;
use super::publisher::Publisher;
use super::watched::Watched;
use crate::answer::{Answer, Output};
use crate::document_file::DocumentFile;
use crate::error::{Error, Result};
use crate::moment::{now, rfc3339};
use crate::print::visible;

/// How often the document is looked at.
const POLL: Duration = Duration::from_millis(200);

/// Publishes the document now and at every change, until Ctrl-C or SIGTERM. What goes wrong is told, and the watch goes on.
pub(super) fn run(publisher: &Publisher, file: &DocumentFile, output: Output) -> Result<Answer> {
    let mut watched = Watched::new(file);
    let mut failure = None;
    while !publisher.interrupt.came() {
        match watched.look().map(|read| read.map(|valid| publisher.publish(&valid))) {
            None => {}
            Some(Ok(Ok(published))) => {
                failure = None;
                tell(output, published);
            }
            Some(Err(error)) => complain(output, &error),
            // What cannot be written is tried again at each look, and told once.
            Some(Ok(Err(error))) => {
                watched.look_again();
                let told = Some(error.to_string());
                if failure != told {
                    complain(output, &error);
                }
                failure = told;
            }
        }
        publisher.interrupt.sleep(POLL);
    }
    say(&mut io::stdout(), output, "stopped", json!({"event": "stopped"}));
    // All is said.
    Ok(Answer::new("", Value::Null))
}

/// What came of publishing.
fn tell(output: Output, published: Published) {
    let (lines, json) = (published.lines(), published.json());
    match published.outcome() {
        Ok(_) => say(
            &mut io::stdout(),
            output,
            &lines.join("; "),
            json!({"event": "published", "published": json}),
        ),
        Err(error) => complain(output, &error),
    }
}

fn complain(output: Output, error: &Error) {
    say(&mut io::stderr(), output, &format!("error: {error}"), error.to_json());
}

/// An event, with its time. That nobody reads it (a closed pipe) ends nothing.
fn say(stream: &mut impl Write, output: Output, text: &str, mut json: Value) {
    let time = rfc3339(now());
    let line = match output {
        Output::Text => format!("{time} {}", visible(text)),
        Output::Json => {
            json.as_object_mut().map(|json| json.insert("time".to_owned(), time.into()));
            json.to_string()
        }
    };
    let _ = writeln!(stream, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_moves_no_cursor_and_changes_no_colour() {
        for output in [Output::Text, Output::Json] {
            let mut said = Vec::new();
            say(&mut said, output, "a\u{1b}[31mb\r", json!({"message": "a\u{1b}[31mb\r"}));
            let line = String::from_utf8(said).expect("UTF-8");
            let line = line.strip_suffix('\n').expect("a line");
            assert!(line.contains("[31mb") && !line.contains(char::is_control), "{line:?}");
        }
    }
}
