//! Listings of what is spent of quotas: what a gateway has counted by itself, which an engine is to go on
//! from.
//!
//! A listing is JSON, of one gateway: any number of objects, one after the other or in lists. Each is what
//! the filter answers at `options.usage_path` (`docs/rules.md#usage`), or has `counters` as an engine lists
//! them.

use std::collections::BTreeMap;

use serde_json::{Deserializer, Value};
use usage_plan_core::document::{CounterPer, Document, Period, UtcOffset};
use usage_plan_core::limit::period_id;
use usage_plan_core::timestamp::Timestamp;

use super::QuotaCounter;

/// What a listing says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What is spent of each counter.
    pub amounts: BTreeMap<QuotaCounter, u64>,
    /// What is not among them, and why.
    pub left_out: Vec<String>,
}

// === impl Listing ===

impl Listing {
    /// Reads the listing of one gateway at the time `now`. The document says how the plans are counted.
    ///
    /// # Errors
    ///
    /// It is no listing; the message names the object and says why.
    pub fn read(text: &[u8], document: &Document, now: Timestamp) -> Result<Self, String> {
        let mut listing = Self::default();
        let mut objects = Vec::new();
        for value in Deserializer::from_slice(text).into_iter::<Value>() {
            match value.map_err(|error| format!("is not JSON: {error}"))? {
                Value::Array(items) => objects.extend(items),
                value => objects.push(value),
            }
        }
        if objects.is_empty() {
            return Err("is empty".to_owned());
        }
        for (index, object) in objects.iter().enumerate() {
            let place = |why: String| format!("object {}: {why}", index + 1);
            if let Some(counters) = object["counters"].as_array() {
                for counter in counters {
                    listing.add_row(counter, now).map_err(place)?;
                }
            } else if let Some(limits) = object["limits"].as_array() {
                listing.add_usage(object, limits, document, now).map_err(place)?;
            } else {
                let message =
                    "is neither what the filter answers at options.usage_path nor has it `counters`";
                return Err(place(message.to_owned()));
            }
        }
        Ok(listing)
    }

    /// Adds what another gateway has spent.
    pub fn add(&mut self, other: Self) {
        for (counter, spent) in other.amounts {
            let sum = self.amounts.entry(counter).or_default();
            *sum = sum.saturating_add(spent);
        }
        self.left_out.extend(other.left_out);
    }

    /// A counter as an engine lists it.
    fn add_row(&mut self, row: &Value, now: Timestamp) -> Result<(), String> {
        if row["kind"] == "rate" {
            return Ok(());
        }
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let needed = |name: &str| text(name).ok_or_else(|| format!("a counter has no `{name}`"));
        let (plan, word) = (needed("plan")?, needed("period")?);
        let period = Period::ALL.into_iter().find(|period| period.name() == word);
        let period = period.ok_or_else(|| format!("period: there is no {word:?}"))?;
        let offset = text("utc_offset").unwrap_or_else(|| UtcOffset::default().to_string());
        let offset = UtcOffset::parse(&offset).ok_or("utc_offset: must be such as \"+08:00\"")?;
        let period_id = text("period_id").unwrap_or_else(|| period_id::write(period, offset, now));
        let span = period_id::read(period, &period_id);
        let span = span.ok_or_else(|| format!("period_id: no {word} has {period_id:?}"))?;
        let spent = row["spent"].as_u64().ok_or("a counter has no number `spent`")?;
        if span.end <= now {
            self.left_out.push(format!("plan {plan}: the {word} {period_id} is over"));
            return Ok(());
        }
        let (domain, part) = (text("domain"), text("part"));
        self.spend(QuotaCounter { domain, plan, part, period: word, period_id }, spent);
        Ok(())
    }

    /// What the filter answers about the limits of a key.
    fn add_usage(
        &mut self,
        usage: &Value,
        limits: &[Value],
        document: &Document,
        now: Timestamp,
    ) -> Result<(), String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let id = text(&usage["usage_plan"]["id"]);
        let plan = document.usage_plans.iter().find(|plan| plan.id == id);
        let plan = plan.ok_or_else(|| format!("the document has no usage plan {id:?}"))?;
        let part = part(plan.counter_per, usage);
        for limit in limits {
            let name = text(&limit["name"]);
            if !limit["api"].is_null() {
                let api = text(&limit["api"]);
                self.left_out.push(format!("plan {id}: quotas of APIs cannot be named: {name} of {api}"));
                continue;
            }
            // A rate is used up for a second only.
            let Some((period, offset)) = quota_of(&name) else { continue };
            let used =
                limit["used"].as_u64().ok_or_else(|| format!("limit {name:?} has no number `used`"))?;
            let renews_at = match limit["renews_at"].as_str() {
                None => Timestamp::NEVER,
                Some(time) => Timestamp::from_rfc3339(time).ok_or("renews_at: is not a time")?,
            };
            if renews_at <= now {
                self.left_out
                    .push(format!("plan {id}: the {name} that ended at {} is over", renews_at.to_rfc3339()));
                continue;
            }
            self.spend(QuotaCounter::now(&id, part.as_deref(), period, offset, now), used);
        }
        Ok(())
    }

    /// The keys of a plan can share a counter, so a gateway tells of it more than once. The last time it was
    /// asked, it had spent most.
    fn spend(&mut self, counter: QuotaCounter, spent: u64) {
        let known = self.amounts.entry(counter).or_default();
        *known = spent.max(*known);
    }
}

/// The part of the counter that a key's calls are counted on (`docs/rules.md#counters`).
fn part(per: CounterPer, usage: &Value) -> Option<String> {
    let text = |name: &str| usage[name].as_str().unwrap_or_default();
    let key = per.key.then(|| format!("key/{}", text("key")));
    let environment =
        per.environment.then(|| format!("environment/{}/{}", text("service"), text("environment")));
    let parts: Vec<String> = key.into_iter().chain(environment).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The quota of a limit's name: `day`, or `day+08:00`.
fn quota_of(name: &str) -> Option<(Period, UtcOffset)> {
    let (word, offset) = name.split_at(name.find(['+', '-']).unwrap_or(name.len()));
    let period = Period::ALL.into_iter().find(|period| period.name() == word)?;
    let offset = if offset.is_empty() { UtcOffset::default() } else { UtcOffset::parse(offset)? };
    Some((period, offset))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_rfc3339("2026-11-24T18:00:00Z").expect("a time")
    }

    fn document(counter_per: Value) -> Document {
        let plan = json!({"id": "usagePlan-gold", "name": "gold", "counter_per": counter_per});
        crate::draft::read(json!({"usage_plans": [plan]}).to_string().as_bytes()).expect("a document")
    }

    fn usage(used: u64) -> Value {
        json!({
            "usage_plan": {"id": "usagePlan-gold"}, "service": "service-a", "environment": "release",
            "key": "AKIDacme0001",
            "limits": [
                {"name": "second", "limit": 5, "used": 5, "renews_at": "2026-11-24T18:00:01Z"},
                {"name": "day+08:00", "limit": 9, "used": used, "renews_at": "2026-11-25T16:00:00Z"},
                {"name": "month", "limit": 9, "used": 1, "renews_at": "2026-11-01T00:00:00Z"},
                {"name": "total", "limit": 90, "used": 70, "renews_at": null},
                {"name": "day", "api": "GET /a", "limit": 9, "used": 1, "renews_at": "2026-11-25T00:00:00Z"},
            ],
        })
    }

    fn amounts(listing: &Listing) -> Vec<(Option<&str>, &str, u64)> {
        fn row<'l>((counter, spent): (&'l QuotaCounter, &u64)) -> (Option<&'l str>, &'l str, u64) {
            (counter.part.as_deref(), &counter.period_id, *spent)
        }
        listing.amounts.iter().map(row).collect()
    }

    #[test]
    fn a_gateway_tells_of_a_counter_often_and_gateways_are_added_up() {
        let document = document(json!([]));
        let text = format!("{} {} [{}]", usage(3), usage(5), usage(4));
        let mut listing = Listing::read(text.as_bytes(), &document, now()).expect("a listing");
        let once = [(None, "2026-11-25+0800", 5), (None, "total", 70)];
        assert_eq!(amounts(&listing), once);
        let other = Listing::read(usage(2).to_string().as_bytes(), &document, now()).expect("a listing");
        assert_eq!(other.left_out.len(), 2, "{:?}", other.left_out);
        assert!(other.left_out[0].contains("month that ended at 2026-11-01"), "{:?}", other.left_out);
        assert!(other.left_out[1].contains("day of GET /a"), "{:?}", other.left_out);
        listing.add(other);
        assert_eq!(amounts(&listing), [(None, "2026-11-25+0800", 7), (None, "total", 140)]);
    }

    #[test]
    fn the_part_is_the_one_that_the_filter_counts_on() {
        for (per, expected) in [
            (json!([]), None),
            (json!(["key"]), Some("key/AKIDacme0001")),
            (json!(["environment"]), Some("environment/service-a/release")),
            (json!(["key", "environment"]), Some("key/AKIDacme0001/environment/service-a/release")),
        ] {
            let listing = Listing::read(usage(3).to_string().as_bytes(), &document(per), now());
            assert_eq!(amounts(&listing.expect("a listing"))[0].0, expected);
        }
    }

    #[test]
    fn what_an_engine_lists_is_a_listing_and_rates_are_not_carried() {
        let rows = json!({"counters": [
            {"kind": "rate", "plan": "a", "period": "second", "spent": 1},
            {"kind": "quota", "domain": "d", "plan": "a", "part": "key/k", "period": "week",
             "period_id": "2026-11-23+0800", "spent": 3},
            {"plan": "a", "period": "hour", "utc_offset": "+05:30", "spent": 4},
            {"plan": "a", "period": "hour", "period_id": "2026-11-24T17+0000", "spent": 5},
        ]});
        let listing = Listing::read(rows.to_string().as_bytes(), &Document::default(), now());
        let listing = listing.expect("a listing");
        let wanted = [(None, "2026-11-24T23+0530", 4), (Some("key/k"), "2026-11-23+0800", 3)];
        assert_eq!(amounts(&listing), wanted);
        assert_eq!(listing.left_out, ["plan a: the hour 2026-11-24T17+0000 is over"]);
    }

    #[test]
    fn what_is_no_listing_is_refused_with_its_place() {
        for (text, wanted) in [
            ("", "is empty"),
            ("[]", "is empty"),
            ("{", "is not JSON"),
            ("{}", "object 1: is neither"),
            (r#"{"counters": []} 5"#, "object 2: is neither"),
            (r#"{"counters": [{}]}"#, "object 1: a counter has no `plan`"),
            (r#"{"counters": [{"plan": "a", "period": "era"}]}"#, "there is no \"era\""),
            (r#"{"counters": [{"plan": "a", "period": "day", "utc_offset": "8"}]}"#, "utc_offset: must be"),
            (r#"{"counters": [{"plan": "a", "period": "day", "period_id": "x"}]}"#, "no day has \"x\""),
            (r#"{"counters": [{"plan": "a", "period": "day"}]}"#, "no number `spent`"),
            (r#"{"usage_plan": {"id": "x"}, "limits": []}"#, "the document has no usage plan \"x\""),
        ] {
            let error = Listing::read(text.as_bytes(), &document(json!([])), now()).expect_err(text);
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
