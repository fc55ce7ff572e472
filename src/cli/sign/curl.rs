//! A request as a curl command.

use super::request::Url;

/// A command for a shell that sends the request, to `address` instead of the URL's host if it is given.
pub(super) fn command(
    method: &str,
    url: &Url,
    headers: &[(String, String)],
    address: Option<&str>,
) -> String {
    let mut command = "curl --include".to_owned();
    match method {
        "GET" => {}
        // With `--request HEAD` curl waits for a body.
        "HEAD" => command.push_str(" --head"),
        method => command.push_str(&format!(" --request {method}")),
    }
    // Left to itself, curl resolves dot segments and expands brackets.
    if url.path().contains("/.") {
        command.push_str(" --path-as-is");
    }
    if url.path().contains(['[', ']', '{', '}']) || url.authority().starts_with('[') {
        command.push_str(" --globoff");
    }
    let scheme = match address {
        None => url.scheme(),
        Some(address) => {
            let tls = address.strip_prefix("https://");
            let plain = address.strip_prefix("http://").unwrap_or(address);
            let to = tls.unwrap_or(plain).trim_end_matches('/');
            command.push_str(&format!(" --connect-to {}", quoted(&format!("::{to}"))));
            if tls.is_some() { "https" } else { "http" }
        }
    };
    command.push_str(&format!(" {}", quoted(&format!("{scheme}://{}{}", url.authority(), url.path()))));
    for (name, value) in headers {
        // `Name:` would remove the header; this sends it empty.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        command.push_str(&format!(" \\\n  --header {}", quoted(&header)));
    }
    command
}

/// A word of a POSIX shell: nothing but `'` means anything between single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
