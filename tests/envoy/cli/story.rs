//! What `make demo` shows: every claim in it holds.

use std::path::Path;

#[test]
fn every_claim_of_the_demo_holds() {
    let mut shown = Vec::new();
    let end = demo::show(Path::new(env!("CARGO_BIN_EXE_usage-plan")), &mut shown, false, &|| false);
    let shown = String::from_utf8(shown).expect("text");
    assert_eq!(end, Ok(()), "{shown}");
    assert!(shown.matches("\n   ✓ ").count() >= 20, "{shown}");
}
