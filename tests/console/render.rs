//! `usage-plan render`

mod kubernetes;
mod places;

use serde_json::{Value, json};

use crate::cli::{Cli, EXAMPLE};

/// What means something to YAML, to a shell or to the files that are filled.
const NASTY: &str = "  - a: b # c, {{d}} %e% [f] {g} &h *i !j |k >l @m `n` 'o' \" \\ \t\n\r\u{0}\u{7f}\u{85}\u{2028}\u{feff} é 漢 😀 \
    ../envoy.yaml value: | pluginConfig: # config: # env: # vmConfig: hostKeys: environment_variables: \
    metadata:\n  name: usage-plan\n resources:\n --- ... <script> ";

/// The example with such a remark.
fn nasty_document() -> Value {
    let mut document: Value = serde_json::from_str(EXAMPLE).expect("JSON");
    document["usage_plans"][0]["remark"] = NASTY.into();
    document["usage_plans"][0]["region"] = "metadata:\n  name: usage-plan\n".into();
    document
}

/// The example without a variable.
fn document_without_variables() -> Value {
    let mut document: Value = serde_json::from_str(EXAMPLE).expect("JSON");
    let keys = document["keys"].as_array_mut().expect("a list");
    keys.remove(0);
    document["usage_plans"][0]["keys"] = json!(["AKIDbeta0001"]);
    document
}

/// The example with variables that only quoting keeps in their places, one of them of a secret that was replaced.
fn document_with_odd_variables() -> (Value, Vec<&'static str>) {
    let mut document: Value = serde_json::from_str(EXAMPLE).expect("JSON");
    let names = vec!["ACME_SECRET_KEY", "NULL", "a: b # c", "line\nbreak \"quoted\""];
    document["keys"][0]["secret_key_env"] = names[0].into();
    document["keys"][0]["previous_secret_key_env"] = names[1].into();
    document["keys"][0]["previous_secret_key_not_after"] = "2020-01-01T00:00:00Z".into();
    let keys = document["keys"].as_array_mut().expect("a list");
    keys.push(json!({"secret_id": "AKIDgamma001", "secret_key_env": names[2]}));
    keys.push(json!({"secret_id": "AKIDdelta001", "secret_key_env": names[3], "status": "disabled"}));
    (document, names)
}

/// What is rendered of `document`, read as YAML; the warnings do not matter.
fn rendered(document: &Value, arguments: &[&str]) -> Vec<Value> {
    let ran = Cli::with(&document.to_string()).run(&[&["render", "--to"], arguments].concat());
    assert_eq!(ran.status, 0, "{ran:?}");
    documents(&ran.stdout)
}

fn documents(yaml: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"))
}

/// Where a target has the document, and whether as text.
fn document_in(target: &str, rendered: &[Value]) -> Value {
    let text = |plugin: &Value| {
        assert_eq!(plugin["configuration"]["@type"], "type.googleapis.com/google.protobuf.StringValue");
        serde_json::from_str(plugin["configuration"]["value"].as_str().expect("text")).expect("JSON")
    };
    match target {
        "envoy" => text(&rendered[0].pointer(places::ENVOY_PLUGIN).expect("the filter").clone()),
        "ecds" => text(&rendered[0]["resources"][0]["typed_config"]["config"]),
        "istio" => rendered[0]["spec"]["pluginConfig"].clone(),
        _ => rendered[0]["spec"]["wasm"][0]["config"].clone(),
    }
}

const TARGETS: [&str; 4] = ["envoy", "ecds", "istio", "envoy-gateway"];

#[test]
fn the_document_comes_out_as_it_went_in_whatever_its_remarks_say() {
    let (odd, _) = document_with_odd_variables();
    for document in [nasty_document(), document_without_variables(), odd, json!({})] {
        for target in TARGETS {
            let rendered = rendered(&document, &[target]);
            assert_eq!(rendered.len(), if target == "envoy-gateway" { 2 } else { 1 });
            assert_eq!(document_in(target, &rendered), document, "{target}");
        }
    }
}

#[test]
fn the_json_answer_holds_the_text_and_what_it_needs() {
    let module = json!("target/wasm32-wasip1/release/envoy_usage_plan.wasm");
    let cli = Cli::with(EXAMPLE);
    for target in ["envoy", "ecds"] {
        let answer = cli.json(&["render", "--to", target]);
        assert_eq!(answer["needs"], json!({"module": module, "variables": ["ACME_SECRET_KEY"]}));
        assert_eq!(answer["to"], target);
        assert_eq!(answer["text"], cli.done(&["render", "--to", target]));
    }
    for target in ["istio", "envoy-gateway"] {
        let image = "oci://registry.example.org/usage-plan:2";
        let arguments = ["render", "--to", target, "--image", image];
        let answer = cli.json(&arguments);
        assert_eq!(answer["needs"], json!({"image": image, "variables": ["ACME_SECRET_KEY"]}));
        assert_eq!(answer["text"], cli.done(&arguments));
    }
}

#[test]
fn what_must_be_chosen_or_is_dangerous_is_warned_of() {
    let cli = Cli::with(EXAMPLE);
    for target in ["istio", "envoy-gateway"] {
        let ran = cli.run(&["render", "--to", target]);
        assert!(
            ran.stderr.starts_with("warning: registry.example.com/envoy-usage-plan:1.0.0 is a placeholder"),
            "{ran:?}"
        );
    }
    let ran = cli.run(&["render", "--to", "envoy", "--admin", "0.0.0.0:9901"]);
    assert!(ran.stderr.starts_with("warning: --admin 0.0.0.0:9901: whoever reaches"), "{ran:?}");
    cli.done(&["render", "--to", "envoy", "--admin", "[::1]:9901"]);
}

#[test]
fn an_option_of_another_target_is_refused() {
    let cli = Cli::with(EXAMPLE);
    for (target, option, value) in [
        ("ecds", "--listen", "127.0.0.1:1"),
        ("istio", "--admin", "127.0.0.1:1"),
        ("envoy-gateway", "--upstream", "a:1"),
        ("istio", "--module", "a"),
        ("envoy-gateway", "--vm-id", "a"),
        ("envoy", "--name", "a"),
        ("envoy", "--namespace", "a"),
        ("ecds", "--image", "a"),
        ("ecds", "--gateway", "a"),
        ("envoy", "--selector", "a=b"),
        ("envoy-gateway", "--selector", "a=b"),
    ] {
        let error = cli.fails(2, &["render", "--to", target, option, value]);
        assert!(error.contains(option) && error.contains(&format!("--to {target} has nothing")), "{error}");
    }
    let error = cli.fails(2, &["render", "--to", "istio", "--gateway", "a", "--selector", "b=c"]);
    assert!(error.contains("cannot be used with"), "{error}");
}

#[test]
fn a_document_that_is_not_valid_is_not_rendered() {
    let cli = Cli::with(r#"{"keys": [{"secret_id": "AKIDacme0001", "secret_key": "secret!"}]}"#);
    for target in TARGETS {
        let error = cli.refused(&["render", "--to", target]);
        assert!(error.contains("keys[0].secret_key: must be 10 to 50"), "{error}");
        assert!(!error.contains("secret!"), "{error}");
    }
}

#[test]
fn a_secret_of_the_environment_is_in_nothing_that_is_printed() {
    let cli = Cli::with(EXAMPLE);
    for target in TARGETS {
        let mut command = cli.command(&["render", "--to", target]);
        command.env("ACME_SECRET_KEY", "acme-secret-key-0001");
        let ran = crate::cli::run(command, "");
        assert!(
            ran.stdout.contains("ACME_SECRET_KEY") && !ran.stdout.contains("acme-secret-key-0001"),
            "{ran:?}"
        );
    }
}
