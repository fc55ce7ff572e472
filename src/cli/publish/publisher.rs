//! The document put where Envoy reads it, and what each Envoy says to it.

use std::panic::resume_unwind;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::discovery::{Found, State, wait};
use super::published::{Envoy, Published, Verdict};
use super::target::{Contents, Target};
use super::valid::Valid;
use crate::admin::Admin;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::render::FilterOptions;

/// Where to publish, and whom to ask.
pub(super) struct Publisher<'a> {
    pub(super) directory: &'a Path,
    pub(super) mode: u32,
    pub(super) options: &'a FilterOptions,
    pub(super) admins: &'a [Admin],
    pub(super) timeout: Duration,
    pub(super) interrupt: Interrupt,
}

// === impl Publisher ===

impl Publisher<'_> {
    /// Publishes `valid`, unless that is what is published already and in force.
    pub(super) fn publish(&self, valid: &Valid) -> Result<Published> {
        let spellings = Contents::spellings(valid, self.options)?;
        // The lock is kept while Envoy is asked, or the answer could be to what another command publishes.
        let target = Target::lock(self.directory, self.mode)?;
        let mut before = self.ask();
        let present = target.holds(&spellings);
        if let Some(contents) = present
            && before.iter().flatten().all(|state| state.has(&contents.version))
        {
            let verdict =
                |state: Result<State>| state.map_or_else(Verdict::Silent, |_| Verdict::InForce(None));
            return Ok(self.published(false, &target, contents, before.into_iter().map(verdict)));
        }
        let [plain, other] = &spellings;
        let order = if present == Some(plain) { [other, plain] } else { [plain, other] };
        for contents in order {
            target.write(contents)?;
            let found = self.wait(before, &contents.version);
            let verdicts: Option<Vec<Verdict>> =
                found.into_iter().map(|found| Verdict::of(found, valid)).collect();
            if let Some(verdicts) = verdicts {
                return Ok(self.published(true, &target, contents, verdicts.into_iter()));
            }
            before = self.ask();
        }
        Err(Error::unreachable(
            target.path().display(),
            "Envoy reads the file and does not try what is in it",
        ))
    }

    /// How every Envoy does.
    fn ask(&self) -> Vec<Result<State>> {
        self.each(self.admins, |admin| State::ask(admin, self.timeout))
    }

    /// What becomes of what was just written, and when.
    fn wait(&self, before: Vec<Result<State>>, version: &str) -> Vec<Result<(Found, Duration)>> {
        let written = Instant::now();
        self.each(self.admins.iter().zip(before), |(admin, before)| {
            let found = wait(admin, &before?, version, self.timeout, &self.interrupt)?;
            Ok((found, written.elapsed()))
        })
    }

    /// What comes of `ask` for every Envoy, in their order. All are asked at once: none waits for one that is silent.
    fn each<T: Send, A: Send>(
        &self,
        given: impl IntoIterator<Item = T>,
        ask: impl Fn(T) -> A + Sync,
    ) -> Vec<A> {
        let ask = &ask;
        thread::scope(|scope| {
            let asked: Vec<_> = given.into_iter().map(|given| scope.spawn(move || ask(given))).collect();
            asked
                .into_iter()
                .map(|answer| answer.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        })
    }

    fn published(
        &self,
        changed: bool,
        target: &Target,
        contents: &Contents,
        verdicts: impl Iterator<Item = Verdict>,
    ) -> Published {
        let envoy = |(admin, verdict): (&Admin, Verdict)| Envoy { admin: admin.clone(), verdict };
        let envoys = self.admins.iter().zip(verdicts).map(envoy).collect();
        Published { changed, path: target.path().to_owned(), version: contents.version.clone(), envoys }
    }
}
