//! A request as a command to paste into a shell.

use std::fmt::Display;

use testbed::Request;

/// A `curl` command for a shell that sends `request` to `address` (`127.0.0.1:10000`). The target is sent as
/// it is.
pub(super) fn curl(address: impl Display, request: &Request) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\'', r"'\''");
    let mut command = "curl -i --path-as-is".to_owned();
    if request.method != "GET" {
        command += &format!(" -X '{}'", text(request.method.as_bytes()));
    }
    command += &format!(" 'http://{address}{}'", text(&request.target));
    for (name, value) in &request.headers {
        command += &format!(" \\\n  -H '{}: {}'", text(name), text(value));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curl_command_survives_a_shell() {
        let request = Request::get("h", "/it's").header("x-a", r#"q="1""#);
        let lines =
            "curl -i --path-as-is 'http://127.0.0.1:1/it'\\''s' \\\n  -H 'host: h' \\\n  -H 'x-a: q=\"1\"'";
        assert_eq!(curl("127.0.0.1:1", &request), lines);
    }
}
