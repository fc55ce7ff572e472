//! The signature's rules a second time (`docs/rules.md#signature`), in another way than the filter's: slow,
//! plain, and with the testbed's HMAC.

use testbed::sign::Algorithm;

/// A header field: its name in lower case, and its value.
pub(crate) type Field = (Vec<u8>, Vec<u8>);

/// A credential whose form is right.
pub(crate) struct Credential<'v> {
    pub(crate) id: &'v [u8],
    pub(crate) algorithm: &'v [u8],
    pub(crate) names: Vec<&'v [u8]>,
    pub(crate) signature: &'v [u8],
}

/// Reads an `Authorization` value. What is between two quotes is a value, and what is outside of them is its
/// name and what divides it from the one before.
pub(crate) fn credential(value: &[u8]) -> Option<Credential<'_>> {
    let blank = value.iter().position(|byte| is_blank(*byte))?;
    if !value[..blank].eq_ignore_ascii_case(b"hmac") {
        return None;
    }
    let parts: Vec<&[u8]> = value[blank..].split(|byte| *byte == b'"').collect();
    let (pairs, [end]) = parts.as_chunks::<2>() else { return None };
    if pairs.len() != 4 || !trim(end).is_empty() {
        return None;
    }
    let mut names = Vec::new();
    for (index, [outside, _]) in pairs.iter().enumerate() {
        let outside = skip_blanks(outside);
        let name = if index == 0 { outside } else { skip_blanks(outside.strip_prefix(b",")?) };
        names.push(name);
    }
    let find = |name: &[u8]| names.iter().position(|other| *other == name).map(|index| pairs[index][1]);
    let (id, signature) = (find(b"id=")?, find(b"signature=")?);
    let (algorithm, names) = (find(b"algorithm=")?, signed_names(find(b"headers=")?)?);
    (!id.is_empty() && !signature.is_empty()).then_some(Credential { id, algorithm, names, signature })
}

/// The names in `headers="…"`: at least one and at most 32, each once in any case, none a pseudo-header.
pub(crate) fn signed_names(list: &[u8]) -> Option<Vec<&[u8]>> {
    let names = list.split(|byte| is_blank(*byte)).filter(|name| !name.is_empty());
    let names: Vec<&[u8]> = names.collect();
    let mut distinct: Vec<Vec<u8>> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    distinct.sort();
    distinct.dedup();
    let is_right = !names.is_empty()
        && names.len() <= 32
        && distinct.len() == names.len()
        && names.iter().all(|name| name[0] != b':');
    is_right.then_some(names)
}

/// The string to sign, with names in lower case or as they are written.
pub(crate) fn message(names: &[&[u8]], fields: &[Field], in_lower_case: bool) -> Option<Vec<u8>> {
    let lines = names.iter().map(|name| {
        let lower = name.to_ascii_lowercase();
        let field = if lower == b"host" { b":authority".to_vec() } else { lower.clone() };
        let mut values = fields.iter().filter(|(other, _)| *other == field).map(|(_, value)| trim(value));
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        let name = if in_lower_case { &lower } else { *name };
        (value.len() <= 4096).then(|| [name, b": ", value].concat())
    });
    Some(lines.collect::<Option<Vec<_>>>()?.join(&b'\n'))
}

/// The signature in base64 that `secret_key` makes of `message`; `None` for an unknown algorithm.
pub(crate) fn signature(algorithm: &[u8], secret_key: &str, message: &[u8]) -> Option<String> {
    let mut all = Algorithm::ALL.into_iter();
    let algorithm = all.find(|known| known.name().as_bytes() == algorithm)?;
    Some(algorithm.mac(secret_key, message))
}

/// Whether the credential signs these fields with `secret_key`.
pub(crate) fn verifies(credential: &Credential<'_>, fields: &[Field], secret_key: &str) -> bool {
    [true, false].into_iter().any(|in_lower_case| {
        let message = message(&credential.names, fields, in_lower_case);
        let right = message.and_then(|message| signature(credential.algorithm, secret_key, &message));
        right.is_some_and(|right| right.as_bytes() == credential.signature)
    })
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn skip_blanks(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_blank(*first)
    {
        text = rest;
    }
    text
}

fn trim(value: &[u8]) -> &[u8] {
    let mut value = skip_blanks(value);
    while let [rest @ .., last] = value
        && is_blank(*last)
    {
        value = rest;
    }
    value
}
