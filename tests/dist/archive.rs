//! The archive and the checksums, as files.

use std::fs;
use std::process::Command;

use crate::dist::{Unpacked, file, files, folder, name, printed};

#[test]
fn the_checksums_are_those_of_all_files() {
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--strict", "SHA256SUMS"]).current_dir(folder());
    let checked = printed(&mut check);
    let all: Vec<String> = files(&folder()).iter().map(|file| name(file)).collect();
    for file in all.iter().filter(|file| *file != "SHA256SUMS") {
        assert!(checked.contains(&format!("{file}: OK\n")), "{file}: {checked}");
    }
    assert_eq!(checked.lines().count() + 1, all.len(), "{checked}");
}

#[test]
fn packing_again_gives_the_same_bytes() {
    let unpacked = Unpacked::new();
    let again = tempfile::tempdir().expect("a directory");
    let mut pack = Command::new("bash");
    // Nothing of the machine gets in: no clock, no order of files, no rights, no name of a directory.
    pack.args(["-c", "umask 077; exec python3 -B \"$@\"", "bash"]).current_dir("/");
    pack.env("TZ", "Asia/Shanghai").env("PYTHONHASHSEED", "4711").env("TMPDIR", again.path());
    pack.arg(testbed::repository().join("src/dist/pack.py")).arg(unpacked.path("bin/usage-plan"));
    pack.arg(file("envoy_usage_plan.wasm")).arg(file("libenvoy_usage_plan.so"));
    pack.arg(again.path().join("dist"));
    printed(&mut pack);
    let (first, second) = (files(&folder()), files(&again.path().join("dist")));
    assert_eq!(first.len(), second.len(), "{first:?} {second:?}");
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(name(first), name(second));
        let same = fs::read(first).expect("read") == fs::read(second).expect("read");
        assert!(same, "{} has other bytes", name(first));
    }
}

#[test]
fn all_files_are_roots_and_of_one_time() {
    let mut list = Command::new("tar");
    list.args(["--numeric-owner", "--full-time", "-tvzf"]).arg(file(".tar.gz"));
    let listed = printed(&mut list);
    // Mode, owner, size, date, time, name.
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(lines.len() > 50, "{listed}");
    let names: Vec<&str> = lines.iter().map(|line| line[5]).collect();
    assert!(names.is_sorted(), "{names:?}");
    for line in &lines {
        let mode = if line[5].ends_with("/bin/usage-plan") { "-rwxr-xr-x" } else { "-rw-r--r--" };
        assert_eq!((line[0], line[1], line[3], line[4]), (mode, "0/0", lines[0][3], lines[0][4]), "{line:?}");
    }
}

#[test]
fn the_licences_of_all_that_is_linked_go_with_it() {
    let unpacked = Unpacked::new();
    let read = |path: &str| fs::read_to_string(unpacked.path(path)).expect("read");
    let licences = read("share/usage-plan/THIRD-PARTY-LICENSES.txt");
    // Of the module, of the command line, of a licence that binaries owe its text, of the C library.
    for holder in ["proxy-wasm 0.", "clap_builder 4.", "encoding_rs 0.", "Rich Felker"] {
        assert!(licences.contains(holder), "{holder}");
    }
    assert!(licences.contains("Redistributions in binary form must reproduce the above copyright"));
    assert!(!licences.contains("proptest"), "tests are not linked");
    assert!(read("share/usage-plan/LICENSE").contains("Apache License"));
}
