//! What Envoy, as it is shipped here, does to a request before the filter sees it.

use super::capture::Captured;
use usage_plan_core::auth::Field;
use usage_plan_core::auth::credential::SignedNames;
use usage_plan_core::lookup::paths;

/// Names of which Envoy keeps one entry and joins what is added with a comma (observed on Envoy 1.40, over HTTP/1).
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

/// Names that Envoy gives a value of its own (observed on Envoy 1.40, as those below).
const GIVEN: [&str; 3] = ["x-forwarded-for", "x-forwarded-proto", "x-request-id"];

/// Names that are of a connection, not of a request (RFC 9110 section 7.6.1), and `Expect`, which Envoy answers itself.
const TAKEN_AWAY: [&str; 6] =
    ["connection", "expect", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/// The header map that the filter gets.
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
            let there = map.iter_mut().find(|(there, _)| *there == name.as_bytes());
            match there.filter(|_| JOINED.contains(&&*name)) {
                Some((_, joined)) => {
                    joined.push(b',');
                    joined.extend_from_slice(&sent.value);
                }
                None => map.push((name.into_bytes(), sent.value.clone())),
            }
        }
        Self(map)
    }

    pub(super) fn fields(&self) -> Vec<Field<'_>> {
        self.0.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect()
    }
}

/// What it does with a request that it does not hand over as it is, as far as that matters: one line for each.
pub(super) fn interventions(captured: &Captured, signed: Option<SignedNames<'_>>) -> Vec<String> {
    let path = captured.path.as_deref().and_then(of_path);
    let underscores = captured.headers.iter().filter(|sent| sent.name.contains('_'));
    let underscores = underscores
        .map(|sent| format!("refuses the header {} with 400 (headers_with_underscores_action)", sent.name));
    let is_signed = |name: &&&str| signed.is_some_and(|signed| signed.contains(name));
    let given = GIVEN.iter().filter(is_signed);
    let given = given.map(|name| format!("gives {name}, which is signed, a value of its own"));
    let taken_away = TAKEN_AWAY.iter().filter(is_signed);
    let taken_away = taken_away.map(|name| format!("takes {name} away, which is signed, before the filter"));
    path.map(str::to_owned).into_iter().chain(underscores).chain(given).chain(taken_away).collect()
}

fn of_path(path: &[u8]) -> Option<&'static str> {
    let is_rooted = path.starts_with(b"/") && !path.contains(&b'#');
    let path = paths::without_query(path);
    let is_respelled = paths::has_dot_segment(path)
        || paths::is_spelled_otherwise(path)
        || path.windows(2).any(|pair| pair == b"//");
    if !is_rooted {
        Some("refuses a path that does not begin with / or has a # in it")
    } else if paths::escapes(path).any(|byte| matches!(byte, b'/' | b'\\')) {
        Some("refuses an escaped slash in the path with 400 (path_with_escaped_slashes_action)")
    } else if is_respelled {
        Some(
            "hands over another path than this: it resolves dot segments, merges slashes and undoes needless \
             escapes (normalize_path, merge_slashes)",
        )
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_that_are_joined_are_those_of_the_host_that_tests_the_filter() {
        let of_host = include_str!("../../../tests/vectors/joined-headers.txt");
        assert_eq!(of_host.lines().collect::<Vec<_>>(), JOINED);
    }
}
