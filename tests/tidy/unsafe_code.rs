//! Where `unsafe` may be: only where bytes cross an ABI, in the filter, in the dynamic module and in the
//! emulator's bindings to native code.

use proc_macro2::{TokenStream, TokenTree};

use crate::Fault;
use crate::tree::Tree;

/// The files that cross the ABI.
const ALLOWED: [&str; 12] = [
    "src/filter/abi.rs",
    "src/module/abi/callbacks.rs",
    "src/module/abi/entry_point.rs",
    "src/module/abi/envoy.rs",
    "src/module/abi/hooks.rs",
    "tests/emulator/dynamic.rs",
    "tests/emulator/dynamic/calls.rs",
    "tests/emulator/dynamic/pointers.rs",
    "tests/emulator/environment.rs",
    "tests/emulator/native.rs",
    "tests/emulator/native/calls.rs",
    "tests/fixtures/crashing-module/lib.rs",
];

/// The roots of the crates that forbid it.
const FORBIDDEN: [&str; 3] = ["src/core/lib.rs", "src/manage/lib.rs", "src/cli/main.rs"];

/// Reports `unsafe` elsewhere, and a root that does not forbid it.
#[must_use]
pub fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in tree.rust() {
        let Ok(tokens) = file.text.parse::<TokenStream>() else { continue };
        if !ALLOWED.contains(&file.path.as_str()) {
            let remedy = format!("move it behind a safe function of one of {}", ALLOWED.join(", "));
            let fault = |line| Fault::new(&file.path, line, "`unsafe` outside of the ABI", remedy.clone());
            faults.extend(unsafe_lines(tokens).into_iter().map(fault));
        }
        let forbids = || file.text.lines().any(|line| line == "#![forbid(unsafe_code)]");
        if FORBIDDEN.contains(&file.path.as_str()) && !forbids() {
            let what = "the crate does not forbid `unsafe`";
            faults.push(Fault::new(
                &file.path,
                1,
                what,
                "write `#![forbid(unsafe_code)]` in a line of its own",
            ));
        }
    }
    faults
}

fn unsafe_lines(tokens: TokenStream) -> Vec<usize> {
    let lines = tokens.into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => unsafe_lines(group.stream()),
        TokenTree::Ident(ident) if ident == "unsafe" => vec![ident.span().start().line],
        _ => Vec::new(),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed;

    #[test]
    fn unsafe_outside_of_the_abi_is_found() {
        let tree = Tree::of(&[
            ("src/filter/abi.rs", "fn f() { unsafe { g() } }"),
            ("src/filter/http.rs", "/// Not unsafe.\nfn f() {\n    let _ = [unsafe { g() }, \"unsafe\"];\n}"),
        ]);
        let wanted = "src/filter/http.rs:3: `unsafe` outside of the ABI; move it behind a safe function of one of \
            src/filter/abi.rs, src/module/abi/callbacks.rs, src/module/abi/entry_point.rs, \
            src/module/abi/envoy.rs, src/module/abi/hooks.rs, tests/emulator/dynamic.rs, \
            tests/emulator/dynamic/calls.rs, tests/emulator/dynamic/pointers.rs, \
            tests/emulator/environment.rs, tests/emulator/native.rs, tests/emulator/native/calls.rs, tests/fixtures/crashing-module/lib.rs";
        assert_eq!(printed(&check(&tree)), [wanted]);
    }

    #[test]
    fn a_root_that_does_not_forbid_it_is_found() {
        let tree = Tree::of(&[
            ("src/cli/main.rs", "//! `#![forbid(unsafe_code)]`"),
            ("src/core/lib.rs", "#![forbid(unsafe_code)]\n"),
        ]);
        let wanted = "src/cli/main.rs:1: the crate does not forbid `unsafe`; \
            write `#![forbid(unsafe_code)]` in a line of its own";
        assert_eq!(printed(&check(&tree)), [wanted]);
    }
}
