//! `usage-plan sign`

use clap::{Args, ValueEnum};
use serde_json::json;
use usage_plan_core::auth::DateName;
use usage_plan_core::document::{Algorithm, names};
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::dates;
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::secrets::LocalDocument;
use usage_plan_manage::sign::{self, HeaderField, KeyPair, Options, Request, Signed, Url, sign};

use super::complete;
use super::secret_input::SecretInput;
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};

/// A request to sign, and the key to sign it with.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Where the request goes: http:// or https://
    url: Url,
    /// The key of the document to sign with: its secret_id or name
    #[arg(long, required_unless_present = "secret_id", conflicts_with_all = ["secret_id", "secret_key"],
        add = complete::keys())]
    key: Option<String>,
    /// Sign with this secret_id and --secret-key, without a document
    #[arg(long, value_name = "ID", requires = "secret_key")]
    secret_id: Option<String>,
    /// The secret key: `-` reads it from standard input, `env:NAME` from a variable
    #[arg(long, value_name = "- | env:NAME | SECRET", allow_hyphen_values = true, requires = "secret_id")]
    secret_key: Option<SecretInput>,
    /// The request's method
    #[arg(short = 'X', long, default_value = "GET")]
    method: String,
    /// A header of the request; may be given more than once
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<HeaderField>,
    /// What to sign, in order, such as "x-date source" [default: x-date, what the service requires, each
    /// --header]
    #[arg(long, value_name = "NAMES")]
    signed_headers: Option<String>,
    /// What to sign with [default: the first that the document allows, else hmac-sha1]
    #[arg(long, value_parser = algorithm)]
    algorithm: Option<Algorithm>,
    /// When the request is signed, as RFC 3339 or HTTP writes it [default: now]
    #[arg(long, value_name = "TIME", value_parser = dates::parse)]
    date: Option<Timestamp>,
    /// What to print
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t)]
    form: Form,
    /// Where curl connects instead of the URL's host: HOST:PORT of an Envoy without TLS, or https://HOST:PORT
    /// of one with it
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
}

/// What to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The request's headers, a line each
    #[default]
    Headers,
    /// A curl command for a shell
    Curl,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(self, file: &DocumentFile) -> Result<Answer> {
        if self.address.is_some() && self.form != Form::Curl {
            return Err(Error::usage("--address is for --as curl"));
        }
        let local = match &self.key {
            Some(_) => Some(LocalDocument::read(file)?),
            None => None,
        };
        let key_pair = self.key_pair(local.as_ref())?;
        let Self { url, method, headers, signed_headers, algorithm, date, secret_key, .. } = self;
        let request = Request::new(&method, url, headers)?;
        let options = Options { signed_headers, algorithm, date };
        let config = local.as_ref().map(LocalDocument::config);
        let signed = sign(request, key_pair, options, config, dates::now())?;
        let mut answer = answer(&signed, self.form, self.address.as_deref());
        if let Some(input) = secret_key {
            answer = input.warn(answer);
        }
        match signed.refusal {
            Some(outcome) => Ok(answer.warn(format!(
                "the filter would refuse this request now ({}): `usage-plan explain` shows why",
                outcome.as_str()
            ))),
            None => Ok(answer),
        }
    }

    /// The id and the secret to sign with.
    fn key_pair(&self, local: Option<&LocalDocument>) -> Result<KeyPair> {
        if let (Some(id), Some(input)) = (&self.secret_id, &self.secret_key) {
            return KeyPair::new(id.clone(), input.read()?).map_err(Error::from);
        }
        // clap refuses a command line that has neither.
        let (Some(reference), Some(local)) = (&self.key, local) else {
            return Err(Error::usage("--key or --secret-id is needed"));
        };
        Ok(KeyPair::of(local, reference)?)
    }
}

fn answer(signed: &Signed, form: Form, address: Option<&str>) -> Answer {
    let curl = signed.curl(address);
    let lines = signed.headers.iter().map(|HeaderField { name, value }| format!("{name}: {value}"));
    let text = match form {
        Form::Headers => lines.collect::<Vec<_>>().join("\n"),
        Form::Curl => curl.clone(),
    };
    let fields =
        signed.headers.iter().map(|HeaderField { name, value }| json!({"name": name, "value": value}));
    let json = json!({
        "method": signed.method, "url": signed.url.to_string(), "secret_id": signed.secret_id,
        "algorithm": signed.algorithm.name(),
        "string_to_sign": String::from_utf8_lossy(&signed.string_to_sign),
        "headers": fields.collect::<Vec<_>>(), "curl": curl,
    });
    Answer::new(text, json)
}

impl From<sign::Error> for Error {
    /// The error in the words of this command, with its flags.
    fn from(error: sign::Error) -> Self {
        let [x_date, date] = [DateName::XDate, DateName::Date].map(DateName::name);
        Self::usage(match error {
            sign::Error::Refused(refusal) => return refusal.into(),
            sign::Error::NoSecret { key, missing } => {
                let why =
                    missing.map_or_else(|| "it has no secret".to_owned(), |missing| missing.to_string());
                return Self::refused(format!("key {key} cannot sign here: {why}"));
            }
            sign::Error::SecretId => format!("--secret-id {}", names::SECRET_ID.text()),
            sign::Error::SecretKey => format!("--secret-key {}", names::SECRET_KEY.text()),
            sign::Error::Method => "--method must be the name of a method, such as POST".to_owned(),
            sign::Error::AuthorizationGiven => "--header: Authorization is what this command adds".to_owned(),
            sign::Error::HostRepeated => "--header: Host is given more than once".to_owned(),
            sign::Error::SignedNames => {
                "--signed-headers must be up to 32 names of headers separated by spaces, none of them twice"
                    .to_owned()
            }
            sign::Error::NoDateSigned => {
                format!("--signed-headers needs {x_date} or {date}: the filter requires one")
            }
            sign::Error::DateUnused => "--date has no effect: --header gives the date".to_owned(),
            sign::Error::HeaderMissing(name) => {
                format!("{name} is to be signed: give it with --header '{name}: ...', at most 4 KiB long")
            }
            sign::Error::HeaderRepeated => "a header that is to be signed is given more than once".to_owned(),
        })
    }
}

fn algorithm(name: &str) -> std::result::Result<Algorithm, String> {
    Algorithm::from_name(name.as_bytes())
        .ok_or_else(|| format!("must be one of {}", Algorithm::ALL.map(Algorithm::name).join(", ")))
}
