//! The engine in this process counts what all Envoys of the document admit of a quota, since it began.

use std::fmt;
use std::sync::Weak;

use usage_plan_core::document::{CountedBy, Document, EngineKind, Period, Reset, UsagePlan};
use usage_plan_core::timestamp::Timestamp;
use usage_plan_engine::counter::{Counter, PART, PLAN};
use usage_plan_engine::engine::Engine;
use usage_plan_engine::listing::{Filter, Row};
use usage_plan_manage::dates::now;

use super::recent::Recent;

/// How many counters are read at once.
const PAGE: usize = 1000;
/// The entry that tells from which reset on a counter counts.
const RESET: &str = "reset";

/// The engine that runs in this process, as long as it does.
pub struct EngineHere {
    engine: Weak<Engine>,
    /// The counters of what all requests of a plan have spent; `None` when the store cannot be read.
    counters: Recent<Option<Vec<Row>>>,
}

// === impl EngineHere ===

impl EngineHere {
    /// This engine.
    pub fn new(engine: Weak<Engine>) -> Self {
        Self { engine, counters: Recent::default() }
    }

    /// What is spent of the quota of all requests on `plan`, by all of its keys and environments; `None` if
    /// the engine does not count it.
    pub(super) fn of(&self, plan: &UsagePlan, document: &Document) -> Option<u64> {
        let fleet = document.options.fleet.as_ref()?;
        let is_counted_here = fleet.engine == EngineKind::UsagePlan && fleet.quotas == CountedBy::Fleet;
        if !is_counted_here || plan.quotas.iter().all(|quota| quota.period != Period::Total) {
            return None;
        }
        let is_wanted = |counter: &Counter| {
            counter.domain == fleet.domain
                && counter.get(PLAN) == Some(&plan.id)
                && !counter.get(PART).is_some_and(is_of_apis)
                && counter.get(RESET) == last_reset(plan, counter).as_deref()
        };
        let sum = |rows: &Vec<Row>| {
            rows.iter().filter(|row| is_wanted(&row.counter)).map(|row| row.spent.total()).sum()
        };
        self.counters.look(|| self.list(), |rows| rows.as_ref().map(sum))
    }

    fn list(&self) -> Option<Vec<Row>> {
        let engine = self.engine.upgrade()?;
        let filter = Filter { period: Some(Period::Total.name().to_owned()), ..Filter::default() };
        let (mut rows, mut after) = (Vec::new(), Vec::new());
        loop {
            let page = engine.list(&filter, &after, PAGE).ok()?;
            rows.extend(page.rows);
            match page.next {
                Some(next) => after = next,
                None => return Some(rows),
            }
        }
    }
}

impl fmt::Debug for EngineHere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineHere").finish_non_exhaustive()
    }
}

/// Whether a counter is of some of a plan's APIs only. What it counts is counted by the plan, too.
fn is_of_apis(part: &str) -> bool {
    let mut words = part.rsplit('/');
    let is_hash = |word: &str| word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    words.next().is_some_and(is_hash) && words.next() == Some("api")
}

/// The last reset of a plan that concerns this counter, as its entry says it.
fn last_reset(plan: &UsagePlan, counter: &Counter) -> Option<String> {
    let key = counter.get(PART).and_then(|part| part.strip_prefix("key/")?.split('/').next());
    let now = now();
    let concerns = |reset: &&Reset| {
        reset.at <= now
            && reset.limit.is_none_or(|limit| limit == Period::Total)
            && reset.key.as_deref().is_none_or(|only| Some(only) == key)
    };
    plan.resets.iter().filter(concerns).map(|reset| reset.at).max().map(Timestamp::to_rfc3339)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};
    use usage_plan_core::limit::Clock;
    use usage_plan_manage::draft;

    use super::*;

    struct Now;

    impl Clock for Now {
        fn now(&self) -> Timestamp {
            now()
        }
    }

    fn document(fleet: &Value) -> Document {
        let plan = |id, period| json!({"id": id, "quotas": [{"period": period, "max_requests": 100}]});
        let mut gold = plan("usagePlan-gold", "total");
        gold["counter_per"] = json!(["key"]);
        gold["keys"] = json!(["AKIDacme0001", "AKIDbeta0001"]);
        gold["resets"] = json!([{"at": "2026-01-01T00:00:00Z", "key": "AKIDbeta0001"}]);
        let key = |id| json!({"secret_id": id, "secret_key": "secret-key-0001"});
        let document = json!({
            "options": {"fleet": fleet}, "keys": [key("AKIDacme0001"), key("AKIDbeta0001")],
            "usage_plans": [gold, plan("usagePlan-free", "total"), plan("usagePlan-day", "day")],
        });
        draft::read(document.to_string().as_bytes()).expect("a valid document")
    }

    #[test]
    fn what_is_used_is_what_all_counters_of_the_plan_have_granted_since_their_last_reset() {
        let directory = tempfile::tempdir().expect("a directory");
        let domain = "usage-plans".to_owned();
        let engine = Engine::open(&directory.path().join("store"), vec![domain], Arc::new(Now));
        let engine = Arc::new(engine.expect("an engine"));
        let spent = |plan: &str, part: &str, reset: Option<&str>, spent: u64| {
            let mut entries = vec![("plan", plan), ("w", "total"), ("p", "total")];
            entries.extend((!part.is_empty()).then_some(("part", part)));
            entries.extend(reset.map(|reset| ("reset", reset)));
            let entries = entries.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            let counter = Counter::new("usage-plans", entries).expect("a counter").quota().expect("a period");
            (counter.expect("a quota"), spent)
        };
        let amounts = vec![
            spent("usagePlan-gold", "key/AKIDacme0001", None, 3),
            spent("usagePlan-gold", "key/AKIDbeta0001", None, 50),
            spent("usagePlan-gold", "key/AKIDbeta0001", Some("2026-01-01T00:00:00Z"), 4),
            spent("usagePlan-gold", "key/AKIDacme0001/api/0123456789abcdef", None, 700),
            spent("usagePlan-other", "", None, 9000),
        ];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(engine.carry(amounts)).expect("carried");
        let here = EngineHere::new(Arc::downgrade(&engine));
        let of = |fleet: Value| {
            let document = document(&fleet);
            document.usage_plans.iter().map(|plan| here.of(plan, &document)).collect::<Vec<_>>()
        };
        let fleet = |member: &str, value: &str| {
            let mut fleet = json!({"cluster": "engine", "expected_envoys": 2});
            fleet[member] = value.into();
            fleet
        };
        assert_eq!(of(fleet("engine", "usage-plan")), [Some(7), Some(0), None]);
        assert_eq!(of(fleet("quotas", "local")), [None; 3], "each Envoy counts for itself");
        assert_eq!(of(fleet("engine", "limitador")), [None; 3], "another engine counts");
        drop(engine);
        let gone = EngineHere::new(here.engine.clone());
        let document = document(&fleet("quotas", "fleet"));
        assert_eq!(gone.of(&document.usage_plans[0], &document), None);
    }
}
