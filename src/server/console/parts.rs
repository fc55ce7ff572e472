//! The parts that pages are made of.

use maud::{Markup, html};

use super::text::{Language, Text};
use super::texts::frame;

/// A drawing of the sprite.
pub(super) fn icon(name: &str) -> Markup {
    html! { svg.icon aria-hidden="true" { use href={ "#i-" (name) } {} } }
}

/// The sign of the product.
pub(super) fn brand(language: Language) -> Markup {
    html! {
        a.brand href="/console" {
            svg.mark viewBox="0 0 20 20" aria-hidden="true" {
                rect.mark-field width="20" height="20" rx="5" {}
                path.mark-bars d="M4.5 6h8M4.5 10h6M4.5 14h3.5M15.5 5v10" {}
            }
            " " (language.say(frame::PRODUCT))
        }
    }
}

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Done,
    Warn,
    Refused,
}

/// A message: what it is in one sentence, and what follows from it.
pub(super) fn notice(tone: Tone, head: &Markup, body: &Markup) -> Markup {
    let (class, drawing, role) = match tone {
        Tone::Done => ("notice ok", "ok", "status"),
        Tone::Warn => ("notice warn", "warn", "note"),
        Tone::Refused => ("notice bad", "refused", "alert"),
    };
    html! {
        div class=(class) role=(role) {
            (icon(drawing))
            strong { (head) }
            (body)
        }
    }
}

/// What is wrong with a field.
pub(super) fn wrong(name: &str, message: Option<&str>) -> Markup {
    html! {
        @if let Some(message) = message {
            p.wrong id={ (name) "-wrong" } { (icon("refused")) " " (message) }
        }
    }
}

/// A field for one line of text.
pub(super) struct Input<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) hint: &'a str,
    pub(super) value: &'a str,
    pub(super) wrong: Option<&'a str>,
    pub(super) kind: InputKind,
}

/// What a field is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InputKind {
    /// Words for people.
    Text,
    /// Words for people that have to be there, and where typing begins.
    First,
    /// An id or a path.
    Code,
    /// A secret.
    Secret,
    /// A whole number.
    Number,
    /// Several lines.
    Lines,
}

// === impl Input ===

impl Input<'_> {
    /// The ids of what describes the field.
    fn described_by(&self) -> Option<String> {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let wrong = self.wrong.map(|_| format!("{}-wrong", self.name));
        let ids: Vec<String> = hint.into_iter().chain(wrong).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

impl maud::Render for Input<'_> {
    fn render(&self) -> Markup {
        let Self { name, label, hint, value, wrong: message, kind } = self;
        let is_plain = matches!(kind, InputKind::Text | InputKind::First);
        let class = if is_plain { "input" } else { "input mono" };
        let invalid = message.map(|_| "true");
        let described = self.described_by();
        html! {
            div.field {
                label for=(name) { (label) }
                @match kind {
                    InputKind::Lines => textarea class=(class) id=(name) name=(name) rows="3"
                        spellcheck="false"
                        aria-invalid=[invalid] aria-describedby=[described] { (value) },
                    InputKind::Secret => input class=(class) type="password" id=(name) name=(name)
                        autocomplete="new-password" aria-invalid=[invalid] aria-describedby=[described];,
                    InputKind::Number => input class=(class) type="text" inputmode="numeric" id=(name)
                        name=(name) value=(value) autocomplete="off" aria-invalid=[invalid]
                        aria-describedby=[described];,
                    _ => input class=(class) type="text" id=(name) name=(name) value=(value)
                        spellcheck="false" autocapitalize="none" autocomplete="off" aria-invalid=[invalid]
                        autofocus[*kind == InputKind::First] aria-describedby=[described];,
                }
                @if !hint.is_empty() { p.hint id={ (name) "-hint" } { (hint) } }
                (wrong(name, *message))
            }
        }
    }
}

/// A choice of one among a few, each with what it means.
pub(super) fn choice(name: &str, value: &str, is_chosen: bool, label: &str, hint: &str) -> Markup {
    html! {
        label.choice {
            input type="radio" name=(name) value=(value) id={ (name) "-" (value) } checked[is_chosen];
            span { b { (label) } @if !hint.is_empty() { span.hint { (hint) } } }
        }
    }
}

/// A list to choose one of.
pub(super) fn select<'a>(
    id: &str,
    name: &str,
    chosen: &str,
    options: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Markup {
    html! {
        select.input id=(id) name=(name) {
            @for (value, label) in options {
                option value=(value) selected[value == chosen] { (label) }
            }
        }
    }
}

/// A window over a page. Without script it is a page of its own address, and what is behind it is inert.
pub(super) struct Dialog<'a> {
    pub(super) title: Markup,
    /// Where its form goes, and where whoever leaves it goes.
    pub(super) action: &'a str,
    pub(super) back: &'a str,
    pub(super) body: Markup,
    pub(super) foot: Markup,
    pub(super) is_broad: bool,
}

// === impl Dialog ===

impl Dialog<'_> {
    pub(super) fn render(&self, language: Language) -> Markup {
        let class = if self.is_broad { "dialog broad" } else { "dialog" };
        html! {
            div.scrim {
                dialog class=(class) open aria-labelledby="dialog-title" {
                    form method="post" action=(self.action) autocomplete="off" {
                        div.dialog-head {
                            h2 #dialog-title { (self.title) }
                            a.button.close href=(self.back) {
                                (icon("x")) span.out-of-sight { (language.say(frame::CLOSE)) }
                            }
                        }
                        div.dialog-body.form { (self.body) }
                        div.dialog-foot { (self.foot) }
                    }
                }
            }
        }
    }
}

/// The buttons of a dialog: the way back, and what it does.
pub(super) fn buttons(back: &str, stay: &str, act: &str, is_danger: bool) -> Markup {
    let class = if is_danger { "button primary danger" } else { "button primary" };
    html! {
        a.button href=(back) { (stay) }
        button type="submit" class=(class) { (act) }
    }
}

/// What is said where there is nothing yet: what the thing is, and what to do first.
pub(super) fn empty(language: Language, head: Text, body: Text, action: &Markup) -> Markup {
    html! {
        div.empty {
            h2 { (language.say(head)) }
            p { (language.say(body)) }
            div.actions { (action) }
        }
    }
}
