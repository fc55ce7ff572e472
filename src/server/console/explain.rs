//! Explain: paste a request, and read step by step what the filter does with it.

use std::sync::Arc;

use axum::response::Response;
use axum::{Router, routing::get};
use maud::{Markup, html};
use tokio::task::spawn_blocking;
use usage_plan_core::sentence::Value;
use usage_plan_manage::dates;
use usage_plan_manage::explain::{self, Captured, Conclusion, Explanation, Line, Step};
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::secrets::LocalDocument;

use super::failure;
use super::form::Fields;
use super::layout::{Page, Room};
use super::parts::{choice, icon, wrong};
use super::site::Console;
use super::texts::{explain as texts, frame, outcomes};
use super::visit::{Answer, Stop, Visit};

/// A line that shows a signature which others could send.
const SIGNATURE: &str = "expected";

/// The pages below `/console/explain`.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/explain", get(form).post(explain))
}

async fn form(visit: Visit) -> Response {
    page(&visit, &Fields::none(), &html! { (waiting(&visit)) }, None).show(&visit, "")
}

/// It counts nothing and changes nothing, so a viewer may ask too.
async fn explain(visit: Visit, fields: Fields) -> Answer {
    let captured = match Captured::parse(fields.text("request").as_bytes()) {
        Ok(captured) => captured,
        Err(error) => {
            let why = visit.language.sentence(&error.sentence());
            let message = format!("{} ({why})", visit.say(texts::NOT_A_REQUEST));
            return Ok(page(&visit, &fields, &waiting(&visit), Some(&message)).refuse(&visit));
        }
    };
    let is_signed_date = fields.text("at") == "signed";
    let local = local(&visit).await?;
    let signed = explain::signed_date(&captured).filter(|_| is_signed_date);
    let explanation = explain::explain(&local, &captured, signed.unwrap_or_else(dates::now));
    Ok(page(&visit, &fields, &shown(&visit, &explanation), None).show(&visit, ""))
}

/// The document with the secrets that this process has.
pub(super) async fn local(visit: &Visit) -> Result<LocalDocument, Stop> {
    let file = DocumentFile::new(visit.console.desk.path().to_owned());
    let failed = |why: &str| Stop::from(failure::page(visit.reader, why));
    match spawn_blocking(move || LocalDocument::read(&file)).await {
        Ok(Ok(local)) => Ok(local),
        Ok(Err(error)) => Err(failed(&format!("{error:?}"))),
        Err(_) => Err(failed("the document was not read")),
    }
}

fn page<'v>(visit: &'v Visit, fields: &Fields, result: &Markup, message: Option<&str>) -> Page<'v> {
    let is_signed_date = fields.text("at") == "signed";
    let say = |text| visit.say(text);
    let content = html! {
        div.page-head { div { h1 { (say(frame::EXPLAIN)) } p.lead { (say(texts::LEAD)) } } }
        div.columns {
            section.card.w5 aria-labelledby="request" {
                form.form.explain-form method="post" action="/console/explain" {
                    div.field {
                        label #request for="paste" { (say(texts::REQUEST)) }
                        textarea.input.mono #paste name="request" rows="14" spellcheck="false"
                            aria-describedby="paste-hint" aria-invalid=[message.map(|_| "true")] {
                            (fields.text("request"))
                        }
                        p.hint #paste-hint { (say(texts::REQUEST_HINT)) }
                        (wrong("paste", message))
                    }
                    fieldset.choices {
                        legend { (say(texts::JUDGE_AS_OF)) }
                        (choice("at", "signed", is_signed_date, say(texts::SIGNED_DATE),
                            say(texts::SIGNED_DATE_HINT)))
                        (choice("at", "now", !is_signed_date, say(texts::NOW), say(texts::NOW_HINT)))
                    }
                    div.actions { button.button.primary type="submit" { (say(frame::EXPLAIN)) } }
                }
            }
            section.card.w7 aria-label=(say(texts::VERDICT)) { (result) }
        }
    };
    Page { room: Some(Room::Explain), title: visit.say(frame::EXPLAIN), content, dialog: None }
}

fn waiting(visit: &Visit) -> Markup {
    html! { div.empty { h2 { (visit.say(texts::NOTHING_YET)) } p { (visit.say(texts::NOTHING_YET_TODO)) } } }
}

fn shown(visit: &Visit, explanation: &Explanation) -> Markup {
    html! {
        (verdict(visit, &explanation.conclusion))
        @if explanation.envoy_intervenes { p.card-foot { (visit.say(texts::ENVOY_INTERVENES)) } }
        ol.steps { @for step in &explanation.steps { (self::step(visit, step)) } }
    }
}

fn verdict(visit: &Visit, conclusion: &Conclusion) -> Markup {
    let (is_good, head, word, body) = match conclusion {
        Conclusion::Allowed { can_be_limited: true } => {
            (true, visit.say(texts::ALLOWED_UNLESS).to_owned(), "allowed", None)
        }
        Conclusion::Allowed { .. } => (true, visit.say(texts::ALLOWED).to_owned(), "allowed", None),
        Conclusion::Anonymous => (true, visit.say(outcomes::ANONYMOUS).to_owned(), "anonymous", None),
        Conclusion::Observed(outcome) => {
            let why = visit.say(outcomes::of(*outcome));
            (true, visit.language.fill(texts::OBSERVED, &[("why", &why)]), outcome.as_str(), None)
        }
        Conclusion::UsageShown { body } => {
            (true, visit.say(texts::USAGE_SHOWN).to_owned(), "usage_shown", Some(body))
        }
        Conclusion::Refused { outcome, status, body } => {
            let why = visit.say(outcomes::of(*outcome));
            let head = visit.language.fill(texts::REFUSED, &[("status", status), ("why", &why)]);
            (false, head, outcome.as_str(), Some(body))
        }
        Conclusion::Unknown(missing) => {
            let why = visit.language.sentence(&missing.sentence());
            (false, visit.language.fill(texts::UNKNOWN, &[("why", &why)]), "", None)
        }
    };
    let (class, drawing) = if is_good { ("verdict ok", "ok") } else { ("verdict bad", "refused") };
    html! {
        div class=(class) role="status" {
            (icon(drawing))
            div {
                h2 { (head) }
                @if let Some(body) = body { p.hint { (visit.say(texts::CALLER_READS)) " " code { (body) } } }
                @if !word.is_empty() { p.hint { (visit.say(texts::IN_METRICS)) " " code { (word) } } }
            }
        }
    }
}

/// A line below a step. What is of the request stands as code, and what is said of it as words.
fn line(visit: &Visit, Line { label, text }: &Line) -> Markup {
    let label = texts::label(label).map_or(*label, |text| visit.say(text));
    html! {
        @match text {
            Value::Text(text) if label.is_empty() => pre.code { (text) },
            Value::Text(text) => p { span.unit { (label) } " " code { (text) } },
            Value::Sentence(said) => p { span.unit { (label) } " " (visit.language.sentence(said)) },
        }
    }
}

fn step(visit: &Visit, step: &Step) -> Markup {
    let Step { name, passed, detail, more } = step;
    let (class, drawing, state) = match passed {
        Some(true) => ("step ok", "check", Some(texts::PASSED)),
        Some(false) => ("step bad", "x", Some(texts::REFUSED_HERE)),
        None => ("step later", "minus", None),
    };
    let is_shown = |line: &&Line| line.label != SIGNATURE || visit.may_change();
    html! {
        li class=(class) {
            (icon(drawing))
            h3 {
                @if let Some(state) = state { span.out-of-sight { (visit.say(state)) ": " } }
                (texts::step(name).map_or(*name, |text| visit.say(text)))
            }
            div {
                p { (visit.language.value(detail)) }
                @for line in more.iter().filter(is_shown) {
                    (self::line(visit, line))
                }
            }
        }
    }
}
