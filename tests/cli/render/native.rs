//! `render --native`: the files of the native module.

use serde_json::{Value, json};

use super::places::{INGRESS, assert_rendered, socket_address};
use super::{ECDS_NATIVE, ENVOY_NATIVE, documents, nasty_document, odd_documents, rendered};
use crate::cli::{Cli, EXAMPLE, assert_contains, parse_json, quoted};

#[test]
fn a_native_file_is_filled_at_its_own_places() {
    for (target, filter) in [("envoy", ENVOY_NATIVE), ("ecds", ECDS_NATIVE)] {
        assert_rendered(&format!("{target} --native"), &[]);
        let word = quoted("a # b: {c}, \"d\"");
        assert_rendered(
            &format!("{target} --native --module {word} --vm-id {word}"),
            &[
                (
                    &format!("{filter}/dynamic_module_config/module/local/filename"),
                    json!("a # b: {c}, \"d\""),
                ),
                (&format!("{filter}/filter_name"), json!("a # b: {c}, \"d\"")),
            ],
        );
        for document in odd_documents() {
            let tree = rendered(&document, &format!("{target} --native")).remove(0);
            let text = tree.pointer(&format!("{filter}/filter_config/value")).and_then(Value::as_str);
            assert_eq!(parse_json(text.expect("text")), document);
        }
    }
    assert_rendered(
        "envoy --native --listen [::]:8080 --admin 127.0.0.2:9000",
        &[
            (INGRESS, socket_address("::", 8080)),
            ("/admin/address/socket_address", socket_address("127.0.0.2", 9000)),
        ],
    );
    let upstream = rendered(&nasty_document(), "envoy --native --upstream orders.internal:8080").remove(0);
    assert_eq!(upstream["static_resources"]["clusters"][0]["type"], "STRICT_DNS");
}

/// A file without what a build of the filter has for itself.
fn shared(mut file: Value) -> Value {
    file.as_object_mut().expect("an object").remove("layered_runtime");
    let manager = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config";
    let filters = file.pointer_mut(&format!("{manager}/http_filters")).and_then(Value::as_array_mut);
    let filter = filters.expect("filters").iter_mut().find(|filter| filter["name"] == "usage_plan");
    *filter.expect("the filter") = json!("usage_plan");
    file
}

#[test]
fn the_gateway_around_the_native_module_is_the_one_around_the_wasm_module() {
    for (native, wasm) in [
        (include_str!("../../../envoy/native/envoy.yaml"), include_str!("../../../envoy/envoy.yaml")),
        (
            include_str!("../../../envoy/native/hot-reload/envoy.yaml"),
            include_str!("../../../envoy/hot-reload/envoy.yaml"),
        ),
    ] {
        let [native, wasm] = [native, wasm].map(|text| documents(text).remove(0));
        assert_ne!(native, wasm);
        assert_eq!(shared(native), shared(wasm));
    }
}

#[test]
fn what_has_no_native_module_refuses_it() {
    let cli = Cli::with(EXAMPLE);
    for target in ["istio", "envoy-gateway"] {
        let error = cli.fails(2, &format!("render --to {target} --native"));
        assert_contains(
            &error,
            &format!("--native belongs to --to envoy, ecds or xds: what --to {target} renders"),
        );
    }
    for version in ["1.36", "1.37", "1.39"] {
        let error = cli.fails(2, &format!("render --to ecds --native --envoy {version}"));
        assert_contains(&error, "--native: the native module is for Envoy 1.40 alone; ");
        assert_contains(&error, &format!("; Envoy {version} runs the wasm module"));
    }
    cli.done("render --to ecds --native=false --envoy 1.36");
}

#[test]
fn a_setting_chooses_the_native_module_for_publications_and_not_for_a_cluster() {
    let cli = Cli::with(EXAMPLE);
    std::fs::create_dir(cli.path("watched")).expect("made");
    std::fs::write(cli.path("usage-plan.toml"), "to = \"watched\"\nnative = true\n").expect("written");
    cli.done("publish");
    let published = std::fs::read_to_string(cli.path("watched/usage-plan.yaml")).expect("published");
    assert_contains(&published, "dynamic_modules.v3.DynamicModuleFilter");
    assert_contains(&cli.done("render --to istio --image oci://r.example.org/a:1"), "kind: WasmPlugin");
}
