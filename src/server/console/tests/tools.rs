//! Explain, sign, activity and the document as a whole.

use super::*;

/// The curl command of a page, as the request that curl would print.
fn request_of(answer: &Answer) -> String {
    let (_, rest) = answer.body.split_once("id=\"curl\"").expect("a command");
    let command = rest.split_once('>').expect("a command").1.split("</pre>").next().expect("a command");
    let command = command.replace("&quot;", "\"").replace("&amp;", "&");
    let headers =
        command.split("--header '").skip(1).map(|header| header.split('\'').next().expect("a header"));
    let headers: Vec<&str> = headers.collect();
    format!("GET /release/x HTTP/1.1\r\nHost: orders.example.com\r\n{}\r\n\r\n", headers.join("\r\n"))
}

#[tokio::test]
async fn what_is_signed_here_is_explained_as_admitted_and_a_changed_one_as_refused() {
    let browser = Browser::signed_in(&document()).await;
    let fields = [("key", "AKIDacme"), ("url", "https://orders.example.com/release/x")];
    let signed = browser.post("/console/sign", &fields).await;
    signed.never_says("acme-secret-key-0001");
    let request = request_of(&signed);
    let admitted = browser.post("/console/explain", &[("request", &request)]).await;
    admitted.says("Admitted, unless a limit of the plan is used up");
    let changed = request.replace("signature=\"", "signature=\"AAAA");
    let refused = browser.post("/console/explain", &[("request", &changed)]).await;
    refused.says("Refused with 401: Signature does not match");
    refused.says("Passed: ");
    refused.says("expected");
    browser.post("/console/explain", &[("request", "nonsense")]).await.says("This is no request");
    let wrong = browser.post("/console/sign", &[("key", "AKIDnone"), ("url", "ftp://x")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.says("must begin with http:// or https://");
}

#[tokio::test]
async fn a_viewer_never_sees_the_signature_that_would_be_right() {
    let mut browser = Browser::signed_in(&document()).await;
    let fields = [("key", "AKIDacme"), ("url", "https://orders.example.com/release/x")];
    let request = request_of(&browser.post("/console/sign", &fields).await);
    let right = request.split("signature=\"").nth(1).expect("a signature").split('"').next().expect("one");
    let changed = request.replace(right, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    browser.sign_in("eve").await;
    let refused = browser.post("/console/explain", &[("request", &changed)]).await;
    refused.says("Signature does not match");
    refused.never_says("expected");
    refused.never_says(
        request.split("signature=\"").nth(1).expect("a signature").split('"').next().expect("one"),
    );
}

#[tokio::test]
async fn an_edit_is_shown_as_a_difference_and_taken_back() {
    let browser = Browser::signed_in(&document()).await;
    browser.get("/console/activity").await.says("No edit yet");
    browser.submit("/console/keys/AKIDacme/disable", &[]).await;
    let activity = browser.get("/console/activity").await;
    activity.says("key acme (AKIDacme)");
    activity.says("&quot;disabled&quot;");
    activity.says("ada, 192.0.2.7");
    let (_, rest) = activity.body.split_once("/console/activity/").expect("a link");
    let id = rest.split('/').next().expect("an id").to_owned();
    browser.get(&format!("/console/activity/{id}/undo")).await.says("Undo this edit");
    browser.submit(&format!("/console/activity/{id}/undo"), &[]).await.says("Taken back: ");
    assert_eq!(browser.document()["keys"][0].get("status"), None);
    let again = browser.post(&format!("/console/activity/{id}/undo"), &[]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.get("/console/activity").await.says("taken back by");
}

/// The text in the document's page.
fn text_of(answer: &Answer) -> String {
    let (_, rest) = answer.body.split_once("aria-describedby=\"text-hint\">").expect("a text");
    let text = rest.split("</textarea>").next().expect("a text");
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[tokio::test]
async fn the_document_is_shown_without_secrets_and_replaced_after_its_differences_were_seen() {
    let browser = Browser::signed_in(&document()).await;
    let page = browser.get("/console/document").await;
    page.never_says("acme-secret-key-0001");
    let text = text_of(&page);
    let same = browser.post("/console/document/compare", &[("text", &text)]).await;
    same.says("Nothing differs from the document.");
    let changed = text.replace("\"max_requests_per_second\": 50", "\"max_requests_per_second\": 60");
    let compared = browser.post("/console/document/compare", &[("text", &changed)]).await;
    compared.says("Replace the document?");
    compared.says("+      &quot;max_requests_per_second&quot;: 60");
    compared.never_says("acme-secret-key-0001");
    assert_eq!(browser.document(), document(), "nothing counts yet");
    let (_, rest) = compared.body.split_once("name=\"revision\" value=\"").expect("a revision");
    let revision = rest.split('"').next().expect("a value");
    let replaced = browser.submit("/console/document/replace", &[("revision", revision)]).await;
    replaced.says("The document is replaced.");
    let mut expected = document();
    expected["usage_plans"][0]["max_requests_per_second"] = 60.into();
    assert_eq!(browser.document(), expected, "with its secrets");
    let again = browser.post("/console/document/replace", &[("revision", revision)]).await;
    again.says("The document was changed meanwhile. Nothing was replaced.");
    let download = browser.get("/console/document/download").await;
    download.says("acme-secret-key-0001");
    assert!(download.headers["content-disposition"].starts_with("attachment"));
    assert_eq!(download.headers["cache-control"], "no-store");
}

/// A file that a form sends.
async fn upload(browser: &Browser, file: &[u8]) -> Answer {
    let head = "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.json\"\r\n\r\n";
    let body = [head.as_bytes(), file, b"\r\n--edge--\r\n"].concat();
    let mut request = browser.request("POST", "/console/document/upload", "");
    *request.body_mut() = Body::from(body);
    let headers = request.headers_mut();
    headers.insert("sec-fetch-site", "same-origin".parse().expect("a value"));
    headers.insert("content-type", "multipart/form-data; boundary=edge".parse().expect("a value"));
    browser.send(request).await
}

#[tokio::test]
async fn a_file_is_uploaded_without_script_and_counts_after_its_differences_were_seen() {
    let browser = Browser::signed_in(&document()).await;
    let mut other = document();
    other["usage_plans"][0]["max_requests_per_second"] = 60.into();
    other["keys"][0]["secret_key"] = "another-secret-key-1".into();
    let compared = upload(&browser, other.to_string().as_bytes()).await;
    compared.says("+      &quot;max_requests_per_second&quot;: 60");
    compared.never_says("another-secret-key-1");
    assert_eq!(browser.document(), document(), "nothing counts yet");
    let (_, rest) = compared.body.split_once("name=\"revision\" value=\"").expect("a revision");
    let revision = rest.split('"').next().expect("a value");
    browser.submit("/console/document/replace", &[("revision", revision)]).await;
    assert_eq!(browser.document(), other);
    for (file, words) in [
        (&b""[..], "Choose a file first."),
        (b"\xff\xfe", "This file is no text in UTF-8."),
        (b"{\"keys\": [{\"secret_key\": \"a-secret-of-this-file\"}]}", "line 1: <code>keys[0].secret_id"),
    ] {
        let refused = upload(&browser, file).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says(words);
        refused.never_says("a-secret-of-this-file");
    }
    assert_eq!(browser.document(), other);
}

#[tokio::test]
async fn a_text_that_breaks_rules_says_so_at_its_lines() {
    let browser = Browser::signed_in(&document()).await;
    let text = "{\n  \"keys\": [\n    {\"name\": \"a b\", \"secret_id\": \"AKIDx\", \"secret_key\": \"0123456789\"}\n  ]\n}";
    let wrong = browser.post("/console/document/compare", &[("text", text)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.says("line 3: <code>keys[0].name");
    wrong.says("a b");
    let nonsense = browser.post("/console/document/compare", &[("text", "{")]).await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.document(), document());
}

#[tokio::test]
async fn the_overview_says_what_needs_somebody_and_what_was_done_last() {
    let mut object = document();
    object["keys"][0]["not_after"] = "2020-01-01T00:00:00Z".into();
    let browser = Browser::signed_in(&object).await;
    let before = browser.get("/console").await;
    before.says("1 enabled key has expired or soon will");
    before.says("1 usage plan has no key or no environment");
    before.says("No Envoy has asked for the document");
    before.says("No Envoy has asked yet");
    before.says("No edit yet");
    browser.submit("/console/keys/AKIDbeta/disable", &[]).await;
    browser.get("/console").await.says("key beta (AKIDbeta)");
}
