//! Reads what is asked of the admin port.

use serde_json::Value;

use crate::counter::{Counter, QuotaCounter};
use crate::listing::Filter;

/// How many counters one import may name.
const MAX_AMOUNTS: usize = 1000;

/// Which counters to list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct List {
    pub(super) filter: Filter,
    /// The key that the last answer ended with.
    pub(super) after: Vec<u8>,
}

/// The query of a list: the members of a filter, and `after`.
pub(super) fn list(query: &str) -> Result<List, String> {
    let mut after = Vec::new();
    let mut members = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value).ok_or_else(|| format!("{name}: cannot be read"))?;
        if name == "after" {
            after = unhex(&value).ok_or("after: must be what the answer before ended with")?;
        } else {
            members.push((name, value));
        }
    }
    Ok(List { filter: Filter::of(members)?, after })
}

/// An object with the members of a filter.
pub(super) fn filter(body: &Value) -> Result<Filter, String> {
    let members = body.as_object().ok_or("the body must be an object")?;
    let text = |(name, value): (&'_ String, &Value)| match value.as_str() {
        Some(text) => Ok((name.clone(), text.to_owned())),
        None => Err(format!("{name}: must be a text")),
    };
    let members = members.iter().map(text).collect::<Result<Vec<_>, String>>()?;
    Filter::of(members.iter().map(|(name, value)| (name.as_str(), value.clone())))
}

/// `{"counters": [...]}`, each of which is an [`amount`].
pub(super) fn amounts(body: &Value, domains: &[String]) -> Result<Vec<(QuotaCounter, u64)>, String> {
    let counters = body["counters"].as_array().ok_or("the body must have a list `counters`")?;
    if counters.len() > MAX_AMOUNTS {
        return Err(format!("counters: at most {MAX_AMOUNTS} at a time"));
    }
    let mut amounts: Vec<(QuotaCounter, u64)> = Vec::new();
    for (index, counter) in counters.iter().enumerate() {
        let place = |why: String| format!("counters[{index}].{why}");
        let (counter, spent) = amount(counter, domains).map_err(place)?;
        if amounts.iter().any(|(other, _)| *other == counter) {
            return Err(place("entries: are there already".to_owned()));
        }
        amounts.push((counter, spent));
    }
    Ok(amounts)
}

/// `{"domain": ..., "entries": {...}, "spent": ...}`: a quota's counter and an amount. Without a domain it is
/// the engine's first.
pub(super) fn amount(body: &Value, domains: &[String]) -> Result<(QuotaCounter, u64), String> {
    let first = domains.first().map(String::as_str).unwrap_or_default();
    let domain = match &body["domain"] {
        Value::Null => first,
        domain => domain.as_str().ok_or("domain: must be a text")?,
    };
    if !domains.iter().any(|known| known == domain) {
        return Err(format!("domain: there is no {domain:?}: this engine serves {}", domains.join(", ")));
    }
    let entries = body["entries"].as_object().ok_or("entries: must be an object of texts")?;
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    let entries: Option<Vec<_>> = entries.iter().map(text).collect();
    let entries = entries.ok_or("entries: must be an object of texts")?;
    let quota = Counter::new(domain, entries).and_then(Counter::quota);
    let quota = quota.map_err(|why| format!("entries: {why}"))?;
    let quota = quota.map_err(|_| "entries: are a rate's, of which nothing is kept".to_owned())?;
    let spent = body["spent"].as_u64().ok_or("spent: must be a number from 0 to 18446744073709551615")?;
    Ok((quota, spent))
}

/// The value of a query without its percent-encoding.
fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_query_is_a_filter_and_where_to_go_on() {
        let found = list("plan=usagePlan%2da&key=AKID%C3%A9&after=00ff").expect("a query");
        let filter =
            Filter { plan: Some("usagePlan-a".into()), key: Some("AKIDé".into()), ..Filter::default() };
        assert_eq!(found, List { filter, after: vec![0, 255] });
        assert_eq!(unhex(&hex(&found.after)), Some(found.after));
        for (query, wanted) in [
            ("pln=a", "there is no \"pln\""),
            ("plan=%zz", "plan: cannot be read"),
            ("plan=%F", "plan: cannot be read"),
            ("plan=%ff", "plan: cannot be read"),
            ("after=0", "after: must be"),
            ("after=0x", "after: must be"),
        ] {
            let error = list(query).expect_err(query);
            assert!(error.contains(wanted), "{query}: {error}");
        }
    }

    #[test]
    fn an_amount_names_the_place_and_the_rule_that_it_breaks() {
        let domains = ["a".to_owned(), "b".to_owned()];
        let day = json!({"plan": "x", "w": "day", "p": "2026-11-24+0800"});
        let (counter, spent) = amount(&json!({"entries": day, "spent": 5}), &domains).expect("an amount");
        assert_eq!((counter.counter.domain.as_str(), spent), ("a", 5));
        for (counter, wanted) in [
            (json!(1), "entries: must be an object of texts"),
            (json!({"domain": 1}), "domain: must be a text"),
            (json!({"domain": "c"}), "domain: there is no \"c\": this engine serves a, b"),
            (json!({"entries": {"plan": 1}}), "entries: must be an object of texts"),
            (json!({"entries": {"plan": "x", "w": "second"}}), "entries: are a rate's"),
            (json!({"entries": {"plan": "x", "w": "day", "p": "today"}}), "entries: no day has the id p"),
            (json!({"entries": day}), "spent: must be a number"),
            (json!({"entries": day, "spent": -1}), "spent: must be a number"),
        ] {
            let error = amounts(&json!({"counters": [counter]}), &domains).expect_err("no amount");
            assert!(error.contains(wanted) && error.starts_with("counters[0]."), "{counter}: {error}");
        }
        let twice = json!({"counters": [{"entries": day, "spent": 5}, {"entries": day, "spent": 6}]});
        assert_eq!(amounts(&twice, &domains), Err("counters[1].entries: are there already".to_owned()));
    }
}
