//! What is in force in one Envoy, and what is wrong there.

use std::thread;
use std::time::Duration;

use usage_plan_core::document::{Digest, Errors};

use super::here::Here;
use super::snapshot::Snapshot;
use crate::admin::{Admin, ConfiguredDocument, Result, TIMEOUT, in_parallel};
use crate::{draft, secrets};

/// What is in force in one Envoy, and what is wrong there.
#[derive(Debug)]
pub struct EnvoyStatus {
    /// What the Envoy says.
    pub snapshot: Snapshot,
    /// The digest of the document in force; `None` if there is none, or the filter is one that shows none.
    pub digest: Option<Digest>,
    /// Whether that is the document here; `None` if that is not known.
    pub is_here: Option<bool>,
    /// The file that Envoy tried last, if it was refused; or the document here, if it was put away because
    /// every Envoy refused it.
    pub refused: Option<Refused>,
    /// What is wrong, the worst first.
    pub problems: Vec<Problem>,
}

/// A document that was refused, and why that may be.
#[derive(Debug)]
pub struct Refused {
    /// Its digest.
    pub digest: Digest,
    /// The version of its file.
    pub version: Option<String>,
    /// Whether it is the document here.
    pub is_here: bool,
    /// Whether the published file has it, so that an Envoy which starts reads it.
    pub is_published: bool,
    /// The rules that it breaks.
    pub rules: Option<Errors>,
    /// The variables that Envoy's environment must have for it.
    pub variables: Vec<String>,
    /// Those of the variables that the file does not hand on to the filter.
    pub withheld: Vec<String>,
    /// The filter's module, if it is a file.
    pub module: Option<String>,
}

/// Something that is wrong with an Envoy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It does not serve.
    NotReady,
    /// It has no filter of usage plans.
    NoFilter,
    /// No document is in force, so it answers every call with 503.
    NoDocument,
    /// The file that it tried last is refused, or the document here was: [`EnvoyStatus::refused`].
    Refused,
    /// What is in force is not the document here, and that was not refused.
    Differs,
    /// The published file, which an Envoy reads that starts, has another document than the one in force, and
    /// that was not refused.
    FileDiffers,
    /// The guard refused calls while it was watched.
    GuardRefuses {
        /// How many.
        calls: u64,
    },
    /// VMs died and were not replaced while it was watched.
    VmsFail {
        /// How many calls met such a VM.
        calls: u64,
    },
    /// The engine of the fleet is not asked, because it did not answer.
    EngineAway,
    /// The native module panicked while it was watched.
    Panics {
        /// How many calls met that.
        calls: u64,
    },
}

/// What an Envoy is asked about.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The document that should be in force.
    pub here: Option<&'a Here>,
    /// The document in the published file.
    pub published: Option<&'a ConfiguredDocument>,
    /// The document that the last publication put away which every Envoy refused.
    pub put_away: Option<&'a ConfiguredDocument>,
    /// How long to watch what may be over.
    pub watch: Duration,
}

/// What is in force in an Envoy.
pub enum InForce {
    /// This document.
    Document(ConfiguredDocument),
    /// A document that cannot be read: Envoy shows the file that it refused since.
    Unreadable,
    /// Nothing.
    None,
}

/// What an Envoy shows at one look.
struct Look {
    snapshot: Snapshot,
    /// The document that Envoy tried last, if its configuration can be read.
    tried: Option<ConfiguredDocument>,
}

// === impl EnvoyStatus ===

impl EnvoyStatus {
    /// The status of each of these Envoys, in their order.
    pub fn all(admins: &[Admin], question: Question<'_>) -> Vec<(Admin, Result<Self>)> {
        in_parallel(admins, |admin| (admin.clone(), Self::ask(admin, question)))
    }

    fn ask(admin: &Admin, question: Question<'_>) -> Result<Self> {
        let first = Look::at(admin)?;
        if first.is_calm() {
            return Ok(Self::of(&first, &first, question));
        }
        // A count says how often something happened, not whether it still does. And a file that seems to be
        // refused may be one that was published between the questions.
        thread::sleep(question.watch);
        Ok(Self::of(&first, &Look::at(admin)?, question))
    }

    fn of(first: &Look, last: &Look, question: Question<'_>) -> Self {
        let snapshot = last.snapshot.clone();
        let in_force = last.in_force();
        let digest = snapshot.digest.or_else(|| in_force.map(ConfiguredDocument::digest));
        let is_here = question.here.filter(|_| digest.is_some()).map(|here| {
            digest.is_some_and(|digest| here.has(digest))
                || in_force.is_some_and(|document| here.is_equal_to(&document.text))
        });
        // Envoy shows nothing of a refused file any more once the accepted one was put back.
        let put_away = question.put_away.filter(|file| {
            is_here == Some(false) && question.here.is_some_and(|here| here.is_equal_to(&file.text))
        });
        let refused = last.refused().or(put_away).map(|document| Refused::of(document, question));
        let is_in_file =
            question.published.is_none_or(|file| digest.is_none_or(|digest| file.digest() == digest));
        let since = |count: fn(&Snapshot) -> u64| count(&snapshot).saturating_sub(count(&first.snapshot));
        let refusals = since(|snapshot| snapshot.guard_refusals);
        let failures = since(|snapshot| snapshot.reloads.failed.saturating_add(snapshot.reloads.postponed));
        let panics = since(|snapshot| snapshot.panics.unwrap_or_default());
        let has_document = snapshot.has_document();
        let problems = [
            (!snapshot.server.is_ready(), Problem::NotReady),
            (!snapshot.has_filter(), Problem::NoFilter),
            (snapshot.has_filter() && !has_document, Problem::NoDocument),
            (refused.is_some(), Problem::Refused),
            (
                is_here == Some(false) && !refused.as_ref().is_some_and(|refused| refused.is_here),
                Problem::Differs,
            ),
            (
                has_document && !is_in_file && !refused.as_ref().is_some_and(|refused| refused.is_published),
                Problem::FileDiffers,
            ),
            (refusals > 0, Problem::GuardRefuses { calls: refusals }),
            (failures > 0, Problem::VmsFail { calls: failures }),
            (first.snapshot.fleet.is_away() && snapshot.fleet.is_away(), Problem::EngineAway),
            (panics > 0, Problem::Panics { calls: panics }),
        ];
        let problems = problems.into_iter().filter(|(is_so, _)| *is_so).map(|(_, problem)| problem).collect();
        Self { digest, is_here, refused, problems, snapshot }
    }
}

// === impl InForce ===

impl InForce {
    /// What is in force in this Envoy. It may be one of `files` that Envoy itself no longer shows.
    pub fn ask(admin: &Admin, files: &[ConfiguredDocument]) -> Result<Self> {
        let look = Look::at(admin)?;
        let is_in_force = |file: &&ConfiguredDocument| look.snapshot.digest == Some(file.digest());
        Ok(match look.in_force().or_else(|| files.iter().find(is_in_force)) {
            Some(document) => Self::Document(document.clone()),
            None if look.snapshot.has_document() => Self::Unreadable,
            None => Self::None,
        })
    }
}

// === impl Look ===

impl Look {
    fn at(admin: &Admin) -> Result<Self> {
        // Some do not let anybody read the configuration, which has secrets.
        let documents = ConfiguredDocument::ask(admin, TIMEOUT).unwrap_or_default();
        let snapshot = Snapshot::ask(admin)?;
        let is_watched = snapshot.discovery.is_some();
        let tried = documents.into_iter().find(|document| document.version.is_some() == is_watched);
        Ok(Self { snapshot, tried })
    }

    /// Whether nothing is seen that may be over or untrue a moment later.
    fn is_calm(&self) -> bool {
        let Snapshot { guard_refusals, reloads, panics, .. } = &self.snapshot;
        let failures = [*guard_refusals, reloads.failed, reloads.postponed, panics.unwrap_or_default()];
        failures == [0; 4] && self.refused().is_none() && !self.snapshot.fleet.is_away()
    }

    /// The file that Envoy tried last, if it was refused.
    fn refused(&self) -> Option<&ConfiguredDocument> {
        let discovery = self.snapshot.discovery.as_ref()?;
        let tried = self.tried.as_ref()?;
        let is_refused = match self.snapshot.digest {
            // Envoy shows the version of a refused file, too, once it has met the file again.
            Some(digest) => digest != tried.digest() || tried.version.as_ref() != Some(&discovery.version),
            None => !self.snapshot.has_document() || tried.version.as_ref() != Some(&discovery.version),
        };
        is_refused.then_some(tried)
    }

    /// The document in force, if it can be read.
    fn in_force(&self) -> Option<&ConfiguredDocument> {
        let is_in_force = self.refused().is_none() && self.snapshot.has_document();
        self.tried.as_ref().filter(|_| is_in_force)
    }
}

// === impl Refused ===

impl Refused {
    fn of(document: &ConfiguredDocument, question: Question<'_>) -> Self {
        let (rules, variables) = match draft::read(document.text.as_bytes()) {
            Ok(document) => (None, secrets::variables(&document).into_iter().map(str::to_owned).collect()),
            Err(errors) => (Some(errors), Vec::new()),
        };
        let is_withheld = |variable: &&String| document.withholds(variable);
        Self {
            digest: document.digest(),
            version: document.version.clone(),
            is_here: question.here.is_some_and(|here| here.is_equal_to(&document.text)),
            is_published: question.published.is_some_and(|file| file.text == document.text),
            withheld: variables.iter().filter(is_withheld).cloned().collect(),
            module: document.module.clone(),
            rules,
            variables,
        }
    }
}
