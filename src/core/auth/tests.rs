//! Verifies credentials against a configuration: the test vectors, and the rows of `docs/rules.md#refusals`
//! in their order.

mod again;

use std::time::UNIX_EPOCH;

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::document::{Algorithm, Secret};
use crate::lookup::Config;
use crate::request::{Field, Request};
use crate::timestamp::Timestamp;

const VECTORS: &str = include_str!("../../../tests/vectors/key-pair.json");

/// 2018-03-19T12:08:40Z, when most of the vectors were signed.
const NOW: &str = "Mon, 19 Mar 2018 12:08:40 GMT";

struct Fixture {
    config: Config,
    authenticator: Authenticator,
    now: Timestamp,
    path: &'static str,
}

impl Fixture {
    fn new(options: &str) -> Self {
        let text = format!(
            r#"{{"services": [{{"id": "s", "domains": ["*"]}}],
              "keys": [
                {{"secret_id": "AKIDtestvector000000000000000000000000EX", "secret_key": "0123456789abcdefghijklmnopqrstuvwxyzTEST"}},
                {{"secret_id": "AKIDoff", "secret_key": "0123456789", "status": "disabled"}},
                {{"secret_id": "AKIDelsewhere", "secret_key": "0123456789",
                  "previous_secret_key": "9876543210",
                  "previous_secret_key_not_after": "2018-03-20T00:00:00Z"}}],
              "usage_plans": [
                {{"id": "p", "keys": ["AKIDtestvector000000000000000000000000EX", "AKIDoff"],
                  "environments": [{{"service": "s", "environment": "release"}}]}},
                {{"id": "q", "keys": ["AKIDelsewhere"], "environments": [{{"service": "s", "environment": "test"}}]}}],
              "options": {options}}}"#
        );
        let config = Config::parse(text.as_bytes(), &|_| None).expect("valid");
        let authenticator = Authenticator::new(&config);
        Self { config, authenticator, now: at(NOW), path: "/release" }
    }

    fn run(&self, fields: &[(String, Vec<u8>)]) -> Result<Caller, Failure> {
        let route = self.config.route(b"a", self.path.as_bytes()).expect("a route");
        let fields: Vec<Field<'_>> =
            fields.iter().map(|(name, value)| (name.as_bytes(), value.as_slice())).collect();
        let request = Request::new(&fields);
        let authorization = Authorization::of(&request);
        let authenticated =
            self.authenticator.authenticate(&self.config, route, &request, authorization, self.now);
        authenticated.map_err(|unproven| unproven.failure)
    }
}

fn at(date: &str) -> Timestamp {
    httpdate::parse_http_date(date).map_or(UNIX_EPOCH.into(), Timestamp::from)
}

fn field(name: &str, value: &str) -> (String, Vec<u8>) {
    (name.to_ascii_lowercase(), value.as_bytes().to_vec())
}

/// The header fields of the vector K2, which signs `x-date` and `source`, with `from` replaced by `to` in its
/// credential.
fn k2_with(from: &str, to: &str) -> Vec<(String, Vec<u8>)> {
    let credential = r#"hmac id="AKIDtestvector000000000000000000000000EX", algorithm="hmac-sha1", headers="x-date source", signature="dm+Mu2rHkm7PRuqUkWnrgNKD0+g=""#;
    assert!(credential.contains(from), "{from}");
    vec![
        field("x-date", NOW),
        field("source", "xxxxxx"),
        field("authorization", &credential.replace(from, to)),
    ]
}

fn k2() -> Vec<(String, Vec<u8>)> {
    k2_with("hmac ", "hmac ")
}

#[test]
fn every_vector_has_its_documented_result() {
    let vectors: Value = serde_json::from_str(VECTORS).expect("JSON");
    let list = vectors["vectors"].as_array().expect("a list");
    assert!(!list.is_empty());
    let id = vectors["secret_id"].as_str().expect("text");
    for vector in list {
        let mut fixture = Fixture::new("{}");
        let mut fields = Vec::new();
        let mut names = Vec::new();
        for header in vector["headers"].as_array().expect("a list") {
            let (name, value) = (header[0].as_str().expect("text"), header[1].as_str().expect("text"));
            if name.to_ascii_lowercase().ends_with("date") {
                fixture.now = at(value);
            }
            names.push(name);
            fields.push(field(name, value));
        }
        let text = |name: &str| vector[name].as_str().expect("text");
        fields.push(field(
            "authorization",
            &format!(
                r#"hmac id="{id}", algorithm="{}", headers="{}", signature="{}""#,
                text("algorithm"),
                names.join(" ").to_lowercase(),
                text("signature")
            ),
        ));
        let is_valid = vector["valid"].as_bool().expect("a boolean");
        let expected = if is_valid { Ok(()) } else { Err(Failure::SignatureMismatch) };
        assert_eq!(fixture.run(&fields).map(drop), expected, "{}", vector["name"]);
    }
}

#[test]
fn names_in_upper_case_are_signed_in_lower_case() {
    assert!(Fixture::new("{}").run(&k2_with("x-date source", "X-Date SOURCE")).is_ok());
}

#[test]
fn names_in_upper_case_may_also_be_signed_as_written() {
    // The signature of the name as written:
    // echo -n 'X-Date: Mon, 19 Mar 2018 12:08:40 GMT' |
    //   openssl dgst -sha1 -hmac "$secret_key" -binary | base64
    let signed = "x-date source\", signature=\"dm+Mu2rHkm7PRuqUkWnrgNKD0+g=";
    let as_written = "X-Date\", signature=\"ckX/7Nw+sGy58VHOv83ODMqrQbo=";
    assert!(Fixture::new("{}").run(&k2_with(signed, as_written)).is_ok());
    let lowered = as_written.replace("X-Date", "x-date");
    assert_eq!(Fixture::new("{}").run(&k2_with(signed, &lowered)), Err(Failure::SignatureMismatch));
}

#[test]
fn each_failed_check_has_a_different_failure() {
    let cases = [
        ("hmac ", "Bearer ", Failure::Missing),
        ("id=", "id:", Failure::Malformed),
        (", algorithm=\"hmac-sha1\"", "", Failure::Incomplete),
        ("dm+Mu2rHkm7PRuqUkWnrgNKD0+g=", "", Failure::Empty),
        ("hmac-sha1", "HMAC-SHA1", Failure::Algorithm("HMAC-SHA1".to_owned())),
        ("x-date source", "source", Failure::DateNotSigned),
        ("x-date source", "x-date Other", Failure::HeaderMissing("other".to_owned())),
        ("AKIDtestvector000000000000000000000000EX", "AKIDnobody", Failure::KeyUnknown),
        ("AKIDtestvector000000000000000000000000EX", "AKIDoff", Failure::KeyDisabled),
        ("AKIDtestvector000000000000000000000000EX", "AKIDelsewhere", Failure::KeyNotBound),
        ("dm+", "Dm+", Failure::SignatureMismatch),
        ("NKD0+g=", "NKD0+g", Failure::SignatureMismatch),
        ("dm+Mu2rHkm7PRuqUkWnrgNKD0+g=", "dm-Mu2rHkm7PRuqUkWnrgNKD0-g=", Failure::SignatureMismatch),
        ("dm+Mu2rHkm7PRuqUkWnrgNKD0+g=", "*", Failure::SignatureMismatch),
    ];
    for (from, to, failure) in cases {
        assert_eq!(Fixture::new("{}").run(&k2_with(from, to)), Err(failure), "{from} -> {to}");
    }
}

/// One of the keys is rotated, so that a decoy is tried in the place of a previous secret too.
#[test]
fn what_is_signed_with_the_decoy_is_refused() {
    let message = format!("x-date: {NOW}\nsource: xxxxxx");
    let signature = mac::mac(&Secret::new(authenticator::DECOY), Algorithm::HmacSha1, message.as_bytes());
    let signature = STANDARD.encode(signature);
    for (id, failure) in [
        ("AKIDnobody", Failure::KeyUnknown),
        ("AKIDoff", Failure::KeyDisabled),
        ("AKIDtestvector000000000000000000000000EX", Failure::SignatureMismatch),
    ] {
        let mut fields = k2_with("AKIDtestvector000000000000000000000000EX", id);
        let credential = String::from_utf8(fields[2].1.clone()).expect("text");
        fields[2].1 = credential.replace("dm+Mu2rHkm7PRuqUkWnrgNKD0+g=", &signature).into_bytes();
        assert_eq!(Fixture::new("{}").run(&fields), Err(failure), "{id}");
    }
}

#[test]
fn no_value_of_a_repeated_header_is_chosen() {
    for name in ["x-date", "source"] {
        let mut fields = k2();
        fields.push(field(name, "xxxxxx"));
        assert_eq!(Fixture::new("{}").run(&fields), Err(Failure::HeaderRepeated), "{name}");
    }
    let mut fields = k2();
    let credential = fields[2].clone();
    fields.push(credential);
    assert_eq!(Fixture::new("{}").run(&fields), Err(Failure::Malformed));
}

#[test]
fn the_proxy_authorization_header_is_never_read() {
    let mut fields = k2();
    fields[2].0 = "proxy-authorization".to_owned();
    assert_eq!(Fixture::new("{}").run(&fields), Err(Failure::Missing));
}

#[test]
fn a_date_that_is_not_signed_is_never_read() {
    let mut fields = k2();
    fields.push(field("date", "yesterday"));
    assert!(Fixture::new("{}").run(&fields).is_ok());
}

#[test]
fn both_dates_are_checked_when_both_are_signed() {
    let both = |x_date: &str, date: &str| {
        let mut fields = k2_with("x-date source", "x-date date");
        fields[0] = field("x-date", x_date);
        fields[1] = field("date", date);
        Fixture::new("{}").run(&fields)
    };
    let late = "Mon, 19 Mar 2018 12:23:41 GMT";
    assert_eq!(both(NOW, NOW), Err(Failure::SignatureMismatch));
    assert_eq!(both(NOW, late), Err(Failure::DateOutOfRange(DateName::Date)));
    assert_eq!(both(late, NOW), Err(Failure::DateOutOfRange(DateName::XDate)));
    assert_eq!(both(late, "x"), Err(Failure::DateInvalid(DateName::Date)));
    assert_eq!(both("x", late), Err(Failure::DateInvalid(DateName::XDate)));
}

#[test]
fn an_unchecked_date_needs_only_to_be_present_and_is_reported() {
    let unchecked = Fixture::new(r#"{"date_header": "unchecked"}"#);
    let with_date = |signature: &str| {
        vec![
            field("date", "Fri, 09 Oct 2015 00:00:00 GMT"),
            field(
                "authorization",
                &format!(
                    r#"hmac id="AKIDtestvector000000000000000000000000EX", algorithm="hmac-sha1", headers="date", signature="{signature}""#
                ),
            ),
        ]
    };
    let k4 = with_date("vf/HvujMerEjN3Dn/Vfu6xB3ang=");
    assert_eq!(unchecked.run(&k4).map(|caller| caller.date_unchecked), Ok(true));
    assert_eq!(Fixture::new("{}").run(&k4), Err(Failure::DateOutOfRange(DateName::Date)));
    assert_eq!(unchecked.run(&with_date("AAAA")), Err(Failure::SignatureMismatch));
    assert_eq!(unchecked.run(&k2()).map(|caller| caller.date_unchecked), Ok(false));
}

#[test]
fn algorithms_can_be_restricted() {
    let fixture = Fixture::new(r#"{"allowed_algorithms": ["hmac-sha256"]}"#);
    assert_eq!(fixture.run(&k2()), Err(Failure::Algorithm("hmac-sha1".to_owned())));
    let sha256 =
        "hmac-sha256\", headers=\"x-date source\", signature=\"mfOMZj8mCd4Htr5f+xaKLx719iWmb0q1FIVE3O1zzXo=";
    let sha1 = "hmac-sha1\", headers=\"x-date source\", signature=\"dm+Mu2rHkm7PRuqUkWnrgNKD0+g=";
    assert!(fixture.run(&k2_with(sha1, sha256)).is_ok());
}

proptest! {
    #[test]
    fn any_header_bytes_do_not_panic_and_only_the_signed_bytes_pass(
        name in 0usize..3, value in prop::collection::vec(any::<u8>(), 0..80)
    ) {
        let mut fields = k2();
        let same = fields[name].1 == value;
        fields[name].1 = value;
        prop_assert_eq!(Fixture::new("{}").run(&fields).is_ok(), same);
    }
}
