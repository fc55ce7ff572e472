//! The form of a case.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::text::Text;
use crate::version::Version;

/// How a request reaches the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The emulator hands it over as it is.
    Filter,
    /// Envoy receives it over HTTP/1.1.
    Http1,
    /// Envoy receives it over HTTP/2.
    Http2,
}

/// A file of the corpus.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) class: String,
    pub(super) cases: Vec<Case>,
}

/// A request, what it must get, and the defect that it stands for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A sentence, which no other case has.
    pub name: String,
    /// The defect that lets such a request through, or lets it do harm.
    pub stands_for: String,
    /// Published defects of this kind, in any product.
    #[serde(default)]
    pub cve: Vec<String>,
    /// The letter of the hole of this filter that it shows closed.
    pub hole: Option<String>,
    /// The document in force.
    #[serde(default = "main")]
    pub document: String,
    /// The request.
    pub request: Request,
    /// What it gets.
    pub expect: Expected,
    /// What it gets from Envoy, over either protocol, where that differs.
    pub envoy: Option<Expected>,
    /// What it gets from Envoy over HTTP/1.1, where that differs.
    pub envoy_h1: Option<Expected>,
    /// What it gets from Envoy over HTTP/2, where that differs.
    pub envoy_h2: Option<Expected>,
    /// The first version of Envoy, such as `[1, 39]`, that differs. An older one does what the filter does.
    pub envoy_from: Option<(u32, u32)>,
    /// Why the case says nothing about a real Envoy.
    pub emulator_only: Option<String>,
}

/// How a request is made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Request {
    /// The method, `GET` by default.
    pub method: Text,
    /// The host, that of the service `orders` by default.
    pub authority: Text,
    /// The request target, `/release/x` by default.
    pub path: Text,
    /// The headers that are there when the request is signed.
    pub headers: Vec<(Text, Text)>,
    /// How it is signed, if it is.
    pub sign: Option<Sign>,
    /// The headers that are added after it was signed.
    pub then: Vec<(Text, Text)>,
    /// New values of headers, after it was signed.
    pub replace: Vec<(Text, Text)>,
    /// The body.
    pub body: Text,
    /// The fields after the body.
    pub trailers: Vec<(Text, Text)>,
}

/// A signature.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sign {
    /// The `secret_id` that is sent.
    pub id: String,
    /// The secret that signs; by default that of the key in the document.
    pub secret: Option<String>,
    pub algorithm: String,
    /// The list of signed headers, as the credential spells it.
    pub headers: String,
    /// The date from now, in seconds.
    pub date: i64,
    /// The header of the date; none if empty.
    pub date_header: String,
    pub date_form: DateForm,
    pub signature: SignatureForm,
    /// Texts of the credential that are replaced; each is there.
    pub edit: Vec<(String, Text)>,
}

/// How a date is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum DateForm {
    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    #[default]
    Imf,
    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    Rfc850,
    /// `Sun Nov  6 08:49:37 1994`
    Asctime,
    /// `Sun, 06 Nov 1994 08:49:37 UTC`
    Utc,
    /// `Sun, 06 Nov 1994 08:49:37 +0000`
    Offset,
    /// `Sun, 06 Nov 1994 08:49:37 PST`
    Zone,
    /// The name of the day after.
    WrongWeekday,
    /// `XYZ` for the weekday.
    NoWeekday,
    /// `1994-11-06T08:49:37Z`
    Rfc3339,
    /// Seconds since 1970.
    Unix,
    /// `Sun, 06 Nov 1994 08:49:37 gmt`
    LowerCase,
    /// The date and, after a space, the same date.
    Twice,
}

/// What is done to a right signature.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum SignatureForm {
    #[default]
    Right,
    /// Its padding is left out.
    Unpadded,
    /// One more `=` is added.
    MorePadding,
    /// Its last bits, which decode to nothing, are not zero.
    TrailingBits,
    /// `-` and `_` for `+` and `/`.
    UrlSafe,
    /// In hexadecimal.
    Hex,
    /// The first half of the bytes.
    Half,
    /// All bytes and one more.
    Longer,
    /// Each letter in the other case.
    OtherCase,
    /// Its first byte changed.
    FirstByte,
    /// Its last byte changed.
    LastByte,
}

/// What a request gets.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expected {
    /// The status; none where Envoy resets the stream.
    pub status: Option<u16>,
    /// The filter's message.
    pub message: Option<Text>,
    /// The filter's outcome, `refused_by_codec`, or `refused_by_envoy` after the filter has let it through.
    pub outcome: String,
    /// What reaches the upstream; nothing where this is absent.
    pub upstream: Option<Upstream>,
    /// Headers of the answer.
    pub answer: BTreeMap<String, String>,
}

/// What reaches the upstream.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Upstream {
    /// The path, where the case says something about it.
    pub path: Option<Text>,
    /// The values of the four identity headers: plan, environment, key, service. Without it there are none.
    pub identity: Option<[String; 4]>,
    /// The value of the identity header that has all of them. Without it there is none.
    pub joined_identity: Option<String>,
    /// Headers that are not there.
    pub absent: Vec<String>,
    /// Headers that are there once, with their value, or with any where it is `*`. `authorization` is there
    /// only if it is named here.
    pub present: BTreeMap<String, String>,
    /// All trailers.
    pub trailers: Vec<(Text, Text)>,
}

fn main() -> String {
    "main".to_owned()
}

// === impl Case ===

impl Case {
    /// The case for an Envoy of this version.
    #[must_use]
    pub fn on(&self, version: Version) -> Self {
        let differs = self.envoy_from.is_none_or(|(major, minor)| version >= Version::new(major, minor));
        if differs {
            self.clone()
        } else {
            Self { envoy: None, envoy_h1: None, envoy_h2: None, ..self.clone() }
        }
    }

    /// What the request gets from that target.
    pub fn expected(&self, target: Target) -> &Expected {
        let own = match target {
            Target::Filter => return &self.expect,
            Target::Http1 => &self.envoy_h1,
            Target::Http2 => &self.envoy_h2,
        };
        own.as_ref().or(self.envoy.as_ref()).unwrap_or(&self.expect)
    }
}

impl Case {
    /// The same case with each repetition in its request made twice as long; `None` when there is none.
    pub fn doubled(&self) -> Option<Self> {
        let mut case = self.clone();
        let request = &mut case.request;
        let edits = request.sign.iter_mut().flat_map(|sign| sign.edit.iter_mut().map(|(_, to)| to));
        let lists = [&mut request.headers, &mut request.then, &mut request.replace, &mut request.trailers];
        let pairs = lists.into_iter().flatten().flat_map(|(name, value)| [name, value]);
        let texts = [&mut request.authority, &mut request.path].into_iter().chain(pairs).chain(edits);
        let doubled = texts.filter_map(|text| text.double().then_some(())).count();
        (doubled > 0).then_some(case)
    }
}

// === impl Request ===

impl Default for Request {
    fn default() -> Self {
        Self {
            method: "GET".into(),
            authority: "orders.example.com".into(),
            path: "/release/x".into(),
            headers: Vec::new(),
            sign: None,
            then: Vec::new(),
            replace: Vec::new(),
            body: Text::default(),
            trailers: Vec::new(),
        }
    }
}

// === impl Sign ===

impl Default for Sign {
    fn default() -> Self {
        Self {
            id: "AKIDacme0001".to_owned(),
            secret: None,
            algorithm: "hmac-sha1".to_owned(),
            headers: "x-date".to_owned(),
            date: 0,
            date_header: "x-date".to_owned(),
            date_form: DateForm::Imf,
            signature: SignatureForm::Right,
            edit: Vec::new(),
        }
    }
}
