//! Publishes a document once: replaces the file, and waits for the answer of each Envoy.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::envoy::{Discovery, Patience, SETTLING, wait};
use super::error::Error;
use super::file::{Contents, OldFile, PublishedFile, ValidDocument};
use crate::admin::{self, Admin, DiscoveryState, Reason, in_parallel};
use crate::draft::Named;
use crate::render::FilterOptions;

/// Where to publish, and which Envoys to ask.
pub struct Publisher<'a> {
    /// The directory that Envoy watches.
    pub directory: &'a Path,
    /// The permissions of the published file, such as `0o600`.
    pub mode: u32,
    /// Whether secrets from variables and files are put into the published document.
    pub resolve: bool,
    /// The filter's options.
    pub options: FilterOptions,
    /// The Envoys to ask.
    pub admins: &'a [Admin],
    /// How long to wait for each of them.
    pub timeout: Duration,
    /// Ends the waiting once it is set.
    pub stop: &'a AtomicBool,
}

/// A published document.
#[derive(Debug)]
pub struct Published {
    /// Whether the file was replaced.
    pub changed: bool,
    /// The published file.
    pub path: PathBuf,
    /// The version that Envoy reports.
    pub version: String,
    /// The Envoys that were asked, with their answers.
    pub envoys: Vec<(Admin, EnvoyAnswer)>,
    /// The keys whose secrets were put into the published document.
    pub resolved: Vec<Named>,
    /// The file that is in its place instead, if every Envoy refused this one.
    pub put_back: Option<PutBack>,
}

/// An accepted file that has taken the place of a refused one.
#[derive(Debug)]
pub struct PutBack {
    /// The version of the accepted file.
    pub version: String,
    /// Where the refused file is now.
    pub refused: PathBuf,
    /// The Envoys' answers to the accepted file, which they were given once more.
    pub envoys: Vec<(Admin, EnvoyAnswer)>,
}

/// An Envoy's answer to a published file.
#[derive(Debug)]
pub enum EnvoyAnswer {
    /// In force; the time since the file was replaced, or `None` if it already was.
    InForce(Option<Duration>),
    /// Refused. The document is valid, so the reason is one that only Envoy sees.
    Refused {
        /// Whether an earlier configuration is in force.
        serving: bool,
        /// The variables that Envoy's environment must have.
        variables: Vec<String>,
    },
    /// No answer; the reason.
    Silent(admin::Error),
}

// === impl Publisher ===

impl Publisher<'_> {
    /// Publishes `document`, unless it is already published and in force.
    pub fn publish(&self, document: &ValidDocument) -> Result<Published, Error> {
        let spellings = Contents::spellings(document, &self.options)?;
        // The lock is kept until Envoy has answered, so that no other command's file is what Envoy answers
        // to.
        let file = PublishedFile::lock(self.directory, self.mode)?;
        let mut before = self.ask();
        let present = file.holds(&spellings);
        if let Some(contents) = present
            && before.iter().flatten().all(|state| state.has(&contents.version))
        {
            let is_known = before.iter().all(Result::is_err) || file.accepted() == file.present();
            if !is_known {
                file.keep_accepted()?;
            }
            let answer = |state: admin::Result<DiscoveryState>| {
                state.map_or_else(EnvoyAnswer::Silent, |_| EnvoyAnswer::InForce(None))
            };
            let answers = before.into_iter().map(answer).collect();
            let resolved = document.resolved().to_vec();
            return Ok(Published { resolved, ..self.published(false, &file, contents, answers) });
        }
        let [plain, other] = &spellings;
        let known = self.known_as_accepted(&file, &before)?;
        let order = if present == Some(plain) { [other, plain] } else { [plain, other] };
        for contents in order {
            file.write(contents)?;
            let discoveries = self.wait(before, &contents.version, SETTLING);
            let answers = discoveries.into_iter().map(|discovery| EnvoyAnswer::of(discovery, document));
            if let Some(answers) = answers.collect::<Option<Vec<_>>>() {
                let put_back = self.conclude(&file, known, &answers, document)?;
                let resolved = document.resolved().to_vec();
                let published = self.published(true, &file, contents, answers);
                return Ok(Published { resolved, put_back, ..published });
            }
            before = self.ask();
        }
        Err(Error::Skipped { path: file.path().to_owned() })
    }

    /// The discovery state of every Envoy.
    fn ask(&self) -> Vec<admin::Result<DiscoveryState>> {
        in_parallel(self.admins, |admin| DiscoveryState::ask(admin, self.timeout))
    }

    /// The files that are known as accepted, the likeliest first. The first one is kept beside the published
    /// file before that is replaced, so that it is not lost if this process dies.
    fn known_as_accepted(
        &self,
        file: &PublishedFile,
        before: &[admin::Result<DiscoveryState>],
    ) -> Result<Vec<OldFile>, Error> {
        let states = || before.iter().flatten();
        let accepted = file.accepted();
        let present = file.present().filter(|present| {
            states().next().is_some() && states().all(|state| state.shows(&present.version))
        });
        if let Some(present) = &present {
            let is_certain = states().all(|state| state.has(&present.version));
            if accepted.is_none() || is_certain {
                file.keep_accepted()?;
            }
        }
        let kept = accepted.filter(|accepted| present.as_ref() != Some(accepted));
        Ok(present.into_iter().chain(kept).collect())
    }

    /// Keeps the published file if it is accepted, and puts one of the `known` files back if every Envoy
    /// refused it.
    fn conclude(
        &self,
        file: &PublishedFile,
        known: Vec<OldFile>,
        answers: &[EnvoyAnswer],
        document: &ValidDocument,
    ) -> Result<Option<PutBack>, Error> {
        let is_refused = |answer: &EnvoyAnswer| matches!(answer, EnvoyAnswer::Refused { .. });
        let is_in_force = |answer: &EnvoyAnswer| matches!(answer, EnvoyAnswer::InForce(_));
        if answers.iter().any(is_in_force) && !answers.iter().any(is_refused) {
            file.keep_accepted()?;
        }
        if answers.is_empty() || !answers.iter().all(is_refused) || known.is_empty() {
            return Ok(None);
        }
        let refused = file.keep_refused()?;
        let mut put_back = None;
        for old in known {
            let before = self.ask();
            file.put_back(&old)?;
            // Envoy has tried the refused file since, so it does not skip this one, however long it takes.
            let discoveries = self.wait(before, &old.version, self.timeout);
            let unread = |admin: &Admin| EnvoyAnswer::Silent(admin.error(Reason::NotRead(self.timeout)));
            let answer = |(admin, discovery): (&Admin, _)| {
                let answer = EnvoyAnswer::of(discovery, document).unwrap_or_else(|| unread(admin));
                (admin.clone(), answer)
            };
            let envoys: Vec<_> = self.admins.iter().zip(discoveries).map(answer).collect();
            let is_refused_too = envoys.iter().all(|(_, answer)| is_refused(answer));
            put_back = Some(PutBack { version: old.version, refused: refused.clone(), envoys });
            if !is_refused_too {
                break;
            }
        }
        Ok(put_back)
    }

    /// What each Envoy does with the file that was just written, and how long after the write.
    fn wait(
        &self,
        before: Vec<admin::Result<DiscoveryState>>,
        version: &str,
        settling: Duration,
    ) -> Vec<admin::Result<(Discovery, Duration)>> {
        let written = Instant::now();
        let patience = Patience { timeout: self.timeout, settling, stop: self.stop };
        in_parallel(self.admins.iter().zip(before), |(admin, before)| {
            let discovery = wait(admin, &before?, version, patience)?;
            Ok((discovery, written.elapsed()))
        })
    }

    fn published(
        &self,
        changed: bool,
        file: &PublishedFile,
        contents: &Contents,
        answers: Vec<EnvoyAnswer>,
    ) -> Published {
        let envoys = self.admins.iter().cloned().zip(answers).collect();
        let (path, version) = (file.path().to_owned(), contents.version.clone());
        Published { changed, path, version, envoys, resolved: Vec::new(), put_back: None }
    }
}

// === impl EnvoyAnswer ===

impl EnvoyAnswer {
    /// The answer for what an Envoy did with `document`; `None` if Envoy has still to try it.
    fn of(discovery: admin::Result<(Discovery, Duration)>, document: &ValidDocument) -> Option<Self> {
        match discovery {
            Ok((Discovery::Accepted, after)) => Some(Self::InForce(Some(after))),
            Ok((Discovery::Refused { serving }, _)) => {
                let variables = document.variables().into_iter().map(str::to_owned).collect();
                Some(Self::Refused { serving, variables })
            }
            Ok((Discovery::Skipped, _)) => None,
            Err(error) => Some(Self::Silent(error)),
        }
    }
}
