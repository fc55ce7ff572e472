//! `usage-plan key`

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::cli::{Cli, EXAMPLE};

#[test]
fn a_created_key_is_a_pair_from_the_random_source_in_a_file_for_its_owner_alone() {
    let cli = Cli::empty();
    let [first, second] = ["one", "two"].map(|name| cli.json(&["key", "create", "--name", name]));
    for key in [&first, &second] {
        let (id, secret) =
            (key["secret_id"].as_str().expect("text"), key["secret_key"].as_str().expect("text"));
        assert!(id.starts_with("AKID") && id.len() == 40 && secret.len() == 40, "{key}");
        assert!(id.bytes().chain(secret.bytes()).all(|byte| byte.is_ascii_alphanumeric()), "{key}");
    }
    assert_ne!(first["secret_id"], second["secret_id"]);
    assert_ne!(first["secret_key"], second["secret_key"]);
    let mode = cli.path("usage-plans.json").metadata().expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(cli.document()["keys"][0]["secret_key"], first["secret_key"]);
}
