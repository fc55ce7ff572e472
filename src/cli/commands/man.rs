//! `usage-plan man`

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use serde_json::json;

use crate::output::answer::Answer;
use crate::output::error::{Error, Result};

/// `usage-plan man`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The directory for the pages; it is created when it is missing
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

// === impl Arguments ===

impl Arguments {
    /// Writes a page for `command_line` and one for each of its commands.
    pub(crate) fn run(&self, command_line: clap::Command) -> Result<Answer> {
        let unreachable = |error: io::Error| Error::unreachable(self.directory.display(), error);
        fs::create_dir_all(&self.directory).map_err(unreachable)?;
        let version = command_line.get_version().unwrap_or_default();
        let source = format!("{} {version}", command_line.get_name());
        // `help` says what the pages say.
        let mut command_line = command_line.disable_help_subcommand(true);
        command_line.build();
        let mut pages = Vec::new();
        write_pages(command_line, &source, &self.directory, &mut pages).map_err(unreachable)?;
        let text = format!("{} pages are written to {}", pages.len(), self.directory.display());
        Ok(Answer::new(text, json!({ "pages": pages })))
    }
}

/// Writes the page of `command` and those of the commands below it, and adds their names to `pages`.
fn write_pages(
    command: clap::Command,
    source: &str,
    directory: &Path,
    pages: &mut Vec<String>,
) -> io::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write_pages(below.clone(), source, directory, pages)?;
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    // clap_mangen fills what comes after the help as prose, in which an example cannot be copied.
    let page = Man::new(command.after_help(None::<&str>));
    // Without a date, the same version gives the same bytes.
    let page = page.source(source).manual("Usage plans for Envoy");
    let mut text = Vec::new();
    page.render(&mut text)?;
    sections(&after).to_writer(&mut text)?;
    fs::write(directory.join(page.get_filename()), text)?;
    pages.push(page.get_filename());
    Ok(())
}

/// What `after` says. A paragraph that begins with a heading, such as `Examples:`, is a section of lines.
fn sections(after: &str) -> Roff {
    let mut roff = Roff::new();
    for paragraph in after.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        let heading = paragraph.split_once('\n').filter(|(first, _)| first.ends_with(':'));
        let Some((heading, lines)) = heading else {
            roff.control("PP", []).text([roman(paragraph)]);
            continue;
        };
        roff.control("SH", [heading.trim_end_matches(':').to_uppercase().as_str()]).control("nf", []);
        for line in lines.lines() {
            roff.text([roman(line.trim_start())]);
        }
        roff.control("fi", []);
    }
    roff
}
