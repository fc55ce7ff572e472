//! Every rule of SPEC section 3, broken once.

use super::{errors, errors_with};

/// Each broken rule, the place it is told at, and what is told.
#[test]
fn every_broken_rule_is_told_with_its_place() {
    let limit = "must be -1 (no limit) or 1 to 999999999999999";
    let cases: &[(&str, &str, &str)] = &[
        ("\"service-orders\"", "\"a.b\"", "services[0].id: must be 1 to 64 of A-Z a-z 0-9 _ -"),
        (
            "\"orders.example.com\"",
            "\"orders.example.com:80\"",
            "services[0].domains[0]: must be a host, \"*.suffix\" or \"*\", without a port",
        ),
        ("[\"orders.example.com\"]", "[]", "services[0].domains: must not be empty"),
        (
            "[\"orders.example.com\"]",
            "[\"*\", \"*\"]",
            "services[0].domains[1]: \"*\" is a domain of services[0] already",
        ),
        (
            "\"prepub\"",
            "\"Prepub\"",
            "services[0].environments[1]: must be a lower-case letter and up to 49 of a-z 0-9 _ -",
        ),
        (
            "\"prepub\"",
            "\"1a\"",
            "services[0].environments[1]: must be a lower-case letter and up to 49 of a-z 0-9 _ -",
        ),
        ("\"prepub\"", "\"test\"", "services[0].environments[2]: is environments[1] too"),
        (
            "\"default_environment\": \"release\"",
            "\"default_environment\": \"live\"",
            "services[0].default_environment: service \"service-orders\" has no environment \"live\"",
        ),
        (
            "\"default_environment\": \"release\"",
            "\"required_signed_headers\": [\"Host\"]",
            "services[0].required_signed_headers[0]: must be the name of a header in lower case, of at most 64 characters",
        ),
        (
            "\"default_environment\": \"release\"",
            "\"required_signed_headers\": [\"host\", \"host\"]",
            "services[0].required_signed_headers[1]: is required_signed_headers[0] too",
        ),
        (
            "\"default_environment\": \"release\"",
            "\"authentication\": \"basic\"",
            "services[0].authentication: must be \"key_pair\" or \"none\"",
        ),
        (
            "\"default_environment\": \"release\"",
            "\"path_mappings\": [{\"path\": \"/v1/\", \"environment\": \"release\"}]",
            "services[0].path_mappings[0].path: must be \"/\" or \"/segment/...\" in normal form: no \"/\" at the end, no empty or dot segment, no \"?\" or \"#\"",
        ),
        (
            "\"default_environment\": \"release\"",
            "\"path_mappings\": [{\"path\": \"/v1\", \"environment\": \"live\"}]",
            "services[0].path_mappings[0].environment: service \"service-orders\" has no environment \"live\"",
        ),
        ("\"name\": \"acme\"", "\"name\": \"a c\"", "keys[0].name: must be up to 50 of A-Z a-z 0-9 _ -"),
        (
            "\"beta-secret-key-0001\"",
            "\"too-short\"",
            "keys[1].secret_key: must be 10 to 50 of A-Z a-z 0-9 _ -",
        ),
        ("\"beta-secret-key-0001\"", "1234567890", "keys[1].secret_key: must be a string, not a number"),
        (
            "\"ACME_SECRET_KEY\"",
            "\"UNSET\"",
            "keys[0].secret_key_env: the VM's environment has no variable \"UNSET\", or an empty one",
        ),
        (
            "\"ACME_SECRET_KEY\"",
            "\"EMPTY\"",
            "keys[0].secret_key_env: the VM's environment has no variable \"EMPTY\", or an empty one",
        ),
        (
            "\"ACME_SECRET_KEY\"",
            "\"SHORT\"",
            "keys[0].secret_key_env: the value of \"SHORT\" must be 10 to 50 of A-Z a-z 0-9 _ -",
        ),
        (
            "\"secret_key_env\": \"ACME_SECRET_KEY\"",
            "\"status\": \"enabled\"",
            "keys[0]: needs secret_key or secret_key_env",
        ),
        (
            "\"status\": \"disabled\"",
            "\"secret_key_env\": \"ACME_SECRET_KEY\"",
            "keys[1]: has both secret_key and secret_key_env: keep one",
        ),
        (
            "\"status\": \"disabled\"",
            "\"not_after\": \"tomorrow\"",
            "keys[1].not_after: must be a moment as RFC 3339 writes it, such as \"2026-12-31T23:59:59Z\"",
        ),
        (
            "\"status\": \"disabled\"",
            "\"created_at\": 2026",
            "keys[1].created_at: must be a string, not a number",
        ),
        (
            "\"status\": \"disabled\"",
            "\"not_before\": \"1969-12-31T23:59:59Z\"",
            "keys[1].not_before: must be a moment as RFC 3339 writes it, such as \"2026-12-31T23:59:59Z\"",
        ),
        (
            "\"status\": \"disabled\"",
            "\"not_before\": \"2026-01-02T00:00:00Z\", \"not_after\": \"2026-01-01T00:00:00Z\"",
            "keys[1]: not_after is before not_before",
        ),
        (
            "\"status\": \"disabled\"",
            "\"previous_secret_key\": \"0123456789\"",
            "keys[1]: needs previous_secret_key_not_after: until when the previous secret key verifies",
        ),
        (
            "\"status\": \"disabled\"",
            "\"previous_secret_key_not_after\": \"2026-01-01T00:00:00Z\"",
            "keys[1]: has previous_secret_key_not_after and no previous secret key",
        ),
        (
            "\"status\": \"disabled\"",
            "\"previous_secret_key\": \"short\", \"previous_secret_key_not_after\": \"2026-01-01T00:00:00Z\"",
            "keys[1].previous_secret_key: must be 10 to 50 of A-Z a-z 0-9 _ -",
        ),
        (
            "\"status\": \"disabled\"",
            "\"previous_secret_key_env\": \"UNSET\", \"previous_secret_key_not_after\": \"2026-01-01T00:00:00Z\"",
            "keys[1].previous_secret_key_env: the VM's environment has no variable \"UNSET\", or an empty one",
        ),
        (
            "\"status\": \"disabled\"",
            "\"status\": \"off\"",
            "keys[1].status: must be \"enabled\" or \"disabled\"",
        ),
        ("\"status\": \"disabled\"", "\"status\": null", "keys[1].status: must be a string, not null"),
        (
            "\"name\": \"gold\"",
            "\"name\": \"go-ld\"",
            "usage_plans[0].name: must be up to 50 of A-Z a-z 0-9 _",
        ),
        ("1000", "0", &format!("usage_plans[0].max_requests_per_second: {limit}")),
        ("1000", "-2", &format!("usage_plans[0].max_requests_per_second: {limit}")),
        ("1000", "1.5", "usage_plans[0].max_requests_per_second: must be a whole number of at most 63 bits"),
        ("1000", "1e30", "usage_plans[0].max_requests_per_second: must be a whole number of at most 63 bits"),
        ("1000", "\"1000\"", "usage_plans[0].max_requests_per_second: must be a whole number, not a string"),
        (
            "\"remark\"",
            "\"remarks\"",
            "usage_plans[0].remarks: unknown field; known are id, name, max_requests_per_second, burst, quotas, counter_per, apis, enforcement, region, remark, keys, environments, created_at",
        ),
        (
            "\"remark\": \"paying callers\"",
            &format!(
                "\"apis\": [{}]",
                (0..17).map(|i| format!("{{\"path\": \"/{i}\"}}")).collect::<Vec<_>>().join(",")
            ),
            "usage_plans[0].apis: must be at most 16",
        ),
        (
            "\"max_requests_per_second\": 1000, \"remark\"",
            "\"burst\": 5, \"remark\"",
            "usage_plans[0].burst: needs max_requests_per_second: the rate at which the bucket is refilled",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"burst\": 0",
            "usage_plans[0].burst: must be 1 to 999999999999999",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"quotas\": [{\"max_requests\": 1}]",
            "usage_plans[0].quotas[0].period: is missing",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"quotas\": [{\"max_requests\": 1, \"period\": \"fortnight\"}]",
            "usage_plans[0].quotas[0].period: must be \"hour\" or \"day\" or \"week\" or \"month\" or \"year\" or \"total\"",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"quotas\": [{\"max_requests\": 0, \"period\": \"day\"}]",
            "usage_plans[0].quotas[0].max_requests: must be -1 (no limit) or 1 to 999999999999999",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"quotas\": [{\"max_requests\": 1, \"period\": \"day\", \"utc_offset\": \"+14:01\"}]",
            "usage_plans[0].quotas[0].utc_offset: must be an offset such as \"+08:00\", from -12:00 to +14:00",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"quotas\": [{\"max_requests\": 1, \"period\": \"day\", \"utc_offset\": \"8\"}]",
            "usage_plans[0].quotas[0].utc_offset: must be an offset such as \"+08:00\", from -12:00 to +14:00",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"quotas\": [{\"max_requests\": 1, \"period\": \"day\"}, {\"max_requests\": 2, \"period\": \"day\"}]",
            "usage_plans[0].quotas[1]: has the period and the offset of a quota before it",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"counter_per\": [\"caller\"]",
            "usage_plans[0].counter_per[0]: must be \"key\" or \"environment\"",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"enforcement\": \"off\"",
            "usage_plans[0].enforcement: must be \"enforce\" or \"observe\"",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"apis\": [{\"path\": \"/a/*/b\"}]",
            "usage_plans[0].apis[0].path: must be \"/\", \"/segment/...\" or \"/segment/*\" in normal form: no empty or dot segment, no \"?\" or \"#\"",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"apis\": [{\"path\": \"/a\", \"methods\": [\"get\"]}]",
            "usage_plans[0].apis[0].methods[0]: must be the name of a method in upper case",
        ),
        (
            "\"remark\": \"paying callers\"",
            "\"apis\": [{\"path\": \"/a\"}, {\"path\": \"/a\"}]",
            "usage_plans[0].apis[1]: has the methods and the path of an API before it",
        ),
        ("\"remark\": \"paying callers\"", "\"id\": \"x\"", "usage_plans[0].id: is there more than once"),
        (
            "\"AKIDacme0001\", \"AKIDbeta0001\"]",
            "\"AKIDx\"]",
            "usage_plans[0].keys[0]: no key has secret_id \"AKIDx\"",
        ),
        (
            "\"AKIDacme0001\", \"AKIDbeta0001\"]",
            "\"AKIDacme0001\", \"AKIDacme0001\"]",
            "usage_plans[0].keys[1]: is keys[0] too",
        ),
        (
            "{ \"service\": \"service-orders\", \"environment\": \"release\" }",
            "{ \"service\": \"orders\", \"environment\": \"release\" }",
            "usage_plans[0].environments[0].service: no service has id \"orders\"",
        ),
        (
            "{ \"service\": \"service-orders\", \"environment\": \"release\" }",
            "{ \"service\": \"service-orders\", \"environment\": \"live\" }",
            "usage_plans[0].environments[0].environment: service \"service-orders\" has no environment \"live\"",
        ),
        (
            "{ \"service\": \"service-orders\", \"environment\": \"release\" }",
            "{ \"service\": \"service-orders\", \"environment\": \"release\" }, { \"service\": \"service-orders\", \"environment\": \"release\" }",
            "usage_plans[0].environments[1]: binds the same environment again",
        ),
        (
            "{ \"service\": \"service-orders\", \"environment\": \"release\" }",
            "\"release\"",
            "usage_plans[0].environments[0]: must be an object, not a string",
        ),
    ];
    for (from, to, expected) in cases {
        assert_eq!(errors_with(from, to), [*expected], "{from} -> {to}");
    }
}

#[test]
fn every_broken_rule_of_the_options_is_told_with_its_place() {
    let cases = [
        (
            r#"{"clock_skew": 1}"#,
            "options.clock_skew: unknown field; known are clock_skew_seconds, date_header, allowed_algorithms, legacy_auth_status, rate_limit_headers, error_format, enforcement, forward_authorization, forward_environment_prefix",
        ),
        (r#"{"clock_skew_seconds": -1}"#, "options.clock_skew_seconds: must be 0 or more"),
        (r#"{"date_header": "ignored"}"#, "options.date_header: must be \"checked\" or \"unchecked\""),
        (r#"{"allowed_algorithms": []}"#, "options.allowed_algorithms: must not be empty"),
        (
            r#"{"allowed_algorithms": ["hmac-md5"]}"#,
            "options.allowed_algorithms[0]: must be \"hmac-sha1\" or \"hmac-sha256\" or \"hmac-sha384\" or \"hmac-sha512\"",
        ),
        (r#"{"legacy_auth_status": 400}"#, "options.legacy_auth_status: must be 401 or 403"),
        (
            r#"{"rate_limit_headers": ["x"]}"#,
            "options.rate_limit_headers[0]: must be \"tencent\" or \"ietf\"",
        ),
        (
            r#"{"forward_authorization": "yes"}"#,
            "options.forward_authorization: must be true or false, not a string",
        ),
        (r#"[]"#, "options: must be an object, not an array"),
    ];
    for (options, expected) in cases {
        assert_eq!(errors(&format!(r#"{{"options": {options}}}"#)), [expected], "{options}");
    }
}
