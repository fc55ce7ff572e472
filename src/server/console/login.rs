//! Signing in and out, and the language.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use maud::{Markup, html as markup};
use usage_plan_manage::dates;

use super::form::{Asked, Fields};
use super::parts::{Tone, brand, notice, wrong};
use super::session::Who;
use super::site::{Console, SESSION};
use super::text::Language;
use super::texts::login as texts;
use super::visit::Guest;
use super::{failure, html};

/// What the page of the login says, and what was sent to it.
#[derive(Clone, Copy, Default)]
struct Sent<'s> {
    /// Where to go when it succeeds.
    next: &'s str,
    operator: &'s str,
    /// Why nobody is signed in.
    message: Option<&'s str>,
    /// Whether there was a session that has ended.
    ended: bool,
}

// === impl Sent ===

impl<'s> Sent<'s> {
    fn refused(message: &'s str) -> Self {
        Self { message: Some(message), ..Self::default() }
    }
}

/// `GET /console/login`
pub(super) async fn form(guest: Guest, Asked(query): Asked) -> Response {
    let ended = !query.text("ended").is_empty();
    page(&guest, &Sent { next: query.text("next"), ended, ..Sent::default() }).into_response()
}

/// `POST /console/login`
pub(super) async fn sign_in(State(console): State<Arc<Console>>, guest: Guest, fields: Fields) -> Response {
    let next = fields.text("next");
    let language = guest.reader.language;
    let refuse = |status: StatusCode, message: &str| {
        let sent = Sent { next, operator: fields.text("secret_id"), message: Some(message), ended: false };
        (status, page(&guest, &sent)).into_response()
    };
    let left = console.tries.take(guest.address, dates::now());
    if left == 0 {
        return refuse(StatusCode::TOO_MANY_REQUESTS, language.say(texts::TOO_MANY));
    }
    let found = console.operators.as_deref();
    let found = found.map(|known| known.verify(fields.text("secret_id"), fields.text("secret_key")));
    match found.transpose() {
        Ok(Some(Some(operator))) => {
            console.tries.succeeded(guest.address);
            start(&console, &guest, Who::Operator(operator.id().to_owned()), next)
        }
        Ok(_) => {
            let message = language.count(texts::NOBODY, usize::try_from(left - 1).unwrap_or_default());
            refuse(StatusCode::UNAUTHORIZED, &message)
        }
        Err(error) => failure::page(guest.reader, &error.to_string()),
    }
}

/// `GET /console/open/{token}`: the link that is printed at the start, which works once.
pub(super) async fn open(
    State(console): State<Arc<Console>>,
    guest: Guest,
    Path(token): Path<String>,
) -> Response {
    let language = guest.reader.language;
    if console.tries.take(guest.address, dates::now()) == 0 {
        let page = page(&guest, &Sent::refused(language.say(texts::TOO_MANY)));
        return (StatusCode::TOO_MANY_REQUESTS, page).into_response();
    }
    if !console.link.open(&token) {
        let page = page(&guest, &Sent::refused(language.say(texts::LINK_USED)));
        return (StatusCode::UNAUTHORIZED, page).into_response();
    }
    console.tries.succeeded(guest.address);
    start(&console, &guest, Who::Local, "")
}

/// `POST /console/logout`
pub(super) async fn sign_out(State(console): State<Arc<Console>>, guest: Guest) -> Response {
    if let Some(id) = &guest.session {
        console.sessions.end(id);
    }
    let cookie = format!("{SESSION}=; Path=/console; HttpOnly; SameSite=Strict; Max-Age=0");
    (AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to("/console/login")).into_response()
}

/// `GET /console/language/{tag}`: the reader's language from now on.
pub(super) async fn language(Path(tag): Path<String>, Asked(query): Asked) -> Response {
    let back = Redirect::to(inside(query.text("next")));
    match Language::of_tag(&tag) {
        Some(language) => {
            let tag = language.tag();
            let cookie =
                format!("usage-plan-language={tag}; Path=/console; SameSite=Strict; Max-Age=31536000");
            (AppendHeaders([(SET_COOKIE, cookie)]), back).into_response()
        }
        None => back.into_response(),
    }
}

/// Starts a session with a new id, and ends the one that was there.
fn start(console: &Console, guest: &Guest, who: Who, next: &str) -> Response {
    if let Some(id) = &guest.session {
        console.sessions.end(id);
    }
    let id = match console.sessions.start(who, dates::now()) {
        Ok(id) => id,
        Err(error) => return failure::page(guest.reader, &format!("{error:?}")),
    };
    let secure = if console.is_secure { "; Secure" } else { "" };
    let cookie = format!("{SESSION}={}; Path=/console; HttpOnly; SameSite=Strict{secure}", id.expose());
    (AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to(inside(next))).into_response()
}

/// The address if it is one of the console, and the first page otherwise.
fn inside(address: &str) -> &str {
    let is_inside =
        address == "/console" || address.starts_with("/console/") || address.starts_with("/console?");
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_inside && is_plain { address } else { "/console" }
}

fn page(guest: &Guest, sent: &Sent<'_>) -> axum::response::Html<String> {
    let Sent { next, operator, message, ended } = *sent;
    let language = guest.reader.language;
    let title = language.say(texts::SIGN_IN);
    let here = if guest.here.starts_with("/console/open") { "/console/login" } else { &guest.here };
    let body: Markup = markup! {
        main.alone {
            (brand(language))
            div.card {
                h1 { (title) }
                p.lead { (language.say(texts::LEAD)) }
                @if ended {
                    (notice(Tone::Warn, &markup! { (language.say(texts::ENDED)) },
                        &markup! { p { (language.say(texts::ENDED_TODO)) } }))
                }
                form.form method="post" action="/console/login" {
                    input type="hidden" name="next" value=(inside(next));
                    div.field {
                        label for="operator" { (language.say(texts::OPERATOR)) }
                        input.input.mono type="text" id="operator" name="secret_id" value=(operator)
                            autocomplete="username"
                            spellcheck="false" autocapitalize="none" required autofocus;
                    }
                    div.field {
                        label for="secret" { "SecretKey" }
                        input.input.mono type="password" id="secret" name="secret_key"
                            autocomplete="current-password" required aria-invalid=[message.map(|_| "true")]
                            aria-describedby=[message.map(|_| "secret-wrong")];
                        (wrong("secret", message))
                    }
                    button.button.primary type="submit" { (title) }
                }
                details.more {
                    summary { (language.say(texts::NO_CREDENTIALS)) }
                    p.hint { (language.say(texts::ASK_FOR_CREDENTIALS)) }
                }
            }
            p.alone-foot {
                span { (env!("CARGO_PKG_VERSION")) }
                (html::other_languages(language, here))
            }
        }
    };
    html::document(language, title, &body)
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn nobody_is_sent_out_of_the_console() {
        for address in ["/console", "/console/keys?page=2", "/console?a=b"] {
            assert_eq!(inside(address), address);
        }
        for address in
            ["", "//attacker.example", "/consolex", "https://x.example", "/console/\\x", "/console/\n"]
        {
            assert_eq!(inside(address), "/console");
        }
    }
}
