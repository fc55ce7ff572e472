//! Random histories of several workers that reserve, judged by their admissions alone.
//!
//! A worker is held up at each call to its host while others go on. Workers die with what they hold, take
//! over other documents, and read a clock that is set back. Some histories let a worker reserve as much as it
//! likes, because the promise must not depend on how much that is.
//!
//! `HISTORIES=200000 cargo test --profile thorough --package usage-plan-core histories` tries that many
//! of each kind.

mod history;
mod judge;
mod simulation;
mod wrong;

use self::history::{History, Kind};
use self::simulation::Told;
use self::wrong::Wrong;

/// How many histories of each kind a test tries, unless the environment says otherwise.
fn histories(default: u64) -> u64 {
    std::env::var("HISTORIES").ok().and_then(|number| number.parse().ok()).unwrap_or(default)
}

/// Runs so many histories: how many admissions were made from a lease, or how the promise was broken first.
fn run(kind: Kind, wrong: Wrong, count: u64) -> Result<u64, String> {
    let mut leased = 0;
    for seed in 0..count {
        let Told { from_leases, broken, .. } = History::new(kind, wrong, seed).run();
        leased += from_leases;
        if let Some(how) = broken {
            return Err(format!("{kind:?} history {seed}: {how}"));
        }
    }
    Ok(leased)
}

fn kept(kind: Kind, count: u64) {
    let count = histories(count);
    let leased = run(kind, Wrong::Nothing, count).unwrap_or_else(|how| panic!("{how}"));
    assert!(leased > count, "{leased} admissions from leases in {count} histories show nothing");
}

#[test]
fn no_history_of_small_numbers_breaks_the_promise() {
    kept(Kind::Small, 1500);
}

#[test]
fn no_history_at_the_renewal_of_a_quota_breaks_the_promise() {
    kept(Kind::Renewal, 10);
}

#[test]
fn no_history_of_real_numbers_breaks_the_promise_or_loses_more_than_it_may() {
    kept(Kind::Real, 10);
}

#[test]
fn no_history_with_a_step_of_the_clock_admits_more_than_the_limit_twice() {
    kept(Kind::Step, 10);
}

#[test]
#[ignore = "minutes unless it is optimised: make test runs it by cargo test --profile thorough"]
fn no_history_of_more_workers_than_leases_breaks_the_promise_or_loses_more_than_it_may() {
    kept(Kind::Wide, 20);
}

/// A wrong rule that random histories find, within so many.
fn found(kind: Kind, wrong: Wrong, within: u64) {
    let broken = run(kind, wrong, within);
    assert!(broken.is_err(), "{wrong:?} is not found in {within} histories");
}

#[test]
fn histories_find_the_lease_that_is_stamped_ahead_in_the_log() {
    found(Kind::Small, Wrong::StampedAhead, 20_000);
}

#[test]
fn histories_find_the_next_vm_that_closes_or_drops_the_lease_of_one_that_died() {
    found(Kind::Small, Wrong::NextVmCloses, 20_000);
    found(Kind::Small, Wrong::NextVmDrops, 20_000);
}

#[test]
fn histories_find_the_lapsed_lease_that_anyone_gives_back() {
    found(Kind::Small, Wrong::AnyoneGivesBack, 20_000);
}

#[test]
fn histories_find_the_lease_that_leaves_a_second_after_its_opening() {
    found(Kind::Small, Wrong::LeavesEarly, 20_000);
}

#[test]
fn histories_find_the_time_that_is_not_settled_by_open_leases() {
    found(Kind::Small, Wrong::OpenedIsNoTime, 20_000);
}

#[test]
fn histories_find_the_lease_that_outlives_the_renewal_of_a_quota() {
    found(Kind::Renewal, Wrong::OutlivesRenewal, 200);
}
