//! What is done with keys, plans and services, and what is refused, in the words of the page.

use super::*;

#[tokio::test]
async fn a_secret_is_shown_once_and_is_in_no_address() {
    let browser = Browser::signed_in(&document()).await;
    let answer =
        browser.post("/console/keys/new", &[("name", "web"), ("type", "automatic"), ("plan", "gold")]).await;
    let location = answer.headers["location"].clone();
    let key = browser.document()["keys"][3].clone();
    let secret = key["secret_key"].as_str().expect("a secret").to_owned();
    assert!(!location.contains(&secret));
    assert_eq!(key["name"], "web");
    assert_eq!(browser.document()["usage_plans"][0]["keys"], json!(["AKIDacme", key["secret_id"]]));
    let shown = browser.get(&location).await;
    shown.says(&secret);
    assert_eq!(shown.headers["cache-control"], "no-store");
    for path in
        [&location, "/console/keys", &format!("/console/keys/{}", key["secret_id"].as_str().expect("an id"))]
    {
        browser.get(path).await.never_says(&secret);
    }
    for secret in ["acme-secret-key-0001", "beta-secret-key-0001"] {
        shown.never_says(secret);
    }
}

#[tokio::test]
async fn a_custom_key_is_made_and_each_wrong_field_says_so() {
    let browser = Browser::signed_in(&document()).await;
    let wrong = [("name", "Acme Corp"), ("type", "custom"), ("secret_id", "x"), ("secret_key", "short")];
    let answer = browser.post("/console/keys/new", &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["name-wrong", "secret_id-wrong", "secret_key-wrong"] {
        answer.says(&format!("id=\"{field}\""));
    }
    answer.says("value=\"Acme Corp\"");
    answer.never_says("short\"");
    let taken =
        [("name", "acme"), ("type", "custom"), ("secret_id", "AKIDbeta"), ("secret_key", "0123456789")];
    browser.post("/console/keys/new", &taken).await.says("The SecretId AKIDbeta is taken.");
    assert_eq!(browser.document(), document());
    let right = [("name", "web"), ("type", "custom"), ("secret_id", "AKIDweb"), ("secret_key", "0123456789")];
    browser.submit("/console/keys/new", &right).await.says("Key <b>web</b> created");
    assert_eq!(browser.document()["keys"][3]["secret_key"], "0123456789");
}

#[tokio::test]
async fn a_key_is_disabled_enabled_replaced_finished_and_deleted() {
    let browser = Browser::signed_in(&document()).await;
    let key = |index: usize| browser.document()["keys"][index].clone();
    browser.get("/console/keys/AKIDacme/disable").await.says("It may call orders/release.");
    browser.submit("/console/keys/AKIDacme/disable", &[]).await.says("<b>acme</b> is disabled.");
    assert_eq!(key(0)["status"], "disabled");
    browser.submit("/console/keys/AKIDacme/enable", &[]).await.says("<b>acme</b> is enabled.");
    let replaced = browser.submit("/console/keys/AKIDacme/replace", &[("overlap", "day")]).await;
    replaced.says(key(0)["secret_key"].as_str().expect("a secret"));
    assert_eq!(key(0)["previous_secret_key"], "acme-secret-key-0001");
    let again = browser.post("/console/keys/AKIDacme/replace", &[("overlap", "day")]).await;
    again.says("An earlier replacement of <b>acme</b> is still running.");
    again.says("href=\"/console/keys/AKIDacme/finish\"");
    browser.submit("/console/keys/AKIDacme/finish", &[]).await.says("no longer works");
    assert!(key(0).get("previous_secret_key").is_none());
    let used = browser.post("/console/keys/AKIDacme/delete", &[]).await;
    used.says("<b>acme</b> cannot be deleted yet. First:");
    used.says("href=\"/console/keys/AKIDacme/disable\"");
    used.says("href=\"/console/plans/gold/unbind-keys?key=AKIDacme\"");
    used.says("unbind <b>acme</b> from <b>gold</b>");
    browser.submit("/console/keys/AKIDold/delete", &[]).await.says("<b>old</b> is deleted.");
    assert!(browser.document()["keys"].as_array().expect("a list").iter().all(|key| key["name"] != "old"));
    browser.get("/console/keys/AKIDold").await.says("There is no key “AKIDold”");
}

#[tokio::test]
async fn a_conflict_names_the_key_the_environment_and_both_plans_and_can_be_moved() {
    let browser = Browser::signed_in(&document()).await;
    for path in ["/console/plans/gold/keys", "/console/keys/bind"] {
        let answer = browser.post(path, &[("key", "AKIDbeta"), ("plan", "gold")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.says("Not bound. Nothing was changed.");
        answer.says(
            "The key <b>beta</b> would have two plans on <b>release</b> of <b>orders</b>: <b>gold</b> and <b>silver</b>.",
        );
        answer.says("Move beta from silver to gold and bind all");
        assert_eq!(browser.document(), document());
    }
    let moved = [("key", "AKIDbeta"), ("move", "yes")];
    browser.submit("/console/plans/gold/keys", &moved).await.says("1 key bound to <b>gold</b>.");
    assert_eq!(browser.document()["usage_plans"][0]["keys"], json!(["AKIDacme", "AKIDbeta"]));
    assert_eq!(browser.document()["usage_plans"][1].get("keys"), Some(&json!([])));
    browser
        .post("/console/plans/gold/keys", &[("key", "AKIDold")])
        .await
        .says("href=\"/console/keys/AKIDold\"");
    browser.post("/console/plans/gold/keys", &[]).await.says("Tick at least one key.");
}

#[tokio::test]
async fn plans_are_bound_to_an_environment_together_or_not_at_all() {
    let browser = Browser::signed_in(&document()).await;
    let path = "/console/services/orders/bind";
    let both = [("environment", "test"), ("plan", "gold"), ("plan", "silver")];
    browser.submit(path, &both).await.says("2 plans bound to <b>test</b> of <b>orders</b>.");
    browser.submit("/console/plans/trial/keys", &[("key", "AKIDacme")]).await;
    let before = browser.document();
    let answer = browser.post(path, &[("environment", "release"), ("plan", "trial")]).await;
    answer.says("The key <b>acme</b> would have two plans on <b>release</b> of <b>orders</b>");
    assert_eq!(browser.document(), before);
    let unbind = [("service", "orders"), ("environment", "test"), ("from", "service")];
    browser
        .get("/console/plans/gold/unbind?service=orders&environment=test")
        .await
        .says("1 key loses access: acme");
    browser.submit("/console/plans/gold/unbind", &unbind).await.says("unbound from <b>gold</b>");
    browser.submit("/console/plans/trial/environments", &[("environment", "orders/test")]).await;
    browser
        .submit("/console/plans/gold/unbind-keys", &[("key", "AKIDacme")])
        .await
        .says("1 key unbound from");
    browser.post("/console/plans/silver/delete", &[]).await.says("<b>silver</b> cannot be deleted yet.");
    browser.post("/console/services/orders/delete", &[]).await.says("<b>orders</b> cannot be deleted yet.");
}

#[tokio::test]
async fn a_conflict_of_environments_can_be_moved_too_unless_both_plans_are_ticked() {
    let release = json!([{"service": "orders", "environment": "release"}]);
    let by_plan = ("/console/plans/trial/environments", vec![("environment", "orders/release")]);
    let by_service = ("/console/services/orders/bind", vec![("environment", "release"), ("plan", "trial")]);
    for (path, mut fields) in [by_plan, by_service] {
        let browser = Browser::signed_in(&document()).await;
        browser.submit("/console/plans/trial/keys", &[("key", "AKIDacme")]).await;
        let before = browser.document();
        let answer = browser.post(path, &fields).await;
        answer.says("The key <b>acme</b> would have two plans on <b>release</b> of <b>orders</b>");
        answer.says("Move acme from gold to trial and bind all");
        assert_eq!(browser.document(), before);
        fields.push(("move", "yes"));
        browser.submit(path, &fields).await;
        let after = browser.document();
        assert_eq!(after["usage_plans"][0].get("keys"), Some(&json!([])), "{path}");
        assert_eq!(after["usage_plans"][2]["keys"], json!(["AKIDacme"]), "{path}");
        assert_eq!(after["usage_plans"][2]["environments"], release, "{path}");
    }
    let browser = Browser::signed_in(&document()).await;
    browser.submit("/console/plans/trial/keys", &[("key", "AKIDacme")]).await;
    let both = [("environment", "test"), ("plan", "gold"), ("plan", "trial")];
    let answer = browser.post("/console/services/orders/bind", &both).await;
    answer.says("Untick one of the plans.");
    answer.never_says("name=\"move\"");
}

#[tokio::test]
async fn a_form_that_somebody_else_has_overtaken_saves_nothing_until_it_was_seen() {
    let browser = Browser::signed_in(&document()).await;
    let form = browser.get("/console/plans/gold/edit").await;
    let revision = |answer: &Answer| {
        let (_, rest) = answer.body.split_once("name=\"revision\" value=\"").expect("a revision");
        rest.split('"').next().expect("a value").to_owned()
    };
    let first = revision(&form);
    let fields = |revision: &str, name: &str| {
        let fields = [("revision", revision), ("name", name), ("max_requests_per_second", "60")];
        fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let post = async |fields: [(String, String); 3]| {
        let fields = fields.each_ref().map(|(name, value)| (name.as_str(), value.as_str()));
        browser.post("/console/plans/gold/edit", &fields).await
    };
    assert_eq!(post(fields(&first, "silver_new")).await.status, StatusCode::SEE_OTHER);
    let late = post(fields(&first, "late")).await;
    late.says("Someone changed <b>silver_new</b> while you edited it.");
    late.says("value=\"late\"");
    assert_eq!(browser.document()["usage_plans"][0]["name"], "silver_new");
    assert_eq!(post(fields(&revision(&late), "late")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.document()["usage_plans"][0]["name"], "late");
}

#[tokio::test]
async fn an_edit_is_in_the_log_with_who_made_it() {
    let browser = Browser::signed_in(&document()).await;
    browser.submit("/console/keys/AKIDacme/disable", &[]).await;
    let log = fs::read_to_string(browser.directory.path().join("usage-plans.json.log")).expect("a log");
    let last: Value = serde_json::from_str(log.lines().last().expect("a line")).expect("JSON");
    assert_eq!((last["who"].as_str(), last["from"].as_str()), (Some("ada"), Some("192.0.2.7")));
    assert_eq!(last["what"], "POST /console/keys/AKIDacme/disable");
}
