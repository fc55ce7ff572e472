//! What the panels and the alerts must show, by what was sent.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::gateway::Unseen;
use super::traffic::{Counted, Traffic};

/// The values of a query, by what each series is called.
type Values = BTreeMap<String, RangeInclusive<f64>>;

/// The upper bounds of Envoy's histograms of milliseconds.
const BOUNDS: [f64; 8] = [1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 1000.0, 1_800_000.0];

/// What the queries must return, by panel and letter.
pub(super) struct Expected(BTreeMap<(&'static str, &'static str), Values>);

/// A whole number, to the rounding of a division by some thousand milliseconds.
fn exactly(number: u64) -> RangeInclusive<f64> {
    let number = number as f64;
    number - 0.45..=number + 0.45
}

/// The sums of what was counted, by name.
fn sums(
    counted: &BTreeMap<Counted, u64>,
    name: impl Fn(&Counted) -> Option<String>,
) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for (what, number) in counted {
        if let Some(name) = name(what) {
            *sums.entry(name).or_default() += number;
        }
    }
    sums
}

fn exact(sums: BTreeMap<String, u64>) -> Values {
    sums.into_iter().map(|(name, number)| (name, exactly(number))).collect()
}

fn one(name: &str, number: u64) -> Values {
    Values::from([(name.to_owned(), exactly(number))])
}

/// The first 48 bits of the SHA-256 of the document, as a number.
fn digest(document: &Value) -> u64 {
    let digest = Sha256::digest(document.to_string());
    digest[..6].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

// === impl Expected ===

impl Expected {
    /// Of the Envoy whose callers are in `traffic`: what was counted since `begun`.
    pub(super) fn well(
        instance: &str,
        traffic: &Traffic,
        begun: &BTreeMap<Counted, u64>,
        document: &Value,
    ) -> Self {
        let mut since = traffic.counted.clone();
        for (what, before) in begun {
            *since.entry(*what).or_default() -= before;
        }
        let granted = |(plan, _, outcome): &Counted| (*outcome == "allowed").then(|| (*plan).to_owned());
        let mut all_day = exact(sums(&since, granted));
        for (plan, before) in sums(begun, granted) {
            // Prometheus did not see the first calls. At most it takes the counter to have begun at 0.
            let since = all_day.remove(&plan).expect("a plan");
            all_day.insert(plan, *since.start()..=since.end() + before as f64);
        }
        let is_429 = |outcome: &str| matches!(outcome, "rate_limited" | "quota_exceeded");
        let mut expected = Self::quiet(instance, traffic.slowest, document);
        expected.set("Requests, by outcome", "A", exact(sums(&since, |what| Some(what.2.to_owned()))));
        expected.set("Granted, by plan", "A", exact(sums(&since, granted)));
        let refused = |(plan, _, outcome): &Counted| is_429(outcome).then(|| format!("{plan}: {outcome}"));
        expected.set("Refused with 429, by plan", "A", exact(sums(&since, refused)));
        let by_key = |(_, key, outcome): &Counted| {
            (*outcome != "allowed" && !key.is_empty()).then(|| format!("{key}: {outcome}"))
        };
        expected.set("Keys refused most", "A", exact(sums(&since, by_key)));
        expected.set("Granted in 24 hours, by plan", "A", all_day);
        let warnings = [80, 95].map(|percent| (format!("silver, total: {percent} %"), exactly(1)));
        expected.set("Quota warnings", "A", warnings.into());
        // The call that kills a VM is answered 503.
        expected.set("Answered 503", "A", one("all 5xx", 1));
        expected.set("Answered 503", "B", one("by the guard", 0));
        expected.set("VM restarts and panics", "A", one(&format!("{instance}: replaced"), 1));
        expected.set("Documents changed and refused", "A", one(&format!("{instance}: changed"), 1));
        expected.set("Documents changed and refused", "B", one(&format!("{instance}: refused"), 1));
        expected
    }

    /// Of the Envoy whose filter sees nothing: what its guard has refused since `begun` calls.
    pub(super) fn deaf(instance: &str, unseen: &Unseen, begun: u64, document: &Value) -> Self {
        let mut expected = Self::quiet(instance, unseen.slowest, document);
        let refused = unseen.calls - begun;
        expected.set("Answered 503", "A", one("all 5xx", refused));
        expected.set("Answered 503", "B", one("by the guard", refused));
        expected
    }

    /// Of an Envoy to which nothing happens, and whose callers waited for so long at most.
    fn quiet(instance: &str, slowest: Duration, document: &Value) -> Self {
        let mut expected = Self(BTreeMap::new());
        let slowest = slowest.as_secs_f64() * 1000.0;
        let bound = BOUNDS.into_iter().find(|bound| slowest <= *bound).expect("no call takes that long");
        for (letter, name) in [("A", "median"), ("B", "90 %"), ("C", "99 %")] {
            expected.set("Latency", letter, Values::from([(name.to_owned(), f64::MIN_POSITIVE..=bound)]));
        }
        for panel in [
            "Requests, by outcome",
            "Granted, by plan",
            "Refused with 429, by plan",
            "Keys refused most",
            "Granted in 24 hours, by plan",
            "Quota warnings",
        ] {
            expected.set(panel, "A", Values::new());
        }
        expected.set("Answered 503", "C", Values::new());
        // Only the native module has this counter.
        expected.set("VM restarts and panics", "C", Values::new());
        // These Envoys are of no fleet.
        for (panel, letters) in [
            ("Calls to the engine, by result", &["A"][..]),
            ("Decided without the engine", &["A"]),
            ("Engine not asked, debt, lost tokens", &["A", "B", "C"]),
        ] {
            letters.iter().for_each(|letter| expected.set(panel, letter, Values::new()));
        }
        for (panel, letter, what) in [
            ("VM restarts and panics", "A", "replaced"),
            ("VM restarts and panics", "B", "failed"),
            ("Documents changed and refused", "A", "changed"),
            ("Documents changed and refused", "B", "refused"),
        ] {
            expected.set(panel, letter, one(&format!("{instance}: {what}"), 0));
        }
        expected.set("Document in force", "A", one(instance, digest(document)));
        expected
    }

    fn set(&mut self, panel: &'static str, letter: &'static str, values: Values) {
        self.0.insert((panel, letter), values);
    }

    /// The values of a panel's query. Every query has some, even if they are none.
    pub(super) fn of(&self, panel: &str, letter: &str) -> &Values {
        let found = self.0.iter().find(|(of, _)| **of == (panel, letter));
        found.map(|(_, values)| values).unwrap_or_else(|| panic!("what must {panel} {letter} show?"))
    }
}

/// The alerts that must fire, each with what it is about. No other must.
pub(super) const ALERTS: [&str; 10] = [
    "UsagePlanDocumentRefused gateway-1",
    "UsagePlanDocumentsDiffer",
    "UsagePlanGuardRefuses gateway-2",
    "UsagePlanKeyRefused AKIDbeta",
    "UsagePlanKeyRefused AKIDeve",
    "UsagePlanKeyRefused AKIDtrial",
    "UsagePlanNearQuota gateway-1 silver total 80",
    "UsagePlanNearQuota gateway-1 silver total 95",
    "UsagePlanNoDocument gateway-3",
    "UsagePlanVmRestarts gateway-1",
];

/// Alerts by name, and what each is about.
pub(super) fn named(firing: &[BTreeMap<String, String>]) -> BTreeSet<String> {
    let name = |labels: &BTreeMap<String, String>| {
        let parts = ["alertname", "instance", "key", "plan", "limit", "percent"];
        let parts: Vec<_> = parts.iter().filter_map(|part| labels.get(*part).map(String::as_str)).collect();
        parts.join(" ")
    };
    firing.iter().map(name).collect()
}
