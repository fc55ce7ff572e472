//! `usage-plan sign`

mod curl;
mod request;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use serde_json::json;

use self::request::{HeaderField, Request, Url};
use super::answer::Answer;
use super::configured::{self, Configured};
use super::document_file::DocumentFile;
use super::draft::KEYS;
use super::error::{Error, Result};
use super::key;
use super::moment;
use super::secret_input::SecretInput;
use usage_plan_core::auth::credential::SignedNames;
use usage_plan_core::auth::mac::mac;
use usage_plan_core::auth::string_to_sign::{Spelling, string_to_sign};
use usage_plan_core::auth::{Authenticator, DateName, Failure, Headers};
use usage_plan_core::document::Algorithm;
use usage_plan_core::document::{Secret, names};
use usage_plan_core::gate::decision::{Decision, decide};
use usage_plan_core::lookup::Config;
use usage_plan_core::timestamp::Timestamp;

/// A request to sign, and the key to sign it with.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Where the request goes: http:// or https://
    url: Url,
    /// The key of the document to sign with: its secret_id or name
    #[arg(long, required_unless_present = "secret_id", conflicts_with_all = ["secret_id", "secret_key"])]
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
    /// What to sign, in order, such as "x-date source" [default: x-date, what the service requires, each --header]
    #[arg(long, value_name = "NAMES")]
    signed_headers: Option<String>,
    /// What to sign with [default: the first that the document allows, else hmac-sha1]
    #[arg(long, value_parser = algorithm)]
    algorithm: Option<Algorithm>,
    /// When the request is signed, as RFC 3339 or HTTP writes it [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = moment::parse)]
    date: Option<Timestamp>,
    /// What to print
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t)]
    form: Form,
    /// Where curl shall connect to instead of the URL's host: an Envoy without TLS, or https://HOST:PORT for one with it
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
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        if self.address.is_some() && self.form != Form::Curl {
            return Err(Error::usage("--address is for --as curl"));
        }
        let configured = self.key.as_ref().map(|_| Configured::read(file)).transpose()?;
        let config = configured.as_ref().map(|configured| &configured.config);
        let (id, secret) = self.pair(configured.as_ref())?;
        let mut request = Request::new(&self.method, &self.url, &self.headers)?;
        let names = self.signed_names(config, &request);
        self.date(&names, &mut request)?;
        let algorithm = self.algorithm.or_else(|| config?.options().allowed_algorithms.first().copied());
        let algorithm = algorithm.unwrap_or(Algorithm::HmacSha1);
        let message = request.with_fields(|headers| message(&names, headers))?;
        let signature = STANDARD.encode(mac(&secret, algorithm, &message));
        let credential = format!(
            "hmac id=\"{id}\", algorithm=\"{}\", headers=\"{names}\", signature=\"{signature}\"",
            algorithm.name()
        );
        request.add("Authorization", &credential);
        let lines =
            request.lines(names.split_ascii_whitespace().any(|name| name.eq_ignore_ascii_case("host")));
        let curl = curl::command(&self.method, &self.url, &lines, self.address.as_deref());
        let text = match self.form {
            Form::Headers => {
                lines.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
            }
            Form::Curl => curl.clone(),
        };
        let fields = lines.iter().map(|(name, value)| json!({"name": name, "value": value}));
        let json = json!({
            "method": self.method, "url": self.url.to_string(), "secret_id": id, "algorithm": algorithm.name(),
            "string_to_sign": String::from_utf8_lossy(&message), "headers": fields.collect::<Vec<_>>(), "curl": curl,
        });
        let mut answer = Answer::new(text, json);
        if let Some(input) = &self.secret_key {
            answer = input.warn(answer);
        }
        match config.and_then(|config| request.with_fields(|headers| refusal(config, headers))) {
            Some(outcome) => Ok(answer.warn(format!(
                "the filter would refuse this request now ({outcome}): `usage-plan explain` tells why"
            ))),
            None => Ok(answer),
        }
    }

    /// The id and the secret to sign with.
    fn pair(&self, configured: Option<&Configured>) -> Result<(String, Secret)> {
        if let (Some(id), Some(input)) = (&self.secret_id, &self.secret_key) {
            let secret = input.read()?;
            for (option, text, rule) in [
                ("--secret-id", id.as_str(), &names::SECRET_ID),
                ("--secret-key", secret.expose(), &names::SECRET_KEY),
            ] {
                if !rule.accepts(text) {
                    return Err(Error::usage(format!("{option} {}", rule.text())));
                }
            }
            return Ok((id.clone(), secret));
        }
        // The grammar of the command line sees to it that there is one.
        let (Some(reference), Some(Configured { draft, .. })) = (&self.key, configured) else {
            return Err(Error::usage("--key or --secret-id is needed"));
        };
        let name = draft.resolve(KEYS, reference)?;
        let source = key::find(draft.document(), &name.id)?.secret.as_ref();
        let secret = source.map_or_else(|| Err("it has no secret".to_owned()), configured::secret);
        match secret {
            Ok(secret) => Ok((name.id, secret)),
            Err(why) => Err(Error::refused(format!("key {name} cannot sign here: {why}"))),
        }
    }

    /// The names to sign, separated by spaces.
    fn signed_names(&self, config: Option<&Config>, request: &Request) -> String {
        if let Some(names) = &self.signed_headers {
            return names.clone();
        }
        let target = config.and_then(|config| {
            let (authority, path) = (request.authority().as_bytes(), self.url.path().as_bytes());
            config.target(authority, path).ok()
        });
        let required = target.map(|target| target.service.required_signed_headers()).unwrap_or_default();
        let given = self.headers.iter().map(|field| field.name().to_ascii_lowercase());
        let mut names = vec![DateName::XDate.name().to_owned()];
        for name in required.iter().cloned().chain(given) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(" ")
    }

    /// Adds each date that is to be signed and was not given.
    fn date(&self, names: &str, request: &mut Request) -> Result<()> {
        let is_signed = |date: &DateName| {
            names.split_ascii_whitespace().any(|name| name.eq_ignore_ascii_case(date.name()))
        };
        let signed: Vec<DateName> = DateName::ALL.into_iter().filter(is_signed).collect();
        if signed.is_empty() {
            return Err(Error::usage("--signed-headers needs x-date or date: the filter asks for one"));
        }
        let missing: Vec<DateName> = signed.into_iter().filter(|date| !request.has(date.name())).collect();
        if missing.is_empty() && self.date.is_some() {
            return Err(Error::usage("--date is of no use: the date is given with --header"));
        }
        let date = moment::http_date(self.date.unwrap_or_else(moment::now));
        for name in missing {
            request.add(if name == DateName::XDate { "X-Date" } else { "Date" }, &date);
        }
        Ok(())
    }
}

/// The string to sign.
fn message(names: &str, headers: Headers<'_>) -> Result<Vec<u8>> {
    let message = SignedNames::parse(names.as_bytes())
        .and_then(|names| string_to_sign(names, headers, Spelling::LowerCase));
    message.map_err(|failure| match failure {
        Failure::HeaderMissing(name) => Error::usage(format!(
            "{name} is to be signed: give it with --header '{name}: ...', at most 4 KiB long"
        )),
        Failure::HeaderRepeated => Error::usage("a header that is to be signed is given more than once"),
        _ => Error::usage(
            "--signed-headers: must be up to 32 names of headers, separated by spaces, none twice",
        ),
    })
}

/// Why the filter would refuse the request now, in a word.
fn refusal(config: &Config, headers: Headers<'_>) -> Option<&'static str> {
    match decide(config, &Authenticator::new(config), headers, moment::now()) {
        Decision::Refused(_, refusal) => Some(refusal.outcome().as_str()),
        Decision::Anonymous(_) | Decision::Known(..) => None,
    }
}

fn algorithm(name: &str) -> std::result::Result<Algorithm, String> {
    Algorithm::from_name(name.as_bytes())
        .ok_or_else(|| format!("must be one of {}", Algorithm::ALL.map(Algorithm::name).join(", ")))
}
