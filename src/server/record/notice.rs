//! Notices what changed in the document since it was last seen, by whatever means.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use usage_plan_core::document::Service;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::dates::whole_seconds;
use usage_plan_manage::draft::{Collection, Draft, KEYS, SERVICES, USAGE_PLANS, text};

use super::objects::{KeyRecord, PlanRecord, Record, Release, ServiceRecord, Times};

/// What is said of a version that nobody published through the API.
const FOUND: &str = "published by other means than the API";

/// What has times.
trait Recorded: Default {
    fn times(&mut self) -> &mut Times;
}

impl Recorded for KeyRecord {
    fn times(&mut self) -> &mut Times {
        &mut self.times
    }
}

impl Recorded for PlanRecord {
    fn times(&mut self) -> &mut Times {
        &mut self.times
    }
}

impl Recorded for ServiceRecord {
    fn times(&mut self) -> &mut Times {
        &mut self.times
    }
}

// === impl Record ===

impl Record {
    /// Notices how the draft's objects are at `time`, after its edits.
    pub(crate) fn notice(&mut self, draft: &Draft, time: Timestamp) {
        let time = whole_seconds(time).to_rfc3339();
        notice(&mut self.keys, draft, KEYS, &time);
        notice(&mut self.usage_plans, draft, USAGE_PLANS, &time);
        notice(&mut self.services, draft, SERVICES, &time);
        for item in draft.items(SERVICES).iter().filter_map(Value::as_object) {
            if let Some(service) = self.services.get_mut(text(item, SERVICES.id)) {
                service.notice_environments(text(item, SERVICES.id), &environments(item), &time);
            }
        }
    }
}

// === impl ServiceRecord ===

impl ServiceRecord {
    /// Publishes a version to an environment, and returns its name: a time, and a UUID.
    pub(crate) fn release(&mut self, environment: &str, version: &str, description: &str, time: &str) {
        let (environment, version) = (environment.to_owned(), version.to_owned());
        self.current.insert(environment.clone(), version.clone());
        let (description, time) = (description.to_owned(), time.to_owned());
        self.releases.push(Release { environment, version, description, time });
    }

    /// Gives a version to an environment that is published and has none.
    fn notice_environments(&mut self, id: &str, environments: &BTreeSet<String>, time: &str) {
        self.current.retain(|environment, _| environments.contains(environment));
        for environment in environments {
            if !self.current.contains_key(environment) {
                let version = found_version(id, environment, time);
                self.release(environment, &version, FOUND, time);
            }
        }
    }
}

/// The environments of a service of the document.
fn environments(service: &Map<String, Value>) -> BTreeSet<String> {
    match service.get("environments").and_then(Value::as_array) {
        Some(names) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => Service::default().environments.into_iter().collect(),
    }
}

fn notice<T: Recorded>(records: &mut BTreeMap<String, T>, draft: &Draft, collection: Collection, time: &str) {
    let mut left = std::mem::take(records);
    for object in draft.items(collection).iter().filter_map(Value::as_object) {
        let id = text(object, collection.id);
        let mut record = left.remove(id).unwrap_or_default();
        let digest = digest(object);
        let times = record.times();
        if times.digest != digest {
            if times.created.is_empty() {
                let created = Timestamp::from_rfc3339(text(object, "created_at"));
                let created = created.map(|created| whole_seconds(created).to_rfc3339());
                times.created = created.unwrap_or_else(|| time.to_owned());
            }
            // What somebody wrote down earlier was not changed since, as far as anybody knows.
            let is_new = times.modified.is_empty();
            times.modified = if is_new { times.created.clone() } else { time.to_owned() };
            times.digest = digest;
        }
        records.insert(id.to_owned(), record);
    }
}

/// Half a hash of an object is enough to notice that it is another one.
fn digest(object: &Map<String, Value>) -> String {
    let text = serde_json::to_vec(object).unwrap_or_default();
    hex(Sha256::digest(text).get(..8).unwrap_or_default())
}

/// The name of a version that was found. It is in the form of the others, and the same for whoever finds it.
fn found_version(id: &str, environment: &str, time: &str) -> String {
    let hash = hex(&Sha256::digest([id, environment, time].join("\n")));
    let part = |range| hash.get(range).unwrap_or_default();
    let uuid = [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-");
    version_name(time, &uuid)
}

/// The name of a version: the fourteen digits of a time, and a UUID.
pub(crate) fn version_name(time: &str, uuid: &str) -> String {
    let digits = time.chars().filter(char::is_ascii_digit).take(14);
    digits.chain(uuid.chars()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
