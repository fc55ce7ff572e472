//! What `make demo`, `make demo-night`, `make demo-serve` and `make demo-fleet` show: every claim in it
//! holds.

use std::path::Path;

use demo::Play;

/// Plays it, and asserts that it makes at least so many claims and that all of them hold.
fn assert_every_claim_holds(play: Play, claims: usize) {
    let mut shown = Vec::new();
    let end = demo::show(play, Path::new(env!("CARGO_BIN_EXE_usage-plan")), &mut shown, false, &|| false);
    let shown = String::from_utf8(shown).expect("text");
    assert_eq!(end, Ok(()), "{shown}");
    assert!(shown.matches("\n   ✓ ").count() >= claims, "{shown}");
}

#[test]
fn every_claim_of_the_demo_holds() {
    assert_every_claim_holds(Play::Demo, 20);
}

#[test]
fn every_claim_of_an_operators_night_holds() {
    assert_every_claim_holds(Play::Night, 40);
}

#[test]
fn every_claim_of_the_clouds_own_command_line_holds() {
    assert_every_claim_holds(Play::Serve, 14);
}

#[test]
fn every_claim_of_a_fleet_holds() {
    assert_every_claim_holds(Play::Fleet, 15);
}
