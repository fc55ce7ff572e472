//! The `Authorization` value.

use usage_plan_core::auth::credential::{Credential, has_scheme};

use crate::reference;

/// Reads `value` as the filter and as the reference do, and writes its parts anew.
///
/// No header has a zero byte, which Envoy's codecs refuse. Names with zero bytes before them may count as a
/// name that is repeated.
pub fn credential(value: &[u8]) {
    if value.contains(&0) {
        return;
    }
    let expected = reference::credential(value);
    if !has_scheme(value) {
        assert!(expected.is_none(), "the filter does not see the scheme");
        return;
    }
    let read = Credential::parse(value).ok();
    assert_eq!(read.as_ref().map(parts), expected.as_ref().map(expected_parts));
    let Some(read) = read else { return };
    for written in [written(&read), written_backwards(&read)] {
        let again = Credential::parse(&written).expect("what is written from a credential is one");
        assert_eq!(parts(&again), parts(&read), "{}", written.escape_ascii());
    }
    for name in read.headers.iter().filter_map(|name| std::str::from_utf8(name).ok()) {
        assert!(read.headers.contains(name) && read.headers.contains(&name.to_ascii_uppercase()));
    }
    let has_upper_case = read.headers.iter().flatten().any(u8::is_ascii_uppercase);
    assert_eq!(read.headers.has_upper_case(), has_upper_case);
}

type Parts<'v> = (&'v [u8], &'v [u8], Vec<&'v [u8]>, &'v [u8]);

fn parts<'v>(credential: &Credential<'v>) -> Parts<'v> {
    (credential.id, credential.algorithm, credential.headers.iter().collect(), credential.signature)
}

fn expected_parts<'v>(credential: &reference::Credential<'v>) -> Parts<'v> {
    (credential.id, credential.algorithm, credential.names.clone(), credential.signature)
}

fn written(credential: &Credential<'_>) -> Vec<u8> {
    let names = credential.headers.iter().collect::<Vec<_>>().join(&b' ');
    [
        b"hmac id=\"",
        credential.id,
        b"\", algorithm=\"",
        credential.algorithm,
        b"\", headers=\"",
        &names,
        b"\", signature=\"",
        credential.signature,
        b"\"",
    ]
    .concat()
}

/// The same with the last parameter first, and with more blanks.
fn written_backwards(credential: &Credential<'_>) -> Vec<u8> {
    let names = credential.headers.iter().collect::<Vec<_>>().join(&b"\t "[..]);
    [
        b"HMAC\t signature=\"",
        credential.signature,
        b"\" ,headers=\" ",
        &names,
        b" \",  algorithm=\"",
        credential.algorithm,
        b"\"\t,\tid=\"",
        credential.id,
        b"\" ",
    ]
    .concat()
}
