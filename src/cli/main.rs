//! The command line: what an API gateway's console does, on one document (SPEC section 3).
//!
//! | file | |
//! |---|---|
//! | `key`, `plan`, `service` | what can be done to the document, by command |
//! | `sign`, `explain` | requests: making one, and understanding one |
//! | `check`, `schema`, `completions` | for editors, pipelines and shells |
//! | `publish`, `usage`; `admin` | the document in a running Envoy; what Envoy says on its admin interface |
//! | `render`, `import` | configuration out, another gateway's keys in |
//! | `draft` | the document while it is edited |
//! | `configured` | the document with the secrets that this process knows |
//! | `document_file`, `replace`; `source` | the file it is in, and how it is replaced; other files, which are read |
//! | `answer`, `error`, `print` | what a command comes to, prints and exits with |
//! | `variables`, `limits_text` | the variables that Envoy needs for a document; a plan's limits as text |
//! | `secret_input`, `random`, `moment`, `interrupt` | secrets, ids, times and signals |
//!
//! Every rule is the filter's own: what is written has been read by [`usage_plan_core::lookup`] as the filter will read it.

mod admin;
mod answer;
mod check;
mod completions;
mod configured;
mod document_file;
mod draft;
mod error;
mod explain;
mod import;
mod interrupt;
mod key;
mod limits_text;
mod moment;
mod plan;
mod print;
mod publish;
mod random;
mod render;
mod replace;
mod schema;
mod secret_input;
mod service;
mod sign;
mod source;
mod usage;
mod variables;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::answer::Output;
use self::document_file::DocumentFile;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  refused: a rule stands in the way, the document is not valid, or there is nothing of that name
  2  the command line is wrong
  3  a file, or Envoy's admin interface, cannot be reached

`usage-plan help COMMAND` has an example of each.";

/// Keys, usage plans and bindings of the usage plan filter for Envoy, in one JSON document.
#[derive(Debug, Parser)]
#[command(name = "usage-plan", version, after_help = EXIT_CODES, max_term_width = 100)]
struct CommandLine {
    /// The document
    #[arg(
        long,
        global = true,
        default_value = "./usage-plans.json",
        env = "USAGE_PLAN_FILE",
        value_name = "PATH"
    )]
    file: PathBuf,
    /// How to print what there is to say
    #[arg(long, global = true, value_enum, default_value_t)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Key pairs: create, list, show, edit, disable, enable, rotate, delete
    #[command(subcommand)]
    Key(key::Command),
    /// Usage plans: create, list, show, edit, delete; bind and unbind keys and environments
    #[command(subcommand)]
    Plan(plan::Command),
    /// Services: create, list, show, edit, delete
    #[command(subcommand)]
    Service(service::Command),
    /// Print the headers, or the whole curl command, of a signed request
    #[command(
        after_help = "Examples:\n  usage-plan sign https://orders.example.com/release/orders/1 --key acme\n  \
        usage-plan sign http://orders.example.com/release --key acme -X POST -H source:my-app --as curl\n  \
        usage-plan sign http://orders.example.com/release --key acme --as curl --address 127.0.0.1:10000\n  \
        usage-plan sign https://orders.example.com/ --secret-id AKIDacme0001 --secret-key env:ACME_SECRET_KEY"
    )]
    Sign(sign::Arguments),
    /// Say step by step what the filter does with a request, and why
    ///
    /// Exits with 0 when the request is let through, and with 1 when it is refused or the secret that would tell is not
    /// in this environment. `curl -v ... 2>&1 | usage-plan explain` explains a call as it is made.
    #[command(after_help = "Examples:\n  usage-plan explain request.txt\n  \
        usage-plan explain request.txt --at signed\n  usage-plan explain request.txt --output json")]
    Explain(explain::Arguments),
    /// Validate a document as the filter does, and tell every error
    #[command(
        after_help = "Examples:\n  usage-plan check\n  usage-plan check usage-plans.json --environment"
    )]
    Check(check::Arguments),
    /// Print the JSON Schema of the document, for editors
    #[command(after_help = "Example:\n  usage-plan schema")]
    Schema,
    /// Write the document where a running Envoy watches, and ask Envoy whether it took it
    #[command(after_help = "Examples:\n  usage-plan publish --to /etc/envoy/usage-plan\n  \
        usage-plan publish --to /etc/envoy/usage-plan --admin 127.0.0.1:9901\n  \
        usage-plan publish --to /etc/envoy/usage-plan --admin 127.0.0.1:9901 --watch")]
    Publish(publish::Arguments),
    /// Show what each plan has admitted and refused, from Envoy's metrics
    #[command(after_help = "Examples:\n  usage-plan usage --admin 127.0.0.1:9901\n  \
        usage-plan usage --admin 10.0.0.1:9901 --admin 10.0.0.2:9901 --output json")]
    Usage(usage::Arguments),
    /// Print configuration for what runs the filter: Envoy, Istio, Envoy Gateway
    ///
    /// What is printed holds the secrets that the document does, for the filter needs them: keep it as the document is kept.
    /// Secrets that the document names by secret_key_env are in neither; give Envoy the variables.
    #[command(after_help = "Examples:\n  usage-plan render --to envoy --upstream 127.0.0.1:8080\n  \
        usage-plan render --to ecds --module /etc/envoy/usage_plan.wasm\n  \
        usage-plan render --to istio --image oci://registry.example.com/usage-plan:1\n  \
        usage-plan render --to envoy-gateway --image oci://registry.example.com/usage-plan:1")]
    Render(render::Arguments),
    /// Carry keys, usage plans and services over from another gateway
    Import(import::Arguments),
    /// Print a script that completes this command line in a shell
    #[command(after_help = "Examples:\n  usage-plan completions bash\n  usage-plan completions zsh\n  \
        usage-plan completions fish")]
    Completions(completions::Arguments),
}

/// Runs the command that the process was started with.
fn main() -> ExitCode {
    run(std::env::args_os())
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let command_line = match CommandLine::try_parse_from(&arguments) {
        Ok(command_line) => command_line,
        Err(told) => return print::of_clap(&told, Output::wanted_in(&arguments)),
    };
    let output = command_line.output;
    let file = DocumentFile::new(command_line.file);
    let answer = match command_line.command {
        Command::Key(command) => command.run(&file),
        Command::Plan(command) => command.run(&file),
        Command::Service(command) => command.run(&file),
        Command::Sign(arguments) => arguments.run(&file),
        Command::Explain(arguments) => arguments.run(&file),
        Command::Check(arguments) => arguments.run(&file),
        Command::Schema => schema::run(),
        Command::Publish(arguments) => arguments.run(&file, output),
        Command::Usage(arguments) => arguments.run(&file),
        Command::Render(arguments) => arguments.run(&file),
        Command::Import(arguments) => arguments.run(&file),
        Command::Completions(arguments) => arguments.run(),
    };
    print::answer(output, answer)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Every command that does something, with its names from the first on.
    fn leaves<'c>(command: &'c clap::Command, path: &str, found: &mut Vec<(String, &'c clap::Command)>) {
        for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
            let path = format!("{path} {}", command.get_name());
            match command.has_subcommands() {
                true => leaves(command, &path, found),
                false => found.push((path, command)),
            }
        }
    }

    #[test]
    fn every_command_has_an_example_of_itself_that_can_be_run() {
        let root = CommandLine::command();
        let mut commands = Vec::new();
        leaves(&root, "usage-plan", &mut commands);
        assert!(commands.len() > 20, "{}", commands.len());
        for (path, command) in commands {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let help = help.replace("\\\n", "");
            let examples: Vec<&str> =
                help.lines().map(str::trim).filter(|line| line.starts_with("usage-plan")).collect();
            assert!(!examples.is_empty(), "{path} has no example");
            for example in examples {
                assert!(example.starts_with(&path), "{example}: not of {path}");
                // What a shell would make of it, up to a pipe or a redirection.
                let words = shlex::split(example).expect("quoted as a shell reads it");
                let words = words.into_iter().take_while(|word| !["|", ">", "<"].contains(&word.as_str()));
                if let Err(error) = CommandLine::try_parse_from(words) {
                    panic!("{example}: {error}");
                }
            }
        }
    }

    #[test]
    fn the_commands_of_the_docs_can_be_read() {
        let docs = [include_str!("../../README.md"), include_str!("../../docs/command-line.md")];
        let lines = docs.iter().flat_map(|text| text.lines()).filter(|line| line.starts_with("usage-plan "));
        let mut seen = 0;
        for line in lines {
            // With what a shell takes for a comment.
            let command = line.split(" #").next().unwrap_or_default();
            let words = shlex::split(command).expect("quoted as a shell reads it");
            if let Err(error) = CommandLine::try_parse_from(words) {
                panic!("{line}: {error}");
            }
            seen += 1;
        }
        assert!(seen >= 10, "{seen}");
    }

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }
}
