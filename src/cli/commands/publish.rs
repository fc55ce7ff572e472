//! `usage-plan publish`: puts the document into a running Envoy.

mod report;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use serde_json::{Value, json};
use signal_hook::consts::{SIGINT, SIGTERM};

use self::report::{headline, line, lines, published_json, what_lies_there};
use super::publish_options::PublishOptions;
use crate::output::answer::{Answer, Output};
use crate::output::error::{Error, Result};
use crate::output::print;
use usage_plan_manage::admin;
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::publish::{self, EnvoyAnswer, Event, Published, Publisher, Unusable, ValidDocument};

/// `usage-plan publish`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    options: PublishOptions,
    /// Publish again whenever the document changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile, output: Output) -> Result<Answer> {
        let directory = self.options.to.as_deref().ok_or_else(|| {
            Error::usage("--to is missing: the directory that Envoy watches").hint(
                "`usage-plan init DIR` makes a gateway whose usage-plan.toml names it; an Envoy of your own \
                 names it in path_config_source",
            )
        })?;
        if self.watch {
            return self.watch(file, directory, output);
        }
        let stop = AtomicBool::new(false);
        let publisher = self.publisher(directory, &stop);
        let document = ValidDocument::read(&file.bytes()?, file.directory(), publisher.resolve)
            .map_err(|errors| unusable(file, Unusable::Invalid(errors)))?;
        let published = publisher.publish(&document)?;
        check(&published)?;
        let answer = Answer::new(lines(&published).join("\n"), published_json(&published));
        Ok(document.warnings().into_iter().fold(answer, Answer::warn))
    }

    /// Publishes at every change until Ctrl-C or SIGTERM, and prints a line for each event.
    fn watch(&self, file: &DocumentFile, directory: &Path, output: Output) -> Result<Answer> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&stop))
                .map_err(|error| Error::unreachable("watching for Ctrl-C", error))?;
        }
        publish::watch(&self.publisher(directory, &stop), file.path(), |event| match event {
            Event::Published(published) => match check(&published) {
                Ok(()) => {
                    let json = json!({"event": "published", "published": published_json(&published)});
                    print::event(&mut io::stdout(), output, &lines(&published).join("; "), json);
                }
                Err(error) => print_error(output, &error),
            },
            Event::Unusable(reason) => print_error(output, &unusable(file, reason)),
            Event::Failed(error) => print_error(output, &error.into()),
        });
        print::event(&mut io::stdout(), output, "stopped", json!({"event": "stopped"}));
        // Every event is printed already.
        Ok(Answer::new("", Value::Null))
    }

    fn publisher<'a>(&'a self, directory: &'a Path, stop: &'a AtomicBool) -> Publisher<'a> {
        let PublishOptions { admin, timeout, mode, secrets, filter, .. } = &self.options;
        Publisher {
            directory,
            mode: *mode,
            resolve: secrets.resolve,
            options: filter.options(),
            admins: admin,
            timeout: *timeout,
            stop,
        }
    }
}

/// Why the document of `file` is not published.
fn unusable(file: &DocumentFile, reason: Unusable) -> Error {
    let path = file.path().display();
    match reason {
        Unusable::Unreadable(error) => Error::unreachable(path, error),
        Unusable::Invalid(errors) => {
            Error::invalid(format!("{path} is not published, because it breaks these rules:"), &errors)
        }
    }
}

impl From<publish::Error> for Error {
    fn from(error: publish::Error) -> Self {
        match error {
            publish::Error::Render(error) => error.into(),
            publish::Error::Directory { path, error } => {
                let unreachable = Self::unreachable(format!("--to {}", path.display()), &error);
                match error.kind() {
                    io::ErrorKind::NotFound => unreachable.hint(
                        "it has to be the directory that path_config_source in Envoy's configuration names: \
                         make it there, or let `usage-plan init DIR` make a gateway that has one",
                    ),
                    _ => unreachable,
                }
            }
            publish::Error::File { path, error } => Self::unreachable(path.display(), error),
            publish::Error::Skipped { path } => {
                Self::unreachable(path.display(), "Envoy reads the file and does not try its contents")
            }
        }
    }
}

impl From<admin::Error> for Error {
    fn from(error: admin::Error) -> Self {
        Self::unreachable(error.admin, error.reason)
    }
}

/// An error unless the document is in force in every Envoy that was asked.
fn check(published: &Published) -> Result<()> {
    let answers = || published.envoys.iter().map(|(_, answer)| answer);
    let explained = |why: &str| {
        let lines = published.envoys.iter().map(|(admin, answer)| format!("\n  {}", line(admin, answer)));
        format!("{why}{}", lines.collect::<String>())
    };
    // A refusal weighs more: an Envoy that does not answer may be switched off on purpose.
    let error = if answers().any(|answer| matches!(answer, EnvoyAnswer::Refused { .. })) {
        let message = format!("{}: {}", headline(published), explained("Envoy refuses it"));
        Error::refused(format!("{message}\n{}", what_lies_there(published)))
    } else if answers().any(|answer| matches!(answer, EnvoyAnswer::Silent(_))) {
        Error::unreachable(headline(published), explained("not every Envoy answers"))
    } else {
        return Ok(());
    };
    Err(error.done("published", published_json(published)))
}

fn print_error(output: Output, error: &Error) {
    print::event(&mut io::stderr(), output, &format!("error: {error}"), error.to_json());
}
