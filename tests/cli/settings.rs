//! Settings: flags from variables, and from `usage-plan.toml` beside the document.

use std::fs;

use crate::cli::{Cli, EXAMPLE, assert_contains, assert_text};

/// The example, beside a directory that an Envoy could watch and a file of settings.
fn cli(settings: &str) -> Cli {
    let cli = Cli::with(EXAMPLE);
    fs::create_dir(cli.path("watched")).expect("made");
    cli.write("usage-plan.toml", settings);
    cli
}

fn published(cli: &Cli) -> String {
    fs::read_to_string(cli.path("watched/usage-plan.yaml")).expect("published")
}

#[test]
fn what_the_file_says_needs_no_flag_and_its_paths_begin_at_the_file() {
    let cli = cli("to = \"watched\"\nmodule = \"filter.wasm\"\nmode = \"0640\"\nenvoy = \"1.36\"\n");
    assert_contains(&cli.done("publish"), "published ./watched/usage-plan.yaml, version ");
    let module = cli.path("filter.wasm");
    assert_contains(&published(&cli), &format!("filename: \"{}\"", module.display()));
    assert_contains(&published(&cli), "# It is for Envoy 1.36.");

    fs::create_dir(cli.path("elsewhere")).expect("made");
    let mut command = cli.command("publish --file ../usage-plans.json");
    command.current_dir(cli.path("elsewhere"));
    let ran = crate::cli::run(command, "");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
    assert_contains(&ran.stdout, "unchanged ../watched/usage-plan.yaml");
}

#[test]
fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let settings = "to = \"watched\"\nvm-id = \"of-the-file\"\n";
    let vm_id = |cli: &Cli, line: &str| {
        cli.done(line);
        let text = published(cli);
        text.lines().find_map(|line| line.trim().strip_prefix("vm_id: ").map(str::to_owned)).expect("a vm_id")
    };
    assert_contains(&vm_id(&cli(settings), "publish"), "\"of-the-file\"");
    let with_variable = cli(settings).env("USAGE_PLAN_VM_ID", "of-the-variable");
    assert_contains(&vm_id(&with_variable, "publish"), "\"of-the-variable\"");
    assert_contains(&vm_id(&with_variable, "publish --vm-id of-the-flag"), "\"of-the-flag\"");
}

#[test]
fn a_list_in_the_file_or_in_a_variable_is_a_flag_that_is_repeated() {
    let [one, two] = testbed::ports::free_ports().expect("free ports");
    let [one, two] = [one, two].map(|port| format!("127.0.0.1:{port}"));
    let of_file = cli(&format!("to = \"watched\"\nadmin = [\"{one}\", \"{two}\"]\n"));
    let of_variable = cli("to = \"watched\"").env("USAGE_PLAN_ADMIN", &format!("{one},{two}"));
    for cli in [of_file, of_variable] {
        let error = cli.fails(3, "publish");
        for expected in [format!(" {one}: "), format!(" {two}: ")] {
            assert_contains(&error, &expected);
        }
    }
}

#[test]
fn a_wrong_file_names_itself_and_the_line_whatever_the_command_is_that_needs_it() {
    for (settings, expected) in [
        (
            "to = \"watched\"\nwatch = true\n",
            "error: ./usage-plan.toml:2: watch: no such setting; known are to, ",
        ),
        ("to = 1\n", "error: ./usage-plan.toml:1: to: must be a path in double quotes"),
        ("\nadmin = \"9901\"\n", "error: ./usage-plan.toml:2: admin: invalid value '9901' for '--admin <"),
        ("timeout = \"soon\"\n", "error: ./usage-plan.toml:1: timeout: invalid value 'soon'"),
        ("mode = \"0999\"\n", "error: ./usage-plan.toml:1: mode: invalid value '0999'"),
        ("envoy = \"2\"\n", "error: ./usage-plan.toml:1: envoy: invalid value '2'"),
        ("to = \n", "error: ./usage-plan.toml:1: "),
    ] {
        assert_contains(&cli(settings).fails(2, "publish"), expected);
    }
    let cli = cli("to = 1\n");
    assert_contains(&cli.fails(2, "usage"), "error: ./usage-plan.toml:1: to: ");
    let json = cli.fails(2, "publish --output json");
    assert_contains(&json, "\"message\": \"./usage-plan.toml:1: to: must be a path");
    // What takes no setting works, and so does the help.
    cli.done("key list");
    cli.done("check");
    cli.done("publish --help");
}

#[test]
fn what_cannot_be_reached_is_said_to_be_a_setting_of_the_file() {
    let cli = cli("\nto = \"nowhere\"\n");
    let error = cli.fails(3, "publish");
    assert_contains(&error, "error: --to ./nowhere: No such file or directory");
    assert_contains(
        &error,
        "\nit has to be the directory that path_config_source in Envoy's configuration names",
    );
    assert_contains(&error, "\nsettings of ./usage-plan.toml: to (line 2)");
    let error = cli.fails(3, "publish --to there");
    assert!(!error.contains("usage-plan.toml:"), "{error}");
}

#[test]
fn without_a_directory_publish_says_what_makes_one() {
    let cli = Cli::with(EXAMPLE);
    let error = cli.fails(2, "publish");
    assert_contains(&error, "error: --to is missing: the directory that Envoy watches");
    assert_contains(&error, "usage-plan init DIR");
}

#[test]
fn flags_of_the_same_name_that_mean_something_else_are_no_settings() {
    let cli =
        cli("to = \"watched\"\nadmin = \"10.0.0.1:9901\"\ngateway = \"http://g:1\"\nmodule = \"m.wasm\"\n");
    let [with, without] = [&cli, &Cli::with(EXAMPLE)].map(|cli| cli.exits(0, "render --to istio").stdout);
    assert_text(&with, &without);
    let error = cli.exits(2, "render --to istio --module m.wasm").stderr;
    assert_contains(&error, "--module, --vm-id and --envoy belong to --to envoy or ecds");
    let rendered = cli.done("render --to envoy");
    assert_contains(&rendered, "address: 127.0.0.1, port_value: 9901");
    assert_contains(&rendered, &format!("filename: \"{}\"", cli.path("m.wasm").display()));
}
