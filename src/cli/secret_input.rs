//! Secrets from where neither a log nor the process list shows them.

use std::convert::Infallible;
use std::io::{self, Read};
use std::str::FromStr;

use clap::Args;

use super::answer::Answer;
use super::error::{Error, Result};
use super::random;
use usage_plan_core::document::Secret;
use usage_plan_core::document::SecretSource;

/// As the cloud product made them; 238 random bits.
const LENGTH: usize = 40;

/// More than any secret has; a file given by mistake is not read to its end.
const MAX_INPUT: u64 = 4096;

/// A secret key of one's own.
#[derive(Args, Debug)]
pub struct SecretArguments {
    /// The secret key: `-` reads it from standard input, `env:NAME` from a variable
    #[arg(long, value_name = "- | env:NAME | SECRET", allow_hyphen_values = true)]
    secret_key: Option<SecretInput>,
    /// Keep the secret out of the document: Envoy reads it from this variable of its own environment
    #[arg(long, value_name = "NAME", conflicts_with = "secret_key")]
    secret_key_env: Option<String>,
}

/// Where a secret on the command line comes from.
#[derive(Clone, Debug)]
pub(super) enum SecretInput {
    StandardInput,
    Variable(String),
    /// Everybody who can list processes has seen it.
    Argument(Secret),
}

// === impl SecretArguments ===

impl SecretArguments {
    /// What was given, if anything was.
    pub(super) fn get(&self) -> Result<Option<SecretSource>> {
        match (&self.secret_key, &self.secret_key_env) {
            (Some(input), _) => input.read().map(SecretSource::Document).map(Some),
            (None, Some(name)) => Ok(Some(SecretSource::Environment(name.clone()))),
            (None, None) => Ok(None),
        }
    }

    /// `answer`, with a warning when the secret was seen on its way.
    pub(super) fn warn(&self, answer: Answer) -> Answer {
        match &self.secret_key {
            Some(input) => input.warn(answer),
            None => answer,
        }
    }
}

// === impl SecretInput ===

impl SecretInput {
    pub(super) fn read(&self) -> Result<Secret> {
        match self {
            Self::Argument(secret) => Ok(secret.clone()),
            Self::Variable(name) => std::env::var(name).map(Secret::new).map_err(|_| {
                Error::refused(format!(
                    "--secret-key env:{name}: there is no such variable, or it is not text"
                ))
            }),
            Self::StandardInput => {
                let mut text = String::new();
                let read = io::stdin().lock().take(MAX_INPUT).read_to_string(&mut text);
                read.map_err(|error| Error::unreachable("--secret-key -: standard input", error))?;
                Ok(Secret::new(text.trim_end_matches(['\r', '\n'])))
            }
        }
    }

    /// `answer`, with a warning when the secret was seen on its way.
    pub(super) fn warn(&self, answer: Answer) -> Answer {
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

/// A new secret from the system's random source.
pub(super) fn random() -> Result<SecretSource> {
    random::alphanumeric(LENGTH).map(Secret::new).map(SecretSource::Document)
}
