//! Whether an object is as it was when its form was shown, so that nobody overwrites what others changed.

use maud::html;
use sha2::{Digest, Sha256};
use usage_plan_manage::draft::{Collection, Draft};

use super::parts::{Tone, notice};
use super::refused::{Faults, bold};
use super::texts::refusals as texts;
use super::visit::Visit;

/// The field of a form that says which object was shown.
pub(super) const FIELD: &str = "revision";

/// The object as a short word, which differs when anything of it does.
pub(super) fn of(draft: &Draft, collection: Collection, id: &str) -> String {
    let object = draft.find(collection, id).map(|object| serde_json::to_string(object).unwrap_or_default());
    of_text(&object.unwrap_or_default())
}

/// A text as a short word, which differs when anything of it does.
pub(super) fn of_text(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// That somebody else has changed the object meanwhile.
pub(super) fn changed(visit: &Visit, name: &str) -> Faults {
    let head = visit.language.rich(texts::CHANGED_MEANWHILE, &[("name", bold(name))]);
    let mut faults = Faults::none();
    faults.add_whole(notice(
        Tone::Refused,
        &head,
        &html! { p { (visit.say(texts::CHANGED_MEANWHILE_TODO)) } },
    ));
    faults
}
