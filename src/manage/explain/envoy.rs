//! What Envoy, configured as in this repository's `envoy/`, does to a request before the filter sees it.

use usage_plan_core::auth::signed_names::SignedNames;
use usage_plan_core::path;
use usage_plan_core::request::Field;
use usage_plan_core::sentence::{Phrase, Sentence};

use super::capture::Captured;
use super::phrases;
use super::step::Step;

/// Headers of which Envoy keeps one entry, to which it joins further values with a comma (observed on Envoy
/// 1.40, over HTTP/1).
const JOINED: [&str; 18] = [
    "accept",
    "accept-encoding",
    "authorization",
    "cache-control",
    "content-encoding",
    "content-type",
    "grpc-timeout",
    "if-match",
    "if-none-match",
    "origin",
    "pragma",
    "referer",
    "user-agent",
    "via",
    "x-envoy-original-path",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-request-id",
];

/// Headers whose value Envoy sets itself (observed on Envoy 1.40, like those below).
const SET: [&str; 3] = ["x-forwarded-for", "x-forwarded-proto", "x-request-id"];

/// Headers that Envoy removes: those of a connection ([RFC 9110 section
/// 7.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1)), and `Expect`, which it answers itself.
const REMOVED: [&str; 6] =
    ["connection", "expect", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/// The name of the steps of this file.
const NAME: &str = "envoy";

/// The request headers as Envoy passes them to the filter, pseudo-headers included.
pub(super) struct HeaderMap(Vec<(Vec<u8>, Vec<u8>)>);

// === impl HeaderMap ===

impl HeaderMap {
    pub(super) fn of(captured: &Captured) -> Self {
        let mut map = vec![
            (b":authority".to_vec(), captured.authority.clone()),
            (b":method".to_vec(), captured.method.clone().into_bytes()),
        ];
        map.extend(captured.path.iter().map(|path| (b":path".to_vec(), path.clone())));
        for sent in &captured.headers {
            let name = sent.name.to_ascii_lowercase();
            let entry = map.iter_mut().find(|(entry, _)| *entry == name.as_bytes());
            match entry {
                Some((_, joined)) if JOINED.contains(&&*name) => {
                    joined.push(b',');
                    joined.extend_from_slice(&sent.value);
                }
                _ => map.push((name.into_bytes(), sent.value.clone())),
            }
        }
        Self(map)
    }

    pub(super) fn fields(&self) -> Vec<Field<'_>> {
        self.0.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect()
    }
}

/// A step for each change that Envoy makes to the request and that can matter, and for each reason to refuse
/// it.
pub(super) fn steps(captured: &Captured, signed: Option<&SignedNames<'_>>) -> Vec<Step> {
    let is_signed = |name: &str| signed.is_some_and(|signed| signed.contains(name));
    let mut changes: Vec<Sentence> = Vec::new();
    changes.extend(captured.path.as_deref().and_then(change_of_path).map(Sentence::from));
    for sent in captured.headers.iter().filter(|sent| sent.name.contains('_')) {
        changes.push(phrases::UNDERSCORE.put(sent.name.as_str()));
    }
    for name in SET.into_iter().filter(|name| is_signed(name)) {
        changes.push(phrases::REPLACED.put(name));
    }
    for name in REMOVED.into_iter().filter(|name| is_signed(name)) {
        changes.push(phrases::REMOVED.put(name));
    }
    let step = |change| Step::info(NAME, phrases::ENVOY.put(change)).with("", phrases::AS_CAPTURED);
    changes.into_iter().map(step).collect()
}

fn change_of_path(target: &[u8]) -> Option<Phrase> {
    let is_rooted = target.starts_with(b"/") && !target.contains(&b'#');
    let spelled = path::without_query(target);
    let is_normal = !path::has_dot_segment(spelled)
        && !path::is_spelled_otherwise(spelled)
        && !spelled.windows(2).any(|pair| pair == b"//");
    if !is_rooted {
        Some(phrases::NOT_ROOTED)
    } else if path::escapes(spelled).any(|byte| matches!(byte, b'/' | b'\\')) {
        Some(phrases::ESCAPED_SLASH)
    } else if !is_normal {
        Some(phrases::NORMALIZED)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_joined_headers_are_those_that_the_emulator_joins() {
        let of_the_emulator = include_str!("../../../tests/vectors/joined-headers.txt");
        assert_eq!(of_the_emulator.lines().collect::<Vec<_>>(), JOINED);
    }
}
