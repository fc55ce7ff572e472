//! Lists, languages, and how large a page is.

use super::*;

#[tokio::test]
async fn every_page_is_in_the_language_of_the_reader_and_another_can_be_chosen() {
    let mut browser = Browser::signed_in(&document()).await;
    browser.get("/console/keys").await.says("<html lang=\"en\">");
    browser.language = "zh-CN,zh;q=0.9";
    let chinese = browser.get("/console/keys").await;
    chinese.says("<html lang=\"zh-CN\">");
    chinese.says("新建密钥");
    let answer = browser.get("/console/language/en?next=/console/plans").await;
    assert_eq!(answer.headers["location"], "/console/plans");
    browser.cookie = browser.cookie.map(|cookie| format!("{cookie}; usage-plan-language=en"));
    browser.get("/console/keys").await.says("New key");
}

#[tokio::test]
async fn a_list_is_filtered_sorted_and_paged() {
    let browser = Browser::signed_in(&document()).await;
    let names = async |query: &str| {
        let answer = browser.get(&format!("/console/keys?{query}")).await;
        let rows = answer.body.split("<th class=\"name\"").skip(1);
        let name =
            |row: &str| row.split_once("AKID").expect("an id").1.split('"').next().expect("an id").to_owned();
        rows.map(name).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["acme", "beta", "old"]);
    assert_eq!(names("order=down").await, ["old", "beta", "acme"]);
    assert_eq!(names("q=BET").await, ["beta"]);
    assert_eq!(names("state=disabled").await, ["old"]);
    assert_eq!(names("plan=gold").await, ["acme"]);
    assert_eq!(names("state=unbound&sort=state").await, ["old"]);
    browser.get("/console/keys?q=none-such").await.says("Nothing matches “none-such”");
    let near = browser.get("/console/keys?q=acmee").await;
    near.says("Did you mean <a class=\"inline\" href=\"/console/keys?q=acme\">acme</a>?");
    browser.get("/console/plans?q=goldd").await.says("href=\"/console/plans?q=gold\"");
    browser.get("/console/services?q=none-such").await.says("All services");
}

#[tokio::test]
async fn a_page_of_ten_thousand_keys_is_small() {
    let mut many = document();
    let key = |n: u32| {
        let secret = format!("secret-key-{n:08}");
        json!({"name": format!("caller-{n}"), "secret_id": format!("AKIDcaller{n:06}"), "secret_key": secret})
    };
    many["keys"].as_array_mut().expect("a list").extend((0..10_000).map(key));
    let browser = Browser::signed_in(&many).await;
    for path in ["/console/keys", "/console/keys?page=201", "/console/plans/gold/keys", "/console/plans/gold"]
    {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.len() < 150_000, "{path}: {} bytes", answer.body.len());
    }
    browser.get("/console/keys?page=201").await.says("10,001 to 10,003 of 10,003");
}

#[tokio::test]
async fn a_page_needs_one_style_sheet_before_it_is_drawn() {
    let browser = Browser::signed_in(&document()).await;
    let page = browser.get("/console/keys").await;
    assert_eq!(page.body.matches("rel=\"stylesheet\"").count(), 1);
    let address = page.body.split("rel=\"stylesheet\" href=\"").nth(1).expect("a sheet");
    let sheet = browser.get(address.split('"').next().expect("an address")).await;
    assert_eq!(sheet.status, StatusCode::OK);
    assert!(sheet.headers["cache-control"].contains("immutable"));
    assert!(!sheet.body.contains("url("), "it asks for nothing else");
    assert_eq!(browser.get("/console/assets/old-style.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_empty_document_says_what_to_do_first() {
    let mut browser = Browser::signed_in(&json!({})).await;
    for (path, english, chinese) in [
        ("/console/keys", "No key yet", "还没有密钥"),
        ("/console/plans", "No usage plan yet", "还没有使用计划"),
        ("/console/services", "No service yet", "还没有服务"),
    ] {
        for (language, words) in [("en", english), ("zh", chinese)] {
            browser.language = language;
            browser.get(path).await.says(words);
        }
    }
}

#[tokio::test]
async fn every_field_of_the_document_has_one_in_a_form_or_is_said_to_have_none() {
    const GUIDE: &str = include_str!("../../../../docs/console.md");
    let browser = Browser::signed_in(&document()).await;
    let schema = usage_plan_core::document::Document::schema();
    for (list, forms) in [
        ("keys", &["/console/keys/new", "/console/keys/AKIDacme/edit"][..]),
        ("usage_plans", &["/console/plans/gold/edit"]),
        ("services", &["/console/services/orders/edit"]),
    ] {
        let mut fields = String::new();
        for form in forms {
            fields.push_str(&browser.get(form).await.body);
        }
        let object = &schema["properties"][list]["items"]["properties"];
        for member in object.as_object().expect("members").keys() {
            let is_field = [member.as_str(), "quota_max"].iter().any(|name| {
                fields.contains(&format!("name=\"{name}\"")) && (*name == member || member == "quotas")
            });
            assert!(is_field || GUIDE.contains(&format!("`{member}`")), "{list}: {member}");
        }
    }
    assert!(GUIDE.contains("`options`"));
}
