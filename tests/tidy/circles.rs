//! Files do not use each other in a circle: each can be read and understood after those that it uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::Fault;
use crate::uses::Use;

/// Reports each circle once, at the first use of its first file, with the first use between any two of
/// its files.
#[must_use]
pub fn check(uses: &[Use]) -> Vec<Fault> {
    let mut targets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in uses {
        targets.entry(&one.from).or_default().insert(&one.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        targets.keys().map(|file| (*file, reachable(file, &targets))).collect();
    let mut reported: BTreeSet<&str> = BTreeSet::new();
    let mut faults = Vec::new();
    for (file, all) in &reached {
        if !all.contains(file) || reported.contains(file) {
            continue;
        }
        let back = |other: &&&str| reached.get(**other).is_some_and(|all| all.contains(file));
        let circle: BTreeSet<&str> = all.iter().filter(back).copied().collect();
        let mut arrows: BTreeMap<(&str, &str), &Use> = BTreeMap::new();
        for one in uses {
            if circle.contains(one.from.as_str()) && circle.contains(one.to.as_str()) {
                arrows.entry((&one.from, &one.to)).or_insert(one);
            }
        }
        let print = |one: &Use| {
            format!(
                "\n    {}:{} uses {} ({}{})",
                one.from,
                one.line,
                one.to,
                one.path,
                if one.test { ", in tests" } else { "" }
            )
        };
        let lines: Vec<String> = arrows.values().map(|one| print(one)).collect();
        faults.push(Fault::new(
            file,
            arrows.values().next().map_or(1, |one| one.line),
            format!("{} files use each other in a circle", circle.len()),
            format!("move what both sides use to a file of its own:{}", lines.concat()),
        ));
        reported.extend(circle);
    }
    faults
}

/// The files that can be reached from a file; it is one of them if it is in a circle.
fn reachable<'t>(file: &str, targets: &BTreeMap<&'t str, BTreeSet<&'t str>>) -> BTreeSet<&'t str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = targets.get(file).into_iter().flatten().copied().collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(targets.get(next).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;
    use crate::{printed, uses};

    #[test]
    fn a_circle_is_found_with_its_files() {
        let tree = Tree::of(&[
            ("src/lib.rs", "mod a;\nmod b;\nmod c;"),
            ("src/a.rs", "use crate::b::B;\npub struct A;"),
            ("src/b.rs", "use super::c::C;\npub struct B;"),
            ("src/c.rs", "use crate::a::A;\nuse crate::b::B;\npub struct C;"),
        ]);
        let wanted = "src/a.rs:1: 3 files use each other in a circle; move what both sides use to a file of its own:\
            \n    src/a.rs:1 uses src/b.rs (crate::b::B)\n    src/b.rs:1 uses src/c.rs (super::c::C)\
            \n    src/c.rs:1 uses src/a.rs (crate::a::A)\n    src/c.rs:2 uses src/b.rs (crate::b::B)";
        assert_eq!(printed(&check(&uses::all(&tree))), [wanted]);
    }

    #[test]
    fn a_child_that_uses_its_parents_definition_makes_a_circle_with_a_parent_that_uses_it() {
        let child = ("src/a/child.rs", "use super::Shared;\npub struct Child;");
        let uses_it = ("src/a.rs", "mod child;\npub use self::child::Child;\npub struct Shared;");
        let tree = Tree::of(&[("src/lib.rs", "mod a;"), uses_it, child]);
        assert_eq!(check(&uses::all(&tree)).len(), 1);
    }

    #[test]
    fn a_parent_that_only_passes_on_its_children_makes_none() {
        let tree = Tree::of(&[
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", "mod one;\nmod two;\npub use self::one::One;\npub use self::two::Two;"),
            ("src/a/one.rs", "use super::Two;\npub struct One;"),
            ("src/a/two.rs", "pub struct Two;\n#[cfg(test)]\nmod tests { use super::*; }"),
        ]);
        assert_eq!(printed(&check(&uses::all(&tree))), [""; 0]);
    }
}
