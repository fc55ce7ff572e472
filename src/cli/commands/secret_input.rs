//! Secrets on the command line, best given where neither a log nor the process list shows them.

use std::convert::Infallible;
use std::io::{self, IsTerminal, Read};
use std::str::FromStr;

use clap::Args;
use serde_json::json;
use usage_plan_core::document::{Secret, SecretSource, names};
use usage_plan_manage::draft::{KEYS, Members};
use usage_plan_manage::operations::key::NewSecret;
use usage_plan_manage::random;

use crate::output::answer::Answer;
use crate::output::error::{Error, Result};
use crate::output::flags::Flags;

/// More bytes than any secret has, so that a file given by mistake is not read to its end.
const MAX_INPUT: u64 = 4096;

/// The secret for a key; a random one when none is given.
#[derive(Args, Debug)]
pub(crate) struct SecretArguments {
    /// The secret key: `-` reads it from standard input, `env:NAME` from a variable
    #[arg(long, value_name = "- | env:NAME | SECRET", allow_hyphen_values = true)]
    secret_key: Option<SecretInput>,
    /// Keep the secret out of the document: Envoy reads it from this variable of its own environment
    #[arg(long, value_name = "NAME", conflicts_with = "secret_key")]
    secret_key_env: Option<String>,
    /// Keep the secret out of the document: `publish --resolve` reads it from this file; a relative path
    /// begins at the document
    #[arg(long, value_name = "PATH", conflicts_with_all = ["secret_key", "secret_key_env"])]
    secret_key_file: Option<String>,
}

/// Where a secret on the command line comes from.
#[derive(Clone, Debug)]
pub(crate) enum SecretInput {
    /// Standard input, without the line break at its end. On a terminal, what is typed is not shown.
    StandardInput,
    /// The variable of this name, in this process's environment.
    Variable(String),
    /// The command line itself, which everybody who can list processes has seen.
    Argument(Secret),
}

// === impl SecretArguments ===

impl SecretArguments {
    /// The secret that was given, or a random one.
    pub(crate) fn get(&self) -> Result<NewSecret> {
        match (&self.secret_key, &self.secret_key_env, &self.secret_key_file) {
            (Some(input), ..) => {
                let secret = input.read()?;
                if !names::SECRET_KEY.accepts(secret.expose()) {
                    return Err(Error::usage(format!("--secret-key: {}", names::SECRET_KEY.text())));
                }
                Ok(NewSecret::Given(SecretSource::Document(secret)))
            }
            (None, Some(name), _) => {
                Flags::check(KEYS, &Members::new().with("secret_key_env", Some(name.as_str())))?;
                Ok(NewSecret::Given(SecretSource::Environment(name.clone())))
            }
            (None, None, Some(path)) => {
                Flags::check(KEYS, &Members::new().with("secret_key_file", Some(path.as_str())))?;
                Ok(NewSecret::Given(SecretSource::File(path.clone())))
            }
            (None, None, None) => Ok(NewSecret::Random(random::secret()?)),
        }
    }

    /// `answer`, with a warning if others could see the secret.
    pub(crate) fn warn(&self, answer: Answer) -> Answer {
        match &self.secret_key {
            Some(input) => input.warn(answer),
            None => answer,
        }
    }
}

// === impl SecretInput ===

impl SecretInput {
    /// Reads the secret.
    pub(crate) fn read(&self) -> Result<Secret> {
        match self {
            Self::Argument(secret) => Ok(secret.clone()),
            Self::Variable(name) => std::env::var(name).map(Secret::new).map_err(|_| {
                Error::refused(format!(
                    "--secret-key env:{name}: there is no such variable, or it is not text"
                ))
            }),
            Self::StandardInput if io::stdin().is_terminal() => {
                let typed = rpassword::prompt_password("Secret key (it is not shown): ");
                typed
                    .map(Secret::new)
                    .map_err(|error| Error::unreachable("--secret-key -: the terminal", error))
            }
            Self::StandardInput => {
                let mut text = String::new();
                let read = io::stdin().lock().take(MAX_INPUT).read_to_string(&mut text);
                read.map_err(|error| Error::unreachable("--secret-key -: standard input", error))?;
                Ok(Secret::new(text.trim_end_matches(['\r', '\n'])))
            }
        }
    }

    /// `answer`, with a warning if others could see the secret.
    pub(crate) fn warn(&self, answer: Answer) -> Answer {
        match self {
            Self::Argument(_) => answer.warn(
                "a secret on the command line is seen in the process list and in the shell's history: \
                 use --secret-key - and write it to standard input, or --secret-key env:NAME",
            ),
            Self::StandardInput | Self::Variable(_) => answer,
        }
    }
}

impl FromStr for SecretInput {
    type Err = Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Infallible> {
        Ok(match (text, text.strip_prefix("env:")) {
            ("-", _) => Self::StandardInput,
            (_, Some(name)) => Self::Variable(name.to_owned()),
            (text, None) => Self::Argument(Secret::new(text)),
        })
    }
}

/// What the owner of a key learns of its new secret.
pub(crate) fn secret_answer(secret_id: &str, secret: &NewSecret) -> Answer {
    let (shown, member) = match secret {
        NewSecret::Random(secret) => (secret.expose().to_owned(), Some(("secret_key", secret.expose()))),
        NewSecret::Given(SecretSource::Document(_)) => ("as given".to_owned(), None),
        NewSecret::Given(SecretSource::Environment(name)) => (
            format!("in the variable {name} of Envoy's environment"),
            Some(("secret_key_env", name.as_str())),
        ),
        NewSecret::Given(SecretSource::File(path)) => (
            format!("in the file {path}, from which `publish --resolve` takes it"),
            Some(("secret_key_file", path.as_str())),
        ),
    };
    let text = format!("secret_id   {secret_id}\nsecret_key  {shown}");
    let mut answer = Answer::new(text, json!({"secret_id": secret_id}));
    if let Some((member, value)) = member {
        answer.insert(member, value);
    }
    answer
}
