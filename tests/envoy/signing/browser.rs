//! The docs' page in a real browser: it calls an Envoy of another origin, and reads what Envoy lets it read.

mod chromium;
mod pages;

use serde_json::{Value, json};
use testbed::{Config, Envoy, skip};

use self::chromium::Chromium;
use self::pages::Pages;
use super::docs::{PAGE, SECRET_ID, SECRET_KEY, blocks, document, read_docs};
use super::process::is_installed;

/// The page that types into the docs' page as a person would, and sends home what is shown there. It does so
/// on `127.0.0.1`, and then on `localhost`, which is another origin.
const TYPIST: &str = r#"<!doctype html>
<meta charset="utf-8">
<iframe src="sign.html"></iframe>
<script type="module">
  const { url, secretId, calls } = SETTINGS;

  function call(page, secretKey) {
    const [form] = page.forms;
    const output = page.querySelector("pre");
    return new Promise((resolve) => {
      output.textContent = "";
      new MutationObserver((_, observer) => {
        if (output.textContent !== "") {
          observer.disconnect();
          resolve(output.textContent);
        }
      }).observe(output, { childList: true });
      form.url.value = url;
      form.secretId.value = secretId;
      form.secretKey.value = secretKey;
      form.requestSubmit();
    });
  }

  async function run() {
    const page = document.querySelector("iframe").contentDocument;
    const shown = {};
    for (const { name, secretKey, times } of calls) {
      let left = times;
      do {
        shown[name] = await call(page, secretKey);
      } while (--left > 0 && shown[name].startsWith("200"));
    }
    return shown;
  }

  addEventListener("load", async () => {
    const shown = await run().catch((error) => ({ error: `${error}\n${error.stack}` }));
    await fetch("report", { method: "POST", body: JSON.stringify({ origin: location.origin, shown }) });
    if (location.hostname === "127.0.0.1") location.hostname = "localhost";
  });
</script>
"#;

/// The shipped configuration for pages of `origin`, with a plan of one request per second.
fn config(origin: &str) -> Config {
    let mut document = document();
    document["usage_plans"][0]["max_requests_per_second"] = json!(1);
    let origins = json!([{ "exact": origin }]);
    Config::plain().document(document).edit(move |tree| {
        let ingress = &mut tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0];
        let host = &mut ingress["typed_config"]["route_config"]["virtual_hosts"][0];
        let policy = &mut host["typed_per_filter_config"]["envoy.filters.http.cors"];
        assert!(policy["allow_origin_string_match"].is_array(), "the shipped policy names origins");
        policy["allow_origin_string_match"] = origins.clone();
    })
}

/// The page with what it has to type. A plan of one request per second refuses one of many calls.
fn typist(envoy: &Envoy) -> String {
    let settings = json!({
        "url": format!("http://{}/release/orders/1", envoy.ingress()),
        "secretId": SECRET_ID,
        "calls": [
            {"name": "admitted", "secretKey": SECRET_KEY, "times": 1},
            {"name": "forged", "secretKey": "another-secret-key-0001", "times": 1},
            {"name": "flood", "secretKey": SECRET_KEY, "times": 300},
        ],
    });
    TYPIST.replace("SETTINGS", &settings.to_string())
}

/// The status, the headers and the body that the page has shown.
fn shown(report: &Value, name: &str) -> (String, Vec<String>, Value) {
    let text = report["shown"][name].as_str().unwrap_or_else(|| panic!("{name}: {report:#}"));
    let mut lines = text.trim_end().lines().map(str::to_owned);
    let status = lines.next().unwrap_or_default();
    let mut headers: Vec<_> = lines.collect();
    let body = headers.pop().and_then(|body| serde_json::from_str(&body).ok());
    (status, headers, body.unwrap_or_else(|| panic!("{name}: no JSON: {report:#}")))
}

fn assert_shows(headers: &[String], header: &str) {
    assert!(headers.iter().any(|shown| shown == header), "{header}: {headers:?}");
}

#[test]
fn the_page_signs_what_envoy_admits_and_reads_its_limits_and_why_it_is_refused() {
    if !is_installed(chromium::PROGRAM) {
        return skip("html: chromium is missing");
    }
    let pages = Pages::bind();
    let envoy = Envoy::start(&config(&pages.origin()));
    let docs = read_docs();
    let (_, page) = blocks(&docs).find(|(tag, _)| *tag == PAGE).expect("a page");
    let reports = pages.serve([("/", typist(&envoy)), ("/sign.html", page.to_owned())]);
    let mut chromium = Chromium::open(&format!("{}/", pages.origin()));

    let report = chromium.wait_for(&reports);
    assert_eq!(report["origin"], pages.origin(), "{report:#}");
    let (status, headers, body) = shown(&report, "admitted");
    assert_eq!((&*status, &body["x-usage-plan-id"]), ("200", &json!("gold")), "{report:#}");
    assert_shows(&headers, "x-usageplan-ratelimit: 0/1");
    let (status, headers, body) = shown(&report, "forged");
    assert_eq!((&*status, &body["message"]), ("401", &json!("HMAC signature does not match")));
    assert_shows(&headers, r#"www-authenticate: hmac realm="service-orders""#);
    let (status, headers, body) = shown(&report, "flood");
    assert_eq!((&*status, &body["message"]), ("429", &json!("API rate limit exceeded")));
    assert_shows(&headers, "retry-after: 1");
    assert_shows(&headers, "x-usageplan-ratelimit: 0/1");
    assert_shows(&headers, r#"ratelimit-policy: "second";q=1;w=1"#);

    let report = chromium.wait_for(&reports);
    assert_eq!(report["origin"], pages.origin().replace("127.0.0.1", "localhost"));
    for name in ["admitted", "forged", "flood"] {
        assert_eq!(report["shown"][name], "TypeError: Failed to fetch", "{report:#}");
    }
}
