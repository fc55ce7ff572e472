//! A request as a curl command.

use super::request::{HeaderField, Url};

/// A shell command that sends the request, to `address` instead of the URL's host if one is given.
pub(super) fn command(method: &str, url: &Url, headers: &[HeaderField], address: Option<&str>) -> String {
    let mut command = "curl --include".to_owned();
    match method {
        "GET" => {}
        // With `--request HEAD` curl waits for a body.
        "HEAD" => command.push_str(" --head"),
        method => command.push_str(&format!(" --request {method}")),
    }
    // By default, curl resolves dot segments and expands brackets.
    if url.path().contains("/.") {
        command.push_str(" --path-as-is");
    }
    if url.path().contains(['[', ']', '{', '}']) || url.authority().starts_with('[') {
        command.push_str(" --globoff");
    }
    let mut scheme = url.scheme();
    if let Some(address) = address {
        let tls = address.strip_prefix("https://");
        let host = tls.unwrap_or(address.strip_prefix("http://").unwrap_or(address)).trim_end_matches('/');
        command.push_str(&format!(" --connect-to {}", quote(&format!("::{host}"))));
        scheme = if tls.is_some() { "https" } else { "http" };
    }
    command.push_str(&format!(" {}", quote(&format!("{scheme}://{}{}", url.authority(), url.path()))));
    for HeaderField { name, value } in headers {
        // `Name:` would remove the header; `Name;` sends it with an empty value.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        command.push_str(&format!(" \\\n  --header {}", quote(&header)));
    }
    command
}

/// `text` as one word of a POSIX shell. Between single quotes, only a single quote is special.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
