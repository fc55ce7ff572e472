//! What is done with keys: it asks first, and says what it will do to whom.

use crate::console::change::Change;
use crate::console::html::encoded;
use crate::console::layout::not_found;
use crate::console::objects::{find_key, key_name};
use crate::console::texts::keys as texts;
use std::time::Duration;

use axum::extract::Path;
use maud::{Markup, html};
use usage_plan_core::document::{Document, Key, KeyStatus};
use usage_plan_manage::Refusal;
use usage_plan_manage::draft::Draft;
use usage_plan_manage::operations::key::{self, NewSecret, Rotation};
use usage_plan_manage::random;

use super::list;
use crate::console::form::Fields;
use crate::console::layout::{Page, Room};
use crate::console::parts::{Dialog, buttons, choice};
use crate::console::refused::{Faults, bold};
use crate::console::session::{Flash, NewSecret as Shown};
use crate::console::text::Text;
use crate::console::texts::frame;
use crate::console::visit::{Answer, Visit};
use crate::console::{failure, outcome};

/// How long the secret before the present one works, in hours, unless it ends at once.
const OVERLAPS: [(&str, u64); 3] = [("day", 24), ("week", 7 * 24), ("month", 30 * 24)];

/// What can be done with a key, each after a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Disable,
    Replace,
    Finish,
    Delete,
}

// === impl Action ===

impl Action {
    fn of(word: &str) -> Option<Self> {
        match word {
            "disable" => Some(Self::Disable),
            "replace" => Some(Self::Replace),
            "finish" => Some(Self::Finish),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }

    /// The question, what stays when it is not done, and what does it.
    fn words(self) -> [Text; 3] {
        match self {
            Self::Disable => [texts::DISABLE_KEY, texts::KEEP_ENABLED, texts::DISABLE],
            Self::Replace => [texts::REPLACE_KEY, frame::CANCEL, texts::REPLACE],
            Self::Finish => [texts::FINISH_KEY, texts::KEEP_BOTH, texts::FINISH],
            Self::Delete => [texts::DELETE_KEY, frame::KEEP_IT, texts::DELETE],
        }
    }
}

/// `GET /console/keys/{id}/{action}`
pub(super) async fn dialog(Change(visit): Change, Path((id, word)): Path<(String, String)>) -> Answer {
    let key = find_key(&visit, &id)?;
    let action = Action::of(&word).ok_or_else(|| not_found(&visit, frame::NO_SUCH_PAGE, &word))?;
    Ok(page(&visit, key, action, &Faults::none()).show(&visit, ""))
}

/// `POST /console/keys/{id}/{action}`
pub(super) async fn act(
    Change(visit): Change,
    Path((id, word)): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let key = find_key(&visit, &id)?;
    let action = Action::of(&word).ok_or_else(|| not_found(&visit, frame::NO_SUCH_PAGE, &word))?;
    let name = key_name(key).to_owned();
    let done = match action {
        Action::Replace => return replace(&visit, key, &fields).await,
        Action::Disable => edit(&visit, id, |draft, id| set_status(draft, id, KeyStatus::Disabled)).await?,
        Action::Finish => edit(&visit, id, |draft, id| key::finish_rotation(draft, &id).map(|_| ())).await?,
        Action::Delete => edit(&visit, id, |draft, id| key::delete(draft, &[id]).map(|_| ())).await?,
    };
    let said = match action {
        Action::Disable => texts::IS_DISABLED,
        Action::Finish | Action::Replace => texts::IS_FINISHED,
        Action::Delete => texts::IS_DELETED,
    };
    match done {
        Ok(done) => {
            let head = visit.language.rich(said, &[("name", bold(&name))]);
            visit.leave("/console/keys", outcome::done(&visit, &head, &done.delivery))
        }
        Err(refusal) => refuse(&visit, key, action, &refusal),
    }
}

/// `POST /console/keys/{id}/enable`: it hurts nobody, so it does not ask.
pub(super) async fn enable(Change(visit): Change, Path(id): Path<String>) -> Answer {
    let key = find_key(&visit, &id)?;
    let done = edit(&visit, id, |draft, id| set_status(draft, id, KeyStatus::Enabled)).await?;
    match done {
        Ok(done) => {
            let head = visit.language.rich(texts::IS_ENABLED, &[("name", bold(key_name(key)))]);
            visit.leave("/console/keys", outcome::done(&visit, &head, &done.delivery))
        }
        Err(refusal) => refuse(&visit, key, Action::Disable, &refusal),
    }
}

type Edited<T> = Result<crate::desk::Done<T>, Refusal>;

async fn edit(
    visit: &Visit,
    id: String,
    edit: impl FnOnce(&mut Draft, String) -> Result<(), Refusal> + Send + 'static,
) -> Result<Edited<()>, crate::console::visit::Stop> {
    visit.edit(move |draft| edit(draft, id)).await
}

fn set_status(draft: &mut Draft, id: String, status: KeyStatus) -> Result<(), Refusal> {
    key::set_status(draft, &[id], status).map(|_| ())
}

fn refuse(visit: &Visit, key: &Key, action: Action, refusal: &Refusal) -> Answer {
    Ok(page(visit, key, action, &Faults::of(visit, refusal, &[])).refuse(visit))
}

/// Gives the key a new secret, which is shown once.
async fn replace(visit: &Visit, key: &Key, fields: &Fields) -> Answer {
    let secret = random::secret().map_err(|error| failure::page(visit.reader, &format!("{error:?}")))?;
    let hours =
        OVERLAPS.iter().find(|(word, _)| *word == fields.text("overlap")).map_or(0, |(_, hours)| *hours);
    let (id, now, new) = (key.secret_id.clone(), visit.now, secret.clone());
    let edited = visit.edit(move |draft| {
        let secret = NewSecret::Random(new);
        let overlap = Duration::from_secs(hours * 3600);
        key::rotate(draft, &id, &Rotation { secret: &secret, overlap, force: false, now })
    });
    match edited.await? {
        Ok(done) => {
            let shown = Shown {
                title: visit.language.fill(texts::REPLACED_KEY, &[("name", &key_name(key))]),
                secret_id: key.secret_id.clone(),
                secret_key: secret,
                in_force: outcome::in_force(visit, &done.delivery),
            };
            visit.leave("/console/keys", Flash::Secret(shown))
        }
        Err(refusal) => refuse(visit, key, Action::Replace, &refusal),
    }
}

fn page<'v>(visit: &'v Visit, key: &Key, action: Action, faults: &Faults) -> Page<'v> {
    let [title, stay, act] =
        action.words().map(|text| visit.language.fill(text, &[("name", &key_name(key))]));
    let back = "/console/keys";
    let word = match action {
        Action::Disable => "disable",
        Action::Replace => "replace",
        Action::Finish => "finish",
        Action::Delete => "delete",
    };
    let address = format!("/console/keys/{}/{word}", encoded(&key.secret_id));
    let dialog = Dialog {
        title: html! { (title) },
        action: &address,
        back,
        body: html! { (faults.whole()) (consequence(visit, key, action)) },
        foot: buttons(back, &stay, &act, action != Action::Replace),
        is_broad: false,
    };
    Page {
        room: Some(Room::Keys),
        title: visit.say(frame::KEYS),
        content: list::content(visit, &Fields::none()),
        dialog: Some(dialog.render(visit.language)),
    }
}

/// What an action will do, and to whom.
fn consequence(visit: &Visit, key: &Key, action: Action) -> Markup {
    let language = visit.language;
    match action {
        Action::Disable => html! {
            p { (visit.say(texts::DISABLE_WHAT)) }
            (reach(visit, &key.secret_id))
        },
        Action::Replace => html! {
            p { (visit.say(texts::REPLACE_WHAT)) }
            fieldset.choices {
                legend { (visit.say(texts::OLD_SECRET_WORKS)) }
                (choice("overlap", "day", true, visit.say(texts::A_DAY), visit.say(texts::A_DAY_HINT)))
                (choice("overlap", "week", false, visit.say(texts::A_WEEK), ""))
                (choice("overlap", "month", false, visit.say(texts::A_MONTH), ""))
                (choice("overlap", "none", false, visit.say(texts::NO_LONGER),
                    visit.say(texts::NO_LONGER_HINT)))
            }
        },
        Action::Finish => {
            let until = key.previous.as_ref().map(|previous| visit.reader.moment(previous.not_after));
            html! {
                @if let Some(until) = until {
                    p { (language.rich(texts::FINISH_WHAT, &[("time", until)])) }
                } @else {
                    p { (language.rich(crate::console::texts::refusals::NOT_REPLACED,
                        &[("key", bold(key_name(key)))])) }
                }
            }
        }
        Action::Delete => html! { p { (visit.say(texts::DELETE_WHAT)) } (reach(visit, &key.secret_id)) },
    }
}

/// Which environments a key may call, and on which plan.
fn reach(visit: &Visit, id: &str) -> Markup {
    let environments = environments(visit.document(), id);
    html! {
        @if environments.is_empty() {
            p { (visit.say(texts::REACHES_NOTHING)) }
        } @else {
            p { (visit.language.fill(texts::REACHES,
                &[("environments", &visit.language.list(environments))])) }
        }
    }
}

/// The environments that a key may call, as `service/environment`.
pub(super) fn environments(document: &Document, id: &str) -> Vec<String> {
    let plans = document.usage_plans.iter().filter(|plan| plan.keys.iter().any(|key| key == id));
    let bound = plans.flat_map(|plan| &plan.environments);
    let name = |id: &str| {
        let service = document.service(id).filter(|service| !service.name.is_empty());
        service.map_or_else(|| id.to_owned(), |service| service.name.clone())
    };
    bound.map(|bound| format!("{}/{}", name(&bound.service), bound.environment)).collect()
}
