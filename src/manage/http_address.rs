//! What the clients of admin interfaces share: an address that can be asked, and values of a query.

use ureq::http::uri::Authority;

/// The address `HOST:PORT`; `None` for anything else.
pub(crate) fn host_and_port(text: &str) -> Option<Authority> {
    text.parse::<Authority>()
        .ok()
        .filter(|address| !address.host().is_empty() && address.port_u16().is_some() && !text.contains('@'))
}

/// `text` as a value of a query.
pub(crate) fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
