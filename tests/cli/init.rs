//! `usage-plan init`, as far as it needs no Envoy.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::{Cli, assert_contains, parse_json};

/// What begins a module, and is none yet that Envoy could run.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

fn cli() -> Cli {
    let cli = Cli::empty();
    cli.write("filter.wasm", MODULE);
    cli
}

fn read(cli: &Cli, name: &str) -> String {
    fs::read_to_string(cli.path("gateway").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn parse_yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("YAML")
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("listed").flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_gateway_has_all_its_files_and_only_their_owner_reads_what_holds_secrets() {
    let cli = cli();
    let answer = cli.done("init gateway --module filter.wasm");
    assert_contains(&answer, "It serves callers on 0.0.0.0:10000:\n  envoy -c gateway/envoy.yaml\n");
    let directory = cli.path("gateway");
    let expected = [
        "README.md",
        "envoy.yaml",
        "envoy_usage_plan.wasm",
        "published",
        "usage-plan.toml",
        "usage-plans.json",
    ];
    assert_eq!(names(&directory), expected);
    assert_eq!(names(&directory.join("published")), ["usage-plan.yaml"]);
    assert_eq!(fs::read(directory.join("envoy_usage_plan.wasm")).expect("there"), MODULE);
    assert_eq!(read(&cli, "README.md").lines().count(), 5);
    for (name, mode) in
        [("usage-plans.json", 0o600), ("published/usage-plan.yaml", 0o600), ("envoy.yaml", 0o644)]
    {
        let metadata = directory.join(name).metadata().expect("there");
        // A mask of the user takes bits away, and gives none.
        assert_eq!(metadata.permissions().mode() & 0o777 & !mode, 0, "{name}");
    }
    let empty = json!({"services": [], "keys": [], "usage_plans": []});
    assert_eq!(parse_json(&read(&cli, "usage-plans.json")), empty);
}

#[test]
fn the_configuration_is_the_shipped_one_with_other_paths_and_addresses() {
    let cli = cli();
    cli.done(
        "init gateway --module filter.wasm --listen 127.0.0.1:8080 --admin 127.0.0.1:9000 \
         --upstream orders.internal:80",
    );
    let directory = fs::canonicalize(cli.path("gateway")).expect("there");
    let published = directory.join("published");
    let filter = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/http_filters/1/config_discovery/config_source/path_config_source";
    let mut made = parse_yaml(&read(&cli, "envoy.yaml"));
    assert_eq!(
        made.pointer(filter),
        Some(&json!({"path": published.join("usage-plan.yaml"), "watched_directory": {"path": published}}))
    );
    let mut shipped = parse_yaml(include_str!("../../envoy/hot-reload/envoy.yaml"));
    let address = |address: &str, port: u16| json!({"address": address, "port_value": port});
    for (pointer, value) in [
        ("/admin/address/socket_address", address("127.0.0.1", 9000)),
        ("/static_resources/listeners/0/address/socket_address", address("127.0.0.1", 8080)),
        (
            "/static_resources/clusters/0/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address",
            address("orders.internal", 80),
        ),
    ] {
        assert_eq!(made.pointer(pointer), Some(&value), "{pointer}");
        *shipped.pointer_mut(pointer).expect("shipped") = value;
    }
    *shipped.pointer_mut(filter).expect("shipped") = made.pointer(filter).cloned().expect("made");
    let listeners = shipped["static_resources"]["listeners"].as_array_mut().expect("a list");
    assert_eq!(listeners.pop().expect("the stand-in")["name"], "upstream");
    let cluster = &mut made["static_resources"]["clusters"][0];
    for (member, value) in [("type", "STRICT_DNS"), ("dns_lookup_family", "ALL")] {
        assert_eq!(cluster.as_object_mut().expect("a cluster").remove(member), Some(json!(value)));
    }
    assert_eq!(made, shipped);
}

#[test]
fn in_the_directory_publish_needs_no_flags_and_the_document_is_published_already() {
    let cli = cli();
    // Envoy's admin interface is open to others, which is warned of.
    let warned = cli
        .exits(0, "init gateway --module filter.wasm --envoy 1.36 --admin 0.0.0.0:9000 --listen [::]:8080")
        .stderr;
    assert_contains(&warned, "warning: --admin 0.0.0.0:9000: whoever reaches");
    let settings = "to = \"published\"\nmodule = \"envoy_usage_plan.wasm\"\n\
        admin = [\"127.0.0.1:9000\"]\nenvoy = \"1.36\"\ngateway = \"http://[::1]:8080\"\n";
    assert_contains(&read(&cli, "usage-plan.toml"), settings);
    // Nothing listens there, and it is the file's address that is asked.
    let mut command = cli.command("publish");
    let ran = {
        command.current_dir(cli.path("gateway"));
        crate::cli::run(command, "")
    };
    assert_eq!(ran.status, 3, "{ran:?}");
    assert_contains(&ran.stderr, "error: unchanged ./published/usage-plan.yaml, version ");
    assert_contains(&ran.stderr, "Envoy's admin interface at 127.0.0.1:9000: ");
    assert_contains(
        &ran.stderr,
        "settings of ./usage-plan.toml: to (line 2), admin (line 4), module (line 3)",
    );
}

#[test]
fn a_directory_with_anything_in_it_stays_as_it_is_and_what_is_there_is_named() {
    let cli = cli();
    for name in ["f", "b", "a", "c", "d", "e"] {
        let directory = cli.path("gateway");
        fs::create_dir_all(&directory).expect("made");
        fs::write(directory.join(name), name).expect("written");
    }
    let error = cli.fails(1, "init gateway --module filter.wasm");
    assert_contains(&error, "error: gateway stays as it is, because it has a, b, c, d, e and 1 more");
    assert_eq!(names(&cli.path("gateway")), ["a", "b", "c", "d", "e", "f"]);
    let error = cli.fails(1, "init . --module filter.wasm");
    assert_contains(&error, "because it has filter.wasm, gateway\n");
    cli.write("file", "");
    assert_contains(&cli.fails(3, "init file --module filter.wasm"), "error: file: ");
}

#[test]
fn a_module_that_is_missing_or_none_is_an_error_before_anything_is_made() {
    let cli = cli();
    cli.write("text", "text");
    for (status, line, expected) in [
        (2, "init gateway", "error: --module is missing: this program was built without the filter's module"),
        (3, "init gateway --module elsewhere", "error: --module elsewhere: No such file or directory"),
        (1, "init gateway --module text", "error: --module: is no WebAssembly module"),
    ] {
        assert_contains(&cli.fails(status, line), expected);
        assert!(!cli.path("gateway").exists(), "{line}");
    }
}

#[test]
fn a_gateway_of_the_native_module_has_the_library_and_its_configuration() {
    let cli = cli();
    let library = b"\x7fELF";
    cli.write("module.so", library);
    cli.done("init gateway --native --module module.so --upstream orders.internal:80");
    let directory = fs::canonicalize(cli.path("gateway")).expect("there");
    assert_eq!(fs::read(directory.join("libenvoy_usage_plan.so")).expect("there"), library);
    assert!(!names(&directory).contains(&"envoy_usage_plan.wasm".to_owned()));
    let settings = "to = \"published\"\nmodule = \"libenvoy_usage_plan.so\"\nnative = true\n";
    assert_contains(&read(&cli, "usage-plan.toml"), settings);
    assert_contains(
        &read(&cli, "README.md"),
        "libenvoy_usage_plan.so is the filter. Envoy loads a file once",
    );
    let filter = &parse_yaml(&read(&cli, "published/usage-plan.yaml"))["resources"][0]["typed_config"];
    let module = "/dynamic_module_config/module/local/filename";
    assert_eq!(filter.pointer(module), Some(&json!(directory.join("libenvoy_usage_plan.so"))));
    let envoy = read(&cli, "envoy.yaml");
    assert_contains(
        &envoy,
        "type_urls: [type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3",
    );
    assert_contains(&envoy, &directory.join("published").display().to_string());
}

#[test]
fn what_the_native_module_cannot_do_is_an_error_before_anything_is_made() {
    let cli = cli();
    cli.write("module.so", b"\x7fELF");
    for (status, flags, expected) in [
        (2, "", "error: --module is missing: no program has the native module in it"),
        (1, "--module filter.wasm", "error: --module: is no library of Linux (ELF)"),
        (2, "--module module.so --envoy 1.39", "the native module is for Envoy 1.40 alone"),
        (2, "--module module.so --engine 127.0.0.1:80", "the native module asks no engine"),
    ] {
        assert_contains(&cli.fails(status, &format!("init gateway --native {flags}")), expected);
        assert!(!cli.path("gateway").exists(), "{flags}");
    }
}

#[test]
fn each_address_and_the_module_are_variables_too() {
    let cli = cli()
        .env("USAGE_PLAN_MODULE", "filter.wasm")
        .env("USAGE_PLAN_LISTEN", "127.0.0.1:8080")
        .env("USAGE_PLAN_ADMIN", "127.0.0.1:9000")
        .env("USAGE_PLAN_UPSTREAM", "127.0.0.1:80");
    let answer = cli.json("init gateway");
    assert_eq!((&answer["listen"], &answer["admin"]), (&json!("127.0.0.1:8080"), &json!("127.0.0.1:9000")));
    assert_contains(&read(&cli, "envoy.yaml"), "port_value: 80 ");
}

#[test]
fn the_long_version_says_what_the_program_was_built_from() {
    let cli = Cli::empty();
    let short = cli.done("-V");
    assert_eq!(short.lines().count(), 1, "{short}");
    let long = cli.done("--version");
    assert!(long.starts_with(short.trim_end()), "{long}");
    let mut rest = long.lines().skip(1);
    assert!(rest.all(|line| line.starts_with("commit ") || line.starts_with("module sha256:")), "{long}");
}
