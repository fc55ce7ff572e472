//! A whole document of HTML, around whatever it shows.

use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::assets::{ICON, SCRIPT, SPRITE, STYLE};
use super::text::Language;
use super::texts::frame;

/// A whole document of HTML.
pub(super) fn document(language: Language, title: &str, body: &Markup) -> Html<String> {
    let markup = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (language.say(frame::PRODUCT_LONG)) }
                link rel="icon" href=(ICON.address());
                link rel="stylesheet" href=(STYLE.address());
                script defer src=(SCRIPT.address()) {}
            }
            body {
                (PreEscaped(SPRITE))
                (body)
            }
        }
    };
    Html(markup.into_string())
}

/// Links to this page in the other languages.
pub(super) fn other_languages(language: Language, here: &str) -> Markup {
    html! {
        @for other in Language::ALL.into_iter().filter(|other| *other != language) {
            @let address = format!("/console/language/{}?next={}", other.tag(), encoded(here));
            a href=(address) lang=(other.tag()) hreflang=(other.tag()) { (other.name()) }
        }
    }
}

/// A text as the value of a query. Everything is escaped but what has no meaning there.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
