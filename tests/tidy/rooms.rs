//! Which folder ("room") of a crate may use which: the arrows that `docs/architecture.md` draws.
//!
//! Tests are free: a test of the reader of documents may ask the gate what a document means.

use std::collections::BTreeMap;

use crate::Fault;
use crate::uses::Use;

/// The rooms of a crate, each with the rooms that it may use.
#[derive(Debug)]
pub struct Plan {
    /// The crate's folder, with a `/` at its end.
    pub folder: &'static str,
    /// A room, and what it may use.
    pub rooms: &'static [(&'static str, &'static [&'static str])],
}

/// The plans of the crates whose rooms have a direction.
pub const PLANS: [Plan; 4] = [
    Plan {
        folder: "src/core/",
        rooms: &[
            (
                "gate",
                &[
                    "reply",
                    "telemetry",
                    "auth",
                    "fleet",
                    "limit",
                    "lookup",
                    "document",
                    "request",
                    "timestamp",
                ],
            ),
            ("reply", &["telemetry", "auth", "limit", "lookup", "document", "request", "timestamp"]),
            ("telemetry", &["auth", "limit", "lookup", "document", "timestamp"]),
            ("auth", &["lookup", "document", "request", "timestamp"]),
            ("fleet", &["limit", "lookup", "document", "timestamp"]),
            ("limit", &["lookup", "document", "timestamp"]),
            ("lookup", &["document", "host", "path", "request", "sentence", "timestamp"]),
            ("document", &["host", "path", "sentence", "timestamp"]),
            ("host", &[]),
            ("path", &[]),
            ("request", &[]),
            ("sentence", &[]),
            ("timestamp", &[]),
        ],
    },
    Plan {
        folder: "src/engine/",
        rooms: &[
            ("server", &["admin", "service", "engine", "steady", "store"]),
            ("steady", &[]),
            ("service", &["codec", "engine", "call", "message"]),
            ("codec", &["message"]),
            ("admin", &["engine", "call", "counter", "listing", "store"]),
            (
                "engine",
                &["writer", "rates", "store", "listing", "metrics", "call", "counter", "decision", "message"],
            ),
            ("writer", &["store", "listing", "metrics", "counter", "decision"]),
            ("listing", &["rates", "store", "call", "counter"]),
            ("rates", &["call", "counter", "decision"]),
            ("metrics", &["call"]),
            ("store", &["counter", "decision"]),
            ("decision", &[]),
            ("call", &["counter", "message"]),
            ("counter", &[]),
            ("message", &[]),
        ],
    },
    Plan {
        folder: "src/server/",
        rooms: &[
            (
                "server",
                &[
                    "connections",
                    "console",
                    "desk",
                    "envoys",
                    "management",
                    "operators",
                    "publishing",
                    "routes",
                    "samples",
                    "tls",
                    "token",
                    "used",
                ],
            ),
            ("connections", &["management", "xds", "peer", "tls", "token"]),
            ("routes", &["console", "management", "envoys", "desk"]),
            ("console", &["delivery", "desk", "operators", "peer", "publishing", "samples"]),
            ("envoys", &["desk", "publishing", "xds", "delivery", "peer"]),
            ("management", &["desk", "operators", "record", "tries", "used", "peer", "stamp"]),
            ("desk", &["publishing", "delivery", "stamp"]),
            ("operators", &["stamp"]),
            ("publishing", &["xds", "delivery"]),
            ("xds", &["delivery", "token"]),
            ("delivery", &[]),
            ("peer", &[]),
            ("record", &[]),
            ("samples", &[]),
            ("stamp", &[]),
            ("tls", &[]),
            ("token", &[]),
            ("tries", &[]),
            ("used", &[]),
        ],
    },
    Plan {
        folder: "src/cli/",
        rooms: &[
            ("command_line", &["commands", "built", "output"]),
            ("commands", &["settings", "built", "output"]),
            ("settings", &["output"]),
            ("built", &[]),
            ("output", &[]),
        ],
    },
];

/// Reports each use against the direction, and each room that a plan does not know.
#[must_use]
pub fn check(plans: &[Plan], uses: &[Use]) -> Vec<Fault> {
    plans.iter().flat_map(|plan| check_plan(plan, uses)).collect()
}

fn check_plan(plan: &Plan, uses: &[Use]) -> Vec<Fault> {
    let allowed: BTreeMap<&str, &[&str]> = plan.rooms.iter().copied().collect();
    let mut faults = Vec::new();
    for one in uses.iter().filter(|one| !one.test) {
        let (Some(from), Some(to)) = (room(plan, &one.from), room(plan, &one.to)) else { continue };
        let remedy = match allowed.get(from) {
            None => format!("say in tests/tidy/rooms.rs what the new room `{from}` may use"),
            Some(allowed) if from == to || allowed.contains(&to) => continue,
            Some([]) => format!("`{from}` uses no other room: move what it needs into it"),
            Some(allowed) => format!("move it: `{from}` may use {}", allowed.join(", ")),
        };
        let what = format!("`{from}` uses `{to}` ({})", one.path);
        faults.push(Fault::new(&one.from, one.line, what, remedy));
    }
    faults
}

/// The room of a file; the root of the crate is in none.
fn room<'f>(plan: &Plan, file: &'f str) -> Option<&'f str> {
    let inside = file.strip_prefix(plan.folder)?;
    let room = inside.split('/').next()?.trim_end_matches(".rs");
    (!["lib", "main"].contains(&room)).then_some(room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;
    use crate::{printed, uses};

    const PLAN: Plan = Plan { folder: "src/core/", rooms: &[("gate", &["path"]), ("path", &[])] };

    #[test]
    fn a_use_against_the_direction_is_found_except_in_tests() {
        let tree = Tree::of(&[
            ("src/core/lib.rs", "pub mod gate;\npub mod path;\npub mod extra;"),
            ("src/core/gate.rs", "pub mod verdict;\nuse crate::path::Path;\npub struct Gate;"),
            ("src/core/gate/verdict.rs", "use super::Gate;\nuse crate::extra::X;"),
            (
                "src/core/path.rs",
                "pub struct Path;\n\nfn f(_: crate::gate::Gate) {}\n#[cfg(test)]\nmod tests;",
            ),
            ("src/core/path/tests.rs", "use crate::gate::Gate;"),
            ("src/core/extra.rs", "use crate::path::Path;\npub struct X;"),
        ]);
        let found = printed(&check(&[PLAN], &uses::all(&tree)));
        let wanted = [
            "src/core/extra.rs:1: `extra` uses `path` (crate::path::Path); \
             say in tests/tidy/rooms.rs what the new room `extra` may use",
            "src/core/gate/verdict.rs:2: `gate` uses `extra` (crate::extra::X); move it: `gate` may use path",
            "src/core/path.rs:3: `path` uses `gate` (crate::gate::Gate); \
             `path` uses no other room: move what it needs into it",
        ];
        assert_eq!(found, wanted);
    }
}
