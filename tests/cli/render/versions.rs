//! The versions of Envoy that `render` knows: what differs, and that the tests run on each.

use serde_json::{Value, json};

use super::{ENVOY_PLUGIN, rendered};
use crate::cli::{Cli, EXAMPLE, Edit, assert_contains, example};

const OLDER: [&str; 3] = ["1.39", "1.37", "1.36"];
const ECDS_PLUGIN: &str = "/resources/0/typed_config/config";

fn one(target_and_options: &str) -> Value {
    rendered(&example(), target_and_options).remove(0)
}

#[test]
fn an_older_envoy_gets_the_capabilities_in_the_plugin_the_variables_in_the_vm_and_all_else_unchanged() {
    for (target, plugin) in [("envoy", ENVOY_PLUGIN), ("ecds", ECDS_PLUGIN)] {
        let newest = one(&format!("{target} --envoy 1.40"));
        assert_eq!(newest, one(target));
        let of_the_vm = format!("{plugin}/vm_config/capability_restriction_config");
        let list = newest.pointer(&of_the_vm).expect("a list").clone();
        assert_ne!(list, json!({}));
        let of_the_plugin = format!("{plugin}/capability_restriction_config");
        let before_1_40 = newest.without(&of_the_vm).with(&of_the_plugin, list);
        let configuration =
            json!({"@type": "type.googleapis.com/google.protobuf.StringValue", "value": "ACME_SECRET_KEY"});
        let before_1_39 =
            before_1_40.clone().with(&format!("{plugin}/vm_config/configuration"), configuration);
        for version in OLDER {
            let expected = if version == "1.39" { &before_1_40 } else { &before_1_39 };
            assert_eq!(&one(&format!("{target} --envoy {version}")), expected, "{version}");
        }
    }
}

#[test]
fn a_document_without_headers_on_responses_has_a_vm_of_its_own_that_is_not_called_for_them() {
    let callback = "proxy_on_response_headers";
    let fleet = json!({"cluster": "usage-plan-engine", "expected_envoys": 2});
    for version in ["1.40", "1.39", "1.36"] {
        let place = if version == "1.40" { "/vm_config" } else { "" };
        let listed = |options: Value| {
            let document = example().with("/options", options);
            let rendered = rendered(&document, &format!("ecds --envoy {version}")).remove(0);
            let plugin = rendered.pointer(ECDS_PLUGIN).expect("a plugin").clone();
            let list = plugin.pointer(&format!("{place}/capability_restriction_config/allowed_capabilities"));
            let is_listed = list.and_then(|list| list.get(callback)).is_some();
            let configuration = plugin["vm_config"]["configuration"]["value"].as_str().unwrap_or_default();
            let is_said = configuration.ends_with("without proxy_on_response_headers");
            assert_ne!(is_listed, is_said, "{configuration}");
            is_listed
        };
        assert!(!listed(json!({"rate_limit_headers": []})), "{version}");
        for options in [
            json!({}),
            json!({"rate_limit_headers": ["ietf"]}),
            json!({"rate_limit_headers": [], "enforcement": "observe"}),
            json!({"rate_limit_headers": [], "fleet": fleet}),
        ] {
            assert!(listed(options.clone()), "{version} {options}");
        }
    }
}

#[test]
fn a_rendered_and_a_published_file_say_which_envoy_they_are_for() {
    let cli = Cli::with(EXAMPLE);
    for target in ["envoy", "ecds"] {
        assert_contains(&cli.done(&format!("render --to {target}")), "\n# It is for Envoy 1.40.\n");
        assert_contains(
            &cli.done(&format!("render --to {target} --envoy 1.37")),
            "\n# It is for Envoy 1.37.\n",
        );
    }
    std::fs::create_dir(cli.path("watched")).expect("made");
    cli.done("publish --to watched --envoy 1.39");
    let published = std::fs::read_to_string(cli.path("watched/usage-plan.yaml")).expect("published");
    assert_contains(&published, "\n# It is for Envoy 1.39.\n");
}

#[test]
fn a_version_that_is_not_supported_is_a_wrong_command_line_and_the_answer_names_those_that_are() {
    let cli = Cli::with(EXAMPLE);
    for version in ["1.38", "1.36.4", "1.41", ""] {
        let error = cli.fails(2, &format!("render --to envoy --envoy '{version}'"));
        assert_contains(&error, "[possible values: 1.36, 1.37, 1.39, 1.40]");
    }
}

/// The words after `name := ` in the Makefile.
fn make_variable(name: &str) -> Vec<&'static str> {
    let line = include_str!("../../../Makefile")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(" := "));
    line.expect("in the Makefile").split_whitespace().collect()
}

#[test]
fn the_readmes_support_what_the_makefile_tests_and_render_knows() {
    let (newest, older) = (make_variable("ENVOY_VERSION"), make_variable("OLDER_ENVOYS"));
    let first_two =
        |version: &&str| version.rsplit_once('.').map_or("", |(first_two, _)| first_two).to_owned();
    assert_eq!(newest.iter().map(first_two).collect::<Vec<_>>(), ["1.40"]);
    assert_eq!(older.iter().map(first_two).collect::<Vec<_>>(), OLDER);
    for (readme, comma) in
        [(include_str!("../../../README.md"), ", "), (include_str!("../../../README.zh-CN.md"), "、")]
    {
        assert_contains(readme, &format!("\n| {} |", newest.concat()));
        assert_contains(readme, &format!("\n| {} |", older.join(comma)));
    }
    let steps = include_str!("../../../.ci/run").lines().filter_map(|line| line.strip_prefix("step "));
    let steps: Vec<&str> = steps.flat_map(str::split_whitespace).collect();
    assert!(steps.contains(&"test") && steps.contains(&"test-envoys"), "{steps:?}");
}
