//! Merges a [`Proposal`] into the document.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use usage_plan_core::document::EnvironmentRef;

use super::compare::differences;
use super::error::{Conflict, Error, Problem, Result};
use super::proposal::{Entry, EnvironmentBinding, KeyBinding, Note, Notes, Object, Proposal};
use super::validate::{Validated, read, unused_name, validate_object};
use crate::draft::{Collection, Draft, KEYS, SERVICES, USAGE_PLANS, edit_list, text};

/// What an import did.
#[derive(Debug)]
pub struct Merged {
    /// How many entries of each kind, in the order of [`Entry::ALL`].
    pub counts: Vec<(Entry, Counts)>,
    /// What was not carried over as it was, and why.
    pub notes: Vec<Note>,
}

/// How many entries of a kind an import had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Added to the document.
    pub added: usize,
    /// In the document already.
    pub kept: usize,
    /// Not carried over.
    pub left_out: usize,
}

/// A merge that is under way.
struct Merge<'d> {
    draft: &'d mut Draft,
    /// The ids of the draft's objects, by kind.
    known: HashSet<(Entry, String)>,
    /// The names of the draft's objects, by kind.
    names: HashSet<(Entry, String)>,
    notes: Notes,
    counts: HashMap<Entry, Counts>,
    conflicts: Vec<Conflict>,
}

/// Adds a proposal to `draft`. When anything conflicts, the error has every conflict.
pub fn merge(draft: &mut Draft, proposal: Proposal) -> Result<Merged> {
    let Proposal { services, keys, usage_plans, key_bindings, environment_bindings, notes } = proposal;
    let mut merge = Merge::new(draft, notes);
    for (entry, collection, objects) in [
        (Entry::Service, SERVICES, services),
        (Entry::Key, KEYS, keys),
        (Entry::UsagePlan, USAGE_PLANS, usage_plans),
    ] {
        for object in objects {
            merge.add(entry, collection, object)?;
        }
    }
    merge.bind_keys(key_bindings)?;
    merge.bind_environments(environment_bindings)?;
    let Merge { notes, counts, conflicts, .. } = merge;
    if !conflicts.is_empty() {
        return Err(Error::Conflicts(conflicts));
    }
    let counts = Entry::ALL.map(|entry| {
        let counts = counts.get(&entry).copied().unwrap_or_default();
        (entry, Counts { left_out: notes.count(entry), ..counts })
    });
    Ok(Merged { counts: counts.into(), notes: notes.into_list() })
}

// === impl Merge ===

impl<'d> Merge<'d> {
    fn new(draft: &'d mut Draft, notes: Notes) -> Self {
        let (mut known, mut names) = (HashSet::new(), HashSet::new());
        for entry in Entry::ALL {
            let items = entry.collection().map_or(&[][..], |collection| draft.items(collection));
            for object in items.iter().filter_map(Value::as_object) {
                names.insert((entry, text(object, "name").to_owned()));
                known.insert((entry, text(object, entry.id()).to_owned()));
            }
        }
        Self { draft, known, names, notes, counts: HashMap::new(), conflicts: Vec::new() }
    }

    /// Adds an object, or compares it with the one that the document already has.
    fn add(&mut self, entry: Entry, collection: Collection, object: Object) -> Result<()> {
        let label = entry.label(&object);
        let Validated { mut object, document, changes } = match validate_object(entry, object.clone()) {
            Ok(validated) => validated,
            Err(reason) => {
                self.notes.leave_out(entry, &object, format!("is left out: {reason}"));
                return Ok(());
            }
        };
        for change in changes {
            self.notes.add(&label, change);
        }
        let id = text(&object, entry.id()).to_owned();
        if self.known.contains(&(entry, id.clone())) {
            let mut present = self.draft.find(collection, &id)?.clone();
            // The bindings refer to objects that a document of this object alone does not have.
            if entry == Entry::UsagePlan {
                for member in ["keys", "environments"] {
                    present.shift_remove(member);
                }
            }
            let present = read(entry, &present).unwrap_or_default();
            let conflict = |difference| {
                let object = label.clone();
                Conflict { object, problem: Problem::Differs(difference) }
            };
            self.conflicts.extend(differences(&present, &document).into_iter().map(conflict));
            self.count(entry).kept += 1;
            return Ok(());
        }
        self.choose_name(entry, &label, &mut object);
        self.names.insert((entry, text(&object, "name").to_owned()));
        self.draft.push(collection, object);
        self.known.insert((entry, id));
        self.count(entry).added += 1;
        Ok(())
    }

    fn count(&mut self, entry: Entry) -> &mut Counts {
        self.counts.entry(entry).or_default()
    }

    /// Adds a number to a name that is in use: people find an object by its name, so names must be unique.
    fn choose_name(&mut self, entry: Entry, label: &str, object: &mut Object) {
        let name = text(object, "name");
        if name.is_empty() {
            return;
        }
        let unused = unused_name(name, |name| self.names.contains(&(entry, name.to_owned())));
        if unused != name {
            self.notes.add(label, format!("its name is in use: it is named {unused} here"));
            object.insert("name".to_owned(), unused.into());
        }
    }

    fn bind_keys(&mut self, bindings: Vec<KeyBinding>) -> Result<()> {
        let mut done = HashSet::new();
        for binding in bindings.into_iter().filter(|binding| done.insert(binding.clone())) {
            let KeyBinding { usage_plan, secret_id } = binding;
            let plan_exists = self.exists(Entry::UsagePlan, &usage_plan);
            if !plan_exists || !self.exists(Entry::Key, &secret_id) {
                self.notes.mark_left_out(Entry::KeyBinding, format!("{usage_plan} {secret_id}"));
                continue;
            }
            self.bind(Entry::KeyBinding, &usage_plan, "keys", secret_id.into())?;
        }
        Ok(())
    }

    fn bind_environments(&mut self, bindings: Vec<EnvironmentBinding>) -> Result<()> {
        let mut done = HashSet::new();
        for binding in bindings.into_iter().filter(|binding| done.insert(binding.clone())) {
            let EnvironmentBinding { usage_plan, service, environment } = binding;
            let plan_exists = self.exists(Entry::UsagePlan, &usage_plan);
            let exists = plan_exists && self.exists(Entry::Service, &service);
            if !exists || !self.has_environment(&usage_plan, &service, &environment)? {
                let id = format!("{usage_plan} {service} {environment}");
                self.notes.mark_left_out(Entry::EnvironmentBinding, id);
                continue;
            }
            let reference = EnvironmentRef { service, environment }.to_json();
            self.bind(Entry::EnvironmentBinding, &usage_plan, "environments", reference.into())?;
        }
        Ok(())
    }

    /// Whether the draft has a bound object. If not, that is noted, unless the object was left out before.
    fn exists(&mut self, entry: Entry, id: &str) -> bool {
        if self.known.contains(&(entry, id.to_owned())) {
            return true;
        }
        if self.notes.is_left_out(entry, id) {
            return false;
        }
        let mut object = Object::new();
        object.insert(entry.id().to_owned(), id.into());
        // A plan with unknown limits is an error: its id is more likely mistyped than left out on purpose.
        if entry == Entry::UsagePlan {
            let object = entry.label(&object);
            self.conflicts.push(Conflict { object, problem: Problem::Undescribed });
        }
        let reason =
            "is left out: something is bound to it, and neither the files nor the document describe it";
        self.notes.leave_out(entry, &object, reason);
        false
    }

    fn has_environment(&mut self, plan: &str, service: &str, environment: &str) -> Result<bool> {
        let object = self.draft.find(SERVICES, service)?;
        let document = read(Entry::Service, object).unwrap_or_default();
        let mut environments = document.services.iter().flat_map(|service| &service.environments);
        let has = environments.any(|name| name == environment);
        if !has {
            let label = Entry::Service.label(object);
            let reason =
                format!("is not published to {environment}: usage plan {plan} is not bound to it there");
            self.notes.add(label, reason);
        }
        Ok(has)
    }

    /// Adds `value` to a plan's list of bindings.
    fn bind(&mut self, entry: Entry, plan: &str, list: &str, value: Value) -> Result<()> {
        let plan = self.draft.find_mut(USAGE_PLANS, plan)?;
        let added = edit_list(plan, list, |list| {
            let is_new = !list.contains(&value);
            if is_new {
                list.push(value);
            }
            is_new
        });
        let counts = self.count(entry);
        if added {
            counts.added += 1;
        } else {
            counts.kept += 1;
        }
        Ok(())
    }
}
