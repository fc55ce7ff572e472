//! Envoy's admin interface: statistics, metrics, configuration.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::envoy::Envoy;
use crate::error::{Context, Error, Result};
use crate::filter_kind::FilterKind;
use crate::http::{Client, Request};

/// A sample of `/stats/prometheus`: its name, its labels, its value.
#[derive(Clone, Debug, PartialEq)]
struct Metric {
    /// The name, without labels.
    name: String,
    /// The labels.
    labels: BTreeMap<String, String>,
    /// The value.
    value: f64,
}

impl Envoy {
    /// `GET path` of the admin interface, as text.
    ///
    /// # Errors
    /// There is no answer, or not 200.
    fn admin_get(&self, path: &str) -> Result<String> {
        let response = Client::new(self.admin()).send(&Request::get("admin", path));
        let response = response.context(format_args!("GET {path} of the admin interface"))?;
        match response.status {
            200 => Ok(response.text()),
            status => Err(Error::new(format!("GET {path} of the admin interface: {status}"))),
        }
    }

    /// Whether Envoy serves.
    pub(crate) fn is_ready(&self) -> bool {
        self.admin_get("/ready").is_ok_and(|text| text.trim() == "LIVE")
    }

    /// All statistics but the histograms, by name: numbers and strings, as Envoy writes them.
    ///
    /// # Errors
    /// The interface does not answer, or not with 200.
    pub fn stats(&self) -> Result<BTreeMap<String, String>> {
        let text = self.admin_get("/stats")?;
        let pairs = text.lines().filter_map(|line| line.split_once(": "));
        Ok(pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect())
    }

    /// How many requests brought the filter down: a VM that died, or a panic of the native module.
    ///
    /// # Panics
    /// The admin interface does not answer, or Envoy has no filter.
    pub fn filter_failures(&self) -> u64 {
        self.statistic(FilterKind::of_tests().failures())
    }

    /// How often the filter was brought down and serves again.
    ///
    /// # Panics
    /// The admin interface does not answer, or Envoy has no filter.
    pub fn filter_recoveries(&self) -> u64 {
        self.statistic(FilterKind::of_tests().recoveries())
    }

    fn statistic(&self, name: &str) -> u64 {
        let stats = self.stats().unwrap_or_else(|error| panic!("{error}"));
        let shown = stats.get(name).and_then(|shown| shown.parse().ok());
        shown.unwrap_or_else(|| panic!("Envoy shows no {name}"))
    }

    /// Every sample of `/stats/prometheus`.
    ///
    /// # Errors
    /// The interface does not answer, or a line cannot be parsed.
    fn prometheus(&self) -> Result<Vec<Metric>> {
        parse_prometheus(&self.admin_get("/stats/prometheus")?)
    }

    /// The sum of all samples of `name` that have these labels among theirs; 0 if there is none.
    ///
    /// # Panics
    /// The admin interface does not answer.
    pub fn metric(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let metrics = self.prometheus().unwrap_or_else(|error| panic!("{error}"));
        let wanted = |metric: &&Metric| {
            let has = |&(label, value): &(&str, &str)| metric.labels.get(label).is_some_and(|v| v == value);
            metric.name == name && labels.iter().all(has)
        };
        metrics.iter().filter(wanted).map(|metric| metric.value).sum()
    }

    /// `/config_dump`.
    ///
    /// After a refusal its part for discovered filters shows the refused filter.
    /// [`Envoy::publish`](crate::Envoy) returns what is in force.
    ///
    /// # Errors
    /// The interface does not answer, or not with 200.
    pub fn config_dump(&self) -> Result<Value> {
        serde_json::from_str(&self.admin_get("/config_dump")?).context("the configuration dump")
    }
}

/// The samples in `text`, which is in the format of Prometheus.
///
/// # Errors
/// A line is neither a comment nor a sample.
fn parse_prometheus(text: &str) -> Result<Vec<Metric>> {
    let samples = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parsed =
        samples.map(|line| sample(line).ok_or_else(|| Error::new(format!("not a sample: {line:?}"))));
    parsed.collect()
}

fn sample(line: &str) -> Option<Metric> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = match series.split_once('{') {
        None => (series, ""),
        Some((name, rest)) => (name, rest.strip_suffix('}')?),
    };
    let mut metric = Metric { name: name.to_owned(), labels: BTreeMap::new(), value: value.parse().ok()? };
    let mut rest = labels;
    while !rest.is_empty() {
        let (label, quoted) = rest.split_once("=\"")?;
        let (value, length) = unquote(quoted)?;
        metric.labels.insert(label.to_owned(), value);
        rest = quoted[length..].strip_prefix(',').unwrap_or(&quoted[length..]);
    }
    Some(metric)
}

/// The string up to the closing quote, and how many bytes both have in `text`.
fn unquote(text: &str) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, at + 1)),
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                other => out.push(other),
            },
            c => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_its_name_labels_and_value() {
        let text = "# TYPE usage_plan_requests counter\n\
            usage_plan_requests{plan=\"gold\",outcome=\"allowed\"} 12\n\n\
            up{} 1\nplain 0.5\nescaped{a=\"x\\\"},\\\\\\n y\"} 1e3\n";
        let metrics = parse_prometheus(text).expect("valid");
        let of = |index: usize, label: &str| metrics[index].labels.get(label).map(String::as_str);
        assert_eq!(metrics[0].name, "usage_plan_requests");
        assert_eq!((of(0, "plan"), of(0, "outcome")), (Some("gold"), Some("allowed")));
        assert_eq!(metrics.iter().map(|m| m.value).collect::<Vec<_>>(), [12.0, 1.0, 0.5, 1000.0]);
        assert_eq!(of(3, "a"), Some("x\"},\\\n y"));
    }

    #[test]
    fn a_line_that_is_not_a_sample_is_an_error() {
        for line in ["x", "x{", "x{a=\"b} 1", "x{a} 1", "x y"] {
            assert!(parse_prometheus(line).is_err(), "{line}");
        }
    }
}
