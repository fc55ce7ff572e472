//! What somebody else tries: without a session, from another page, by another name, again and again.

use axum::http::HeaderValue;

use super::*;

/// Every page, and every change with what it needs.
pub(super) const PAGES: [&str; 17] = [
    "/console",
    "/console/keys",
    "/console/keys/new",
    "/console/keys/AKIDacme",
    "/console/keys/AKIDacme/disable",
    "/console/plans",
    "/console/plans/gold",
    "/console/plans/gold/keys",
    "/console/plans/gold/edit",
    "/console/services",
    "/console/services/orders",
    "/console/services/orders/bind",
    "/console/explain",
    "/console/sign",
    "/console/activity",
    "/console/document",
    "/console/document/download",
];

const CHANGES: [(&str, &[(&str, &str)]); 26] = [
    ("/console/keys/new", &[("name", "x"), ("type", "automatic")]),
    ("/console/keys/AKIDacme/edit", &[("name", "x")]),
    ("/console/keys/AKIDacme/disable", &[]),
    ("/console/keys/AKIDacme/replace", &[("overlap", "day")]),
    ("/console/keys/AKIDacme/finish", &[]),
    ("/console/keys/AKIDold/enable", &[]),
    ("/console/keys/AKIDold/delete", &[]),
    ("/console/keys/disable", &[("key", "AKIDacme")]),
    ("/console/keys/bind", &[("key", "AKIDacme"), ("plan", "trial")]),
    ("/console/plans/new", &[("name", "x")]),
    ("/console/plans/gold/edit", &[("name", "x")]),
    ("/console/plans/gold/keys", &[("key", "AKIDbeta"), ("move", "yes")]),
    ("/console/plans/gold/unbind-keys", &[("key", "AKIDacme")]),
    ("/console/plans/trial/environments", &[("environment", "orders/release")]),
    ("/console/plans/gold/unbind", &[("service", "orders"), ("environment", "release")]),
    ("/console/plans/gold/reset", &[]),
    ("/console/plans/trial/delete", &[]),
    ("/console/services/new", &[("name", "x"), ("domains", "x.example")]),
    ("/console/services/orders/delete", &[]),
    ("/console/services/orders/edit", &[("name", "x"), ("domains", "x.example")]),
    ("/console/services/orders/bind", &[("environment", "test"), ("plan", "trial")]),
    ("/console/sign", &[("key", "AKIDacme"), ("url", "https://orders.example.com/release/")]),
    ("/console/activity/x/undo", &[]),
    ("/console/document/compare", &[("text", "{}")]),
    ("/console/document/replace", &[]),
    ("/console/document/upload", &[]),
];

#[tokio::test]
async fn without_a_session_every_page_and_every_change_leads_to_the_login() {
    let browser = Browser::before(&document());
    for path in PAGES {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.headers["location"].starts_with("/console/"), "{path}");
        answer.never_says("acme");
    }
    for (path, fields) in CHANGES {
        let answer = browser.post(path, fields).await;
        assert!(answer.headers["location"].starts_with("/console/login?next="), "{path}");
    }
    assert_eq!(browser.document(), document());
}

#[tokio::test]
async fn a_change_from_another_page_is_refused_and_changes_nothing() {
    let browser = Browser::signed_in(&document()).await;
    for (path, fields) in CHANGES {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://attacker.example")],
            &[("origin", "null")],
            &[],
        ] {
            let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mut request = browser.request("POST", path, &body.join("&"));
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert("content-type", form);
            for (name, value) in headers {
                request.headers_mut().insert(*name, HeaderValue::from_static(value));
            }
            assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    assert_eq!(browser.document(), document());
}

#[tokio::test]
async fn nothing_that_changes_can_be_asked_with_get() {
    let browser = Browser::signed_in(&document()).await;
    for (path, fields) in CHANGES {
        let query: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let _ = browser.get(&format!("{path}?{}", query.join("&"))).await;
    }
    assert_eq!(browser.document(), document());
}

#[tokio::test]
async fn a_name_that_was_made_to_point_here_is_answered_nothing() {
    let browser = Browser::signed_in(&document()).await;
    for host in ["attacker.example", "attacker.example:8088", "127.0.0.1.attacker.example"] {
        for path in PAGES.into_iter().chain(["/console/login"]) {
            let mut request = browser.request("GET", path, "");
            request.headers_mut().insert("host", HeaderValue::from_str(host).expect("a host"));
            let answer = browser.send(request).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
            answer.never_says("acme");
        }
    }
}

#[tokio::test]
async fn an_id_of_a_session_that_somebody_brings_is_never_used() {
    let mut browser = Browser::before(&document());
    let brought = format!("{SESSION}=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    browser.cookie = Some(brought.clone());
    browser.sign_in("ada").await;
    let first = browser.cookie.clone().expect("a session");
    assert_ne!(first, brought);
    browser.sign_in("ada").await;
    assert_ne!(browser.cookie.as_deref(), Some(first.as_str()), "each login has a new id");
    browser.cookie = Some(first);
    assert_eq!(browser.get("/console/keys").await.status, StatusCode::SEE_OTHER, "the earlier one has ended");
    browser.cookie = Some(brought);
    assert_eq!(browser.get("/console/keys").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_out_ends_the_session_itself() {
    let browser = Browser::signed_in(&document()).await;
    assert_eq!(browser.get("/console/keys").await.status, StatusCode::OK);
    let answer = browser.post("/console/logout", &[]).await;
    assert!(answer.headers["set-cookie"].contains("Max-Age=0"));
    let ended = browser.get("/console/keys").await;
    assert_eq!(ended.headers["location"], "/console/login?next=/console/keys&ended=yes");
    browser.get(&ended.headers["location"]).await.says("You were signed out.");
    browser.get("/console/login").await.never_says("You were signed out.");
}

#[tokio::test]
async fn five_wrong_secrets_and_then_not_even_the_right_one() {
    let browser = Browser::before(&document());
    let right = [("secret_id", "ada"), ("secret_key", "ada-secret-key-0001")];
    for left in [4, 3, 2, 1, 0] {
        let answer =
            browser.post("/console/login", &[("secret_id", "ada"), ("secret_key", "guessed-secret")]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let tries = if left == 1 { "1 try is".to_owned() } else { format!("{left} tries are") };
        answer.says(&format!("{tries} left for this address"));
        answer.says("value=\"ada\"");
        answer.never_says("guessed-secret");
    }
    let answer = browser.post("/console/login", &right).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    let mut request =
        browser.request("POST", "/console/login", "secret_id=ada&secret_key=ada-secret-key-0001");
    request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert("content-type", form);
    request.extensions_mut().insert(Peer(address("192.0.2.8")));
    assert_eq!(browser.send(request).await.status, StatusCode::SEE_OTHER, "another address may");
}

#[tokio::test]
async fn the_link_that_is_printed_works_once_and_is_no_callers_or_guessed_one() {
    let browser = Browser::before(&document());
    assert_eq!(browser.get("/console/open/guess").await.status, StatusCode::UNAUTHORIZED);
    let link = browser.console.one_time_path().expect("a link");
    let answer = browser.get(&link).await;
    assert_eq!((answer.status, answer.headers["location"].as_str()), (StatusCode::SEE_OTHER, "/console"));
    answer.session();
    assert_eq!(browser.get(&link).await.status, StatusCode::UNAUTHORIZED);
    let caller = [("secret_id", "AKIDacme"), ("secret_key", "acme-secret-key-0001")];
    assert_eq!(browser.post("/console/login", &caller).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_operator_who_was_taken_out_of_the_file_is_out() {
    let browser = Browser::signed_in(&document()).await;
    let operators = browser.directory.path().join("operators.json");
    fs::write(operators, OPERATORS.replace("\"ada\"", "\"barbara\"")).expect("a file");
    assert_eq!(browser.get("/console/keys").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_viewer_looks_and_changes_nothing() {
    let mut browser = Browser::before(&document());
    browser.sign_in("eve").await;
    for path in ["/console/keys", "/console/plans/gold", "/console/services/orders"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        for word in ["New key", "Bind keys", ">Bind<", "Disable…", ">Edit<"] {
            answer.never_says(word);
        }
    }
    for (path, fields) in CHANGES {
        let answer = browser.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        answer.says("You can look, not change.");
    }
    assert_eq!(browser.document(), document());
}

#[tokio::test]
async fn no_page_may_be_framed_or_run_what_it_was_not_given() {
    let browser = Browser::signed_in(&document()).await;
    let pages = PAGES.into_iter().chain(["/console/login", "/console/none", "/console/open/x"]);
    for path in pages {
        let answer = browser.get(path).await;
        let header = |name: &str| answer.headers.get(name).map_or("", String::as_str);
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        let policy = header("content-security-policy");
        for rule in
            ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"]
        {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}");
        if path.ends_with("/download") {
            continue;
        }
        for forbidden in [" style=", " onclick", " onload", " onerror", "<style", "javascript:"] {
            answer.never_says(forbidden);
        }
        assert!(answer.body.matches("<script").count() <= 1, "{path}: one script, by its address");
    }
}
