//! From a [`Proposal`] into the document.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::compare::differences;
use super::proposal::{EnvironmentBinding, KeyBinding, Notes, Object, Part, Proposal};
use super::report::{Report, with_notes};
use super::settle::{Settled, free, read, settle};
use crate::answer::Answer;
use crate::document_file::{DocumentFile, EditOptions, Missing};
use crate::draft::{Collection, Draft, KEYS, SERVICES, USAGE_PLANS, list_mut, text};
use crate::error::{Error, Result};

/// Merges `proposal` into the document, or says all that stands in the way.
pub(super) fn run(file: &DocumentFile, options: &EditOptions, proposal: Proposal) -> Result<Answer> {
    let Proposal { services, keys, usage_plans, key_bindings, environment_bindings, notes } = proposal;
    let mut notes = notes;
    let answer = file.edit(options, Missing::IsEmpty, |draft| {
        let mut merge = Merge::new(draft, &mut notes);
        for (part, collection, objects) in [
            (Part::Service, SERVICES, services),
            (Part::Key, KEYS, keys),
            (Part::UsagePlan, USAGE_PLANS, usage_plans),
        ] {
            for object in objects {
                merge.object(part, collection, object)?;
            }
        }
        merge.bind_keys(key_bindings)?;
        merge.bind_environments(environment_bindings)?;
        let Merge { report, problems, .. } = merge;
        if problems.is_empty() {
            return Ok(report.answer(&notes));
        }
        Err(Error::refused(format!(
            "nothing is imported: what {} has already is not overwritten, and what is bound must be known:\n  {}",
            file.path().display(),
            problems.join("\n  ")
        )))
    })?;
    Ok(with_notes(answer, &notes))
}

struct Merge<'d> {
    draft: &'d mut Draft,
    /// What the draft has, by kind and id.
    known: HashSet<(Part, String)>,
    /// The ids of those that have a name, by kind and name.
    names: HashMap<(Part, String), String>,
    notes: &'d mut Notes,
    report: Report,
    problems: Vec<String>,
}

// === impl Merge ===

impl<'d> Merge<'d> {
    fn new(draft: &'d mut Draft, notes: &'d mut Notes) -> Self {
        let (mut known, mut names) = (HashSet::new(), HashMap::new());
        for part in Part::ALL {
            let items = part.collection().map_or(&[][..], |collection| draft.items(collection));
            for object in items.iter().filter_map(Value::as_object) {
                let id = text(object, part.id()).to_owned();
                names.insert((part, text(object, "name").to_owned()), id.clone());
                known.insert((part, id));
            }
        }
        Self { draft, known, names, notes, report: Report::default(), problems: Vec::new() }
    }

    /// Adds an object, or sees that the document has it so already.
    fn object(&mut self, part: Part, collection: Collection, object: Object) -> Result<()> {
        let named = part.named(&object);
        let Settled { mut object, document, changes } = match settle(part, object.clone()) {
            Ok(settled) => settled,
            Err(reason) => {
                self.notes.leave_out(part, &object, format!("is left out: {reason}"));
                return Ok(());
            }
        };
        for change in changes {
            self.notes.add(&named, change);
        }
        let id = text(&object, part.id()).to_owned();
        if self.known.contains(&(part, id.clone())) {
            let mut there = self.draft.find(collection, &id)?.clone();
            // What is bound refers to what is not in a document of the object alone.
            if part == Part::UsagePlan {
                for member in ["keys", "environments"] {
                    there.shift_remove(member);
                }
            }
            let there = read(part, &there).unwrap_or_default();
            let found = differences(&there, &document);
            self.problems.extend(found.iter().map(|difference| format!("{named}: {difference}")));
            self.report.kept(part);
            return Ok(());
        }
        self.give_free_name(part, &named, &mut object);
        self.names.insert((part, text(&object, "name").to_owned()), id.clone());
        self.draft.push(collection, object)?;
        self.known.insert((part, id));
        self.report.added(part);
        Ok(())
    }

    /// People find an object by its name, which the document's commands keep unique.
    fn give_free_name(&mut self, part: Part, named: &str, object: &mut Object) {
        let name = text(object, "name");
        if name.is_empty() {
            return;
        }
        let free = free(name, |name| !self.names.contains_key(&(part, name.to_owned())));
        if free != name {
            self.notes.add(named, format!("its name is another's too: it is named {free} here"));
            object.insert("name".to_owned(), free.into());
        }
    }

    fn bind_keys(&mut self, bindings: Vec<KeyBinding>) -> Result<()> {
        let mut done = HashSet::new();
        for binding in bindings.into_iter().filter(|binding| done.insert(binding.clone())) {
            let KeyBinding { usage_plan, secret_id } = binding;
            let both = [(Part::UsagePlan, usage_plan.as_str()), (Part::Key, secret_id.as_str())];
            if !both.iter().all(|(part, id)| self.is_there(*part, id)) {
                self.notes.leave_binding_out(Part::KeyBinding, format!("{usage_plan} {secret_id}"));
                continue;
            }
            self.bind(Part::KeyBinding, &usage_plan, "keys", secret_id.into())?;
        }
        Ok(())
    }

    fn bind_environments(&mut self, bindings: Vec<EnvironmentBinding>) -> Result<()> {
        let mut done = HashSet::new();
        for binding in bindings.into_iter().filter(|binding| done.insert(binding.clone())) {
            let EnvironmentBinding { usage_plan, service, environment } = binding;
            let both = [(Part::UsagePlan, usage_plan.as_str()), (Part::Service, service.as_str())];
            let is_there = both.iter().all(|(part, id)| self.is_there(*part, id));
            if !is_there || !self.has_environment(&usage_plan, &service, &environment)? {
                let id = format!("{usage_plan} {service} {environment}");
                self.notes.leave_binding_out(Part::EnvironmentBinding, id);
                continue;
            }
            let reference = json!({"service": service, "environment": environment});
            self.bind(Part::EnvironmentBinding, &usage_plan, "environments", reference)?;
        }
        Ok(())
    }

    /// Whether the draft has what is bound. That it was left out has been told already.
    fn is_there(&mut self, part: Part, id: &str) -> bool {
        if self.known.contains(&(part, id.to_owned())) {
            return true;
        }
        if self.notes.is_left_out(part, id) {
            return false;
        }
        let mut object = Object::new();
        object.insert(part.id().to_owned(), id.into());
        let reason = "something is bound to it, and neither the files nor the document describe it";
        // A plan whose limits nobody knows is more likely a slip of the pen than left away on purpose.
        if part == Part::UsagePlan {
            self.problems.push(format!("{}: {reason}: give the answer that does", part.named(&object)));
        }
        self.notes.leave_out(part, &object, format!("is left out: {reason}"));
        false
    }

    fn has_environment(&mut self, plan: &str, service: &str, environment: &str) -> Result<bool> {
        let object = self.draft.find(SERVICES, service)?;
        let document = read(Part::Service, object).unwrap_or_default();
        let has =
            document.services.iter().any(|service| service.environments.iter().any(|e| e == environment));
        if !has {
            let named = Part::Service.named(object);
            let reason =
                format!("is not published to {environment}: usage plan {plan} is not bound to it there");
            self.notes.add(named, reason);
        }
        Ok(has)
    }

    /// Adds `value` to a plan's list of what is bound to it.
    fn bind(&mut self, part: Part, plan: &str, list: &str, value: Value) -> Result<()> {
        let plan = self.draft.find_mut(USAGE_PLANS, plan)?;
        let list = list_mut(plan, list)?;
        if list.contains(&value) {
            self.report.kept(part);
        } else {
            list.push(value);
            self.report.added(part);
        }
        Ok(())
    }
}
