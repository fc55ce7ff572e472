//! `fleet`: the engine that counts for several Envoys, and what it counts (`docs/rules.md#fleet`).

use std::time::Duration;

use serde_json::{Value, json};

use crate::document::on_engine_down::OnEngineDown;
use crate::document::reader::Node;
use crate::document::rules;
use crate::document::schema::{choice, described, object, with, with_default};
use crate::document::words::Words;

/// The words for `engine`.
const ENGINE: Words<EngineKind, 3> = [
    ("usage-plan", EngineKind::UsagePlan),
    ("envoyproxy", EngineKind::Envoyproxy),
    ("limitador", EngineKind::Limitador),
];

/// The words for `rates` and `quotas`.
const COUNTED_BY: Words<CountedBy, 2> = [("fleet", CountedBy::Fleet), ("local", CountedBy::Local)];

/// The longest name of a cluster: Envoy reads a longer one wrongly where a cluster is named for a call.
const MAX_CLUSTER: usize = 125;

/// The longest domain.
const MAX_DOMAIN: usize = 255;

const DOMAIN: &str = "usage-plans";
const TIMEOUT_MS: u64 = 100;
const MAX_TIMEOUT_MS: i64 = 10_000;
const MAX_ENVOYS: i64 = 100_000;

/// The engine that counts for several Envoys, and what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fleet {
    /// Envoy's cluster of the engine.
    pub cluster: String,
    /// The domain in which the engine counts.
    pub domain: String,
    /// Which engine it is, and so what may be relied on.
    pub engine: EngineKind,
    /// How long a call to the engine may take.
    pub timeout: Duration,
    /// Of how many Envoys each has a share of a rate while the engine cannot be asked.
    pub expected_envoys: u32,
    /// Who counts rates.
    pub rates: CountedBy,
    /// Who counts quotas.
    pub quotas: CountedBy,
    /// What happens while the engine cannot be asked.
    pub on_engine_down: OnEngineDown,
}

/// Which engine counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// `usage-plan engine`: counts nothing when it refuses, and says what is left.
    #[default]
    UsagePlan,
    /// envoyproxy/ratelimit: counts what it refuses, in windows of its own.
    Envoyproxy,
    /// limitador: counts nothing when it refuses, and does not say what is left.
    Limitador,
}

/// Who counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CountedBy {
    /// The engine, for all Envoys.
    #[default]
    Fleet,
    /// Each Envoy for itself.
    Local,
}

// === impl Fleet ===

impl Default for Fleet {
    fn default() -> Self {
        Self {
            cluster: String::new(),
            domain: DOMAIN.to_owned(),
            engine: EngineKind::default(),
            timeout: Duration::from_millis(TIMEOUT_MS),
            expected_envoys: 1,
            rates: CountedBy::default(),
            quotas: CountedBy::default(),
            on_engine_down: OnEngineDown::default(),
        }
    }
}

impl Fleet {
    pub(super) fn read(node: Node<'_>) -> Self {
        node.object(|fields| {
            let default = Self::default();
            let cluster = fields.required("cluster").and_then(|node| name(node, MAX_CLUSTER));
            let domain = fields.optional("domain").and_then(|node| name(node, MAX_DOMAIN));
            let engine = fields.one_of("engine", &ENGINE).unwrap_or_default();
            let timeout = fields.optional("timeout_ms").and_then(|node| number(node, MAX_TIMEOUT_MS));
            let envoys_said = fields.optional("expected_envoys");
            let envoys = envoys_said.and_then(|node| number(node, MAX_ENVOYS));
            let is_said = envoys_said.is_some();
            let mut counted_by = |member| fields.one_of(member, &COUNTED_BY).unwrap_or_default();
            let (rates, quotas) = (counted_by("rates"), counted_by("quotas"));
            if rates == CountedBy::Fleet && !is_said {
                fields.member_error("expected_envoys", rules::ENVOYS);
            }
            Self {
                cluster: cluster.unwrap_or_default(),
                domain: domain.unwrap_or(default.domain),
                engine,
                timeout: timeout.map_or(default.timeout, Duration::from_millis),
                expected_envoys: envoys
                    .and_then(|envoys| u32::try_from(envoys).ok())
                    .unwrap_or(default.expected_envoys),
                rates,
                quotas,
                on_engine_down: fields.optional("on_engine_down").map(OnEngineDown::read).unwrap_or_default(),
            }
        })
    }

    pub(super) fn schema() -> Value {
        let text = |max: usize| json!({"type": "string", "minLength": 1, "maxLength": max, "pattern": "^[\\u0020-\\u007E]+$"});
        let number = |max: i64| json!({"type": "integer", "minimum": 1, "maximum": max});
        let fleet = object(
            &["cluster"],
            [
                ("cluster", described(text(MAX_CLUSTER), "Envoy's cluster of the engine, with HTTP/2")),
                (
                    "domain",
                    described(
                        with_default(text(MAX_DOMAIN), DOMAIN),
                        "The domain in which the engine counts",
                    ),
                ),
                (
                    "engine",
                    described(
                        choice(&ENGINE),
                        "usage-plan: usage-plan engine; envoyproxy: envoyproxy/ratelimit",
                    ),
                ),
                (
                    "timeout_ms",
                    described(
                        with_default(number(MAX_TIMEOUT_MS), TIMEOUT_MS),
                        "How long a call to the engine may take",
                    ),
                ),
                (
                    "expected_envoys",
                    described(
                        number(MAX_ENVOYS),
                        "By how many a rate is divided while the engine cannot be asked",
                    ),
                ),
                ("rates", described(choice(&COUNTED_BY), "local: each Envoy counts rates for itself")),
                ("quotas", described(choice(&COUNTED_BY), "local: each Envoy counts quotas for itself")),
                ("on_engine_down", OnEngineDown::schema()),
            ],
        );
        // Each Envoy has a share of a rate while the engine cannot be asked.
        let local = json!({"required": ["rates"], "properties": {"rates": {"const": "local"}}});
        let share = json!({"anyOf": [{"required": ["expected_envoys"]}, local]});
        with(json!({"description": "The engine that counts for several Envoys"}), with(fleet, share))
    }
}

fn name(node: Node<'_>, max: usize) -> Option<String> {
    let is_printable = |byte| matches!(byte, b' '..=b'~');
    let rule = rules::PRINTABLE.put(max);
    node.text(|text| (1..=max).contains(&text.len()) && text.bytes().all(is_printable), rule)
}

fn number(node: Node<'_>, max: i64) -> Option<u64> {
    let number = node.integer()?;
    if !(1..=max).contains(&number) {
        node.error(rules::RANGE.put(max.to_string()));
        return None;
    }
    u64::try_from(number).ok()
}
