//! What can be typed: the commands, with their help and their examples.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::built;
use crate::commands::{
    self, apply, check, completions, diff, edit, engine, explain, import, init, key, log, man, plan, publish,
    render, serve, service, sign, status, undo, usage,
};
use crate::output::answer::Format;
use crate::output::style::Color;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  refused: a rule does not allow it, the document is not valid, or no object has that name
  2  the command line is wrong
  3  a file, or Envoy's admin interface, cannot be reached

`usage-plan help COMMAND` shows examples.";

/// Keys, usage plans and bindings of the usage plan filter for Envoy, in one JSON document.
#[derive(Debug, Parser)]
#[command(name = "usage-plan", version, long_version = built::LONG_VERSION)]
#[command(after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct CommandLine {
    /// The document's file
    #[arg(
        long,
        global = true,
        default_value = commands::DEFAULT_FILE,
        env = commands::FILE_VARIABLE,
        value_name = "PATH"
    )]
    pub(crate) file: PathBuf,
    /// The form of the output
    #[arg(short, long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: Format,
    /// Where the output has colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a gateway that can be started: Envoy's configuration, the module, an empty document
    ///
    /// The directory must be empty, or not be there: nothing is overwritten. In it, `usage-plan publish`
    /// needs no flags, because usage-plan.toml has them.
    #[command(after_help = "Examples:\n  usage-plan init gateway\n  \
        usage-plan init gateway --upstream orders.internal:8080 --listen 0.0.0.0:8080\n  \
        usage-plan init gateway --envoy 1.36 --module envoy_usage_plan.wasm")]
    Init(init::Arguments),
    /// Manage key pairs: create, list, show, edit, disable, enable, rotate, delete
    #[command(subcommand)]
    Key(key::Command),
    /// Manage usage plans: create, list, show, edit, delete; bind and unbind keys and environments
    #[command(subcommand)]
    Plan(plan::Command),
    /// Manage services: create, list, show, edit, delete
    #[command(subcommand)]
    Service(service::Command),
    /// Merge a part of a document into the document: create and change objects, by id or name
    ///
    /// An object is the one with its id, or without an id the one with its name. Members that the part does
    /// not have stay as they are; null removes one, and a list is given as a whole. What is not there is
    /// created.
    #[command(
        after_help = "Examples:\n  usage-plan apply -f part.json\n  usage-plan apply -f part.yaml --dry-run\n  \
        usage-plan apply -f -"
    )]
    Apply(apply::Arguments),
    /// Open the document in $VISUAL or $EDITOR, and take the text if it is valid
    ///
    /// When it is not, the errors are shown, and the editor opens again if you like. A text that is not
    /// taken is kept in a file.
    #[command(
        after_help = "Examples:\n  usage-plan edit\n  usage-plan edit --file /etc/envoy/usage-plans.json"
    )]
    Edit(edit::Arguments),
    /// Show who edited the document, when, from where and with which command
    ///
    /// Every edit is in the log, and what was changed without this program is found by the next edit. The log
    /// has no secrets: it says which were changed.
    #[command(after_help = "Examples:\n  usage-plan log\n  usage-plan log --since 24h -o wide\n  \
        usage-plan log --key acme\n  usage-plan log f80wcf8n")]
    Log(log::Arguments),
    /// Take an edit back that is in the log, by a new edit
    ///
    /// It is refused where what the edit changed was changed again, and says by which edits. A secret that
    /// the document no longer has cannot come back, because the log has none.
    #[command(after_help = "Examples:\n  usage-plan undo\n  usage-plan undo f80wcf8n --dry-run\n  \
        usage-plan undo f80wcf8n")]
    Undo(undo::Arguments),
    /// Sign a request, and print its headers or a curl command
    #[command(
        after_help = "Examples:\n  usage-plan sign https://orders.example.com/release/orders/1 --key acme\n  \
        usage-plan sign http://orders.example.com/release --key acme -X POST -H source:my-app --as curl\n  \
        usage-plan sign http://orders.example.com/release --key acme --as curl --address 127.0.0.1:10000\n  \
        usage-plan sign https://orders.example.com/ --secret-id AKIDacme0001 --secret-key env:ACME_SECRET_KEY"
    )]
    Sign(sign::Arguments),
    /// Show step by step what the filter does with a request, and why
    ///
    /// Exits with 0 when the request is let through, and with 1 when it is refused, or when that depends on a
    /// secret that is not in this environment. `curl -v ... 2>&1 | usage-plan explain` explains a call as it
    /// is made.
    #[command(after_help = "Examples:\n  usage-plan explain request.txt\n  \
        usage-plan explain request.txt --at signed\n  usage-plan explain request.txt --output json")]
    Explain(explain::Arguments),
    /// Validate a document as the filter does, and report every error
    #[command(
        after_help = "Examples:\n  usage-plan check\n  usage-plan check usage-plans.json --environment"
    )]
    Check(check::Arguments),
    /// Print the JSON Schema of the document, for editors
    #[command(after_help = "Example:\n  usage-plan schema")]
    Schema,
    /// Publish the document to a running Envoy, and check that Envoy uses it
    #[command(after_help = "Examples:\n  usage-plan publish\n  \
        usage-plan publish --to /etc/envoy/usage-plan --admin 127.0.0.1:9901\n  \
        usage-plan publish --to /etc/envoy/usage-plan --admin 127.0.0.1:9901 --watch")]
    Publish(publish::Arguments),
    /// Show what is in force in running Envoys, and what is wrong there
    ///
    /// Exits with 1 when something is wrong with an Envoy, or when it has another document in force than the
    /// one here, and with 3 when one does not answer.
    #[command(after_help = "Examples:\n  usage-plan status\n  usage-plan status --admin 127.0.0.1:9901\n  \
        usage-plan status --admin 10.0.0.1:9901 --admin 10.0.0.2:9901 --to /etc/envoy/usage-plan --output json")]
    Status(status::Arguments),
    /// Show how the document differs from what is published, or in force in a running Envoy
    ///
    /// Exits with 0 when it is equal, and with 1 when it differs. Secrets are shown as numbers.
    #[command(after_help = "Examples:\n  usage-plan diff\n  usage-plan diff --admin 127.0.0.1:9901\n  \
        usage-plan diff --to /etc/envoy/usage-plan")]
    Diff(diff::Arguments),
    /// Show how many requests each plan or key was admitted and refused, or what is left to a key
    ///
    /// The counts are Envoy's metrics. What is left to a key is what the filter answers at
    /// options.usage_path, which the document has to have.
    #[command(after_help = "Examples:\n  usage-plan usage --admin 127.0.0.1:9901\n  \
        usage-plan usage --by key --top 10 --sort refused\n  \
        usage-plan usage --key acme --gateway http://127.0.0.1:10000\n  \
        usage-plan usage --admin 10.0.0.1:9901 --admin 10.0.0.2:9901 --output json")]
    Usage(usage::Arguments),
    /// Print the configuration for the proxy that runs the filter: Envoy, Istio, Envoy Gateway
    ///
    /// The output holds the same secrets as the document, because the filter needs them: keep both safe.
    /// Secrets that the document names by secret_key_env are in neither; set these variables in Envoy's
    /// environment.
    #[command(after_help = "Examples:\n  usage-plan render --to envoy --upstream 127.0.0.1:8080\n  \
        usage-plan render --to ecds --module /etc/envoy/usage_plan.wasm\n  \
        usage-plan render --to xds --server plans.internal:18000 --server-ca /etc/envoy/ca.pem\n  \
        usage-plan render --to istio --image oci://registry.example.com/usage-plan:1\n  \
        usage-plan render --to envoy-gateway --image oci://registry.example.com/usage-plan:1")]
    Render(render::Arguments),
    /// Run the engine: counters that several Envoys share, and that outlive all of them
    ///
    /// It is a Rate Limit Service, as Envoy calls one. What is spent of quotas is on disk before it is
    /// answered. SIGTERM ends it when what is in flight is answered.
    Engine(engine::Arguments),
    /// Run the server: it edits the document for operators and their automation, and brings it to Envoys
    ///
    /// An edit is answered when Envoys have taken it. Edits of the command line and of the server can be made
    /// at the same time. SIGTERM ends it when what is in flight is answered.
    #[command(after_help = "Examples:\n  usage-plan serve\n  \
        usage-plan serve --publish /etc/envoy/usage-plan --admin 127.0.0.1:9901\n  \
        usage-plan serve --xds --engine\n  \
        usage-plan serve --xds 0.0.0.0:18000 --tls-cert server.pem --tls-key server.key --tls-client-ca ca.pem")]
    Serve(serve::Arguments),
    /// Import keys, usage plans and services from another gateway
    Import(import::Arguments),
    /// Print a script that completes commands, flags and the names in the document in a shell
    #[command(after_help = "Examples:\n  usage-plan completions bash\n  usage-plan completions zsh\n  \
        usage-plan completions fish")]
    Completions(completions::Arguments),
    /// Write the pages of the manual into a directory: one for each command
    #[command(after_help = "Example:\n  usage-plan man ~/.local/share/man/man1")]
    Man(man::Arguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Adds every command without subcommands to `found`, each with its full name.
    fn leaves<'c>(command: &'c clap::Command, path: &str, found: &mut Vec<(String, &'c clap::Command)>) {
        for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
            let path = format!("{path} {}", command.get_name());
            if command.has_subcommands() {
                leaves(command, &path, found);
            } else {
                found.push((path, command));
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
                // As a shell splits it, up to a pipe or a redirection.
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
            // The rest of the line is a comment for the shell.
            let command = line.split(" #").next().unwrap_or_default();
            // As a shell splits it, up to a pipe.
            let words = shlex::split(command).expect("quoted as a shell reads it");
            let words = words.into_iter().take_while(|word| word != "|");
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
