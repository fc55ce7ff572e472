//! What the console shows of samples: charts, their tables, and what is not known.

use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::dates::now;

use super::*;
use crate::samples::{ADMITTED, Kind, Look, Samples};

/// A console with samples of so many Envoys.
async fn browser(object: &Value, envoys: usize) -> (Browser, Arc<Samples>) {
    let mut browser = Browser::before(object);
    let samples = Arc::new(Samples::open(&browser.directory.path().join("samples"), envoys));
    browser.watch(Arc::clone(&samples));
    browser.sign_in("ada").await;
    (browser, samples)
}

/// Half a minute ago, in seconds: a step that is over.
fn recently() -> u64 {
    now().as_secs() - 30
}

/// The quotas of a document, in a zone where it is between 6 and 18 o'clock: no day or month begins between a
/// sample and the page that shows it.
fn by_daylight(object: &mut Value) {
    let offset = if now().as_secs() / 3600 % 24 < 12 { "+06:00" } else { "-06:00" };
    let plans = object["usage_plans"].as_array_mut().expect("plans").iter_mut();
    for quota in plans.filter_map(|plan| plan.get_mut("quotas")?.as_array_mut()).flatten() {
        quota["utc_offset"] = offset.into();
    }
}

#[tokio::test]
async fn requests_by_outcome_are_a_chart_and_the_same_numbers_a_table() {
    let (browser, samples) = browser(&document(), 2).await;
    let second = recently();
    samples.keep(
        second,
        [2, 0, 0],
        &[
            (Kind::All, "", "allowed", 1200),
            (Kind::All, "", "would_rate_limit", 34),
            (Kind::All, "", "rate_limited", 56),
            (Kind::All, "", "quota_exceeded", 7),
            (Kind::All, "", "signature_mismatch", 8),
            (Kind::All, "", "usage_shown", 1000),
        ],
    );
    samples.keep(second - 600, [1, 1, 1], &[]);
    for range in ["hour", "day", "month"] {
        let page = browser.get(&format!("/console?range={range}")).await;
        page.says(&format!("href=\"/console?range={range}\" aria-current=\"true\""));
        for number in ["<dd>1,234 ", "<dd>56 ", "<dd>7 ", "<dd>8 "] {
            page.says(number);
        }
        let cells = ["1,234", "56", "7", "8"].map(|cell| format!("<td class=\"num\">{cell}</td>"));
        page.says(&format!("{}</tr>", cells.concat()));
        page.says("preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Admitted, ");
        page.says("at most 1,234, from ");
        page.says("class=\"restart\"");
        page.says("At times an Envoy did not answer.");
        page.says("class=\"gap\"");
        page.says(">nothing is known</td>");
        page.never_says("Refused otherwise");
        page.never_says("style=");
    }
    samples.keep(second, [2, 0, 0], &[(Kind::All, "", "no_usage_plan", 3)]);
    browser.get("/console?range=hour").await.says("Refused otherwise</dt><dd>3 ");
}

#[tokio::test]
async fn times_of_charts_are_in_the_readers_zone() {
    let (mut browser, samples) = browser(&document(), 1).await;
    let second = recently();
    samples.keep(second, [1, 0, 0], &[(Kind::All, "", "allowed", 1)]);
    browser.cookie = browser.cookie.map(|cookie| format!("{cookie}; usage-plan-zone=330"));
    let local = (second + 330 * 60) / 60 % (24 * 60);
    let page = browser.get("/console?range=hour").await;
    page.says(&format!(
        "<tr><th scope=\"row\">{:02}:{:02}</th><td class=\"num\">1</td>",
        local / 60,
        local % 60
    ));
}

#[tokio::test]
async fn what_is_not_counted_is_said_with_what_to_do() {
    let browser = Browser::signed_in(&document()).await;
    let page = browser.get("/console").await;
    page.says("Requests are not counted here");
    page.says("--admin HOST:PORT");
    page.never_says("class=\"plot");
    let (browser, samples) = self::browser(&document(), 1).await;
    browser.get("/console").await.says("Nothing is known yet");
    samples.keep(recently(), [1, 0, 0], &[]);
    browser.get("/console?range=hour").await.says("No request in the last hour");
    browser.get("/console?range=month").await.says("No request in the last 30 days");
    let day = "href=\"/console?range=day\" aria-current=\"true\"";
    browser.get("/console").await.never_says(day);
    samples.keep(recently() - 3 * 3600, [1, 0, 0], &[]);
    browser.get("/console").await.says(day);
}

#[tokio::test]
async fn a_file_of_samples_that_is_damaged_is_said_and_all_else_is_served() {
    let mut browser = Browser::before(&document());
    let path = browser.directory.path().join("samples");
    fs::write(&path, "nonsense").expect("a file");
    browser.watch(Arc::new(Samples::open(&path, 1)));
    browser.sign_in("ada").await;
    let page = browser.get("/console").await;
    page.says("What Envoys count is not kept.");
    page.says("samples is no file of samples, or is damaged");
    page.says("Last edits");
    assert_eq!(fs::read(&path).expect("a file"), b"nonsense");
}

#[tokio::test]
async fn each_limit_of_a_plan_is_drawn_scaled_to_it_with_what_is_left() {
    let mut object = document();
    object["usage_plans"][0]["apis"] = json!([{"path": "/orders/*", "max_requests_per_second": 5}]);
    by_daylight(&mut object);
    let (browser, samples) = browser(&object, 1).await;
    let second = now().as_secs() - 25;
    let amounts = [
        (Kind::Plan, "gold", ADMITTED, 305),
        (Kind::Plan, "gold", "rate_limited", 12),
        (Kind::Plan, "silver", ADMITTED, 9999),
    ];
    samples.keep(second, [1, 0, 0], &amounts);
    for range in ["hour", "day", "month"] {
        let page = browser.get(&format!("/console/plans/gold?range={range}")).await;
        page.says(&format!("href=\"/console/plans/gold?range={range}\" aria-current=\"true\""));
        page.says("31 a second now, 19 left");
        page.says("refused 12");
        page.says("305 used since ");
        page.says("at most 695 left");
        page.says("width=\"30%\"");
        page.says("limit, 50 a second");
        page.says("limit, 1,000 a day");
        page.says("<path class=\"limit\" d=\"M0 0h");
        page.says("<li>1000</li><li>500</li><li>0</li>");
        page.says("not counted apart in metrics");
        let cells = ["31", "305", "12", "0", "305"].map(|cell| format!("<td class=\"num\">{cell}</td>"));
        page.says(&format!("{}</tr>", cells.concat()));
    }
    // What is beyond the limit is drawn, and so is the limit below it.
    samples.keep(second, [1, 0, 0], &[(Kind::Plan, "gold", ADMITTED, 695)]);
    browser.get("/console/plans/gold?range=hour").await.says("<path class=\"limit\" d=\"M0 50h60\">");
    // A dialog over the page needs none of it.
    browser.get("/console/plans/gold/reset").await.never_says("class=\"plot");
}

#[tokio::test]
async fn limits_that_each_envoy_or_key_has_for_itself_are_said_to_be_so() {
    let mut object = document();
    object["usage_plans"][1]["quotas"] = json!([{"max_requests": 10, "period": "month"}]);
    object["usage_plans"][1]["counter_per"] = json!(["key"]);
    by_daylight(&mut object);
    let (browser, samples) = browser(&object, 2).await;
    let second = now().as_secs() - 25;
    let amounts = [(Kind::Plan, "gold", ADMITTED, 305), (Kind::Plan, "silver", ADMITTED, 40)];
    samples.keep(second, [2, 0, 0], &amounts);
    let page = browser.get("/console/plans/gold").await;
    page.says("1,000 on each of 2 Envoys");
    page.says("at most 1,695 left");
    let page = browser.get("/console/plans/silver").await;
    page.says("40 admitted");
    page.says("Counted apart, so that the sum says nothing about the limit.");
    page.never_says("class=\"limit\"");
    browser.get("/console").await.says("1 plan counts its quotas for each key or environment");
    let mut shared = object.clone();
    shared["options"] = json!({"fleet": {"cluster": "engine", "expected_envoys": 2}});
    fs::write(browser.directory.path().join("usage-plans.json"), shared.to_string()).expect("a file");
    browser.get("/console/plans/gold").await.says("at most 695 left");
}

#[tokio::test]
async fn the_overview_has_the_plans_near_a_quota_and_the_keys_refused_most() {
    let mut object = document();
    object["options"] = json!({"metrics_per_key": true});
    object["usage_plans"][1]["quotas"] = json!([{"max_requests": 100, "period": "month"}]);
    by_daylight(&mut object);
    let (browser, samples) = browser(&object, 1).await;
    browser.get("/console").await.says("No key was refused");
    let second = recently();
    let amounts = [
        (Kind::Plan, "gold", ADMITTED, 500),
        (Kind::Plan, "silver", ADMITTED, 100),
        (Kind::Key, "AKIDacme", "allowed", 500),
        (Kind::Key, "AKIDacme", "rate_limited", 7),
        (Kind::Key, "AKIDbeta", "signature_mismatch", 20),
        (Kind::Key, "AKIDbeta", "rate_limited", 1),
        (Kind::Key, "AKIDgone", "key_unknown", 3),
    ];
    samples.keep(second, [1, 0, 0], &amounts);
    let page = browser.get("/console?range=hour").await;
    let place = |text: &str| page.body.find(text).unwrap_or_else(|| panic!("no {text:?}: {}", page.body));
    assert!(place("100\u{a0}%") < place("50\u{a0}%"), "the fullest first");
    assert!(place("<td class=\"num\">21</td>") < place("<td class=\"num\">7</td>"));
    page.says("<td>Signature does not match</td>");
    page.says("<a href=\"/console/keys/AKIDbeta\">beta</a>");
    page.says("scope=\"row\">AKIDgone<span");
}

#[tokio::test]
async fn the_page_of_a_key_says_what_it_used_and_why_it_was_refused_or_what_to_switch_on() {
    let (off, _samples) = browser(&document(), 1).await;
    let page = off.get("/console/keys/AKIDacme").await;
    page.says("Requests are not counted by key");
    page.says("&quot;metrics_per_key&quot;: true");
    off.get("/console").await.says("Requests are not counted by key");
    let mut object = document();
    object["options"] = json!({"metrics_per_key": true});
    let (browser, samples) = browser(&object, 1).await;
    let page = browser.get("/console/keys/AKIDacme").await;
    page.says("not in what is kept");
    let second = recently();
    let amounts = [
        (Kind::Key, "AKIDacme", "allowed", 40),
        (Kind::Key, "AKIDacme", "quota_exceeded", 2),
        (Kind::Key, "AKIDacme", "signature_mismatch", 3),
        (Kind::Key, "AKIDbeta", "allowed", 77),
    ];
    samples.keep(second, [1, 0, 0], &amounts);
    let page = browser.get("/console/keys/AKIDacme?range=hour").await;
    page.says("<dd>40 ");
    page.says("Signature does not match</th><td class=\"num\">3</td>");
    page.says("Quota spent</th><td class=\"num\">2</td>");
    page.never_says("not in what is kept");
    page.never_says("77");
    browser.get("/console/keys/AKIDbeta?range=hour").await.says("<dd>77 ");
}

#[tokio::test]
async fn an_envoy_that_does_not_answer_is_said_with_since_when_and_why() {
    let (browser, samples) = browser(&document(), 1).await;
    let away_since = Some(Timestamp::from_nanos((now().as_secs() - 120) * 1_000_000_000));
    let answer = Err("connection <refused>".to_owned());
    samples.set_looks(vec![Look { envoy: "10.0.4.11:9901".to_owned(), answer, away_since }]);
    let page = browser.get("/console").await;
    page.says("10.0.4.11:9901 has not answered for 2 minutes.");
    page.says("connection &lt;refused&gt;");
}
