//! Sign: a curl command that calls with a key of the document.

use std::sync::Arc;

use axum::response::Response;
use axum::{Router, routing::get};
use maud::{Markup, html};
use usage_plan_core::sentence::Sentence;
use usage_plan_manage::dates;
use usage_plan_manage::secrets::LocalDocument;
use usage_plan_manage::sign::{self, HeaderField, KeyPair, Options, Request, Signed};

use super::change::Change;
use super::explain::local;
use super::form::{Asked, Fields};
use super::inputs::inputs;
use super::layout::{Page, Room};
use super::objects::key_name;
use super::parts::{InputKind, Tone, icon, notice, select};
use super::refused::Faults;
use super::site::Console;
use super::texts::{frame, outcomes, sign as texts};
use super::visit::{Answer, Visit};

/// The pages below `/console/sign`. A signed request is a caller's, so only who may change keys makes one.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/sign", get(form).post(sign))
}

async fn form(Change(visit): Change, Asked(query): Asked) -> Response {
    let fields = if query.get("url").is_some() { query } else { query.with("url", example(&visit)) };
    page(&visit, &fields, &Faults::none(), &html! {}).show(&visit, "")
}

async fn sign(Change(visit): Change, fields: Fields) -> Answer {
    let local = local(&visit).await?;
    let mut faults = Faults::none();
    match signed(&visit, &local, &fields) {
        Ok(signed) => Ok(page(&visit, &fields, &faults, &shown(&visit, &fields, &signed)).show(&visit, "")),
        Err((field, why)) => {
            faults.add(field, why);
            Ok(page(&visit, &fields, &faults, &html! {}).refuse(&visit))
        }
    }
}

/// The request as the fields say it, signed; otherwise the field that is wrong, and why.
fn signed(visit: &Visit, local: &LocalDocument, fields: &Fields) -> Result<Signed, (&'static str, String)> {
    let said = |sentence: Sentence| visit.language.sentence(&sentence);
    let wrong = |error: &sign::Error| visit.language.value(&error.value());
    let url = fields.text("url").parse().map_err(|why| ("url", said(why)))?;
    let lines = fields.text("headers").lines().map(str::trim).filter(|line| !line.is_empty());
    let headers = lines.map(str::parse).collect::<Result<Vec<HeaderField>, Sentence>>();
    let headers = headers.map_err(|why| ("headers", said(why)))?;
    let method = if fields.text("method").is_empty() { "GET" } else { fields.text("method") };
    let request = Request::new(method, url, headers).map_err(|error| match error {
        sign::Error::Method => ("method", wrong(&error)),
        other => ("headers", wrong(&other)),
    })?;
    let key = KeyPair::of(local, fields.text("key")).map_err(|error| ("key", wrong(&error)))?;
    let options = Options { signed_headers: None, algorithm: None, date: None };
    sign::sign(request, key, options, Some(local.config()), dates::now())
        .map_err(|error| ("headers", wrong(&error)))
}

/// An address of the first service.
fn example(visit: &Visit) -> String {
    let Some(service) = visit.document().services.first() else { return "https://".to_owned() };
    let domain = service.domains.first().map_or("", String::as_str).replace('*', "any");
    let environment = service.environments.first().map_or("", String::as_str);
    match service.path_mappings.first() {
        Some(mapping) => format!("https://{domain}{}", mapping.path),
        None => format!("https://{domain}/{environment}/"),
    }
}

fn page<'v>(visit: &'v Visit, fields: &Fields, faults: &Faults, result: &Markup) -> Page<'v> {
    let input = inputs(visit, fields, faults);
    let keys = visit.document().keys.iter().map(|key| (key.secret_id.as_str(), key_name(key)));
    let content = html! {
        div.page-head { div { h1 { (visit.say(frame::SIGN)) } p.lead { (visit.say(texts::LEAD)) } } }
        section.card {
            form.form.explain-form method="post" action="/console/sign" {
                div.field {
                    label for="key" { (visit.say(texts::KEY)) }
                    (select("key", "key", fields.text("key"), keys))
                    (super::parts::wrong("key", faults.field("key")))
                }
                (input("url", texts::ADDRESS, texts::ADDRESS_HINT, InputKind::Code))
                div.pair {
                    (input("method", texts::METHOD, texts::METHOD_HINT, InputKind::Code))
                    (input("connect", texts::CONNECT, texts::CONNECT_HINT, InputKind::Code))
                }
                (input("headers", texts::HEADERS, texts::HEADERS_HINT, InputKind::Lines))
                div.actions { button.button.primary type="submit" { (visit.say(frame::SIGN)) } }
            }
        }
        (result)
    };
    Page { room: Some(Room::Sign), title: visit.say(frame::SIGN), content, dialog: None }
}

fn shown(visit: &Visit, fields: &Fields, signed: &Signed) -> Markup {
    let connect = Some(fields.text("connect")).filter(|connect| !connect.is_empty());
    html! {
        @if let Some(refusal) = signed.refusal {
            @let why = visit.say(outcomes::of(refusal));
            (notice(Tone::Warn, &html! { (visit.language.fill(texts::WOULD_BE_REFUSED, &[("why", &why)])) },
                &html! {
                p { (visit.say(texts::WOULD_BE_REFUSED_TODO)) }
            }))
        }
        section.card aria-labelledby="signed" {
            div.card-head {
                h2 #signed { (visit.say(texts::SIGNED)) }
                button.button.small type="button" hidden data-copy="curl"
                    data-done=(visit.say(frame::COPIED)) {
                    (icon("copy")) " " span { (visit.say(frame::COPY)) }
                }
            }
            div.card-body {
                pre.code #curl tabindex="0" { (signed.curl(connect)) }
                p.hint { (visit.say(texts::VALID_FOR)) }
            }
        }
    }
}
