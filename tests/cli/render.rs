//! `usage-plan render`

mod fleet;
mod kubernetes;
mod native;
mod places;
mod versions;

use serde_json::{Value, json};

use crate::cli::{
    ACME_SECRET, Cli, EXAMPLE, Edit, assert_contains, assert_hides, assert_text, example, parse_json,
};

/// Where `envoy.yaml` has the filter.
const ENVOY_PLUGIN: &str =
    "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/http_filters/1/typed_config/config";

/// Where the native files have the filter.
const ENVOY_NATIVE: &str =
    "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/http_filters/1/typed_config";
const ECDS_NATIVE: &str = "/resources/0/typed_config";

/// Text with all that has a meaning in YAML, in a shell or in the files that are filled.
const NASTY: &str = "  - a: b # c, {{d}} %e% [f] {g} &h *i !j |k >l @m `n` 'o' \" \\ \t\n\r\u{0}\u{7f}\
    \u{85}\u{2028}\u{feff} é 漢 😀 ../envoy.yaml value: | pluginConfig: # config: # env: # vmConfig: hostKeys: \
    environment_variables: metadata:\n  name: usage-plan\n resources:\n --- ... <script> ";

/// The example with such a remark.
fn nasty_document() -> Value {
    example()
        .with("/usage_plans/0/remark", NASTY)
        .with("/usage_plans/0/region", "metadata:\n  name: usage-plan\n")
}

/// The example without a variable.
fn document_without_variables() -> Value {
    example().without("/keys/0").without("/usage_plans/0/keys/0")
}

/// Names of variables that only quoting keeps intact.
const ODD_VARIABLES: [&str; 4] = ["ACME_SECRET_KEY", "NULL", "a: b # c", "line\nbreak \"quoted\""];

/// The example with these variables, one of which holds a secret that was replaced.
fn document_with_odd_variables() -> Value {
    let [acme, previous, gamma, delta] = ODD_VARIABLES;
    example()
        .with("/keys/0/secret_key_env", acme)
        .with("/keys/0/previous_secret_key_env", previous)
        .with("/keys/0/previous_secret_key_not_after", "2020-01-01T00:00:00Z")
        .with("/keys/-", json!({"secret_id": "AKIDgamma001", "secret_key_env": gamma}))
        .with("/keys/-", json!({"secret_id": "AKIDdelta001", "secret_key_env": delta, "status": "disabled"}))
}

fn odd_documents() -> [Value; 4] {
    [nasty_document(), document_without_variables(), document_with_odd_variables(), json!({})]
}

/// What `render --to …` prints for a document, read as YAML, whatever it warns of.
fn rendered(document: &Value, target_and_options: &str) -> Vec<Value> {
    documents(&Cli::with(document).exits(0, &format!("render --to {target_and_options}")).stdout)
}

fn documents(yaml: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"))
}

/// The document in what is rendered for a target.
fn document_in(target: &str, rendered: &[Value]) -> Value {
    let text = |plugin: &Value| {
        assert_eq!(plugin["configuration"]["@type"], "type.googleapis.com/google.protobuf.StringValue");
        parse_json(plugin["configuration"]["value"].as_str().expect("text"))
    };
    match target {
        "envoy" => text(&rendered[0].pointer(ENVOY_PLUGIN).expect("the filter").clone()),
        "ecds" => text(&rendered[0]["resources"][0]["typed_config"]["config"]),
        "istio" => rendered[0]["spec"]["pluginConfig"].clone(),
        _ => rendered[0]["spec"]["wasm"][0]["config"].clone(),
    }
}

const TARGETS: [&str; 4] = ["envoy", "ecds", "istio", "envoy-gateway"];

#[test]
fn the_document_comes_out_as_it_went_in_whatever_its_remarks_say() {
    for document in odd_documents() {
        for target in TARGETS {
            let rendered = rendered(&document, target);
            assert_eq!(rendered.len(), if target == "envoy-gateway" { 2 } else { 1 });
            assert_eq!(document_in(target, &rendered), document, "{target}");
        }
    }
}

#[test]
fn the_json_answer_holds_the_text_and_what_it_needs() {
    let module = json!("target/wasm32-wasip1/release/envoy_usage_plan.wasm");
    let image = json!("oci://registry.example.org/usage-plan:2");
    let cli = Cli::with(EXAMPLE);
    let of_envoy = |version| json!({"module": module, "envoy": version, "variables": ["ACME_SECRET_KEY"]});
    let of_kubernetes = json!({"image": image, "variables": ["ACME_SECRET_KEY"]});
    for (target, option, needs) in [
        ("envoy", "", &of_envoy("1.40")),
        ("ecds", "--envoy 1.36", &of_envoy("1.36")),
        ("istio", "--image oci://registry.example.org/usage-plan:2", &of_kubernetes),
        ("envoy-gateway", "--image oci://registry.example.org/usage-plan:2", &of_kubernetes),
    ] {
        let line = format!("render --to {target} {option}");
        let answer = cli.json(&line);
        assert_eq!(&answer["needs"], needs);
        assert_eq!(answer["to"], target);
        assert_text(answer["text"].as_str().expect("text"), &cli.done(&line));
    }
}

#[test]
fn a_warning_is_given_of_what_must_be_chosen_or_is_dangerous() {
    let cli = Cli::with(EXAMPLE);
    let stand_in = "warning: registry.example.com/envoy-usage-plan:1.0.0 is a placeholder";
    for (target_and_options, expected) in [
        ("istio", stand_in),
        ("envoy-gateway", stand_in),
        ("envoy --admin 0.0.0.0:9901", "warning: --admin 0.0.0.0:9901: whoever reaches"),
    ] {
        let ran = cli.exits(0, &format!("render --to {target_and_options}"));
        assert!(ran.stderr.starts_with(expected), "{target_and_options}: {}", ran.stderr);
    }
    cli.done("render --to envoy --admin [::1]:9901");
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
        ("istio", "--envoy", "1.36"),
        ("envoy", "--name", "a"),
        ("envoy", "--namespace", "a"),
        ("ecds", "--image", "a"),
        ("ecds", "--gateway", "a"),
        ("envoy", "--selector", "a=b"),
        ("envoy-gateway", "--selector", "a=b"),
    ] {
        let error = cli.fails(2, &format!("render --to {target} {option} {value}"));
        assert_contains(&error, option);
        assert_contains(&error, &format!("--to {target} has nothing"));
    }
    assert_contains(&cli.fails(2, "render --to istio --gateway a --selector b=c"), "cannot be used with");
}

#[test]
fn a_document_that_is_not_valid_is_not_rendered() {
    let cli = Cli::with(r#"{"keys": [{"secret_id": "AKIDacme0001", "secret_key": "secret!"}]}"#);
    for target in TARGETS {
        let error = cli.refused(&format!("render --to {target}"));
        assert_contains(&error, "keys[0].secret_key: must be 10 to 50");
        assert!(!error.contains("secret!"), "{error}");
    }
}

#[test]
fn a_secret_of_the_environment_is_in_nothing_that_is_printed() {
    let cli = Cli::with(EXAMPLE).env("ACME_SECRET_KEY", ACME_SECRET);
    for target in TARGETS {
        let ran = cli.exits(0, &format!("render --to {target}"));
        assert_contains(&ran.stdout, "ACME_SECRET_KEY");
        assert_hides(&ran, ACME_SECRET);
    }
}
