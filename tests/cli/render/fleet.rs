//! What `render` and its relatives make of a document with `options.fleet`.

use serde_json::{Value, json};

use super::places::INGRESS;
use super::{ENVOY_PLUGIN, document_in, documents, rendered};
use crate::cli::{Cli, EXAMPLE, Edit, assert_contains, example, parse_json, repository};

const CLUSTER: &str = "/static_resources/clusters/1";
const ADDRESS: &str = "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
const IN_VM: &str = "vm_config/capability_restriction_config/allowed_capabilities";

fn in_fleet(cluster: &str) -> Value {
    example().with("/options", json!({"fleet": {"cluster": cluster, "expected_envoys": 2}}))
}

fn shipped(text: &str, member: &str) -> Value {
    documents(text)[0][member].clone()
}

fn cluster() -> Value {
    shipped(include_str!("../../../envoy/fleet/cluster.yaml"), "clusters")[0].clone()
}

fn capabilities() -> Value {
    shipped(include_str!("../../../envoy/fleet/capabilities.yaml"), "allowed_capabilities")
}

/// Takes out of `rendered` what a fleet adds, which has to be there.
fn without_fleet(target: &str, mut rendered: Value) -> Value {
    if target == "envoy" {
        let manager = INGRESS.replace("/address/socket_address", "/filter_chains/0/filters/0/typed_config");
        let manager = rendered.pointer_mut(&manager).and_then(Value::as_object_mut).expect("a manager");
        assert_eq!(manager.remove("stream_idle_timeout"), Some(json!("15s")));
        let clusters = rendered["static_resources"]["clusters"].as_array_mut().expect("clusters");
        assert_eq!(clusters.pop(), Some(cluster()));
    }
    let allowed = rendered.pointer_mut(&format!("{}/{IN_VM}", plugin(target))).and_then(Value::as_object_mut);
    let allowed = allowed.expect("capabilities");
    for name in capabilities().as_object().expect("capabilities").keys() {
        assert!(allowed.remove(name).is_some(), "{name}");
    }
    rendered
}

fn plugin(target: &str) -> &'static str {
    if target == "envoy" { ENVOY_PLUGIN } else { "/resources/0/typed_config/config" }
}

#[test]
fn a_fleet_adds_its_cluster_its_timeout_and_its_capabilities_and_nothing_else() {
    for target in ["envoy", "ecds"] {
        let render = |document: &Value| {
            let mut tree = rendered(document, target).remove(0);
            let place = format!("{}/configuration/value", plugin(target));
            *tree.pointer_mut(&place).expect("a document") = "compared elsewhere".into();
            tree
        };
        let (fleet, alone) = (render(&in_fleet("usage-plan-engine")), render(&example()));
        assert_eq!(without_fleet(target, fleet), alone, "{target}");
    }
}

#[test]
fn a_document_that_leaves_the_fleet_again_leaves_its_capabilities() {
    let cli = Cli::with(in_fleet("usage-plan-engine"));
    std::fs::create_dir(cli.path("watched")).expect("made");
    let published = || std::fs::read_to_string(cli.path("watched/usage-plan.yaml")).expect("published");
    cli.done("publish --to watched");
    assert_contains(&published(), "proxy_grpc_call: {}");
    assert_contains(&published(), "# The engine is the cluster \"usage-plan-engine\".\n");
    std::fs::write(cli.path("usage-plans.json"), EXAMPLE).expect("written");
    cli.done("publish --to watched");
    assert!(!published().contains("proxy_grpc_call"));
}

#[test]
fn an_older_envoy_has_the_capabilities_of_a_fleet_where_it_reads_them() {
    for version in ["1.36", "1.37", "1.39"] {
        let tree = rendered(&in_fleet("usage-plan-engine"), &format!("envoy --envoy {version}")).remove(0);
        let plugin = tree.pointer(ENVOY_PLUGIN).expect("the filter");
        let allowed = &plugin["capability_restriction_config"]["allowed_capabilities"];
        assert!(allowed.get("proxy_grpc_call").is_some(), "{allowed}");
    }
}

#[test]
fn the_engine_s_address_and_the_name_of_its_cluster_are_filled_in() {
    for (name, engine, address, kind) in [
        (
            "usage-plan-engine",
            "ratelimit:8081",
            json!({"address": "ratelimit", "port_value": 8081}),
            "STRICT_DNS",
        ),
        ("a: b # {c}", "[::1]:1", json!({"address": "::1", "port_value": 1}), "STATIC"),
    ] {
        let document = in_fleet(name);
        let tree = rendered(&document, &format!("envoy --engine {engine}"));
        assert_eq!(document_in("envoy", &tree), document);
        let cluster = tree[0].pointer(CLUSTER).expect("the cluster");
        assert_eq!([&cluster["name"], &cluster["load_assignment"]["cluster_name"]], [name, name]);
        assert_eq!(cluster.pointer(ADDRESS), Some(&address));
        assert_eq!(cluster["type"].as_str().unwrap_or("STATIC"), kind);
    }
}

#[test]
fn an_engine_that_nobody_asks_and_a_cluster_that_is_another_s_are_refused() {
    let error = Cli::with(EXAMPLE).fails(2, "render --to envoy --engine 127.0.0.1:18081");
    assert_contains(&error, "--engine: the document has no options.fleet");
    let error =
        Cli::with(in_fleet("usage-plan-engine")).fails(2, "render --to ecds --engine 127.0.0.1:18081");
    assert_contains(&error, "--listen, --admin, --upstream and --engine belong to --to envoy");
    for target in ["envoy", "ecds"] {
        let error =
            Cli::with(in_fleet("usage-plan-engine")).fails(2, &format!("render --to {target} --native"));
        assert_contains(&error, "--native: the native module asks no engine");
    }
    let error = Cli::with(in_fleet("upstream")).refused("render --to envoy");
    assert_contains(&error, "options.fleet.cluster: `upstream` is the cluster that requests go to");
}

#[test]
fn a_gateway_that_is_made_with_an_engine_has_its_cluster() {
    let cli = Cli::with(EXAMPLE);
    std::fs::write(cli.path("module.wasm"), b"\0asm\x01\0\0\0").expect("written");
    for (directory, option) in [("alone", ""), ("fleet", "--engine ratelimit:8081")] {
        cli.done(&format!("init {directory} --module module.wasm {option}"));
    }
    let read = |directory: &str| {
        let text = std::fs::read_to_string(cli.path(directory).join("envoy.yaml")).expect("made");
        documents(&text).remove(0)
    };
    let (alone, fleet) = (read("alone"), read("fleet"));
    assert_eq!(alone.pointer(CLUSTER), None);
    assert_eq!(fleet.pointer(CLUSTER).expect("the cluster")["name"], "usage-plan-engine");
}

/// `envoy/fleet/envoy.yaml` is rendered, so that it has all that a fleet needs.
#[test]
fn the_shipped_gateway_of_a_fleet_is_what_is_rendered_of_the_document_beside_it() {
    let cli = Cli::with(include_str!("../../../envoy/fleet/usage-plans.json"));
    let printed = cli.done("render --to envoy --engine ratelimit:8081");
    let shipped = include_str!("../../../envoy/fleet/envoy.yaml");
    assert!(
        printed.trim_end() == shipped.trim_end(),
        "usage-plan -f envoy/fleet/usage-plans.json render --to envoy --engine ratelimit:8081 > envoy/fleet/envoy.yaml"
    );
}

#[test]
fn the_engine_of_the_compose_file_is_set_as_the_docs_say() {
    let compose = documents(include_str!("../../../envoy/fleet/docker-compose.yaml")).remove(0);
    let services = &compose["services"];
    let environment = &services["ratelimit"]["environment"];
    for (name, value) in [
        ("STOP_CACHE_KEY_INCREMENT_WHEN_OVERLIMIT", "false"),
        ("LOCAL_CACHE_SIZE_IN_BYTES", "0"),
        ("REDIS_TIMEOUT", "500ms"),
        ("EXPIRATION_JITTER_MAX_SECONDS", "5"),
        ("USE_CALENDAR_MONTH_RATE_LIMIT", "false"),
        ("HOST", "127.0.0.1"),
        ("DEBUG_HOST", "127.0.0.1"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    assert!(services["ratelimit"].get("ports").is_none() && services["redis"].get("ports").is_none());
    assert_eq!(services["envoy-1"]["command"], services["envoy-2"]["command"]);
    let redis = services["redis"]["command"].to_string();
    assert!(redis.contains(r#""--appendonly","yes""#), "{redis}");
    // The domain of the file is the one that the document asks in.
    let domain = &documents(include_str!("../../../envoy/fleet/ratelimit/usage-plans.yaml"))[0]["domain"];
    let document = parse_json(include_str!("../../../envoy/fleet/usage-plans.json"));
    let named = document.pointer("/options/fleet/domain").cloned();
    assert_eq!(named.unwrap_or_else(|| json!("usage-plans")), *domain);
}

#[test]
fn what_the_compose_file_names_is_there() {
    let compose = documents(include_str!("../../../envoy/fleet/docker-compose.yaml")).remove(0);
    let services = compose["services"].as_object().expect("services");
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().expect("a list").iter().map(|text| text.as_str().expect("text").to_owned()).collect()
    };
    for (name, service) in services {
        for volume in texts(&service["volumes"]) {
            let (source, _) = volume.split_once(':').expect("a source and a place");
            let is_there = match source.starts_with('.') {
                true => repository("envoy/fleet").join(source).exists(),
                false => compose["volumes"].get(source).is_some(),
            };
            assert!(is_there, "{name}: {volume}");
        }
        let needed = service.get("depends_on").map(texts).unwrap_or_default();
        assert!(needed.iter().all(|needed| services.contains_key(needed)), "{name}: {needed:?}");
    }
    // Envoy reads paths that begin at the root of the repository.
    let [ratelimit, envoy] = ["ratelimit", "envoy-1"].map(|name| &services[name]);
    let command = texts(&envoy["command"]);
    assert_eq!(command[0], "-c");
    let envoy = documents(&std::fs::read_to_string(repository(&command[1])).expect("a file")).remove(0);
    let code = format!("{ENVOY_PLUGIN}/vm_config/code/local/filename");
    assert_eq!(envoy.pointer(&code).expect("a module"), "target/wasm32-wasip1/release/envoy_usage_plan.wasm");
    let engine = envoy.pointer(&format!("{CLUSTER}{ADDRESS}")).expect("an address");
    let port = engine["port_value"].to_string();
    assert_eq!(
        (engine["address"].as_str(), json!(port)),
        (Some("ratelimit"), ratelimit["environment"]["GRPC_PORT"].clone())
    );
    // The limits' file lies where the engine looks for it.
    let [root, below, redis] = ["RUNTIME_ROOT", "RUNTIME_SUBDIRECTORY", "REDIS_URL"]
        .map(|name| ratelimit["environment"][name].as_str().expect("text"));
    assert_eq!(texts(&ratelimit["volumes"]), [format!("./ratelimit:{root}/{below}/config:ro")]);
    assert_eq!(redis, "redis:6379");
    // These are all of Redis' options, each with a value that it knows.
    let options =
        texts(&services["redis"]["command"])[1..].chunks(2).map(<[String]>::to_vec).collect::<Vec<_>>();
    assert_eq!(options, [["--appendonly", "yes"], ["--appendfsync", "always"], ["--save", ""]]);
}
