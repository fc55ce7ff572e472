//! How a signature was made: with which secret, or by which usual mistake.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use testbed::{Algorithm, Request, Signer};

use super::{DATE, ID, OLD, cli, explain, request, with_signature};
use crate::cli::{ACME_SECRET as SECRET, BETA_SECRET, Cli, EXAMPLE, Edit, assert_contains, example, shown};

/// The example in which the document has the secret of acme's key, and its secret before.
fn rotated(until: &str) -> Cli {
    Cli::with(
        example()
            .without("/keys/0/secret_key_env")
            .with("/keys/0/secret_key", SECRET)
            .with("/keys/0/previous_secret_key", OLD)
            .with("/keys/0/previous_secret_key_not_after", until),
    )
}

/// The explanation of a signature that no usual mistake makes.
const NO_USUAL_MISTAKE: &str = "no usual mistake explains it";

#[test]
fn each_usual_mistake_is_named_when_it_is_what_made_the_signature() {
    let cli = rotated("2018-01-01T00:00:00Z");
    let right = format!("x-date: {DATE}\nsource: a, b=%7c é3");
    let sha1 = |secret: &str, text: &str| Algorithm::Sha1.mac(secret, text.as_bytes());
    let hex = |algorithm: Algorithm, text: &str| {
        let mac = STANDARD.decode(algorithm.mac(SECRET, text.as_bytes())).expect("base64");
        mac.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let url_safe = |text: &str| text.replace('+', "-").replace('/', "_");
    let expected = sha1(SECRET, &right);
    // One whose MAC has both characters in which the alphabets differ.
    assert!(expected.contains('+') && expected.contains('/'), "{expected}");
    let rows = [
        (hex(Algorithm::Sha1, &right), "a signature in hexadecimal digits, not base64"),
        (expected.trim_end_matches('=').to_owned(), "a signature in base64 without its padding"),
        (url_safe(&expected), "a signature in the URL-safe alphabet of base64, not the standard one"),
        (expected.replace('+', " "), "a signature whose + has become a space"),
        (expected.replace('+', "%2B"), "a signature that is percent-encoded"),
        (format!(" {expected} "), "a signature with white space around it"),
        (sha1(&format!("{SECRET}\n"), &right), "the secret key with a line feed after it"),
        (sha1(SECRET, &format!("{right}\n")), "a string to sign with a line feed after its last line"),
        (
            sha1(SECRET, &right.replace(": ", ":")),
            "a string to sign with \"name:value\", without the space after the colon",
        ),
        (
            sha1(SECRET, &right.replace('\n', "\r\n")),
            "a string to sign with a carriage return before each line feed",
        ),
        (
            sha1(SECRET, &right.replace('\n', "\\n")),
            "a string to sign with a backslash and an n between lines, not a line feed",
        ),
        (
            sha1(SECRET, &format!("X-Date: {DATE}\nSource: a, b=%7c é3")),
            "a string to sign whose names are not in lower case",
        ),
        (
            sha1(SECRET, &format!("source: a, b=%7c é3\nx-date: {DATE}")),
            "the headers in another order than headers=\"...\" says",
        ),
        (sha1(SECRET, &format!("x-date: {DATE}")), "only these of the headers: x-date"),
        (sha1(SECRET, &format!("x-date: {DATE}\nsource: a, b=| é3")), "values that are percent-decoded"),
        (
            Algorithm::Sha256.mac(SECRET, right.as_bytes()),
            "hmac-sha256, not the hmac-sha1 that the credential names",
        ),
        (sha1(BETA_SECRET, &right), "the secret of another key, beta (AKIDbeta0001)"),
        (sha1(ID, &right), "the secret_id in place of the secret key"),
        (sha1(OLD, &right), "the key's previous secret, which verified until 2018-01-01T00:00:00Z"),
        (
            hex(Algorithm::Sha512, &format!("{right}\n")),
            "hmac-sha512, not the hmac-sha1 that the credential names, \
             and a string to sign with a line feed after its last line, \
             and a signature in hexadecimal digits, not base64",
        ),
    ];
    for (signature, mistake) in rows {
        let ran = explain(&cli, &with_signature(&signature).bytes());
        assert_eq!(ran.status, 1, "{}", shown(&ran));
        assert_contains(
            &ran.stdout,
            &format!("\n                    because   it was made with {mistake}\n"),
        );
        assert_contains(&ran.stdout, &format!("expected  {expected}\n"));
        let end = "refused with 401, signature_mismatch\n{\"message\":\"HMAC signature does not match\"}\n";
        assert!(ran.stdout.ends_with(end), "{}", shown(&ran));
    }
    let ran = explain(&cli, &with_signature(&sha1("no-usual-mistake", &right)).bytes());
    assert!(!ran.stdout.contains("because"), "{}", shown(&ran));
    assert_contains(&ran.stdout, NO_USUAL_MISTAKE);
}

#[test]
fn white_space_and_ports_that_were_signed_are_found() {
    let cli = cli(EXAMPLE);
    for (names, string_to_sign, source, expected) in [
        (
            "x-date source",
            format!("x-date: {DATE}\nsource:  x  "),
            " x  ",
            "made with values with the white space around them",
        ),
        (
            "x-date host",
            format!("x-date: {DATE}\nhost: orders.example.com:443"),
            "",
            "made with a host with another port than the request has",
        ),
        ("x-date source", String::new(), "x", NO_USUAL_MISTAKE),
    ] {
        let signature = Algorithm::Sha1.mac(SECRET, string_to_sign.as_bytes());
        let signer = Signer::new(ID, SECRET).headers(&names.split(' ').collect::<Vec<_>>());
        let request = Request::get("orders.example.com", "/release")
            .header("x-date", DATE)
            .header("source", source)
            .header("authorization", signer.authorization_with(&signature));
        assert_contains(&explain(&cli, &request.bytes()).stdout, expected);
    }
}

#[test]
fn the_secret_that_made_a_signature_is_shown_while_there_are_two() {
    let cli = rotated("2018-03-19T12:08:40Z");
    for (secret, expected) in
        [(SECRET, "made with the key's secret\n"), (OLD, "made with the key's previous secret\n")]
    {
        let request = Signer::new(ID, secret).sign(request());
        assert_contains(&explain(&cli, &request.bytes()).stdout, expected);
    }
}
