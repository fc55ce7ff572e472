//! Strings to sign that a caller may have made instead of the right one.

use super::{Variant, encodings};
use crate::explain::Inquiry;
use usage_plan_core::auth::credential::Credential;

/// More signed headers than this are not tried in other orders: there are too many.
const MAX_NAMES_IN_OTHER_ORDERS: usize = 5;

/// A signed header, as the string to sign has it.
#[derive(Clone)]
struct Line {
    name: Vec<u8>,
    value: Vec<u8>,
}

/// Strings that differ from `message` in one way each, and the right one.
pub(super) fn variants(inquiry: &Inquiry<'_>, credential: &Credential<'_>, message: &[u8]) -> Vec<Variant> {
    let lines = lines(credential, message);
    let mut variants = vec![(message.to_vec(), String::new())];
    let mut add = |message: Vec<u8>, mistake: &str| {
        if variants.iter().all(|(known, _)| *known != message) {
            variants.push((message, mistake.to_owned()));
        }
    };
    let values = |change: &dyn Fn(&Line) -> Vec<u8>| {
        let changed = |line: &Line| Line { name: line.name.clone(), value: change(line) };
        join(&lines.iter().map(changed).collect::<Vec<_>>(), b": ", b"\n")
    };
    let names = |change: &dyn Fn(&Line) -> Vec<u8>| {
        let changed = |line: &Line| Line { name: change(line), value: line.value.clone() };
        join(&lines.iter().map(changed).collect::<Vec<_>>(), b": ", b"\n")
    };
    let sent = |line: &Line| {
        let mut headers = inquiry.captured.headers.iter();
        headers.find(|sent| sent.name.as_bytes().eq_ignore_ascii_case(&line.name))
    };
    add([message, b"\n"].concat(), "a string to sign with a line feed after its last line");
    add(join(&lines, b":", b"\n"), "a string to sign with \"name:value\", without the space after the colon");
    add(join(&lines, b": ", b"\r\n"), "a string to sign with a carriage return before each line feed");
    add(
        join(&lines, b": ", b"\\n"),
        "a string to sign with a backslash and an n between lines, not a line feed",
    );
    add(join(&lines, b": ", b" "), "a string to sign with a space between lines, not a line feed");
    add(join(&lines, b": ", b""), "a string to sign with nothing between lines, not a line feed");
    let bare = lines.iter().map(|line| line.value.clone()).collect::<Vec<_>>().join(&b'\n');
    add(bare, "a string to sign of the values alone, without the names");
    let as_sent =
        |line: &Line| sent(line).map_or_else(|| line.name.clone(), |sent| sent.name.clone().into_bytes());
    for case in [&as_sent as &dyn Fn(&Line) -> Vec<u8>, &|line| title_case(&line.name), &|line| {
        line.name.to_ascii_uppercase()
    }] {
        add(names(case), "a string to sign whose names are not in lower case");
    }
    let as_typed = |line: &Line| sent(line).map_or_else(|| line.value.clone(), |sent| sent.untrimmed.clone());
    add(values(&as_typed), "values with the white space around them");
    add(values(&|line| encodings::unescape(&line.value)), "values that are percent-decoded");
    add(values(&|line| escape(&line.value)), "values that are percent-encoded");
    add(values(&|line| line.value.to_ascii_lowercase()), "values in lower case");
    add(values(&|line| latin_1_as_utf_8(&line.value)), "values in another character encoding");
    add(values(&|line| utf_8_as_latin_1(&line.value)), "values in another character encoding");
    for port in ["", ":80", ":443"] {
        let host = |line: &Line| {
            if line.name == b"host" { with_port(&line.value, port) } else { line.value.clone() }
        };
        add(values(&host), "a host with another port than the request has, or without its port");
    }
    if lines.len() <= MAX_NAMES_IN_OTHER_ORDERS {
        for chosen in selections(&lines) {
            let mistake = if chosen.len() == lines.len() {
                "the headers in another order than headers=\"...\" says".to_owned()
            } else {
                let names = chosen.iter().map(|line| String::from_utf8_lossy(&line.name).into_owned());
                format!("only these of the headers: {}", names.collect::<Vec<_>>().join(" "))
            };
            add(join(&chosen, b": ", b"\n"), &mistake);
        }
    }
    variants
}

/// The lines of the right string to sign, which has one for each name.
fn lines(credential: &Credential<'_>, message: &[u8]) -> Vec<Line> {
    let lines = credential.headers.iter().zip(message.split(|byte| *byte == b'\n'));
    let line = |(name, line): (&[u8], &[u8])| {
        let value = line.get(name.len().saturating_add(2)..).unwrap_or_default();
        Line { name: name.to_ascii_lowercase(), value: value.to_vec() }
    };
    lines.map(line).collect()
}

fn join(lines: &[Line], colon: &[u8], feed: &[u8]) -> Vec<u8> {
    let lines: Vec<Vec<u8>> = lines.iter().map(|line| [&line.name, colon, &line.value].concat()).collect();
    lines.join(feed)
}

/// Every choice of one or more of the lines, in every order; longer ones first.
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

fn escape(value: &[u8]) -> Vec<u8> {
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
