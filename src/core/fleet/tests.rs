//! Random histories of several Envoys and an engine, judged by what was admitted.
//!
//! `make sim SEEDS=20000` tries that many of each kind.

mod engine;
mod envoy;
mod history;
mod random;
mod told;
mod world;

use self::history::{Load, Setting};
use self::random::Random;
use self::told::Told;
use self::world::World;

const SECOND: u64 = 1_000_000;

/// How many histories a test tries, unless the environment says otherwise.
fn seeds(default: u64) -> u64 {
    std::env::var("SEEDS").ok().and_then(|number| number.parse().ok()).unwrap_or(default)
}

/// The largest number of admissions in a full second of the engine's clock.
fn most_in_a_second(told: &Told) -> usize {
    let mut counts = std::collections::HashMap::new();
    told.admitted.iter().for_each(|admitted| *counts.entry(admitted.at / SECOND).or_insert(0) += 1);
    counts.into_values().max().unwrap_or(0)
}

/// The largest number of admissions of one Envoy in any span of a second.
fn most_of_one_envoy(told: &Told, envoys: usize) -> usize {
    let of = |envoy| {
        let times: Vec<u64> =
            told.admitted.iter().filter(|one| one.envoy == envoy).map(|one| one.at).collect();
        let within = |(i, at): (usize, &u64)| times[i..].partition_point(|other| *other < at + SECOND);
        times.iter().enumerate().map(within).max().unwrap_or(0)
    };
    (0..envoys).map(of).max().unwrap_or(0)
}

/// Why the history of a rate broke the promise, if it did.
fn judge_rate(setting: &Setting, told: &Told) -> Option<String> {
    let rate = usize::try_from(setting.rate?).expect("small");
    let most = most_in_a_second(told);
    // An Envoy that was killed begins its window anew, but has no token for what it admitted.
    let alone = if setting.crashes == 0 { most_of_one_envoy(told, setting.envoys) } else { 0 };
    if setting.skew == 0 && most > rate {
        return Some(format!("{most} of {rate} in a second of the engine"));
    }
    if alone > rate {
        return Some(format!("{alone} of {rate} in a span of a second on one Envoy"));
    }
    (told.hung > 0).then(|| format!("{} requests still wait", told.hung))
}

/// Why the history of a quota broke the promise, if it did.
fn judge_quota(setting: &Setting, told: &Told) -> Option<String> {
    let quota = setting.quota?;
    let admitted = told.admitted.len() as u64;
    let debt = told.debt_taken - told.debt_reported.min(told.debt_taken);
    if admitted > quota + told.forgotten + debt {
        let forgotten = told.forgotten;
        return Some(format!("{admitted} of {quota}, {forgotten} forgotten, a debt of {debt}"));
    }
    // A killed Envoy forgets its debt, and may make it anew.
    let most = (setting.envoys as u64 + told.crashes) * (quota / 100);
    let debt_allowed = match setting.policy.1 {
        "deny" => 0,
        "grace" => most,
        _ => u64::MAX,
    };
    if debt > debt_allowed {
        return Some(format!("a debt of {debt}, and {debt_allowed} is allowed"));
    }
    (told.hung > 0).then(|| format!("{} requests still wait", told.hung))
}

/// Runs histories until one breaks the promise.
fn run(
    count: u64,
    make: impl Fn(&mut Random) -> Setting,
    judge: impl Fn(&Setting, &Told) -> Option<String>,
) -> Result<(u64, u64), String> {
    let (mut offered, mut admitted) = (0, 0);
    for seed in 0..count {
        let setting = make(&mut Random(seed));
        let told = World::new(setting.clone(), seed).run();
        if let Some(how) = judge(&setting, &told) {
            return Err(format!("seed {seed}: {how}: {setting:?}"));
        }
        offered += told.offered;
        admitted += told.admitted.len() as u64;
    }
    Ok((offered, admitted))
}

fn rates_are_kept(count: u64) {
    let (offered, admitted) = run(count, Setting::of_rate, judge_rate).unwrap_or_else(|how| panic!("{how}"));
    assert!(admitted * 3 > offered, "{admitted} of {offered} show nothing");
    let skewed = |random: &mut Random| Setting { skew: 20_000, ..Setting::of_rate(random) };
    run(count / 4, skewed, judge_rate).unwrap_or_else(|how| panic!("{how}"));
}

fn quotas_are_kept(count: u64) {
    let (_, admitted) = run(count, Setting::of_quota, judge_quota).unwrap_or_else(|how| panic!("{how}"));
    assert!(admitted > count * 50, "{admitted} show nothing");
}

#[test]
fn no_more_than_a_rate_is_admitted_in_a_second_and_no_more_than_a_quota_ever() {
    rates_are_kept(12);
    quotas_are_kept(12);
}

#[test]
#[ignore = "minutes unless it is optimised: make test runs it by cargo test --profile thorough"]
fn no_more_than_a_rate_is_admitted_in_a_second_of_a_thousand_histories() {
    rates_are_kept(seeds(1000));
}

#[test]
#[ignore = "minutes unless it is optimised: make test runs it by cargo test --profile thorough"]
fn no_more_than_a_quota_is_admitted_in_a_thousand_histories() {
    quotas_are_kept(seeds(1000));
}

/// A history without trouble.
fn calm(engine: crate::document::EngineKind, load: Load) -> Setting {
    let base = Setting::of_rate(&mut Random(1));
    let rate = Some(400);
    Setting { engine, load, envoys: 2, workers: 2, rate, offered: 400, lost_per_mille: 0, crashes: 0, ..base }
}

#[test]
fn a_steady_rate_is_admitted_whole_with_few_calls() {
    use crate::document::EngineKind::{Envoyproxy, UsagePlan};
    for engine in [UsagePlan, Envoyproxy] {
        for load in [Load::Even, Load::NineToOne, Load::OnOne] {
            let told = World::new(calm(engine, load), 3).run();
            let (admitted, calls) = (told.admitted.len() as u64, told.calls);
            assert!(
                admitted * 100 >= told.offered * 99,
                "{engine:?} {load:?}: {admitted} of {}",
                told.offered
            );
            assert!(calls * 10 <= admitted * 3, "{engine:?} {load:?}: {calls} calls for {admitted}");
        }
    }
}

#[test]
fn a_store_that_loses_writes_and_an_engine_that_forgets_are_found() {
    let lost = |random: &mut Random| Setting { loses_writes: true, ..Setting::of_rate(random) };
    let lost = run(30, lost, judge_rate);
    assert!(lost.is_err_and(|how| how.contains("in a second of the engine")));
    let forgets = |random: &mut Random| Setting { loses: true, ..Setting::of_quota(random) };
    let quietly =
        |setting: &Setting, told: &Told| judge_quota(setting, &Told { forgotten: 0, ..told.clone() });
    assert!(run(30, forgets, quietly).is_err_and(|how| how.contains("0 forgotten")));
}

#[test]
fn an_engine_that_was_away_is_asked_again_and_hears_of_the_debt() {
    use crate::document::EngineKind::{Envoyproxy, UsagePlan};
    for engine in [UsagePlan, Envoyproxy] {
        let setting = Setting {
            rate: None,
            quota: Some(100_000),
            length: 6_000_000,
            is_away: true,
            policy: ("allow", "grace"),
            ..calm(engine, Load::Even)
        };
        let told = World::new(setting, 5).run();
        assert!(told.opened > 0 && told.closed == told.opened, "{told:?}");
        assert!(told.debt_taken > 0, "{told:?}");
        assert_eq!(told.debt_reported, told.debt_taken, "{engine:?}");
        assert!(told.longest_wait <= 111_000, "{}", told.longest_wait);
    }
}
