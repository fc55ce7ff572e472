//! What the console shows of samples: charts, their tables, and what is not known.

use usage_plan_manage::dates::now;

use super::*;
use crate::samples::{Kind, Samples};

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
