//! Objects of the document in the words of the API.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use usage_plan_core::document::{Key, KeyStatus, Period, SecretSource, UsagePlan};

use super::check;
use super::scene::Scene;
use super::signature::hex;
use crate::record::{Tag, Times};

/// Stands for a secret that the operator may not see.
const MASK: &str = "********";

/// A key.
pub(super) fn key(scene: &Scene<'_>, key: &Key) -> Value {
    let record = scene.snapshot.record.keys.get(&key.secret_id);
    let is_manual = record.is_some_and(|record| record.is_manual);
    let recorded = record.map_or(&[][..], |record| &record.tags);
    // A remark that somebody wrote by other means is the only label.
    let tags = match &*key.remark {
        "" => json!([]),
        remark if check::remark(recorded) == remark => tags(recorded),
        remark => json!([{"Key": remark, "Value": null}]),
    };
    let [created, modified] = times(record.map(|record| &record.times));
    json!({
        "AccessKeyId": key.secret_id,
        "AccessKeySecret": secret(scene, key),
        "AccessKeyType": if is_manual { "manual" } else { "auto" },
        "SecretName": key.name,
        "Status": i32::from(is_enabled(key)),
        "CreatedTime": created,
        "ModifiedTime": modified,
        "Tags": tags,
    })
}

/// The secret of a key. One that is in a variable or a file is not known here.
pub(super) fn secret(scene: &Scene<'_>, key: &Key) -> String {
    match &key.secret {
        Some(SecretSource::Document(secret)) if scene.sees_secrets => secret.expose().to_owned(),
        Some(SecretSource::Document(_)) => MASK.to_owned(),
        _ => String::new(),
    }
}

/// The status of a key, as filters have it.
pub(super) fn status(key: &Key) -> String {
    i32::from(is_enabled(key)).to_string()
}

/// Labels.
pub(super) fn tags(tags: &[Tag]) -> Value {
    tags.iter().map(|tag| json!({"Key": tag.key, "Value": tag.value})).collect()
}

/// The times of creation and of the last change.
pub(super) fn times(times: Option<&Times>) -> [Value; 2] {
    match times {
        Some(times) => [times.created.as_str().into(), times.modified.as_str().into()],
        None => [Value::Null, Value::Null],
    }
}

/// Whether a key is enabled.
pub(super) fn is_enabled(key: &Key) -> bool {
    key.status == KeyStatus::Enabled
}

/// A usage plan, without what is bound to it.
pub(super) fn plan(scene: &Scene<'_>, plan: &UsagePlan) -> Map<String, Value> {
    let record = scene.snapshot.record.usage_plans.get(&plan.id);
    let [created, modified] = times(record.map(|record| &record.times));
    Map::from_iter(
        [
            ("UsagePlanId", plan.id.as_str().into()),
            ("UsagePlanName", plan.name.as_str().into()),
            ("UsagePlanDesc", plan.remark.as_str().into()),
            ("MaxRequestNumPreSec", limit(plan.max_requests_per_second)),
            ("MaxRequestNum", limit(total(plan))),
            ("CreatedTime", created),
            ("ModifiedTime", modified),
            ("Tags", tags(record.map_or(&[], |record| &record.tags))),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    )
}

/// What is the same in all lists of a plan's bindings. No plan is bound to an API.
pub(super) fn binding(scene: &Scene<'_>, plan: &UsagePlan, used: Option<u64>) -> Map<String, Value> {
    let record = scene.snapshot.record.usage_plans.get(&plan.id);
    let [created, modified] = times(record.map(|record| &record.times));
    Map::from_iter(
        [
            ("ApiId", Value::Null),
            ("ApiName", Value::Null),
            ("Path", Value::Null),
            ("Method", Value::Null),
            ("InUseRequestNum", used.into()),
            ("MaxRequestNum", limit(total(plan))),
            ("MaxRequestNumPreSec", limit(plan.max_requests_per_second)),
            ("CreatedTime", created),
            ("ModifiedTime", modified),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    )
}

/// The limit on all requests of a plan together.
pub(super) fn total(plan: &UsagePlan) -> Option<u64> {
    plan.quotas.iter().find(|quota| quota.period == Period::Total)?.max_requests
}

/// The id of the one API that a service shows: all of its paths.
pub(super) fn api_id(service: &str) -> String {
    let hash = hex(&Sha256::digest(service));
    format!("api-{}", hash.get(..8).unwrap_or_default())
}

/// A limit as the API has it: -1 is none. Where it were `null`, Terraform would see a difference.
pub(super) fn limit(limit: Option<u64>) -> Value {
    limit.map_or(json!(-1), Value::from)
}
