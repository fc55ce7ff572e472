//! The story that `make demo` tells: a service, a key and a plan made, bound, called, disabled, rotated, flooded and edited.

use std::path::Path;

use testbed::demo;

#[test]
fn every_claim_of_the_demo_holds() {
    let mut told = Vec::new();
    let end = demo::tell(Path::new(env!("CARGO_BIN_EXE_usage-plan")), &mut told, false, &|| false);
    let told = String::from_utf8(told).expect("text");
    assert_eq!(end, Ok(()), "{told}");
    assert!(told.matches("\n   ✓ ").count() >= 20, "{told}");
}
