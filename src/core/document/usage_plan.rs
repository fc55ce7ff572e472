//! `usage_plans`: the environments that keys may call, and the limits on their requests.

use serde_json::{Value, json};

use super::api::Api;
use super::names;
use super::on_engine_down::OnEngineDown;
use super::quota::{self, Quota};
use super::reader::{Fields, MAX_LIMIT, Node};
use super::reset::Reset;
use super::rules;
use super::schema::{
    array, choice, described, max_requests_per_second, name, object, one_of, reference, text, timestamp,
    with, with_default,
};
use super::words::{Words, word};
use super::writer::{Members, Writer};
use crate::timestamp::Timestamp;

/// The words for `counter_per`.
const COUNTER_PER: Words<Per, 2> = [("key", Per::Key), ("environment", Per::Environment)];

/// The words for `enforcement`.
pub const ENFORCEMENT: Words<Enforcement, 2> =
    [("enforce", Enforcement::Enforce), ("observe", Enforcement::Observe)];

/// A plan: its keys may call its environments, within its limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsagePlan {
    /// The plan's id. It is unique among usage plans.
    pub id: String,
    /// A label that people read. It has no effect on requests.
    pub name: String,
    /// The largest number of requests admitted in any second; `None` is no limit.
    pub max_requests_per_second: Option<u64>,
    /// Makes the plan a token bucket of this many requests, refilled at `max_requests_per_second`.
    pub burst: Option<u64>,
    /// Requests admitted in periods of the calendar.
    pub quotas: Vec<Quota>,
    /// The percents of each quota that are counted in a metric when they are reached.
    pub warn_at: Vec<u8>,
    /// Whether the plan has separate counters for keys and environments.
    pub counter_per: CounterPer,
    /// Tighter limits on some of the requests. The first API that matches a request applies.
    pub apis: Vec<Api>,
    /// Moments from which the quotas are counted anew.
    pub resets: Vec<Reset>,
    /// What happens to a request over the limits.
    pub enforcement: Enforcement,
    /// What happens while the fleet's engine cannot be asked, where the options say something else.
    pub on_engine_down: OnEngineDown,
    /// A region label that people read. It has no effect on requests.
    pub region: String,
    /// A note that people read. It has no effect on requests.
    pub remark: String,
    /// The `secret_id`s bound to the plan.
    pub keys: Vec<String>,
    /// The environments bound to the plan.
    pub environments: Vec<EnvironmentRef>,
    /// When the plan was created. It has no effect on requests.
    pub created_at: Option<Timestamp>,
}

/// Which separate counters a plan has. With neither, the plan as a whole has one counter
/// (`docs/rules.md#counters`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CounterPer {
    /// Whether each key has a separate counter.
    pub key: bool,
    /// Whether each environment of each service has a separate counter.
    pub environment: bool,
}

/// A kind of separate counter that `counter_per` can name.
#[derive(Clone, Copy, PartialEq)]
enum Per {
    Key,
    Environment,
}

/// What happens to a request that would be refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforcement {
    /// The request is refused.
    #[default]
    Enforce,
    /// The request is let through and counted as `would_…`.
    Observe,
}

/// An environment of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EnvironmentRef {
    /// The service's id.
    pub service: String,
    /// The environment's name.
    pub environment: String,
}

// === impl UsagePlan ===

impl UsagePlan {
    pub(super) fn read(node: Node<'_>) -> Self {
        node.object(|fields| {
            let plan = Self {
                id: fields.required_name("id", &names::ID),
                name: fields.optional_name("name", &names::PLAN_NAME),
                max_requests_per_second: fields.limit("max_requests_per_second"),
                burst: burst(fields),
                quotas: fields.optional("quotas").map(Quota::read_list).unwrap_or_default(),
                warn_at: fields.optional("warn_at").map(quota::read_warn_at).unwrap_or_default(),
                counter_per: fields.optional("counter_per").map(CounterPer::read).unwrap_or_default(),
                apis: fields.optional("apis").map(Api::read_list).unwrap_or_default(),
                resets: fields.optional("resets").map(Reset::read_list).unwrap_or_default(),
                enforcement: fields.optional("enforcement").and_then(Enforcement::read).unwrap_or_default(),
                on_engine_down: fields.optional("on_engine_down").map(OnEngineDown::read).unwrap_or_default(),
                region: fields.text("region"),
                remark: fields.text("remark"),
                keys: fields.list("keys", |item| item.reference().unwrap_or_default()),
                environments: fields.list("environments", EnvironmentRef::read),
                created_at: fields.timestamp("created_at"),
            };
            if plan.burst.is_some() && plan.max_requests_per_second.is_none() {
                fields.member_error("burst", rules::BURST);
            }
            plan
        })
    }

    /// The quotas of the plan, then those of its APIs.
    pub fn all_quotas(&self) -> impl Iterator<Item = &Quota> {
        self.quotas.iter().chain(self.apis.iter().flat_map(|api| &api.quotas))
    }

    /// The plan as the document has it.
    pub fn to_json(&self) -> Members {
        let on_engine_down = self.on_engine_down.to_json();
        let is_observed = self.enforcement != Enforcement::default();
        let counted_apart: Vec<Per> =
            [(self.counter_per.key, Per::Key), (self.counter_per.environment, Per::Environment)]
                .into_iter()
                .filter_map(|(is_apart, per)| is_apart.then_some(per))
                .collect();
        Writer::default()
            .member("id", self.id.as_str())
            .string("name", &self.name)
            .optional("max_requests_per_second", self.max_requests_per_second)
            .optional("burst", self.burst)
            .list("quotas", &self.quotas, |quota| quota.to_json().into())
            .list("warn_at", &self.warn_at, |percent| (*percent).into())
            .list("counter_per", &counted_apart, |per| word(&COUNTER_PER, *per).into())
            .list("apis", &self.apis, |api| api.to_json().into())
            .list("resets", &self.resets, |reset| reset.to_json().into())
            .optional("enforcement", is_observed.then(|| word(&ENFORCEMENT, self.enforcement)))
            .optional("on_engine_down", (!on_engine_down.is_empty()).then_some(on_engine_down))
            .string("region", &self.region)
            .string("remark", &self.remark)
            .list("keys", &self.keys, |key| key.as_str().into())
            .list("environments", &self.environments, |bound| bound.to_json().into())
            .optional("created_at", self.created_at.map(Timestamp::to_rfc3339))
            .finish()
    }

    pub(super) fn schema() -> Value {
        let burst = json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT});
        let unique = json!({"uniqueItems": true});
        let plan = object(
            &["id"],
            [
                ("id", described(name(&names::ID), "Unique among usage plans")),
                ("name", described(name(&names::PLAN_NAME), "For people")),
                ("max_requests_per_second", max_requests_per_second()),
                (
                    "burst",
                    described(
                        burst,
                        "Makes the plan a token bucket of this many requests, refilled at max_requests_per_second",
                    ),
                ),
                ("quotas", Quota::schema()),
                ("warn_at", quota::warn_at_schema()),
                (
                    "counter_per",
                    described(
                        with_default(array(one_of(&COUNTER_PER)), Value::Array(Vec::new())),
                        "Keys, environments or pairs of them are counted apart, instead of the plan as a whole",
                    ),
                ),
                (
                    "apis",
                    described(
                        Api::schema(),
                        "Tighter limits on some of the requests; the first API that matches a request applies",
                    ),
                ),
                ("resets", Reset::schema()),
                (
                    "enforcement",
                    described(
                        choice(&ENFORCEMENT),
                        "observe: a request over the limits is let through and counted as would_...",
                    ),
                ),
                ("on_engine_down", OnEngineDown::schema_of_plan()),
                ("region", described(text(), "A label for people")),
                ("remark", described(text(), "A note for people")),
                (
                    "keys",
                    described(
                        with(array(reference()), unique.clone()),
                        "The secret_id of each key bound to the plan",
                    ),
                ),
                (
                    "environments",
                    described(
                        with(array(EnvironmentRef::schema()), unique),
                        "The environments bound to the plan",
                    ),
                ),
                ("created_at", described(timestamp(), "When the plan was created, for people")),
            ],
        );
        // A bucket needs a rate at which it is refilled.
        let has_rate = json!({
            "required": ["max_requests_per_second"],
            "properties": {"max_requests_per_second": {"minimum": 1}},
        });
        with(plan, json!({"dependentSchemas": {"burst": has_rate}}))
    }
}

/// Reads the size of a token bucket, in requests.
fn burst(fields: &mut Fields<'_>) -> Option<u64> {
    let node = fields.optional("burst")?;
    let size = node.integer()?;
    if !(1..=MAX_LIMIT).contains(&size) {
        node.error(rules::RANGE.put(MAX_LIMIT.to_string()));
        return None;
    }
    u64::try_from(size).ok()
}

// === impl CounterPer ===

impl CounterPer {
    fn read(node: Node<'_>) -> Self {
        let per = node.items(|item| item.one_of(&COUNTER_PER)).unwrap_or_default();
        Self { key: per.contains(&Some(Per::Key)), environment: per.contains(&Some(Per::Environment)) }
    }
}

// === impl Enforcement ===

impl Enforcement {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.one_of(&ENFORCEMENT)
    }
}

// === impl EnvironmentRef ===

impl EnvironmentRef {
    fn read(node: Node<'_>) -> Self {
        node.object(|fields| Self {
            service: fields.required("service").and_then(|node| node.reference()).unwrap_or_default(),
            environment: fields.required("environment").and_then(|node| node.reference()).unwrap_or_default(),
        })
    }

    /// The environment as a JSON object of a plan's `environments`.
    pub fn to_json(&self) -> Members {
        Writer::default()
            .member("service", self.service.as_str())
            .member("environment", self.environment.as_str())
            .finish()
    }

    fn schema() -> Value {
        object(
            &["service", "environment"],
            [
                ("service", described(reference(), "The service's id")),
                ("environment", described(reference(), "The environment's name")),
            ],
        )
    }
}
