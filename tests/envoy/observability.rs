//! The shipped dashboard and the shipped alerts, on a real Prometheus that scrapes real Envoys under load.

mod dashboard;
mod expected;
mod files;
mod gateway;
mod picture;
mod prometheus;
mod traffic;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use testbed::{Config, FilterKind, skip};

use self::dashboard::{View, queries, variables};
use self::expected::Expected;
use self::gateway::{Gateway, Unseen, broken};
use self::prometheus::{PROGRAM, Prometheus};
use self::traffic::{Traffic, document};
use crate::until;

/// How long the load lasts, in seconds. `make picture` chooses a longer one.
const SECONDS: u64 = 12;

/// The counters by which the test knows that Prometheus has scraped everything that was sent.
const DECIDED: &str = "usage_plan_requests";
const UNSEEN: &str = "envoy_http_rbac_denied";

/// What happens while everybody calls.
enum Event {
    /// A document is published that the filter refuses.
    Refused,
    /// A document is published that the filter accepts.
    Accepted,
    /// So many calls reach the Envoy whose filter sees nothing.
    Unseen(u64),
    /// A worker's VM dies.
    Crash,
}

/// How long the load lasts.
fn seconds() -> u64 {
    let chosen = std::env::var("OBSERVABILITY_SECONDS").ok().filter(|chosen| !chosen.is_empty());
    chosen.map_or(SECONDS, |chosen| chosen.parse().expect("OBSERVABILITY_SECONDS is a number"))
}

/// Asserts that every query of the dashboard returns what is expected of this gateway between two scrapes.
///
/// A rate and an increase are exact: they are asked for at the time of the last scrape, over a range that
/// begins with the first one, so that Prometheus extrapolates nothing. One millisecond more is for the
/// versions of Prometheus that leave the beginning of a range out.
fn assert_shows(prometheus: &Prometheus, name: &str, (begin, end): (u64, u64), expected: &Expected) {
    let range = end - begin + 1;
    let view = View { instance: name, rate_interval: range, range };
    for query in queries() {
        let expression = query.expression(view);
        let per_second = query.unit == "reqps";
        let number = |value: f64| if per_second { value * range as f64 / 1000.0 } else { value };
        let shown = prometheus.query(&expression, Some(end));
        let shown: BTreeMap<_, _> =
            shown.iter().map(|sample| (query.legend(sample), number(sample.value))).collect();
        let wanted = expected.of(&query.panel, &query.letter);
        let what = format!("{} {}: {expression}\n{shown:?}\n{wanted:?}", query.panel, query.letter);
        assert!(shown.keys().eq(wanted.keys()), "{what}");
        assert!(wanted.iter().all(|(name, wanted)| wanted.contains(&shown[name])), "{what}");
    }
}

#[test]
fn every_query_of_the_dashboard_returns_what_was_sent_and_every_alert_fires_where_it_should() {
    if !files::is_installed(PROGRAM) {
        return skip("Prometheus is missing");
    }
    let load = Duration::from_secs(seconds());
    let crashing = FilterKind::Wasm.crashing_module();
    let (first, last) = (document(load.as_secs(), "first"), document(load.as_secs(), "last"));
    let config = Config::hot_reload().document(&first);
    let well = Gateway::start("gateway-1", config.clone().module(crashing));
    let deaf = Gateway::start("gateway-2", config.deaf());
    let empty = Gateway::start("gateway-3", Config::hot_reload().document(broken()));
    let prometheus =
        Prometheus::start(&[&well, &deaf, &empty].map(|gateway| (gateway.name, gateway.metrics)));
    well.assert_closed();

    // Counters that nothing has increased are not there yet, and Prometheus cannot know what they begin at.
    let mut traffic = Traffic::new(&well.envoy, load.as_secs());
    let mut unseen = Unseen::of(&deaf);
    traffic.begin();
    unseen.send(1);
    let begun = (traffic.counted.clone(), unseen.calls);
    let well_begin = well.scraped(&prometheus, DECIDED, traffic.calls());
    let deaf_begin = deaf.scraped(&prometheus, UNSEEN, unseen.calls);

    let events = [
        (0.2, Event::Refused),
        (0.4, Event::Unseen(20)),
        (0.5, Event::Crash),
        (0.6, Event::Unseen(30)),
        (0.8, Event::Accepted),
    ];
    traffic.run(load, &events, |event| match event {
        Event::Refused => well.refuses(&broken()),
        Event::Accepted => well.accepts(&last),
        Event::Unseen(calls) => unseen.send(*calls),
        Event::Crash => well.crash(),
    });
    unseen.send(1);
    let well_end = well.scraped(&prometheus, DECIDED, traffic.calls());
    let deaf_end = deaf.scraped(&prometheus, UNSEEN, unseen.calls);

    let expected = Expected::well(well.name, &traffic, &begun.0, &last);
    assert_shows(&prometheus, well.name, (well_begin, well_end), &expected);
    let expected = Expected::deaf(deaf.name, &unseen, begun.1, &first);
    assert_shows(&prometheus, deaf.name, (deaf_begin, deaf_end), &expected);
    let view = View { instance: ".*", rate_interval: 1000, range: 1000 };
    let offered = variables(view).map(|(selector, label)| prometheus.label_values(&selector, &label));
    assert_eq!(offered, [vec!["envoy"], vec!["gateway-1", "gateway-2"], vec!["ingress"]]);

    let wanted: BTreeSet<String> = expected::ALERTS.map(str::to_owned).into();
    let firing = until(|| expected::named(&prometheus.firing()), |firing| *firing == wanted);
    assert_eq!(firing, wanted);
    picture::record(&prometheus, (well_begin, well_end.max(deaf_end)));
}
