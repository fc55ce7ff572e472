//! What is around every page: the head, the rooms in the side column, and who is signed in.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};

use super::fleet;
use super::html::{document, other_languages};
use super::parts::{brand, icon};
use super::session::{Flash, NewSecret};
use super::text::{Language, Text};
use super::texts::frame;
use super::visit::{Stop, Visit};
use crate::operators::Role;

/// A room of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Overview,
    Keys,
    Plans,
    Services,
    Explain,
    Sign,
    Activity,
    Document,
}

/// A room: its address, its drawing and its name.
type Entry = (Room, &'static str, &'static str, Text);

/// A page.
pub(super) struct Page<'a> {
    pub(super) room: Option<Room>,
    pub(super) title: &'a str,
    pub(super) content: Markup,
    /// The window over it.
    pub(super) dialog: Option<Markup>,
}

/// A page that has only a message.
pub(super) fn message(visit: &Visit, status: StatusCode, head: &str, body: &str) -> Response {
    let content = html! {
        section.card {
            div.empty {
                h1 { (head) }
                p { (body) }
                div.actions { a.button href="/console" { (visit.say(frame::BACK_TO_CONSOLE)) } }
            }
        }
    };
    let page = Page { room: None, title: head, content, dialog: None };
    (status, page.html(visit, None)).into_response()
}

/// The page that says that there is no such object.
pub(super) fn not_found(visit: &Visit, text: Text, reference: &str) -> Stop {
    let head = visit.language.fill(text, &[("name", &reference)]);
    message(visit, StatusCode::NOT_FOUND, &head, visit.say(frame::MAY_BE_DELETED)).into()
}

// === impl Room ===

impl Room {
    /// The document's objects, and what is done with all of them.
    const GROUPS: [&[Entry]; 2] = [
        &[
            (Self::Overview, "/console", "overview", frame::OVERVIEW),
            (Self::Keys, "/console/keys", "keys", frame::KEYS),
            (Self::Plans, "/console/plans", "plans", frame::PLANS),
            (Self::Services, "/console/services", "services", frame::SERVICES),
        ],
        &[
            (Self::Explain, "/console/explain", "explain", frame::EXPLAIN),
            (Self::Sign, "/console/sign", "sign", frame::SIGN),
            (Self::Activity, "/console/activity", "activity", frame::ACTIVITY),
            (Self::Document, "/console/document", "document", frame::DOCUMENT),
        ],
    ];

    /// How many objects are in it.
    fn count(self, visit: &Visit) -> Option<usize> {
        let document = visit.document();
        match self {
            Self::Keys => Some(document.keys.len()),
            Self::Plans => Some(document.usage_plans.len()),
            Self::Services => Some(document.services.len()),
            Self::Overview | Self::Explain | Self::Sign | Self::Activity | Self::Document => None,
        }
    }

    /// Whether it is of use to whoever looks.
    fn is_open(self, visit: &Visit) -> bool {
        self != Self::Sign || visit.may_change()
    }
}

// === impl Page ===

impl Page<'_> {
    /// The page, with the message that waits for it; `done` is the message's number.
    pub(super) fn show(&self, visit: &Visit, done: &str) -> Response {
        let flash = done.parse().ok().and_then(|number| visit.session.take(number));
        self.html(visit, flash).into_response()
    }

    /// The page of something that is refused.
    pub(super) fn refuse(&self, visit: &Visit) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, self.html(visit, None)).into_response()
    }

    fn html(&self, visit: &Visit, flash: Option<Flash>) -> Html<String> {
        let language = visit.language;
        let body = html! {
            div.shell inert[self.dialog.is_some()] {
                a.skip href="#content" { (language.say(frame::SKIP)) }
                header.side {
                    (brand(language))
                    (self.nav(visit))
                    div.side-foot { (in_force(visit)) (who(visit)) }
                }
                main.page #content {
                    @match &flash {
                        Some(Flash::Done(notice)) => (notice),
                        Some(Flash::Secret(secret)) => (new_secret(language, secret)),
                        None => {}
                    }
                    (self.content)
                }
            }
            @if let Some(dialog) = &self.dialog { (dialog) }
        };
        document(language, self.title, &body)
    }

    fn nav(&self, visit: &Visit) -> Markup {
        html! {
            nav.nav aria-label=(visit.say(frame::CONSOLE)) {
                @for group in Room::GROUPS {
                    ul {
                        @for (room, address, drawing, name) in
                            group.iter().filter(|entry| entry.0.is_open(visit)) {
                            li {
                                a href=(address) aria-current=[(self.room == Some(*room)).then_some("page")] {
                                    (icon(drawing)) " " (visit.say(*name))
                                    @if let Some(count) = room.count(visit) {
                                        " " span.count { (visit.language.number(count as u64)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where the document is in force.
fn in_force(visit: &Visit) -> Markup {
    let members = fleet::members(&visit.console);
    html! {
        a.in-force href="/console#envoys" {
            (fleet::cells(&members))
            (fleet::summary(visit.language, &members))
        }
    }
}

/// Who is signed in, the other language, and the way out.
fn who(visit: &Visit) -> Markup {
    let role = match visit.role {
        Role::Admin => frame::ADMIN,
        Role::Viewer => frame::VIEWER,
    };
    html! {
        div.who {
            span { (visit.session.who.name()) ", " (visit.say(role)) }
            (other_languages(visit.language, &visit.here))
            form method="post" action="/console/logout" {
                button.button.quiet.small type="submit" { (visit.say(frame::SIGN_OUT)) }
            }
        }
    }
}

/// A new key pair, whose secret is never shown again.
fn new_secret(language: Language, new: &NewSecret) -> Markup {
    let row = |label: &str, id: &str, value: &str| {
        html! {
            dt { (label) }
            dd.value id=(id) { (value) }
            dd {
                button.button type="button" hidden data-copy=(id) data-done=(language.say(frame::COPIED)) {
                    (icon("copy")) " " span { (language.say(frame::COPY)) }
                }
            }
        }
    };
    html! {
        section.secret aria-labelledby="created" {
            div {
                h2 #created { (new.title) }
                p.lead { (language.say(frame::SHOWN_ONCE)) }
            }
            dl.secret-pair {
                (row("SecretId", "new-secret-id", &new.secret_id))
                (row("SecretKey", "new-secret-key", new.secret_key.expose()))
            }
            div.lead { (new.in_force) }
        }
    }
}
