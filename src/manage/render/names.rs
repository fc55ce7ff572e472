//! Names, labels and images as Kubernetes and its gateways accept them.

use std::str::FromStr;

use super::error::{Error, Result};
use super::yaml::quoted;

/// Where a module is pulled from.
#[derive(Clone, Debug)]
pub enum Image {
    /// An image in a registry, without its scheme.
    Registry(String),
    /// A URL of http or https.
    Web(String),
    /// A URL of a file in the proxy's container.
    File(String),
}

/// A label and its value.
#[derive(Clone, Debug)]
pub struct Label {
    name: String,
    value: String,
}

/// The name of an object: a subdomain of RFC 1123, or the rule that `text` breaks.
pub fn object_name(text: &str) -> std::result::Result<String, &'static str> {
    if text.len() <= 253 && text.split('.').all(is_label) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 253 of a-z 0-9 - . with a letter or digit at each end")
    }
}

/// The name of a namespace: a label of RFC 1123, or the rule that `text` breaks.
pub fn namespace(text: &str) -> std::result::Result<String, &'static str> {
    if text.len() <= 63 && is_label(text) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 63 of a-z 0-9 - with a letter or digit at each end")
    }
}

fn is_label(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_allowed) && !text.starts_with('-') && !text.ends_with('-')
}

// === impl Image ===

impl Image {
    /// The image's URL with its scheme.
    pub fn url(&self) -> String {
        match self {
            Self::Registry(image) => format!("oci://{image}"),
            Self::Web(url) | Self::File(url) => url.clone(),
        }
    }

    /// The `code` of an `EnvoyExtensionPolicy`, which takes no file.
    pub(super) fn wasm_code(&self) -> Result<String> {
        match self {
            Self::Registry(image) => Ok(format!("type: Image\nimage:\n  url: {}", quoted(image))),
            Self::Web(url) => Ok(format!("type: HTTP\nhttp:\n  url: {}", quoted(url))),
            Self::File(_) => Err(Error::ImageIsFile),
        }
    }
}

impl FromStr for Image {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("oci", text));
        let is_graphic = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic());
        match scheme {
            "oci" if is_graphic => Ok(Self::Registry(rest.to_owned())),
            "http" | "https" if is_graphic => Ok(Self::Web(text.to_owned())),
            "file" if is_graphic => Ok(Self::File(text.to_owned())),
            _ => Err("must be a URL of oci, https, http or file, \
                      such as oci://registry.example.com/usage-plan:1.0.0"),
        }
    }
}

// === impl Label ===

impl Label {
    /// The label as a member of `matchLabels`.
    pub(super) fn member(&self) -> String {
        format!("{}: {}", quoted(&self.name), quoted(&self.value))
    }
}

impl FromStr for Label {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let (name, value) = text.split_once('=').unwrap_or_default();
        let is_valid = !name.is_empty()
            && name.bytes().all(|byte| is_allowed(byte) || byte == b'/')
            && value.len() <= 63
            && value.bytes().all(is_allowed);
        if is_valid {
            Ok(Self { name: name.to_owned(), value: value.to_owned() })
        } else {
            Err("must be LABEL=VALUE, such as istio=ingressgateway")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules_of_kubernetes() {
        let long = "a".repeat(64);
        for (text, is_name, is_namespace) in [
            ("usage-plan", true, true),
            ("1", true, true),
            ("a.b", true, false),
            (long.as_str(), true, false),
            ("", false, false),
            ("-a", false, false),
            ("a-", false, false),
            ("a..b", false, false),
            ("A", false, false),
            ("a\nb", false, false),
        ] {
            assert_eq!(
                (object_name(text).is_ok(), namespace(text).is_ok()),
                (is_name, is_namespace),
                "{text:?}"
            );
        }
    }

    #[test]
    fn images_are_known_by_their_scheme() {
        let url = |text: &str| text.parse::<Image>().map(|image| image.url());
        for (text, expected) in [
            ("r.example.com/a:1", Some("oci://r.example.com/a:1")),
            ("oci://r.example.com:5000/a@sha256:0", Some("oci://r.example.com:5000/a@sha256:0")),
            ("https://example.com/a.wasm", Some("https://example.com/a.wasm")),
            ("file:///a.wasm", Some("file:///a.wasm")),
            ("ftp://example.com/a.wasm", None),
            ("oci://", None),
            ("", None),
            ("a b", None),
        ] {
            assert_eq!(url(text).ok().as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn labels_have_a_name_and_a_value() {
        let member = |text: &str| text.parse::<Label>().map(|label| label.member());
        assert_eq!(member("app.kubernetes.io/name=on").as_deref(), Ok(r#""app.kubernetes.io/name": "on""#));
        for text in ["", "a", "=b", "*=b", "a=*", "a=b=c", "a=\n"] {
            assert!(member(text).is_err(), "{text:?}");
        }
    }
}
