//! Header fields as they come over the wire: repeated, not UTF-8, with white space around them.

use testbed::{Config, Envoy, Request};

use super::{SHIPPED, acme, assert_refused, document, get, http2, received, send};

/// `GET /release/x`, signed over `x-date`, `date` and `source`.
fn signed() -> Request {
    acme().headers(&["x-date", "date", "source"]).sign(get("/release/x").header("source", "shop"))
}

#[test]
fn a_header_that_is_repeated_is_refused_over_http_1_and_http_2() {
    let envoy = SHIPPED.envoy();
    for send in [send, http2::send] {
        assert_eq!(send(&envoy, &signed()).status, 200);
        for (name, message) in [
            ("x-date", "HMAC do not support multiple HTTP header"),
            ("date", "HMAC do not support multiple HTTP header"),
            ("source", "HMAC do not support multiple HTTP header"),
            // Envoy joins the two values with a comma, which makes the credential malformed.
            ("authorization", "HMAC authorization format error"),
        ] {
            let request = signed();
            let again = request.value(name).expect("signed").to_vec();
            assert_refused(&send(&envoy, &request.header(name, again)), 401, message);
        }
        // A header that is not signed may be repeated.
        assert_eq!(send(&envoy, &signed().header("x-a", "1").header("x-a", "2")).status, 200);
    }
    // Envoy joins a second Host with the first one.
    let twice = send(&envoy, &signed().header("host", "orders.example.com"));
    assert_refused(&twice, 404, "There is no api match host[orders.example.com,orders.example.com]");
}

#[test]
fn a_request_with_headers_that_are_not_utf_8_is_answered() {
    let envoy = SHIPPED.envoy();
    let bytes = b"\xff, |:\x80".as_slice();
    let missing = "HMAC signature cannot be verified, a validate authorization header is required";
    assert_refused(&send(&envoy, &get("/release/x").header("source", bytes)), 401, missing);
    let of_bytes = acme().headers(&["x-date", "source"]).sign(get("/release/x").header("source", bytes));
    received(&send(&envoy, &of_bytes));
    let forged = of_bytes.header("x-other", bytes);
    received(&send(&envoy, &forged));
    let credential = get("/release/x").header("authorization", b"hmac \xff");
    assert_refused(&send(&envoy, &credential), 401, "HMAC authorization format error");
    let mut changed = acme().headers(&["x-date", "source"]).sign(get("/release/x").header("source", bytes));
    changed.headers[1].1[0] = 0xfe;
    assert_refused(&send(&envoy, &changed), 401, "HMAC signature does not match");
    // These answers are Envoy's: the requests do not reach the filter.
    for name in [b"x-\xff".as_slice(), "x-é".as_bytes()] {
        assert_eq!(send(&envoy, &acme().sign(get("/release/x")).header(name, "1")).status, 400);
    }
    for request in [Request::get("\u{e9}.example.com", "/release/x"), get("/release/\u{e9}")] {
        assert_eq!(send(&envoy, &acme().sign(request)).status, 400);
    }
    assert_eq!(envoy.filter_failures(), 0, "a request brought the filter down");
}

#[test]
fn white_space_around_a_value_is_not_signed() {
    let envoy = Envoy::start(&Config::plain().document(document()).edit(|tree| {
        let ingress = &mut tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0];
        let log = &mut ingress["typed_config"]["access_log"][0]["typed_config"]["log_format"];
        log["json_format"]["source"] = "%REQ(SOURCE)%".into();
    }));
    let source = " \t a shop \t ";
    let request = acme().headers(&["x-date", "source"]).sign(get("/release/x").header("source", source));
    received(&send(&envoy, &request));
    assert_eq!(received(&http2::send(&envoy, &request))["x-secret-id"], "AKIDacme0001");
    // Over HTTP/2 the white space must have reached Envoy: the codec of HTTP/1.1 strips it.
    let log = super::operator::shipped_log(&envoy, 2);
    let sources: Vec<_> = log.iter().map(|line| line["source"].as_str().unwrap_or_default()).collect();
    assert_eq!(sources, ["a shop", source]);
}
