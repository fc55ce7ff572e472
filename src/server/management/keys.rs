//! The actions on keys.

use std::collections::HashSet;
use std::time::Duration;

use usage_plan_core::document::names::{KEY_NAME, SECRET_ID, SECRET_KEY};
use usage_plan_core::document::{Key, KeyStatus, Secret, SecretSource};
use usage_plan_manage::draft::{KEYS, Members};
use usage_plan_manage::operations::key::{self, NewSecret, Rotation};
use usage_plan_manage::{KeyState, Refusal, random};

use super::action::{Action, After, Answer, FILTERED, Run, done, result};
use super::check::{self, name};
use super::edit::Edit;
use super::failure::{Failure, Result};
use super::page::{Filters, Page};
use super::parameters::Parameters;
use super::scene::Scene;
use super::show;

const KEY: &[&str] = &["AccessKeyId"];

/// The types of keys.
const TYPES: [&str; 2] = ["auto", "manual"];

/// The filters on keys.
const FILTERS: [&str; 6] =
    ["AccessKeyId", "AccessKeySecret", "SecretName", "NotUsagePlanId", "Status", "KeyWord"];

/// The actions on keys.
pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "CreateApiKey",
        required: &["SecretName"],
        optional: &["AccessKeyType", "AccessKeyId", "AccessKeySecret", "Tags"],
        run: Run::Write(create),
    },
    Action { name: "DescribeApiKey", required: KEY, optional: &[], run: Run::Read(describe) },
    Action { name: "DescribeApiKeysStatus", required: &[], optional: FILTERED, run: Run::Read(list) },
    Action { name: "UpdateApiKey", required: KEY, optional: &["AccessKeySecret"], run: Run::Write(update) },
    Action { name: "EnableApiKey", required: KEY, optional: &[], run: Run::Write(enable) },
    Action { name: "DisableApiKey", required: KEY, optional: &[], run: Run::Write(disable) },
    Action { name: "DeleteApiKey", required: KEY, optional: &[], run: Run::Write(delete) },
];

fn create(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let key_name = name("SecretName", parameters.required("SecretName")?, &KEY_NAME)?;
    let is_manual = parameters.word("AccessKeyType", &TYPES)? == Some("manual");
    let [id, secret] = ["AccessKeyId", "AccessKeySecret"];
    let (given, secret) = if is_manual {
        let id = name(id, parameters.required(id)?, &SECRET_ID)?;
        let secret = name(secret, parameters.required(secret)?, &SECRET_KEY)?;
        (Some(id.to_owned()), NewSecret::Given(SecretSource::Document(Secret::new(secret))))
    } else if let Some(name) = [id, secret].into_iter().find(|name| parameters.has(name)) {
        let message = format!("{name} is for keys of the type manual: set AccessKeyType to \"manual\".");
        return Err(Failure::new("InvalidParameter", message));
    } else {
        (None, NewSecret::Random(random::secret()?))
    };
    let tags = check::tags(parameters)?;
    let remark = check::remark(&tags);
    if remark.chars().count() > Key::MAX_REMARK {
        let message = format!("Tags are longer than {} characters together: give fewer.", Key::MAX_REMARK);
        return Err(Failure::new("InvalidParameterValue.LengthExceeded", message));
    }
    let mut new = edit.new_object(KEYS, key_name, Members::new().with("remark", Some(remark)))?;
    new.id = given.unwrap_or(new.id);
    let id = new.id.clone();
    key::create(edit.draft, new, &secret, &[])?;
    let record = edit.record.keys.entry(id.clone()).or_default();
    record.is_manual = is_manual;
    record.tags = tags;
    Ok(After::Show(shown, id))
}

fn describe(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    shown(scene, parameters.required("AccessKeyId")?)
}

fn list(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let (page, filters) = (Page::of(parameters)?, Filters::of(parameters, &FILTERS)?);
    let document = scene.snapshot.document();
    let mut keys: Vec<&Key> = match filters.iter().find(|(name, _)| *name == "AccessKeyId") {
        // Whoever asks for one key need not wait until all are looked at.
        Some((_, ids)) => ids.iter().filter_map(|id| scene.snapshot.find_key(id)).collect(),
        None => document.keys.iter().collect(),
    };
    for (name, values) in filters.iter() {
        let has = |text: &str| values.iter().any(|value| value == text);
        match name {
            "SecretName" => keys.retain(|key| has(&key.name)),
            // Whoever sees no secrets finds none by trying.
            "AccessKeySecret" => keys.retain(|key| scene.sees_secrets && has(&show::secret(scene, key))),
            "Status" => keys.retain(|key| has(show::status(key).as_str())),
            "KeyWord" => keys.retain(|key| {
                let contains =
                    |value: &String| key.name.contains(&**value) || key.secret_id.contains(&**value);
                values.iter().any(contains)
            }),
            "NotUsagePlanId" => {
                let plans = values.iter().filter_map(|id| scene.snapshot.find_plan(id));
                let bound: HashSet<&String> = plans.flat_map(|plan| &plan.keys).collect();
                keys.retain(|key| !bound.contains(&key.secret_id));
            }
            _ => {}
        }
    }
    Ok(page.answer("ApiKeySet", &keys, |key| show::key(scene, key)))
}

fn update(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let id = parameters.required("AccessKeyId")?;
    let present = edit.key(id)?;
    if present.status == KeyStatus::Disabled {
        let message = format!("Key {id} is disabled. Enable it first, with EnableApiKey.");
        return Err(Failure::new("UnsupportedOperation.UnsupportedUpdateApiKey", message));
    }
    let is_manual = edit.record.keys.get(id).is_some_and(|record| record.is_manual);
    let secret = match parameters.text("AccessKeySecret")? {
        Some(secret) => {
            let secret = Secret::new(name("AccessKeySecret", secret, &SECRET_KEY)?);
            if matches!(&present.secret, Some(SecretSource::Environment(_) | SecretSource::File(_))) {
                return Err(
                    Refusal::State { key: edit.named_key(id)?, state: KeyState::SecretElsewhere }.into()
                );
            }
            NewSecret::Given(SecretSource::Document(secret))
        }
        None if is_manual => {
            let message = "A key of the type manual gets the secret that you give: give AccessKeySecret.";
            return Err(Failure::new("MissingParameter", message));
        }
        None => NewSecret::Random(random::secret()?),
    };
    // The new secret counts at once, as the API has it. A rotation with an overlap is the command line's.
    let rotation = Rotation { secret: &secret, overlap: Duration::ZERO, force: true, now: edit.now };
    key::rotate(edit.draft, id, &rotation)?;
    Ok(After::Show(shown, id.to_owned()))
}

fn enable(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    set_status(parameters, edit, KeyStatus::Enabled)
}

fn disable(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    set_status(parameters, edit, KeyStatus::Disabled)
}

/// A key that is in this state already stays in it: a script that is run again must not fail.
fn set_status(parameters: &Parameters, edit: &mut Edit<'_>, status: KeyStatus) -> Result<After> {
    let id = edit.key(parameters.required("AccessKeyId")?)?.secret_id.clone();
    key::set_status(edit.draft, &[id], status)?;
    done()
}

fn delete(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let id = edit.key(parameters.required("AccessKeyId")?)?.secret_id.clone();
    key::delete(edit.draft, &[id])?;
    done()
}

fn shown(scene: &Scene<'_>, id: &str) -> Result<Answer> {
    Ok(result(show::key(scene, scene.snapshot.key(id)?)))
}
