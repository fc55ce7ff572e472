//! A text of the console in each of its languages, and how values are put into it.

use std::fmt::{Display, Write};

use maud::{Markup, PreEscaped, Render};

/// A language of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    /// English
    #[default]
    English,
    /// Chinese, as the cloud product has it
    Chinese,
}

/// A text in each language. Values are put into it where it says `{name}`. A text that depends on a number
/// has its form for one, `|`, and its form for any other number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    pub(super) english: &'static str,
    pub(super) chinese: &'static str,
}

/// Declares texts, each in both languages.
macro_rules! texts {
    ($($name:ident: $english:literal, $chinese:literal;)+) => {
        $(pub(in crate::console) const $name: Text = Text { english: $english, chinese: $chinese };)+

        /// Every text of this file, with its name.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, Text)] = &[$((stringify!($name), $name)),+];
    };
}
pub(super) use texts;

// === impl Language ===

impl Language {
    /// Both, in the order in which they are offered.
    pub(super) const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its tag, as HTML and HTTP have it.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Its own name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// The language with this tag.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The language that a reader with this `Accept-Language` likes best: the first with the highest weight.
    pub(super) fn accepted(header: &str) -> Self {
        let wanted = header.split(',').filter_map(|item| {
            let mut parts = item.split(';');
            let range = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            let language = match range.split('-').next()? {
                "en" | "*" => Self::English,
                "zh" => Self::Chinese,
                _ => return None,
            };
            (weight > 0.0).then_some((language, weight))
        });
        let best = wanted.fold(None, |best: Option<(Self, f32)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        });
        best.map_or_else(Self::default, |(language, _)| language)
    }

    /// The text without values.
    pub(super) const fn say(self, text: Text) -> &'static str {
        match self {
            Self::English => text.english,
            Self::Chinese => text.chinese,
        }
    }

    /// The text with values in it.
    pub(super) fn fill(self, text: Text, values: &[(&str, &dyn Display)]) -> String {
        let mut filled = String::new();
        self.parts(self.say(text), |part| match part {
            Part::Literal(literal) => filled.push_str(literal),
            Part::Value(name) => {
                let value = values.iter().find(|(other, _)| *other == name);
                // A write to a string does not fail.
                let _ = value.map(|(_, value)| write!(filled, "{value}"));
            }
        });
        filled
    }

    /// The text with markup in it.
    pub(super) fn rich(self, text: Text, values: &[(&str, Markup)]) -> Markup {
        let mut filled = String::new();
        self.parts(self.say(text), |part| match part {
            Part::Literal(literal) => literal.render_to(&mut filled),
            Part::Value(name) => {
                let value = values.iter().find(|(other, _)| *other == name);
                filled.push_str(value.map_or("", |(_, value)| value.0.as_str()));
            }
        });
        PreEscaped(filled)
    }

    /// The text that depends on a number, which is its value `{n}`.
    pub(super) fn count(self, text: Text, n: usize) -> String {
        let (one, other) = match self.say(text).split_once('|') {
            Some(forms) => forms,
            None => (self.say(text), self.say(text)),
        };
        let form = if n == 1 { one } else { other };
        form.replace("{n}", &self.number(n as u64))
    }

    /// A whole number as people read it.
    pub(super) fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        grouped
    }

    /// Several things, one after the other.
    pub(super) fn list<T: AsRef<str>>(self, items: impl IntoIterator<Item = T>) -> String {
        let separator = match self {
            Self::English => ", ",
            Self::Chinese => "、",
        };
        let mut list = String::new();
        for item in items {
            if !list.is_empty() {
                list.push_str(separator);
            }
            list.push_str(item.as_ref());
        }
        list
    }

    fn parts<'t>(self, mut text: &'t str, mut each: impl FnMut(Part<'t>)) {
        while let Some((literal, rest)) = text.split_once('{') {
            let Some((name, rest)) = rest.split_once('}') else { break };
            each(Part::Literal(literal));
            each(Part::Value(name));
            text = rest;
        }
        each(Part::Literal(text));
    }
}

/// A part of a text.
enum Part<'t> {
    Literal(&'t str),
    Value(&'t str),
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    const GREETING: Text = Text { english: "Hello {name}, {n} & more", chinese: "{name}，{n}" };
    const KEYS: Text = Text { english: "{n} key|{n} keys", chinese: "{n} 个密钥" };

    #[test]
    fn the_language_with_the_highest_weight_is_taken_and_english_otherwise() {
        for (header, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("en-GB,en;q=0.9,zh;q=0.8", Language::English),
            ("de, zh-TW;q=0.4, en;q=0.5", Language::English),
            ("fr", Language::English),
            ("zh;q=0, en;q=0.1", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }

    #[test]
    fn values_are_put_into_a_text_and_markup_only_where_it_is_meant() {
        assert_eq!(Language::English.fill(GREETING, &[("name", &"<b>"), ("n", &3)]), "Hello <b>, 3 & more");
        let name = html! { b { "<acme>" } };
        let rich = Language::Chinese.rich(GREETING, &[("name", name), ("n", html! { "3" })]);
        assert_eq!(rich.0, "<b>&lt;acme&gt;</b>，3");
        assert_eq!(Language::English.rich(GREETING, &[]).0, "Hello ,  &amp; more");
    }

    #[test]
    fn numbers_are_grouped_and_choose_the_form() {
        let counts = [0, 1, 1234567].map(|n| Language::English.count(KEYS, n));
        assert_eq!(counts, ["0 keys", "1 key", "1,234,567 keys"]);
        assert_eq!(Language::Chinese.count(KEYS, 1000), "1,000 个密钥");
    }
}
