//! The command line: usage plans, keys and services in one document, and a document in a running Envoy.
//!
//! What is done to a document and with it is [`usage_plan_manage`]'s; here are what can be typed
//! ([`command_line`]), what each command does with its flags ([`commands`]), and the sentences, tables and
//! exit codes ([`output`]).

#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod author;
mod built;
mod command_line;
mod commands;
mod output;
mod settings;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use usage_plan_manage::file::DocumentFile;

use self::command_line::{Command, CommandLine};
use self::commands::{completions, schema};
use self::output::answer::Format;
use self::output::error::{Error, Kind};
use self::output::print;
use self::output::style::Color;
use self::settings::Settings;

/// Runs the command that the process was started with.
fn main() -> ExitCode {
    run(std::env::args_os())
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(exit_code) = completions::answer_shell(CommandLine::command, &arguments) {
        return exit_code;
    }
    Color::wanted_in(&arguments).choose();
    let settings = Settings::beside_document_of(&arguments);
    let command = settings.apply(CommandLine::command());
    let read = command.clone().try_get_matches_from(&arguments);
    let read = read.and_then(|matches| CommandLine::from_arg_matches(&matches).map(|read| (matches, read)));
    let is_help = read.as_ref().is_err_and(|message| !message.use_stderr());
    if let Err(error) = settings.check(&command, &arguments)
        && !is_help
    {
        return print::answer(Format::wanted_in(&arguments), Err(error));
    }
    let (matches, command_line) = match read {
        Ok(read) => read,
        Err(message) => return print::clap_message(&message, Format::wanted_in(&arguments).output()),
    };
    command_line.color.choose();
    let format = command_line.output;
    let output = format.output();
    let file = DocumentFile::new(command_line.file).edited_by(author::of_process(&arguments));
    let answer = match command_line.command {
        Command::Init(arguments) => arguments.run(),
        Command::Key(command) => command.run(&file),
        Command::Plan(command) => command.run(&file),
        Command::Service(command) => command.run(&file),
        Command::Apply(arguments) => arguments.run(&file),
        Command::Edit(arguments) => arguments.run(&file),
        Command::Log(arguments) => arguments.run(&file),
        Command::Undo(arguments) => arguments.run(&file),
        Command::Sign(arguments) => arguments.run(&file),
        Command::Explain(arguments) => arguments.run(&file),
        Command::Check(arguments) => arguments.run(&file),
        Command::Schema => schema::run(),
        Command::Publish(arguments) => arguments.run(&file, output),
        Command::Diff(arguments) => arguments.run(&file),
        Command::Status(arguments) => arguments.run(&file),
        Command::Usage(arguments) => arguments.run(&file, &settings::typed(&matches)),
        Command::Render(arguments) => arguments.run(&file, &settings::typed(&matches)),
        Command::Engine(arguments) => arguments.run(&file, output),
        Command::Serve(arguments) => arguments.run(&file, output),
        Command::Import(arguments) => arguments.run(&file),
        Command::Completions(arguments) => arguments.run(),
        Command::Man(arguments) => arguments.run(CommandLine::command()),
    };
    // What cannot be reached may be what the file of settings names.
    let explained = |error: Error| match settings.origin(&matches) {
        Some(origin) if error.kind() == Kind::Unreachable => error.settings(origin),
        _ => error,
    };
    print::answer(format, answer.map_err(explained))
}
