//! Strings to sign that a caller may have built instead of the right one.

use usage_plan_core::auth::credential::Credential;
use usage_plan_core::sentence::Phrase;

use super::encodings::percent_decode;
use super::phrases;
use super::variants::Variants;
use crate::explain::capture::{Captured, SentHeader};

/// More signed headers than this are not tried in other orders: there are too many.
const MAX_NAMES_IN_OTHER_ORDERS: usize = 5;

/// A line of the string to sign: a signed header.
#[derive(Clone)]
struct Line {
    name: Vec<u8>,
    value: Vec<u8>,
}

/// A mistake in how a line is written.
type Change<'c> = &'c dyn Fn(&Line) -> Vec<u8>;

/// The right string to sign, `message`, and strings that differ from it in one way each.
pub(super) fn variants(captured: &Captured, credential: &Credential<'_>, message: &[u8]) -> Variants {
    let lines = lines(credential, message);
    let mut variants = Variants::new(Some(message.to_vec()));
    add_joined_otherwise(&mut variants, &lines, message);
    add_other_names(&mut variants, &lines, captured);
    add_other_values(&mut variants, &lines, captured);
    if lines.len() <= MAX_NAMES_IN_OTHER_ORDERS {
        for chosen in selections(&lines) {
            let mistake = if chosen.len() == lines.len() {
                phrases::OTHER_ORDER.into()
            } else {
                let names = chosen.iter().map(|line| String::from_utf8_lossy(&line.name).into_owned());
                phrases::ONLY.put(names.collect::<Vec<_>>().join(" "))
            };
            variants.add(join(&chosen, b": ", b"\n"), mistake);
        }
    }
    variants
}

fn add_joined_otherwise(variants: &mut Variants, lines: &[Line], message: &[u8]) {
    variants.add([message, b"\n"].concat(), phrases::FEED_AT_END);
    let joined: [(&[u8], &[u8], Phrase); 5] = [
        (b":", b"\n", phrases::NO_SPACE),
        (b": ", b"\r\n", phrases::CARRIAGE_RETURNS),
        (b": ", b"\\n", phrases::BACKSLASH_N),
        (b": ", b" ", phrases::SPACE_BETWEEN),
        (b": ", b"", phrases::NOTHING_BETWEEN),
    ];
    for (colon, feed, mistake) in joined {
        variants.add(join(lines, colon, feed), mistake);
    }
    let values: Vec<&[u8]> = lines.iter().map(|line| line.value.as_slice()).collect();
    variants.add(values.join(&b'\n'), phrases::VALUES_ALONE);
}

fn add_other_names(variants: &mut Variants, lines: &[Line], captured: &Captured) {
    let as_sent = |line: &Line| match sent(captured, line) {
        Some(sent) => sent.name.clone().into_bytes(),
        None => line.name.clone(),
    };
    let names: [Change<'_>; 3] =
        [&as_sent, &|line| title_case(&line.name), &|line| line.name.to_ascii_uppercase()];
    for name in names {
        let changed = |line: &Line| Line { name: name(line), value: line.value.clone() };
        let changed: Vec<Line> = lines.iter().map(changed).collect();
        variants.add(join(&changed, b": ", b"\n"), phrases::NAMES_NOT_LOWER);
    }
}

fn add_other_values(variants: &mut Variants, lines: &[Line], captured: &Captured) {
    let mut add = |value: Change<'_>, mistake: Phrase| {
        let changed = |line: &Line| Line { name: line.name.clone(), value: value(line) };
        let changed: Vec<Line> = lines.iter().map(changed).collect();
        variants.add(join(&changed, b": ", b"\n"), mistake);
    };
    let as_typed = |line: &Line| match sent(captured, line) {
        Some(sent) => sent.untrimmed.clone(),
        None => line.value.clone(),
    };
    add(&as_typed, phrases::WHITE_SPACE);
    add(&|line| percent_decode(&line.value), phrases::DECODED);
    add(&|line| percent_encode(&line.value), phrases::ENCODED);
    add(&|line| line.value.to_ascii_lowercase(), phrases::LOWER);
    add(&|line| latin_1_as_utf_8(&line.value), phrases::CHARSET);
    add(&|line| utf_8_as_latin_1(&line.value), phrases::CHARSET);
    for port in ["", ":80", ":443"] {
        let host = |line: &Line| {
            if line.name == b"host" { with_port(&line.value, port) } else { line.value.clone() }
        };
        add(&host, phrases::PORT);
    }
}

/// The lines of the right string to sign, which has one for each name.
fn lines(credential: &Credential<'_>, message: &[u8]) -> Vec<Line> {
    let lines = credential.headers.iter().zip(message.split(|byte| *byte == b'\n'));
    let line = |(name, line): (&[u8], &[u8])| {
        let value = line.get(name.len() + b": ".len()..).unwrap_or_default();
        Line { name: name.to_ascii_lowercase(), value: value.to_vec() }
    };
    lines.map(line).collect()
}

/// The header of the request that `line` signs.
fn sent<'c>(captured: &'c Captured, line: &Line) -> Option<&'c SentHeader> {
    captured.headers.iter().find(|sent| sent.name.as_bytes().eq_ignore_ascii_case(&line.name))
}

fn join(lines: &[Line], colon: &[u8], feed: &[u8]) -> Vec<u8> {
    let lines: Vec<Vec<u8>> = lines.iter().map(|line| [&line.name, colon, &line.value].concat()).collect();
    lines.join(feed)
}

/// Every choice of one or more of the lines, in every order. Longer choices come first.
fn selections(lines: &[Line]) -> Vec<Vec<Line>> {
    let mut all: Vec<Vec<Line>> = vec![Vec::new()];
    let mut longest = all.clone();
    for _ in lines {
        let longer = longest.iter().flat_map(|chosen| {
            let left = lines.iter().filter(|line| chosen.iter().all(|chosen| chosen.name != line.name));
            left.map(|line| chosen.iter().chain([line]).cloned().collect::<Vec<_>>())
        });
        longest = longer.collect();
        all.extend(longest.iter().cloned());
    }
    all.retain(|chosen| !chosen.is_empty());
    all.reverse();
    all
}

/// `x-date` → `X-Date`
fn title_case(name: &[u8]) -> Vec<u8> {
    let words = name.split(|byte| *byte == b'-').map(|word| match word.split_first() {
        Some((first, rest)) => [&[first.to_ascii_uppercase()], rest].concat(),
        None => Vec::new(),
    });
    words.collect::<Vec<_>>().join(&b'-')
}

fn percent_encode(value: &[u8]) -> Vec<u8> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let bytes =
        value.iter().map(|byte| if plain(*byte) { vec![*byte] } else { format!("%{byte:02X}").into_bytes() });
    bytes.flatten().collect()
}

fn latin_1_as_utf_8(value: &[u8]) -> Vec<u8> {
    value.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes()
}

fn utf_8_as_latin_1(value: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(value).ok();
    let bytes = text.and_then(|text| text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>());
    bytes.unwrap_or_else(|| value.to_vec())
}

fn with_port(host: &[u8], port: &str) -> Vec<u8> {
    let end = host.iter().rposition(|byte| *byte == b':').filter(|_| !host.ends_with(b"]"));
    [end.and_then(|end| host.get(..end)).unwrap_or(host), port.as_bytes()].concat()
}
