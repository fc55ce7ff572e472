//! What an action sees: the document and the record, with indices, so that no request parses or searches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use usage_plan_core::document::{Document, Key, Service, UsagePlan};
use usage_plan_manage::draft::{KEYS, SERVICES, USAGE_PLANS};

use super::failure::{Failure, Result};
use crate::desk::{Desk, Read};
use crate::record::{ENDING, Opened, Record};
use crate::stamp::Stamp;
use crate::used::Used;

/// The document and the record at a moment.
#[derive(Debug)]
pub(super) struct Snapshot {
    read: Arc<Read>,
    pub(super) record: Record,
    record_stamp: Option<Stamp>,
    keys: HashMap<String, usize>,
    plans: HashMap<String, usize>,
    services: HashMap<String, usize>,
    /// By service, the environments of it that plans are bound to, each with the index of the plan.
    bound: HashMap<String, Vec<(String, usize)>>,
}

/// The last snapshot. It is good until the document or the record changes.
#[derive(Debug, Default)]
pub(super) struct Snapshots(Mutex<Option<Arc<Snapshot>>>);

/// What an action sees, and what its operator may see.
pub(super) struct Scene<'s> {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) sees_secrets: bool,
    pub(super) used: &'s dyn Used,
}

// === impl Scene ===

impl Scene<'_> {
    /// The requests of a plan that were admitted; `None` if nobody knows.
    pub(super) fn used(&self, plan: &UsagePlan) -> Option<u64> {
        self.used.of(plan, self.snapshot.document())
    }
}

// === impl Snapshots ===

impl Snapshots {
    /// The document and the record as they are now.
    pub(super) fn now(&self, desk: &Desk) -> Result<Arc<Snapshot>> {
        let read = desk.read_blocking()?;
        let last = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = record_stamp(desk);
        if let Some(snapshot) = last()
            .as_ref()
            .filter(|snapshot| Arc::ptr_eq(&snapshot.read, &read) && snapshot.record_stamp == stamp)
        {
            return Ok(Arc::clone(snapshot));
        }
        let snapshot = Arc::new(Snapshot::take(desk)?);
        *last() = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }
}

/// By which the record's file is known not to have changed.
fn record_stamp(desk: &Desk) -> Option<Stamp> {
    let path = desk.path().canonicalize().ok()?;
    let mut path = path.into_os_string();
    path.push(ENDING);
    Stamp::of(path.as_ref()).ok()
}

// === impl Snapshot ===

impl Snapshot {
    /// Takes one under the document's lock, and notices in the record what changed by other means.
    fn take(desk: &Desk) -> Result<Self> {
        desk.look(|read, beside| {
            let failed = |why| Failure::new("FailedOperation", why);
            let mut opened = Opened::read(beside).map_err(failed)?;
            opened.record.notice(&read.draft, read.modified());
            // Where it cannot be written, it is noticed again after the next start, and has the same times.
            let _ = opened.write(beside);
            Ok::<_, Failure>(Self::new(read, opened.record, record_stamp(desk)))
        })
    }

    fn new(read: Arc<Read>, record: Record, record_stamp: Option<Stamp>) -> Self {
        let document = read.draft.document();
        let index = |(index, id): (usize, &String)| (id.clone(), index);
        let keys = document.keys.iter().map(|key| &key.secret_id).enumerate().map(index).collect();
        let plans = document.usage_plans.iter().map(|plan| &plan.id).enumerate().map(index).collect();
        let services = document.services.iter().map(|service| &service.id).enumerate().map(index).collect();
        let mut bound: HashMap<String, Vec<(String, usize)>> = HashMap::new();
        for (index, plan) in document.usage_plans.iter().enumerate() {
            for environment in &plan.environments {
                let of_service = bound.entry(environment.service.clone()).or_default();
                of_service.push((environment.environment.clone(), index));
            }
        }
        Self { read, record, record_stamp, keys, plans, services, bound }
    }

    pub(super) fn document(&self) -> &Document {
        self.read.draft.document()
    }

    pub(super) fn find_key(&self, id: &str) -> Option<&Key> {
        self.document().keys.get(*self.keys.get(id)?)
    }

    pub(super) fn key(&self, id: &str) -> Result<&Key> {
        self.find_key(id).ok_or_else(|| Failure::not_found(KEYS, id))
    }

    pub(super) fn find_plan(&self, id: &str) -> Option<&UsagePlan> {
        self.document().usage_plans.get(*self.plans.get(id)?)
    }

    pub(super) fn plan(&self, id: &str) -> Result<&UsagePlan> {
        self.find_plan(id).ok_or_else(|| Failure::not_found(USAGE_PLANS, id))
    }

    pub(super) fn find_service(&self, id: &str) -> Option<&Service> {
        self.document().services.get(*self.services.get(id)?)
    }

    pub(super) fn service(&self, id: &str) -> Result<&Service> {
        self.find_service(id).ok_or_else(|| Failure::not_found(SERVICES, id))
    }

    /// The plans that are bound to environments of a service, each with the environment.
    pub(super) fn bound_to(&self, service: &str) -> impl Iterator<Item = (&UsagePlan, &str)> {
        let bound = self.bound.get(service).into_iter().flatten();
        bound.filter_map(|(environment, index)| {
            Some((self.document().usage_plans.get(*index)?, environment.as_str()))
        })
    }
}
