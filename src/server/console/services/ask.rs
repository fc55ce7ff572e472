//! Deleting a service, after a question.

use crate::console::change::Change;
use crate::console::objects::{find_service, service_name};
use crate::console::texts::services as texts;
use axum::extract::Path;
use maud::html;
use usage_plan_core::document::Service;
use usage_plan_manage::operations::service as operations;

use super::under::under;
use crate::console::layout::Page;
use crate::console::outcome;
use crate::console::parts::{Dialog, buttons};
use crate::console::refused::{Faults, bold};
use crate::console::texts::frame;
use crate::console::visit::{Answer, Visit};

/// `GET /console/services/{id}/delete`
pub(super) async fn dialog(Change(visit): Change, Path(id): Path<String>) -> Answer {
    let service = find_service(&visit, &id)?;
    Ok(page(&visit, service, &Faults::none()).show(&visit, ""))
}

/// `POST /console/services/{id}/delete`
pub(super) async fn delete(Change(visit): Change, Path(id): Path<String>) -> Answer {
    let service = find_service(&visit, &id)?;
    match visit.edit(move |draft| operations::delete(draft, &[id]).map(|_| ())).await? {
        Ok(done) => {
            let head = visit.language.rich(texts::IS_DELETED, &[("name", bold(service_name(service)))]);
            visit.leave("/console/services", outcome::done(&visit, &head, &done.delivery))
        }
        Err(refusal) => {
            let faults = Faults::of(&visit, &refusal, &[]);
            Ok(page(&visit, service, &faults).refuse(&visit))
        }
    }
}

fn page<'v>(visit: &'v Visit, service: &'v Service, faults: &Faults) -> Page<'v> {
    let back = format!("/console/services/{}", service.id);
    let name = [("name", &service_name(service) as &dyn std::fmt::Display)];
    let dialog = Dialog {
        title: html! { (visit.language.fill(texts::DELETE_SERVICE, &name)) },
        action: &format!("{back}/delete"),
        back: &back,
        body: html! {
            (faults.whole())
            p { (visit.language.fill(texts::DELETE_WHAT, &[("domains", &service.domains.join(", "))])) }
        },
        foot: buttons(&back, visit.say(frame::KEEP_IT), &visit.language.fill(texts::DELETE, &name), true),
        is_broad: false,
    };
    under(visit, Some(service), &dialog)
}
