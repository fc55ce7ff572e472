//! The rules of `options`.

use serde_json::json;

use super::assert_refused;

const USAGE_PATH: &str = "must be \"/segment/...\" in normal form: no \"/\" at the end, no empty or dot segment, \
                          no \"?\" or \"#\"";

#[test]
fn every_rule_of_the_options_is_reported_with_its_path() {
    assert_refused([
        (
            "/options/clock_skew",
            json!(1),
            "",
            "unknown field; known are clock_skew_seconds, date_header, allowed_algorithms, \
             legacy_auth_status, rate_limit_headers, identity_headers, error_format, enforcement, \
             forward_authorization, forward_environment_prefix, metrics_per_key, usage_path, fleet",
        ),
        ("/options/clock_skew_seconds", json!(-1), "", "must be 0 or more"),
        ("/options/date_header", json!("ignored"), "", "must be \"checked\" or \"unchecked\""),
        ("/options/allowed_algorithms", json!([]), "", "must not be empty"),
        (
            "/options/allowed_algorithms",
            json!(["hmac-md5"]),
            "[0]",
            "must be \"hmac-sha1\" or \"hmac-sha256\" or \"hmac-sha384\" or \"hmac-sha512\"",
        ),
        ("/options/legacy_auth_status", json!(400), "", "must be 401 or 403"),
        ("/options/rate_limit_headers", json!(["x"]), "[0]", "must be \"tencent\" or \"ietf\""),
        (
            "/options/identity_headers",
            json!(["x-usage-plan-id", "x-usage-plan"]),
            "[1]",
            "must be \"x-usage-plan-id\" or \"x-usage-plan-environment\" or \"x-secret-id\" or \"x-service-id\" \
             or \"x-usage-plan-identity\"",
        ),
        ("/options/forward_authorization", json!("yes"), "", "must be true or false, not a string"),
        ("/options/usage_path", json!("/"), "", USAGE_PATH),
        ("/options", json!([]), "", "must be an object, not an array"),
    ]);
}
