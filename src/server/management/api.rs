//! The management API of a document: who asks, whether it is taken, and what is answered.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::audit::Author;
use usage_plan_manage::dates::whole_seconds;
use usage_plan_manage::draft::Draft;
use usage_plan_manage::file::Beside;

use super::action::{Action, After, Answer, Run};
use super::edit::Edit;
use super::failure::{Failure, Result, sentence};
use super::options::Options;
use super::parameters::Parameters;
use super::remembered::{Remembered, Use};
use super::scene::{Scene, Snapshots};
use super::table;
use super::wire::{Call, Verified, WINDOW};
use crate::desk::Desk;
use crate::operators::{Operators, Role};
use crate::record::Opened;
use crate::tries::Tries;
use crate::used::Used;

/// The management API of one document.
#[derive(Debug)]
pub struct Management {
    desk: Arc<Desk>,
    operators: Arc<Operators>,
    tries: Arc<Tries>,
    used: Arc<dyn Used>,
    options: Options,
    remembered: Remembered,
    snapshots: Snapshots,
}

/// An answer, and how long it is held back.
pub(super) struct Held {
    pub(super) answer: Result<Answer>,
    pub(super) until: Option<Timestamp>,
}

/// The present time.
#[expect(clippy::disallowed_methods, reason = "the clock against which requests are checked")]
pub(super) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

// === impl Management ===

impl Management {
    /// The management API of the document on `desk`, for these operators. `tries` counts who failed to get
    /// in, here and elsewhere, and `used` knows what is used of plans.
    pub fn new(
        desk: Arc<Desk>,
        operators: Arc<Operators>,
        tries: Arc<Tries>,
        used: Arc<dyn Used>,
        options: Options,
    ) -> Self {
        let (remembered, snapshots) = (Remembered::default(), Snapshots::default());
        Self { desk, operators, tries, used, options, remembered, snapshots }
    }

    /// Answers a request.
    pub(super) async fn answer(self: &Arc<Self>, call: &Call) -> Held {
        let now = now();
        let refused = |failure| Held { answer: Err(failure), until: None };
        if let Some(wait) = self.tries.wait(call.from, now.as_secs()) {
            let message = format!("Too many requests of this address were refused. Wait {wait} seconds.");
            return refused(Failure::new("RequestLimitExceeded", message));
        }
        match call.verify(&self.operators, now) {
            Ok(verified) => self.act(call, &verified, now).await,
            Err(failure) => {
                if failure.is_failed_try() {
                    self.tries.failed(call.from, now.as_secs());
                }
                refused(failure)
            }
        }
    }

    async fn act(self: &Arc<Self>, call: &Call, verified: &Verified, now: Timestamp) -> Held {
        let found = call.action().and_then(|name| table::find(call.version(), name)).and_then(|action| {
            let parameters = call.parameters()?;
            action.check(&parameters)?;
            Ok((action, parameters))
        });
        let (action, parameters) = match found {
            Ok(found) => found,
            Err(failure) => return Held { answer: Err(failure), until: None },
        };
        let has_twin = !verified.signs_action && table::has_twin(action, &parameters);
        let answer = match self.use_signature(action, verified, has_twin, now) {
            Ok(()) => self.run(call, action, parameters, verified, now).await,
            Err(failure) => Err(failure),
        };
        // Whoever failed to change something may try it again as it was.
        let is_held = has_twin || (!action.reads() && answer.is_err());
        let until = is_held.then(|| end_of_second(verified.signed_at, now));
        Held { answer, until }
    }

    /// Refuses a signature that was used for what changes something, or is now to be.
    fn use_signature(
        &self,
        action: &Action,
        verified: &Verified,
        has_twin: bool,
        now: Timestamp,
    ) -> Result<()> {
        // What reads, and could be nothing else, can be sent again.
        if action.reads() && !has_twin {
            return Ok(());
        }
        let (signature, until) = (verified.signature, verified.signed_at.saturating_add(WINDOW));
        match self.remembered.take(signature, action.reads(), until, now.as_secs()) {
            Use::Fresh => Ok(()),
            Use::Again => Err(Failure::new(
                "AuthFailure.SignatureFailure",
                "A change with this signature was answered already, and this one was not made. Clients sign \
                 whole seconds, so the same call twice within a second has one signature. If it is meant twice, \
                 call again now: an SDK signs it anew.",
            )),
            Use::Full => Err(Failure::new("RequestLimitExceeded", "Too many requests. Wait some seconds.")),
        }
    }

    async fn run(
        self: &Arc<Self>,
        call: &Call,
        action: &'static Action,
        parameters: Parameters,
        verified: &Verified,
        now: Timestamp,
    ) -> Result<Answer> {
        let role = verified.operator.role();
        let run = match action.run {
            Run::Read(run) => return self.look(role, move |scene| run(&parameters, scene)).await,
            Run::Write(run) => run,
        };
        if role == Role::Viewer {
            let message = format!("A viewer cannot call {}: an operator of the role admin can.", action.name);
            return Err(Failure::new("AuthFailure.UnauthorizedOperation", message));
        }
        let author = Author {
            who: verified.operator.id().to_owned(),
            from: format!("management API, {}", call.from),
            what: described(action, &parameters),
        };
        let (modified, options) = (self.desk.read().await?.modified(), self.options.clone());
        let edit = move |draft: &mut Draft, beside: &Beside<'_>| {
            let mut opened =
                Opened::read(beside).map_err(|why| Failure::new("FailedOperation", format!("{why}.")))?;
            opened.record.notice(draft, modified);
            let (record, options, now) = (&mut opened.record, &options, whole_seconds(now));
            let after = run(&parameters, &mut Edit { draft, record, now, options })?;
            opened.record.notice(draft, now);
            opened.write(beside).map_err(|why| Failure::new("InternalError", format!("{why}.")))?;
            Ok::<_, Failure>(after)
        };
        let done = self.desk.edit_beside(author, edit).await?;
        if done.delivery.is_refused() || done.delivery.problem.is_some() {
            let trouble = done.delivery.trouble().unwrap_or_default();
            return Err(Failure::new("FailedOperation", sentence(&trouble)));
        }
        match done.value {
            After::Answer(answer) => Ok(answer),
            After::Show(show, id) => self.look(role, move |scene| show(scene, &id)).await,
        }
    }

    /// Shows the document and the record. A long list, or an Envoy that is asked, must hold up nobody else.
    async fn look(
        self: &Arc<Self>,
        role: Role,
        look: impl FnOnce(&Scene<'_>) -> Result<Answer> + Send + 'static,
    ) -> Result<Answer> {
        let management = Arc::clone(self);
        let looked = tokio::task::spawn_blocking(move || {
            let snapshot = management.snapshots.now(&management.desk)?;
            let (sees_secrets, used) = (role == Role::Admin, &*management.used);
            look(&Scene { snapshot, sees_secrets, used })
        });
        looked
            .await
            .unwrap_or_else(|_| Err(Failure::new("InternalError", "The action failed. Try it again.")))
    }
}

/// When a client can no longer make another request of its own with the signature of one that it signed in
/// the second `signed_at`, and that came in at `now`. An answer is held back until then: a client that waits
/// for it, and then calls another action with the same parameters, has another signature.
fn end_of_second(signed_at: u64, now: Timestamp) -> Timestamp {
    if signed_at.abs_diff(now.as_secs()) <= 1 {
        return Timestamp::from_nanos(signed_at.saturating_add(1).saturating_mul(1_000_000_000));
    }
    // Of another clock, it is only known that its second ends within one.
    now.saturating_add(Duration::from_secs(1))
}

/// The action and what it was called with, without secrets, for the log.
fn described(action: &Action, parameters: &Parameters) -> String {
    let named = ["AccessKeyId", "UsagePlanId", "ServiceId", "SecretName", "UsagePlanName", "ServiceName"];
    let others = ["EnvironmentName", "Environment", "SubDomain"];
    let shown = named.iter().chain(&others).filter_map(|name| parameters.text(name).ok().flatten());
    let shown = shown.map(|text| text.chars().take(100).collect::<String>());
    std::iter::once(action.name.to_owned()).chain(shown).collect::<Vec<_>>().join(" ")
}
