//! What somebody types into a field is text on each page, and never markup.

use super::attacks::PAGES;
use super::*;

#[tokio::test]
async fn whatever_a_field_says_is_text_on_the_page() {
    const ATTACK: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'";
    let mut object = document();
    object["usage_plans"][0]["remark"] = ATTACK.into();
    object["usage_plans"][0]["region"] = ATTACK.into();
    object["keys"][0]["remark"] = ATTACK.into();
    object["keys"][0].as_object_mut().expect("a key").remove("secret_key");
    object["keys"][0]["secret_key_env"] = ATTACK.replace('=', "-").into();
    object["keys"][1].as_object_mut().expect("a key").remove("secret_key");
    object["keys"][1]["secret_key_file"] = ATTACK.into();
    let browser = Browser::signed_in(&object).await;
    let attack = html::encoded(ATTACK);
    let mut pages: Vec<String> = PAGES.map(str::to_owned).to_vec();
    for path in PAGES {
        for field in
            ["q", "state", "plan", "key", "environment", "service", "sort", "order", "page", "done", "from"]
        {
            pages.push(format!("{path}?{field}={attack}"));
        }
        pages.push(format!("{path}/{attack}"));
    }
    for unbind in ["unbind", "unbind-keys"] {
        pages
            .push(format!("/console/plans/gold/{unbind}?service={attack}&environment={attack}&key={attack}"));
    }
    pages.push(format!("/console/keys/selected?do=bind&key={attack}"));
    pages.push(format!("/console/login?next={attack}"));
    // What is downloaded is no page.
    for path in pages.into_iter().filter(|path| !path.contains("/download")) {
        let answer = browser.get(&path).await;
        answer.never_says("<script>");
        answer.never_says("<img");
    }
    for (path, fields) in [
        ("/console/keys/new", &["name", "type", "secret_id", "secret_key", "plan", "expires", "remark"][..]),
        ("/console/keys/AKIDacme/edit", &["name", "remark", "not_before", "not_after"]),
        ("/console/keys/bind", &["key", "plan", "move"]),
        (
            "/console/plans/new",
            &["name", "burst", "quota_max", "quota_period", "quota_offset", "warn_at", "apis"],
        ),
        ("/console/plans/gold/edit", &["down_rate", "down_quota", "down_grace_percent", "revision"]),
        ("/console/plans/gold/keys", &["key", "q", "move"]),
        ("/console/plans/gold/environments", &["environment"]),
        (
            "/console/services/new",
            &["name", "domains", "environments", "default_environment", "path_mappings"],
        ),
        (
            "/console/services/orders/edit",
            &["required_signed_headers", "authentication", "show_usage", "revision"],
        ),
        ("/console/services/orders/bind", &["environment", "plan", "q"]),
        ("/console/explain", &["request", "at"]),
        ("/console/sign", &["key", "url", "method", "connect", "headers"]),
        ("/console/document/compare", &["text"]),
        ("/console/login", &["secret_id", "next"]),
    ] {
        let all: Vec<(&str, &str)> = fields.iter().map(|field| (*field, ATTACK)).collect();
        let alone = fields.iter().map(|field| vec![(*field, ATTACK)]);
        for fields in alone.chain([all]) {
            let answer = browser.post(path, &fields).await;
            answer.never_says("<script>");
            answer.never_says("<img");
        }
    }
}
