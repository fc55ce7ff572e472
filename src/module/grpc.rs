//! Refusals of gRPC calls. Envoy maps the status of a filter's own reply to one of gRPC, except that of a
//! dynamic module, which it shows as `OK`, unless the reply has a `grpc-status` of its own.

use usage_plan_core::reply::Header;
use usage_plan_core::request::{Headers, Occurrence};

/// The content type of gRPC.
const CONTENT_TYPE: &[u8] = b"application/grpc";

/// Whether Envoy treats a request with these headers as a gRPC call.
pub(crate) fn is_call(headers: Headers<'_>) -> bool {
    let Occurrence::Once(content_type) = headers.occurrence(b"content-type") else { return false };
    // `application/grpc-web` is no gRPC to Envoy.
    matches!(content_type.strip_prefix(CONTENT_TYPE), Some([] | [b'+', ..]))
}

/// The header with which a reply of this HTTP status has the status of gRPC that Envoy would map it to.
pub(crate) fn status(http: u16) -> Header {
    let status = match http {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 | 502..=504 => 14,
        _ => 2,
    };
    ("grpc-status", status.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_what_envoy_takes_for_one() {
        for (content_type, expected) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc-web", false),
            ("application/grpc;charset=utf-8", false),
            ("application/json", false),
            ("", false),
        ] {
            let fields = [(&b"content-type"[..], content_type.as_bytes())];
            assert_eq!(is_call(Headers::new(&fields)), expected, "{content_type}");
        }
        assert!(!is_call(Headers::new(&[])));
    }

    #[test]
    fn a_refusal_has_the_status_that_the_rules_say() {
        let statuses = [401, 403, 404, 429, 503, 200].map(|http| status(http).1);
        assert_eq!(statuses, ["16", "7", "12", "14", "14", "2"]);
    }
}
