//! The address of the upstream that Envoy forwards requests to.

use std::net::SocketAddr;
use std::str::FromStr;

use super::yaml::quoted;

/// `HOST:PORT` of the upstream.
#[derive(Clone, Debug)]
pub struct Upstream {
    host: String,
    port: u16,
    /// Whether the host is a name, which Envoy has to resolve.
    is_name: bool,
}

// === impl Upstream ===

impl Upstream {
    /// The upstream as a `socket_address` of Envoy's configuration.
    pub(super) fn socket_address(&self) -> String {
        format!("{{ address: {}, port_value: {} }}", quoted(&self.host), self.port)
    }

    /// The host, a name or an address.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn is_name(&self) -> bool {
        self.is_name
    }
}

impl FromStr for Upstream {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = match text.parse::<SocketAddr>() {
            Ok(address) => {
                Some(Self { host: address.ip().to_string(), port: address.port(), is_name: false })
            }
            Err(_) => text.rsplit_once(':').and_then(|(host, port)| {
                let is_name = is_host_name(host);
                is_name.then_some(Self { host: host.to_owned(), port: port.parse().ok()?, is_name })
            }),
        };
        parsed
            .filter(|upstream| upstream.port > 0)
            .ok_or("must be HOST:PORT, such as orders.internal:8080 or [::1]:8080")
    }
}

/// Whether `host` consists of labels of letters, digits, `-` and `_`, separated by dots. A last label of
/// digits alone belongs to a mistyped IPv4 address.
fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253 && host.split('.').all(is_label) && !last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_are_distinguished() {
        for (text, address, is_name) in [
            ("127.0.0.1:80", r#"{ address: "127.0.0.1", port_value: 80 }"#, false),
            ("[::1]:8080", r#"{ address: "::1", port_value: 8080 }"#, false),
            ("localhost:65535", r#"{ address: "localhost", port_value: 65535 }"#, true),
            ("orders.svc-1.internal:1", r#"{ address: "orders.svc-1.internal", port_value: 1 }"#, true),
        ] {
            let upstream: Upstream = text.parse().expect(text);
            assert_eq!((upstream.socket_address().as_str(), upstream.is_name()), (address, is_name));
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in [
            "",
            "orders",
            "orders:",
            ":80",
            "orders:0",
            "orders:65536",
            "orders:+80x",
            "127.0.0.1:0",
            "127.0.0.256:80",
            "::1:80",
            "a b:80",
            "http://orders:80",
            "a..b:80",
            "orders/x:80",
        ] {
            assert!(text.parse::<Upstream>().is_err(), "{text}");
        }
    }
}
