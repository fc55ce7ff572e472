//! Secrets outside of the document, put into it by `publish --resolve`: no variable, and no restart.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use super::init::FromNothing;
use crate::until;

const QUOTA: u64 = 1000;

/// A directory as Kubernetes mounts a Secret: each file is a link to one below `..data`, which is a link too.
fn mount(directory: &Path, names: &[&str]) {
    fs::create_dir_all(directory).expect("made");
    for name in names {
        symlink(Path::new("..data").join(name), directory.join(name)).expect("linked");
    }
}

/// Gives all files of the mounted Secret their new contents at once, as Kubernetes does.
fn swap(directory: &Path, generation: &str, secrets: &[(&str, &str)]) {
    fs::create_dir(directory.join(generation)).expect("made");
    for (name, secret) in secrets {
        fs::write(directory.join(generation).join(name), secret).expect("written");
    }
    symlink(generation, directory.join("..data_tmp")).expect("linked");
    fs::rename(directory.join("..data_tmp"), directory.join("..data")).expect("swapped");
}

#[test]
fn a_new_key_and_a_swapped_secret_are_in_force_without_a_restart_and_no_count_is_lost() {
    let gateway = FromNothing::new();
    let secrets = gateway.path("secrets");
    mount(&secrets, &["acme", "beta"]);
    swap(&secrets, "..1", &[("acme", "acme-secret-key-0001"), ("beta", "beta-secret-key-0001")]);
    for command in [
        "service create --name orders --domain orders.example.com",
        "key create --name acme --secret-id AKIDacme0001 --secret-key-file secrets/acme",
        &format!("plan create --name gold --quota {QUOTA}/total"),
        "plan bind-key gold acme",
        "plan bind-environment gold orders release",
    ] {
        gateway.json(command);
    }
    let answer = gateway.json("publish --resolve --timeout 60s");
    assert_eq!(answer["resolved"][0], "AKIDacme0001", "{answer}");
    for _ in 0..5 {
        assert_eq!(gateway.call("AKIDacme0001", "acme-secret-key-0001"), 200);
    }

    let watching = gateway.start("publish --resolve --timeout 60s --watch");
    let line = |expected: &str| {
        let line = watching.line(Duration::from_secs(60)).expect("a line");
        assert!(line.contains(expected), "{line}");
    };
    line("unchanged ");
    // A key that Envoy has no variable for.
    gateway.json("key create --name beta --secret-id AKIDbeta0001 --secret-key-file secrets/beta");
    line("published ");
    gateway.json("plan bind-key gold beta");
    line("with the secrets of acme (AKIDacme0001), beta (AKIDbeta0001) in it; its mode is 0600");
    let status = |id: &str, secret: &str, expected| {
        assert_eq!(until(|| gateway.call(id, secret), |status| *status == expected), expected, "{id}");
    };
    status("AKIDbeta0001", "beta-secret-key-0001", 200);
    // The mounted Secret changes, and the document does not.
    swap(&secrets, "..2", &[("acme", "acme-secret-key-0002"), ("beta", "beta-secret-key-0001")]);
    line("published ");
    status("AKIDacme0001", "acme-secret-key-0002", 200);
    status("AKIDacme0001", "acme-secret-key-0001", 401);

    // Every call that passed is counted, before the swap and after it.
    let response = gateway.send("AKIDacme0001", "acme-secret-key-0002");
    let expected = format!("{}/{QUOTA}", QUOTA - gateway.admitted());
    assert_eq!(response.header("x-usageplan-quota"), Some(expected));
    assert!(gateway.admitted() >= 8);
}
