//! The engine: answers a call from the rates in memory, or through the writer from the quotas on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use usage_plan_core::limit::Clock;
use usage_plan_core::timestamp::Timestamp;

use crate::call::{Ask, Reason, Refusal, Target};
use crate::counter::QuotaCounter;
use crate::decision::Decision;
use crate::listing::{Filter, Row};
use crate::message::{Code, DescriptorStatus, RateLimit, RateLimitRequest, RateLimitResponse};
use crate::metrics::{Answer, Kind, Metrics};
use crate::rates::Rates;
use crate::store::{Error, Page, Spent, Store};
use crate::writer::{Done, Failure, Work, Writer};

/// How many counters are forgotten in one transaction, so that calls do not wait long for it.
const SWEPT_TOGETHER: usize = 500;
/// How long a disk may take before the engine says that it is not healthy.
const PATIENCE: Duration = Duration::from_secs(2);

/// The counters, and whoever changes them.
pub struct Engine {
    domains: Vec<String>,
    clock: Arc<dyn Clock + Send + Sync>,
    rates: Rates,
    path: PathBuf,
    store: Arc<Store>,
    writer: Writer,
    pub(crate) metrics: Arc<Metrics>,
}

/// Some counters, and the key after which there may be more.
#[derive(Debug, Default)]
pub struct Rows {
    /// The counters.
    pub rows: Vec<Row>,
    /// The key after which there may be more.
    pub next: Option<Vec<u8>>,
}

// === impl Engine ===

impl Engine {
    /// An engine of these domains on the store at `path`.
    ///
    /// # Errors
    ///
    /// The store cannot be opened.
    pub fn open(
        path: &Path,
        domains: Vec<String>,
        clock: Arc<dyn Clock + Send + Sync>,
    ) -> Result<Self, Error> {
        let store = Arc::new(Store::open(path)?);
        let metrics = Arc::new(Metrics::new(clock.now()));
        let writer = Writer::start(Arc::clone(&store), Arc::clone(&metrics));
        let rates = Rates::new(Arc::clone(&clock));
        Ok(Self { domains, clock, rates, path: path.to_owned(), store, writer, metrics })
    }

    /// Decides a call.
    ///
    /// # Errors
    ///
    /// The call is not answered, for this reason. Nothing is granted.
    pub async fn decide(&self, request: RateLimitRequest) -> Result<RateLimitResponse, Refusal> {
        let decided = self.try_decide(request).await;
        if let Err(Refusal { reason, .. }) = &decided {
            self.metrics.refused(*reason);
        }
        decided
    }

    async fn try_decide(&self, request: RateLimitRequest) -> Result<RateLimitResponse, Refusal> {
        let Ask { target, limit, unit, hits } = Ask::of(request, &self.domains)?;
        let (kind, decision) = match target {
            Target::Rate(counter) => {
                let decision = self.rates.debit(counter, unit, limit, hits);
                (Kind::Rate, decision.ok_or_else(|| Refusal::too_much("too many rates are counted"))?)
            }
            Target::Quota(counter) => (Kind::Quota, self.debit(counter, limit, hits).await?),
        };
        let answer = match decision.granted {
            true if hits == 0 => Answer::Looked,
            true => Answer::Granted,
            false => Answer::Over,
        };
        self.metrics.answered(kind, answer, hits);
        let code = i32::from(if decision.granted { Code::Ok } else { Code::OverLimit });
        let status = DescriptorStatus {
            code,
            current_limit: Some(RateLimit { requests_per_unit: limit, unit: unit.number() }),
            limit_remaining: u32::try_from(decision.remaining).unwrap_or(u32::MAX),
            duration_until_reset: decision.renews_in.map(Into::into),
        };
        Ok(RateLimitResponse { overall_code: code, statuses: vec![status] })
    }

    async fn debit(&self, counter: QuotaCounter, limit: u32, hits: u64) -> Result<Decision, Refusal> {
        let now = self.check_remembered(&counter)?;
        match self.writer.ask(Work::Debit { counter, limit, hits, now }).await? {
            Done::Decided(decision) => Ok(decision),
            Done::Set(_) | Done::Forgotten(_) => Err(Refusal::store("the writer did something else")),
        }
    }

    /// The time, if the counter's period is not over for so long that it may be forgotten: it would begin
    /// again, and admit all of it a second time.
    fn check_remembered(&self, counter: &QuotaCounter) -> Result<Timestamp, Refusal> {
        let now = self.clock.now();
        if now < counter.forgotten_at() {
            return Ok(now);
        }
        let message = format!(
            "the period ended at {}, which is longer ago than a period: its counter is forgotten",
            counter.span.end.to_rfc3339()
        );
        Err(Refusal { reason: Reason::PeriodForgotten, message })
    }

    /// Up to `most` counters that are wanted, of those after the key `after`; before the first are rates.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn list(&self, filter: &Filter, after: &[u8], most: usize) -> Result<Rows, Error> {
        let mut rows = Vec::new();
        if after.is_empty() {
            let rates = self.rates.list(most, |counter| filter.wants(counter));
            rows.extend(
                rates.into_iter().map(|((counter, unit), window)| Row::of_rate(counter, unit, window)),
            );
            rows.sort_by(|a, b| a.counter.cmp(&b.counter));
        }
        let Page { counters, next } =
            self.store.list(after, most, |counter| filter.wants(&counter.counter))?;
        rows.extend(counters.into_iter().map(|(counter, spent)| Row::of_quota(counter, spent)));
        Ok(Rows { rows, next })
    }

    /// Sets what is spent of a quota; returns what it was.
    ///
    /// # Errors
    ///
    /// The counter is forgotten, or the store cannot be written.
    pub async fn correct(&self, counter: QuotaCounter, spent: u64) -> Result<Vec<Spent>, Refusal> {
        self.check_remembered(&counter)?;
        self.set(Work::Correct(counter, spent)).await
    }

    /// Sets what was spent elsewhere of each quota; returns what it was.
    ///
    /// # Errors
    ///
    /// A counter is forgotten, or the store cannot be written. Nothing is set then.
    pub async fn carry(&self, amounts: Vec<(QuotaCounter, u64)>) -> Result<Vec<Spent>, Refusal> {
        for (counter, _) in &amounts {
            self.check_remembered(counter)?;
        }
        self.set(Work::Carry(amounts)).await
    }

    async fn set(&self, work: Work) -> Result<Vec<Spent>, Refusal> {
        match self.writer.ask(work).await? {
            Done::Set(before) => Ok(before),
            Done::Decided(_) | Done::Forgotten(_) => Err(Refusal::store("the writer did something else")),
        }
    }

    /// Forgets what is spent of the quotas that are wanted, in their present periods; returns of how many.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub async fn reset(&self, filter: Filter) -> Result<u64, Refusal> {
        self.forget(Work::Reset(filter, self.clock.now())).await
    }

    /// Forgets the windows that are over.
    pub fn sweep_rates(&self) {
        self.rates.sweep();
    }

    /// Forgets the quotas that are over for a period.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub async fn sweep_quotas(&self) -> Result<(), Refusal> {
        loop {
            let forgotten = self.forget(Work::Sweep(self.clock.now(), SWEPT_TOGETHER)).await?;
            self.metrics.forgotten(forgotten);
            if usize::try_from(forgotten).unwrap_or(usize::MAX) < SWEPT_TOGETHER {
                return Ok(());
            }
        }
    }

    async fn forget(&self, work: Work) -> Result<u64, Refusal> {
        match self.writer.ask(work).await? {
            Done::Forgotten(count) => Ok(count),
            Done::Decided(_) | Done::Set(_) => Err(Refusal::store("the writer did something else")),
        }
    }

    /// Whether quotas can be counted: the writer answers in time. After a failure that means that the store
    /// is opened again, which writes to it.
    pub async fn is_healthy(&self) -> bool {
        let nothing = Work::Sweep(Timestamp::default(), 1);
        timeout(PATIENCE, self.writer.ask(nothing)).await.is_ok_and(|answer| answer.is_ok())
    }

    /// What the engine's clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The domains.
    #[must_use]
    pub fn domains(&self) -> &[String] {
        &self.domains
    }

    /// The metrics in Prometheus' text format.
    #[must_use]
    pub fn metrics(&self) -> String {
        let bytes = std::fs::metadata(&self.path).map(|file| file.len()).ok();
        let rates = u64::try_from(self.rates.len()).unwrap_or(u64::MAX);
        let waiting = u64::try_from(self.writer.waiting()).unwrap_or(u64::MAX);
        self.metrics.to_text(rates, self.store.count().ok(), bytes, waiting)
    }

    /// Finishes what waits, and closes the store.
    pub fn close(self) {
        self.writer.finish();
    }
}

// === impl Refusal ===

impl Refusal {
    fn too_much(message: &str) -> Self {
        Self { reason: Reason::TooMuch, message: message.to_owned() }
    }

    fn store(message: impl Into<String>) -> Self {
        Self { reason: Reason::StoreFailed, message: message.into() }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Full => Self::too_much("too many calls wait for the store"),
            Failure::Store(message) => Self::store(format!("the store: {message}")),
        }
    }
}

#[cfg(test)]
mod tests;
