//! Which member of the workspace may use which, and which crates may stand behind it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Fault;

/// What a member's manifest asks for: the names of its dependencies, normal ones and all.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dependencies {
    normal: BTreeSet<String>,
    all: BTreeSet<String>,
}

/// The members by name, from the output of `cargo metadata --no-deps`.
///
/// # Panics
///
/// When it is not that output.
#[must_use]
pub fn read(metadata: &str) -> BTreeMap<String, Dependencies> {
    let metadata: Value = serde_json::from_str(metadata).expect("cargo prints JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().expect("cargo lists the packages");
    let read = |package: &Value| {
        let mut found = Dependencies::default();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            found.all.insert(text(&dependency["name"]));
            if dependency["kind"].is_null() {
                found.normal.insert(text(&dependency["name"]));
            }
        }
        (text(&package["name"]), found)
    };
    packages.iter().map(read).collect()
}

/// The direction: each member, and the members it may use outside of its tests.
const DIRECTION: [(&str, &[&str]); 19] = [
    ("usage-plan-core", &[]),
    ("envoy-usage-plan", &["usage-plan-core"]),
    ("envoy-usage-plan-module", &["usage-plan-core"]),
    ("usage-plan-manage", &["usage-plan-core"]),
    ("usage-plan-engine", &["usage-plan-core"]),
    ("usage-plan-server", &["usage-plan-manage", "usage-plan-engine", "usage-plan-core"]),
    ("usage-plan", &["usage-plan-manage", "usage-plan-engine", "usage-plan-server", "usage-plan-core"]),
    ("testbed", &[]),
    ("bench", &["testbed"]),
    ("demo", &["testbed"]),
    ("emulator", &["testbed"]),
    ("soak", &["testbed"]),
    ("timing", &["usage-plan-core"]),
    (
        "fuzz",
        &[
            "usage-plan-core",
            "envoy-usage-plan",
            "usage-plan-manage",
            "usage-plan-engine",
            "usage-plan-server",
            "emulator",
            "testbed",
        ],
    ),
    ("tidy", &[]),
    ("empty-filter", &[]),
    ("crashing-filter", &["envoy-usage-plan"]),
    ("crashing-module", &["envoy-usage-plan-module", "usage-plan-core"]),
    ("probe-filter", &[]),
];

/// Members whose tests, too, use no member but these: they judge the product from outside.
const OUTSIDE: [(&str, &[&str]); 6] = [
    ("testbed", &[]),
    ("bench", &["testbed"]),
    ("demo", &["testbed"]),
    ("emulator", &["testbed", "probe-filter"]),
    ("soak", &["testbed"]),
    ("tidy", &[]),
];

/// The crates that core may be made of: pure Rust, without an operating system.
#[rustfmt::skip]
const CORE: [&str; 31] = [
    "allocator-api2", "base64", "block-buffer", "cfg-if", "cmov", "const-oid", "cpufeatures",
    "crypto-common", "ctutils", "deranged", "digest", "equivalent", "foldhash", "hashbrown", "hmac",
    "hybrid-array", "itoa", "memchr", "num-conv", "powerfmt", "serde", "serde_core", "serde_json",
    "sha1", "sha2", "time", "time-core", "typenum", "usage-plan-core", "zeroize", "zmij",
];

/// What the filter adds to core.
const FILTER: [&str; 3] = ["envoy-usage-plan", "log", "proxy-wasm"];

/// The crates of a terminal, of a proxy and of a server, which `usage-plan-manage` knows none of.
const NOT_IN_MANAGE: [&str; 9] = [
    "clap",
    "clap_complete",
    "comfy-table",
    "signal-hook",
    "terminal_size",
    "proxy-wasm",
    "wasmi",
    "hyper",
    "tokio",
];

/// The crates of a terminal, of a proxy and of a client, which `usage-plan-engine` knows none of.
const NOT_IN_ENGINE: [&str; 5] = ["clap", "comfy-table", "proxy-wasm", "wasmi", "ureq"];

/// Reports each member that uses another against the direction, or that the direction does not know.
#[must_use]
pub fn direction(members: &BTreeMap<String, Dependencies>) -> Vec<Fault> {
    let allowed: BTreeMap<&str, &[&str]> = DIRECTION.into_iter().collect();
    let outside: BTreeMap<&str, &[&str]> = OUTSIDE.into_iter().collect();
    let mut faults = Vec::new();
    for (member, dependencies) in members {
        let Some(normal) = allowed.get(member.as_str()) else {
            let what = format!("`{member}` is a new member");
            faults.push(Fault::new("Cargo.toml", 1, what, "say in tests/tidy/members.rs what it may use"));
            continue;
        };
        let against = |asked: &BTreeSet<String>, allowed: &[&str]| -> Vec<String> {
            let members = asked.iter().filter(|name| members.contains_key(*name));
            members.filter(|name| !allowed.contains(&name.as_str())).cloned().collect()
        };
        let mut found = against(&dependencies.normal, normal);
        if let Some(all) = outside.get(member.as_str()) {
            found.extend(against(&dependencies.all, all));
        }
        found.sort();
        found.dedup();
        faults.extend(found.into_iter().map(|name| {
            let what = format!("`{member}` uses `{name}`");
            let remedy = if normal.is_empty() {
                format!("`{member}` uses no member")
            } else {
                format!("`{member}` may use {}", normal.join(", "))
            };
            Fault::new("Cargo.toml", 1, what, remedy)
        }));
    }
    faults
}

/// Reports each root that is no target in the outputs of `cargo metadata`: nobody builds it, or judges it.
///
/// # Panics
///
/// When one is not that output.
#[must_use]
pub fn unbuilt(roots: &[String], metadata: &[String]) -> Vec<Fault> {
    let read = |output: &String| serde_json::from_str::<Value>(output).expect("cargo prints JSON");
    let workspaces: Vec<Value> = metadata.iter().map(read).collect();
    let packages = workspaces.iter().flat_map(|output| output["packages"].as_array().into_iter().flatten());
    let targets = packages.flat_map(|package| package["targets"].as_array().into_iter().flatten());
    let built: Vec<&str> = targets.filter_map(|target| target["src_path"].as_str()).collect();
    let is_built = |root: &String| built.iter().any(|path| path.ends_with(&format!("/{root}")));
    let fault = |root: &String| {
        let remedy = "write `mod` for it in its parent, a target in its Cargo.toml, or remove it";
        Fault::new(root, 1, "the file is part of no crate", remedy)
    };
    roots.iter().filter(|root| !is_built(root)).map(fault).collect()
}

/// Reports each crate behind a member that does not belong; `crates` are the names that `cargo tree` prints.
#[must_use]
pub fn behind<'c>(member: &str, crates: impl IntoIterator<Item = &'c str>) -> Vec<Fault> {
    let belongs = |name: &str| match member {
        "usage-plan-core" => CORE.contains(&name),
        "envoy-usage-plan" => CORE.contains(&name) || FILTER.contains(&name),
        "envoy-usage-plan-module" => CORE.contains(&name) || name == member,
        "usage-plan-manage" => !NOT_IN_MANAGE.contains(&name),
        "usage-plan-engine" => !NOT_IN_ENGINE.contains(&name),
        "usage-plan" => !["proxy-wasm", "wasmi"].contains(&name),
        _ => true,
    };
    let crates: BTreeSet<&str> = crates.into_iter().collect();
    let fault = |name: &str| {
        let what = format!("the crate `{name}` is behind `{member}`");
        let remedy = format!("see `cargo tree -p {member} -e normal -i {name}`, and tests/tidy/members.rs");
        Fault::new("Cargo.toml", 1, what, remedy)
    };
    crates.into_iter().filter(|name| !belongs(name)).map(fault).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::printed;

    /// What `cargo metadata` prints for members, each with its dependencies and those of its tests.
    fn members(manifests: &[(&str, &[&str], &[&str])]) -> BTreeMap<String, Dependencies> {
        let packages = manifests.iter().map(|(name, normal, dev)| {
            let normal = normal.iter().map(|name| json!({ "name": name, "kind": null }));
            let dev = dev.iter().map(|name| json!({ "name": name, "kind": "dev" }));
            json!({ "name": name, "dependencies": normal.chain(dev).collect::<Vec<_>>() })
        });
        read(&json!({ "packages": packages.collect::<Vec<_>>() }).to_string())
    }

    #[test]
    fn a_member_that_uses_another_against_the_direction_is_found() {
        let found = direction(&members(&[
            ("usage-plan-core", &["usage-plan-manage", "serde"], &[]),
            ("usage-plan-manage", &["usage-plan-core"], &["testbed"]),
            ("testbed", &[], &["usage-plan-core"]),
            ("demo", &["testbed", "usage-plan-manage"], &[]),
            ("web", &[], &[]),
        ]));
        let wanted = [
            "Cargo.toml:1: `demo` uses `usage-plan-manage`; `demo` may use testbed",
            "Cargo.toml:1: `testbed` uses `usage-plan-core`; `testbed` uses no member",
            "Cargo.toml:1: `usage-plan-core` uses `usage-plan-manage`; `usage-plan-core` uses no member",
            "Cargo.toml:1: `web` is a new member; say in tests/tidy/members.rs what it may use",
        ];
        assert_eq!(printed(&found), wanted);
    }

    #[test]
    fn a_file_that_nobody_builds_is_found() {
        let targets = json!([{ "src_path": "/home/a/src/core/lib.rs" }]);
        let metadata = json!({ "packages": [{ "targets": targets }] }).to_string();
        let wanted = "src/core/old.rs:1: the file is part of no crate; \
            write `mod` for it in its parent, a target in its Cargo.toml, or remove it";
        let roots = ["src/core/lib.rs", "src/core/old.rs"].map(str::to_owned);
        assert_eq!(printed(&unbuilt(&roots, &[metadata])), [wanted]);
    }

    #[test]
    fn a_crate_that_does_not_belong_is_found() {
        for (member, crates, wanted) in [
            ("usage-plan-core", ["usage-plan-core", "serde", "libc"], "libc"),
            ("envoy-usage-plan", ["usage-plan-core", "proxy-wasm", "getrandom"], "getrandom"),
            ("envoy-usage-plan-module", ["usage-plan-core", "hashbrown", "log"], "log"),
            ("usage-plan-manage", ["usage-plan-core", "tempfile", "clap"], "clap"),
            ("usage-plan-engine", ["usage-plan-core", "tokio", "ureq"], "ureq"),
            ("usage-plan", ["usage-plan-manage", "clap", "proxy-wasm"], "proxy-wasm"),
        ] {
            let wanted = format!(
                "Cargo.toml:1: the crate `{wanted}` is behind `{member}`; \
                 see `cargo tree -p {member} -e normal -i {wanted}`, and tests/tidy/members.rs"
            );
            assert_eq!(printed(&behind(member, crates)), [wanted]);
        }
    }
}
