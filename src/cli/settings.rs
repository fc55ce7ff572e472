//! The settings: flags that can also be given by a variable, or in `usage-plan.toml` beside the document.
//!
//! A setting is every flag of this name, whichever command has it: a variable and a value of the file are put
//! into the commands before the command line is read. So a command knows nothing of settings, and a flag that
//! is added to one is a setting at once.

mod file;
mod kind;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use self::file::{File, Setting};
pub(crate) use self::kind::NO_FILE;
use self::kind::{KINDS, Kind};
use crate::output::error::{Error, Result};

/// The file's name. It lies beside the document.
pub(crate) const NAME: &str = "usage-plan.toml";

/// Flags that are of the same name as a setting and mean something else, each with its command.
const OTHERS: [(&str, &str); 8] = [
    ("render", "to"),
    ("render", "admin"),
    ("render", "gateway"),
    // The engine's admin port.
    ("engine", "admin"),
    ("show", "admin"),
    ("set", "admin"),
    ("import", "admin"),
    ("reset", "admin"),
];

/// The command that makes the file: its variables hold, and a file that is there already does not.
const INIT: &str = "init";

/// What only `init` takes from variables.
const OF_INIT: [&str; 2] = ["listen", "upstream"];

/// The settings of a process.
#[derive(Debug)]
pub(crate) struct Settings {
    path: PathBuf,
    /// What the file says; nothing when it is not there.
    file: std::result::Result<File, String>,
}

// === impl Settings ===

impl Settings {
    /// The settings beside the document that the command line names, even if the rest of it cannot be read.
    pub(crate) fn beside_document_of(arguments: &[OsString]) -> Self {
        let document = document_of(arguments, std::env::var_os("USAGE_PLAN_FILE"));
        let path = document.parent().unwrap_or(Path::new("")).join(NAME);
        let file = File::read(&path);
        Self { path, file }
    }

    /// `command` with the variables and the values of the file, wherever it has a flag for them.
    pub(crate) fn apply(&self, command: Command) -> Command {
        let of_command = command.get_name().to_owned();
        command
            .mut_args(|flag| self.apply_to_flag(&of_command, flag))
            .mut_subcommands(|command| self.apply(command))
    }

    fn apply_to_flag(&self, command: &str, flag: Arg) -> Arg {
        let Some(name) = flag.get_long().map(str::to_owned) else { return flag };
        let flag = match kind(command, &name) {
            _ if command == INIT && OF_INIT.contains(&name.as_str()) => return flag.env(variable(&name)),
            None => return flag,
            Some(Kind::List) => flag.value_delimiter(','),
            Some(_) => flag,
        };
        let flag = flag.env(variable(&name)).hide_env_values(true);
        match self.setting(command, &name) {
            Some(setting) if reason_against(&flag, setting).is_none() => {
                flag.required(false).default_values(setting.values.clone())
            }
            _ => flag,
        }
    }

    /// Why the command that was asked for cannot run with this file, if it takes a setting of it.
    pub(crate) fn check(&self, command: &Command, arguments: &[OsString]) -> Result<()> {
        let Some(command) = leaf_in(command, arguments).filter(|command| command.get_name() != INIT) else {
            return Ok(());
        };
        let flags = || {
            let named = |flag| Some((Arg::get_long(flag)?, flag));
            let flags = command.get_arguments().filter_map(named);
            flags.filter(|(name, _)| kind(command.get_name(), name).is_some())
        };
        if flags().next().is_none() {
            return Ok(());
        }
        let file = self.file.as_ref().map_err(|message| Error::usage(message.clone()))?;
        for (name, flag) in flags() {
            if let Some(setting) = file.get(name)
                && let Some(reason) = reason_against(flag, setting)
            {
                let (path, line) = (self.path.display(), setting.line);
                return Err(Error::usage(format!("{path}:{line}: {name}: {reason}")));
            }
        }
        Ok(())
    }

    /// Says which values of a command came from the file, for an error that one of them may have caused.
    pub(crate) fn origin(&self, matches: &ArgMatches) -> Option<String> {
        let (command, matches) = leaf(matches)?;
        let is_used = |name: &&str| {
            matches.ids().any(|id| id.as_str() == name.replace('-', "_"))
                && matches.value_source(&name.replace('-', "_")) == Some(ValueSource::DefaultValue)
        };
        let places: Vec<String> = KINDS
            .iter()
            .map(|(name, _)| *name)
            .filter(is_used)
            .filter_map(|name| Some(format!("{name} (line {})", self.setting(command, name)?.line)))
            .collect();
        (!places.is_empty()).then(|| format!("settings of {}: {}", self.path.display(), places.join(", ")))
    }

    fn setting(&self, command: &str, name: &str) -> Option<&Setting> {
        kind(command, name)?;
        self.file.as_ref().ok().filter(|_| command != INIT)?.get(name)
    }
}

/// The flags that were typed, in the command that was asked for.
pub(crate) fn typed(matches: &ArgMatches) -> Vec<String> {
    let Some((_, matches)) = leaf(matches) else { return Vec::new() };
    let ids = matches.ids().map(clap::Id::as_str);
    // A group of flags is among the ids, and has no source.
    let is_typed = |id: &&str| {
        matches.try_contains_id(id).is_ok() && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    ids.filter(is_typed).map(str::to_owned).collect()
}

/// The kind of the setting that the flag `name` of `command` is, if it is one.
fn kind(command: &str, name: &str) -> Option<Kind> {
    let found = KINDS.iter().find(|(setting, _)| *setting == name && !OTHERS.contains(&(command, name)));
    found.map(|(_, kind)| *kind)
}

/// The variable of a setting: `USAGE_PLAN_VM_ID` for `vm-id`.
fn variable(name: &str) -> String {
    format!("USAGE_PLAN_{}", name.replace('-', "_").to_uppercase())
}

/// Why `flag` does not take the value, in clap's words.
fn reason_against(flag: &Arg, setting: &Setting) -> Option<String> {
    let long = flag.get_long().unwrap_or_default().to_owned();
    let alone = Command::new("usage-plan").arg(flag.clone().required(false));
    let words = setting.values.iter().map(|value| format!("--{long}={value}"));
    let error = alone.try_get_matches_from([String::new()].into_iter().chain(words)).err()?;
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    Some(first.trim_start_matches("error: ").to_owned())
}

/// The document that the command line names.
fn document_of(arguments: &[OsString], variable: Option<OsString>) -> PathBuf {
    let joined = |word: &OsString| word.to_str()?.strip_prefix("--file=").map(PathBuf::from);
    let separate = |pair: &[OsString]| match pair {
        [flag, path] if flag == OsStr::new("--file") => Some(PathBuf::from(path)),
        _ => None,
    };
    let named = arguments.windows(2).find_map(separate).or_else(|| arguments.iter().find_map(joined));
    named.or_else(|| variable.map(PathBuf::from)).unwrap_or_else(|| PathBuf::from("./usage-plans.json"))
}

/// The command that was asked for, with what was given to it.
fn leaf(matches: &ArgMatches) -> Option<(&str, &ArgMatches)> {
    let (name, matches) = matches.subcommand()?;
    Some(leaf(matches).unwrap_or((name, matches)))
}

/// The command that the words of the command line name, even if the rest of them cannot be read.
fn leaf_in<'c>(root: &'c Command, arguments: &[OsString]) -> Option<&'c Command> {
    let mut found = root;
    for word in arguments.iter().skip(1).filter_map(|word| word.to_str()) {
        match found.find_subcommand(word) {
            Some(command) => found = command,
            None if !found.has_subcommands() => break,
            None => {}
        }
    }
    (!found.has_subcommands()).then_some(found)
}
