//! The commands about an engine, and its admin port.

use rustix::process::Signal;
use serde_json::{Value, json};
use testbed::{Client, Engine, Request};

use crate::client::{Caller, request};
use crate::fixture::{Place, runtime};

/// An engine with something of everything spent.
fn spent(place: &Place) -> Engine {
    let engine = place.start();
    runtime().block_on(async {
        let mut caller = Caller::of(&engine).await;
        for (plan, hits) in [("gold", 7), ("silver", 10)] {
            assert!(caller.ask(plan, 10, hits).await.expect("an answer").0);
        }
        let of_key = [("plan", "gold"), ("part", "key/AKIDacme0001"), ("w", "total"), ("p", "total")];
        assert!(caller.decide(&request(&of_key, (10, 6), 1)).await.expect("an answer").0);
        // A year does not end while this test runs.
        assert!(
            caller
                .decide(&request(&[("plan", "rate"), ("w", "year")], (10, 6), 1))
                .await
                .expect("an answer")
                .0
        );
    });
    engine
}

fn counters(printed: &str) -> Vec<(String, u64)> {
    let json: Value = serde_json::from_str(printed).expect("JSON");
    let rows = json["counters"].as_array().expect("a list").iter();
    rows.map(|row| {
        (row["plan"].as_str().expect("a plan").to_owned(), row["spent"].as_u64().expect("a number"))
    })
    .collect()
}

#[test]
fn show_lists_what_is_wanted_while_the_engine_runs_and_after() {
    let place = Place::new();
    let engine = spent(&place);
    let admin = format!("--admin {}", engine.admin);
    let show = |options: &str| counters(&place.run(&format!("engine show {options} --output json")));
    let of = |rows: &[(&str, u64)]| -> Vec<(String, u64)> {
        rows.iter().map(|(plan, spent)| ((*plan).to_owned(), *spent)).collect()
    };
    let mut all = show(&admin);
    all.sort();
    assert_eq!(all, of(&[("gold", 1), ("gold", 7), ("rate", 1), ("silver", 10)]));
    assert_eq!(show(&format!("{admin} --plan silver")), of(&[("silver", 10)]));
    assert_eq!(show(&format!("{admin} --key AKIDacme0001")), of(&[("gold", 1)]));
    assert_eq!(show(&format!("{admin} --period year")), of(&[("rate", 1)]));
    assert_eq!(show(&format!("{admin} --domain other")), []);
    let text = place.run(&format!("engine show {admin} --plan silver"));
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    let wanted = [
        vec!["PLAN", "PERIOD", "ID", "SPENT", "LIMIT", "REMAINING", "RENEWS"],
        vec!["silver", "total", "total", "10", "10", "0", "never"],
    ];
    assert_eq!(lines, wanted, "{text}");
    assert!(engine.end(Signal::TERM).expect("it ends").success());
    assert_eq!(show("--store engine.redb --plan gold --key AKIDacme0001"), of(&[("gold", 1)]));
    assert_eq!(show("--store engine.redb").len(), 3);
    let message = place.fails(3, &format!("engine show {admin}"));
    assert!(message.contains("the engine's admin port at 127.0.0.1:"), "{message}");
    assert!(place.fails(3, "engine show --store none.redb").contains("--store none.redb: "));
}

#[test]
fn set_and_reset_correct_what_is_spent_for_the_callers_too() {
    let place = Place::new();
    let engine = spent(&place);
    let admin = format!("--admin {}", engine.admin);
    let printed = place.run(&format!("engine set {admin} --plan gold --period total --spent 9"));
    assert_eq!(printed, "usage plan gold: 9 spent in total total, instead of 7\n");
    let ask = |plan: &'static str, hits| {
        runtime().block_on(async { Caller::of(&engine).await.ask(plan, 10, hits).await.expect("an answer") })
    };
    assert_eq!(ask("gold", 2), (false, 1));
    assert_eq!(
        place.run(&format!("engine reset {admin} --plan gold --key AKIDacme0001")),
        "1 quota is reset\n"
    );
    assert_eq!(ask("gold", 0), (true, 1));
    assert_eq!(place.run(&format!("engine reset {admin} --plan gold")), "1 quota is reset\n");
    assert_eq!(ask("gold", 10), (true, 0));
    assert_eq!(ask("silver", 1), (false, 0));
    assert_eq!(place.run(&format!("engine reset {admin} --plan none")), "0 quotas are reset\n");
    place.fails(2, &format!("engine reset {admin}"));
    let of_key =
        format!("engine set {admin} --plan gold --key acme --period day --utc-offset -03:30 --spent 3");
    assert!(place.run(&of_key).contains("usage plan gold of key/acme: 3 spent in day "));
    let over = format!("engine set {admin} --plan gold --period day --period-id 2020-01-01+0000 --spent 3");
    assert!(place.fails(1, &over).contains("its counter is forgotten"));
    let other = format!("engine set {admin} --plan gold --period day --domain other --spent 3");
    assert!(place.fails(1, &other).contains("there is no \"other\""));
}

#[test]
fn what_gateways_have_spent_is_carried_over_once() {
    let place = Place::new();
    let document = json!({"usage_plans": [
        {"id": "usagePlan-gold", "name": "gold", "quotas": [{"max_requests": 10, "period": "total"}]},
    ]});
    std::fs::write(place.path().join("usage-plans.json"), document.to_string()).expect("it is written");
    let usage = |key: &str, used: u64| {
        json!({"usage_plan": {"id": "usagePlan-gold"}, "key": key, "service": "s", "environment": "e",
            "limits": [{"name": "total", "limit": 10, "used": used, "renews_at": null}]})
    };
    // Two keys share the counter of each gateway.
    let first = format!("{}\n{}\n", usage("a", 3), usage("b", 4));
    std::fs::write(place.path().join("gateway-1.json"), first).expect("it is written");
    std::fs::write(place.path().join("gateway-2.json"), usage("a", 2).to_string()).expect("it is written");
    let engine = place.start();
    let ask = |hits| {
        runtime().block_on(async {
            Caller::of(&engine).await.ask("usagePlan-gold", 10, hits).await.expect("an answer")
        })
    };
    // The gateways have gone over before anybody imported.
    assert_eq!(ask(1), (true, 9));
    let import = format!("engine import gateway-1.json gateway-2.json --admin {}", engine.admin);
    assert!(place.run(&format!("{import} --dry-run")).contains("1 quota is read, and not imported"));
    assert_eq!(ask(0), (true, 9));
    for _ in 0..2 {
        assert!(place.run(&import).contains("1 quota is imported"));
        assert_eq!(ask(0), (true, 3));
    }
    assert_eq!(ask(4), (false, 3));
    assert_eq!(ask(3), (true, 0));
    let shown = place.run(&format!("engine show --admin {} --output json", engine.admin));
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let row = &shown["counters"][0];
    assert_eq!((&row["spent"], &row["granted"], &row["carried"]), (&json!(10), &json!(4), &json!(6)));
    // Another engine goes on from this one.
    std::fs::write(place.path().join("engine.json"), shown.to_string()).expect("it is written");
    let other = Place::new();
    let other_engine = other.start();
    place.run(&format!("engine import engine.json --admin {}", other_engine.admin));
    runtime().block_on(async {
        let left = Caller::of(&other_engine).await.ask("usagePlan-gold", 10, 0).await;
        assert_eq!(left, Ok((true, 0)));
    });
    std::fs::write(place.path().join("no.json"), "{}").expect("it is written");
    let message = place.fails(1, &format!("engine import no.json --admin {}", engine.admin));
    assert!(message.contains("no.json: object 1: is neither"), "{message}");
}

#[test]
fn the_admin_port_refuses_what_it_does_not_know_and_what_a_page_in_a_browser_could_send() {
    let place = Place::new();
    let engine = spent(&place);
    let mut client = Client::new(engine.admin);
    let mut status = |request: &Request| {
        let response = client.send(request).expect("an answer");
        (response.status, response.text())
    };
    let post = |path: &str, body: &str| Request::get("engine", path).method("POST").body(body);
    assert_eq!(status(&post("/counters/reset", r#"{"plan": "gold"}"#)).0, 415);
    let form = post("/counters/reset", r#"{"plan": "gold"}"#).header("content-type", "text/plain");
    assert_eq!(status(&form).0, 415);
    for (path, body, code, wanted) in [
        ("/counters/reset", "{}", 400, "needs the plan"),
        ("/counters/reset", "{", 400, "is not JSON"),
        ("/counters/reset", "[]", 400, "must be an object"),
        ("/counters/reset", r#"{"plan": 5}"#, 400, "plan: must be a text"),
        ("/counters/set", "{}", 400, "entries: must be"),
        ("/counters/import", "{}", 400, "must have a list"),
        ("/counters", "{}", 405, "GET it"),
        ("/other", "{}", 404, "there is /healthz"),
    ] {
        let (found, text) = status(&post(path, body).header("content-type", "application/json"));
        assert!(found == code && text.contains(wanted), "{path} {body}: {found} {text}");
    }
    assert_eq!(status(&Request::get("engine", "/counters/set")).0, 405);
    assert_eq!(status(&Request::get("engine", "/counters?colour=red")).0, 400);
    assert_eq!(status(&Request::get("engine", "/healthz")), (200, "ok\n".to_owned()));
    let metrics = engine.get("/metrics");
    for wanted in [
        "usage_plan_engine_answers_total{kind=\"quota\",answer=\"granted\"} 3\n",
        "usage_plan_engine_granted_hits_total{kind=\"quota\"} 18\n",
        "usage_plan_engine_rate_counters 1\n",
        "usage_plan_engine_quota_counters 3\n",
    ] {
        assert!(metrics.contains(wanted), "{wanted} is not in\n{metrics}");
    }
    let large = post("/counters/set", &" ".repeat(5 << 20)).header("content-type", "application/json");
    // The engine may close the connection before it has read all of it.
    if let Ok(response) = Client::new(engine.admin).send(&large) {
        assert_eq!(response.status, 413, "{}", response.text());
    }
    assert_eq!(engine.get("/healthz"), "ok\n");
}

#[test]
fn the_admin_port_of_an_engine_is_not_the_one_of_envoy_in_the_settings() {
    let place = Place::new();
    for command in ["engine", "engine show", "engine set", "engine import", "engine reset"] {
        let help = place.run(&format!("{command} --help"));
        assert!(help.contains("--admin") && !help.contains("USAGE_PLAN_ADMIN"), "{command}: {help}");
    }
    assert!(place.run("status --help").contains("USAGE_PLAN_ADMIN"));
}
