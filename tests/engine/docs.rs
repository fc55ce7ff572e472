//! Every command of the page about the engine, run as it is written, and its answer compared.

use serde_json::json;
use testbed::Engine;
use testbed::console::words;
use testbed::markdown::blocks;
use testbed::transcript::{Numbers, compare};
use usage_plan_core::document::{Period, UtcOffset};
use usage_plan_core::limit::period_id;
use usage_plan_core::timestamp::Timestamp;

use crate::client::{Caller, request};
use crate::fixture::{Place, runtime};

const PAGE: &str = include_str!("../../docs/engine.md");

/// The day of the page.
const DAY: &str = "2026-11-29+0000";

/// Spends what the page shows, on the present day, whose id is returned.
fn spend(place: &Place, engine: &Engine) -> String {
    let today = period_id::write(Period::Day, UtcOffset(0), Timestamp::from(std::time::SystemTime::now()));
    let day = [("plan", "usagePlan-gold"), ("w", "day"), ("p", today.as_str())];
    let total = [("plan", "usagePlan-gold"), ("part", "key/AKIDacme0001"), ("w", "total"), ("p", "total")];
    runtime().block_on(async {
        let mut caller = Caller::of(engine).await;
        assert!(caller.decide(&request(&day, (1000, 4), 50)).await.expect("an answer").0);
        assert!(caller.decide(&request(&total, (5000, 6), 3)).await.expect("an answer").0);
    });
    let carried = json!({"plan": "usagePlan-gold", "period": "day", "period_id": today, "spent": 120});
    let carried = json!({ "counters": [carried] });
    std::fs::write(place.path().join("carried.json"), carried.to_string()).expect("it is written");
    place.run(&format!("engine import carried.json --admin {}", engine.admin));
    today
}

#[test]
fn every_command_of_the_page_about_the_engine_does_what_the_page_shows() {
    let place = Place::new();
    let engine = place.start();
    let today = spend(&place, &engine);
    let blocks = blocks(PAGE);
    // The file that is written by hand is one of the two that are imported.
    let by_hand = blocks.iter().find(|block| block.language == "json").expect("a file");
    for name in ["gateway-1.json", "gateway-2.json"] {
        std::fs::write(place.path().join(name), by_hand.text).expect("it is written");
    }
    let mut ran = 0;
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.language == "sh") {
        let mut printed = String::new();
        for command in block.text.lines() {
            let command = command.strip_prefix("usage-plan ").expect(command);
            if command == "engine --store engine.redb" {
                let second = place.console.run(&words(command)).expect("it runs");
                assert_eq!(second.status, 3, "an engine has this store already: {second:?}");
                let (listen, admin) = (engine.listen, engine.admin);
                printed = format!(
                    "2026-11-29T01:30:00Z serving usage-plans at {listen} from engine.redb; \
                     admin port at {admin}, without authentication"
                );
            } else {
                printed.push_str(&place.run(&format!("{command} --admin {}", engine.admin)));
            }
            ran += 1;
        }
        let answer = blocks.get(index + 1).filter(|next| next.language.is_empty()).expect("an answer");
        let printed = printed.replace(&today, DAY);
        compare(answer.text, &printed, Numbers::Value)
            .unwrap_or_else(|error| panic!("{}: {error}", block.text));
    }
    assert_eq!(ran, 5);
}
