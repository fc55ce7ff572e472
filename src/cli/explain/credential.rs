//! The credential, as far as it can be judged without its key: its form, its algorithm, what it signs, and when.

use std::time::Duration;

use super::Inquiry;
use super::step::{Step, quoted, visible};
use usage_plan_core::auth::credential::{Credential, has_scheme};
use usage_plan_core::auth::date::LastDate;
use usage_plan_core::auth::string_to_sign::{Spelling, string_to_sign};
use usage_plan_core::auth::{DateName, Failure, Occurrence};
use usage_plan_core::document::Algorithm;
use usage_plan_core::lookup::Target;

/// The parameters, as they should be.
const FORM: &str = "hmac id=\"...\", algorithm=\"hmac-sha1\", headers=\"x-date ...\", signature=\"...\"";

// === impl Inquiry ===

impl<'a> Inquiry<'a> {
    /// The credential, if it can be parsed.
    pub(super) fn credential(&self, target: Target<'_>, steps: &mut Vec<Step>) -> Option<Credential<'a>> {
        let credential = match self.headers.occurrence(b"authorization") {
            Occurrence::Once(value) if has_scheme(value) => Credential::parse(value).map_err(ill_formed),
            Occurrence::Once(value) => {
                let scheme = value.split(u8::is_ascii_whitespace).next().unwrap_or_default();
                Err(format!("Authorization has the scheme {}, not hmac", quoted(scheme)))
            }
            Occurrence::Absent => Err("there is no Authorization header".to_owned()),
            Occurrence::Repeated => Err("there is more than one Authorization header".to_owned()),
        };
        let credential = match credential {
            Ok(credential) => credential,
            Err(why) => {
                steps.push(Step::refused("credential", why).with("form", FORM));
                return None;
            }
        };
        let names: Vec<String> = credential.headers.iter().map(visible).collect();
        steps.push(
            Step::ok("credential", "well formed")
                .with("id", quoted(credential.id))
                .with("algorithm", quoted(credential.algorithm))
                .with("headers", quoted(names.join(" ").as_bytes()))
                .with("signature", quoted(credential.signature)),
        );
        steps.push(self.algorithm(credential.algorithm));
        steps.push(self.signed_headers(target, &credential));
        let dates = DateName::ALL.into_iter().filter(|date| credential.headers.contains(date.name()));
        steps.extend(dates.filter_map(|date| self.date(date)));
        Some(credential)
    }

    fn algorithm(&self, name: &[u8]) -> Step {
        let allowed = &self.configured.config.options().allowed_algorithms;
        let names = || allowed.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ");
        match Algorithm::from_name(name) {
            Some(algorithm) if allowed.contains(&algorithm) => Step::ok("algorithm", algorithm.name()),
            Some(_) => Step::refused("algorithm", format!("the options allow only {}", names())),
            None => {
                Step::refused("algorithm", format!("{} is none of {}, in lower case", quoted(name), names()))
            }
        }
    }

    fn signed_headers(&self, target: Target<'_>, credential: &Credential<'_>) -> Step {
        let name = "signed headers";
        if !DateName::ALL.iter().any(|date| credential.headers.contains(date.name())) {
            return Step::refused(name, "neither x-date nor date is among them");
        }
        let mut required = target.service.required_signed_headers().iter();
        if let Some(required) = required.find(|name| !credential.headers.contains(name)) {
            return Step::refused(name, format!("the service wants {required} signed too"));
        }
        match string_to_sign(credential.headers, self.headers, Spelling::LowerCase) {
            Ok(_) => Step::ok(name, "each is there once"),
            Err(Failure::HeaderMissing(absent)) => {
                let is_there = self.headers.occurrence(absent.as_bytes()) != Occurrence::Absent;
                let why = if is_there { "is longer than what is signed" } else { "is not in the request" };
                Step::refused(name, format!("{} {why}", visible(absent.as_bytes())))
            }
            Err(_) => Step::refused(name, "one is there more than once: a signature covers one value"),
        }
    }

    /// Whether a signed date is near enough; nothing when it is not there.
    fn date(&self, date: DateName) -> Option<Step> {
        let Occurrence::Once(value) = self.headers.occurrence(date.name().as_bytes()) else { return None };
        let (name, value) = (date.name(), quoted(value));
        let options = self.configured.config.options();
        if !date.is_checked(options) {
            let detail =
                format!("{name} {value} is not compared with the clock: options.date_header is unchecked");
            return Some(Step::ok("date", detail));
        }
        let Ok(moment) = date.read(self.headers, &LastDate::default()) else {
            let detail =
                format!("{name} {value} is no date such as \"{}\"", crate::moment::http_date(self.now));
            return Some(Step::refused("date", detail));
        };
        let (late, early) = (self.now.saturating_since(moment), moment.saturating_since(self.now));
        let seconds = |span: Duration| humantime::format_duration(Duration::from_secs(span.as_secs()));
        let apart = match (late.as_secs(), early.as_secs()) {
            (0, 0) => "the present moment".to_owned(),
            (_, 0) => format!("{} before the clock", seconds(late)),
            (_, _) => format!("{} ahead of the clock", seconds(early)),
        };
        let detail = format!("{name} is {apart}, and may be {} off", seconds(options.clock_skew));
        Some(match date.check(moment, self.now, options.clock_skew) {
            Ok(()) => Step::ok("date", detail),
            Err(_) => Step::refused("date", detail),
        })
    }
}

fn ill_formed(failure: Failure) -> String {
    match failure {
        Failure::Incomplete => "one of its four parameters is missing",
        Failure::Empty => "its id or its signature is empty",
        _ => "it is not of this form: each parameter once, in double quotes, nothing after the last; up to 32 names of headers, none twice",
    }
    .to_owned()
}
