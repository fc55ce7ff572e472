//! A counter's cell: any bytes that the store may hold, then requests that are counted in it.

use std::cell::RefCell;
use std::iter::repeat_n;
use std::sync::LazyLock;
use std::time::Duration;

use usage_plan_core::limit::{Admission, Clock, Conflict, Counter, Limits, Store, Version};
use usage_plan_core::lookup::{Config, UsagePlan};
use usage_plan_core::timestamp::{SECOND, Timestamp};

const DOCUMENT: &str = include_str!("cell.json");
const MINUTE: u64 = 60_000_000_000;
const HOUR: u64 = 60 * MINUTE;
/// A time in the year 2262: half way to the end of time.
const LAST: u64 = u64::MAX / 2;

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::parse(DOCUMENT.as_bytes(), &|_| None).expect("a valid document"));

/// A store of one cell, and a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    cell: RefCell<Option<(Vec<u8>, Version)>>,
    now: Timestamp,
}

impl Clock for Host {
    fn now(&self) -> Timestamp {
        self.now
    }
}

impl Store for Host {
    fn get(&self, _: &str) -> Option<(Vec<u8>, Version)> {
        self.cell.borrow().clone()
    }

    fn set(&self, _: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
        let mut stored = self.cell.borrow_mut();
        let next = match &*stored {
            Some((_, current)) if *current != version => return Err(Conflict),
            Some((_, current)) => current + 1,
            None => 1,
        };
        *stored = Some((cell.to_vec(), next));
        Ok(next)
    }
}

/// A request that was admitted.
struct Grant {
    at: Timestamp,
    api: Option<usize>,
}

/// `data` is a plan, a time, eight requests, and then the cell: nothing is in the store when it is empty.
pub fn cell(data: &[u8]) {
    let Some(([plan, time @ .., a, b, c, d, e, f, g, h], cell)) = data.split_first_chunk::<17>() else {
        return;
    };
    let plans: Vec<&UsagePlan> = CONFIG.usage_plans().iter().collect();
    let plan = plans[usize::from(*plan) % plans.len()];
    let limits = Limits::of(plan, None);
    let mut remembers = Counter::new("cell".to_owned());
    // At the end of time, in 2554, a clock stands still and a bucket no longer fills up.
    let now = Timestamp::from_nanos(u64::from_le_bytes(*time) % LAST);
    let mut host = Host { cell: RefCell::new((!cell.is_empty()).then(|| (cell.to_vec(), 1))), now };
    let mut grants: Vec<Grant> = Vec::new();
    for (index, request) in [a, b, c, d, e, f, g, h].into_iter().enumerate() {
        let (step, held_up) = step(request >> 3);
        let before = host.now.saturating_add(step);
        host.now = before.saturating_add(held_up);
        // A plan without such an API has the limits of the plan alone.
        let api = usize::from(request & 0b11).checked_sub(1);
        // Requests of the same moment come in numbers. Those of a worker that is held up come last, and with
        // what the clock showed before.
        let times = if request & 0b100 > 0 { 5 } else { 1 };
        let in_time = repeat_n(host.now, times);
        let late = repeat_n(before, if held_up.is_zero() { 0 } else { times });
        for (repeat, now) in in_time.chain(late).enumerate() {
            let other_host = host.clone();
            let mut reads = Counter::new("cell".to_owned());
            let debit = remembers.debit(&host, &limits, api, now);
            let other = reads.debit(&other_host, &limits, api, now);
            assert_eq!(debit.admission, other.admission, "what is remembered and what is read differ");
            assert_eq!((debit.now, &host), (other.now, &other_host));
            assert_eq!(remembers.balances(&limits, api, now), reads.balances(&limits, api, now));
            let is_first = index == 0 && repeat == 0;
            assert!(is_first || !(debit.restarted || other.restarted), "what was written cannot be read");
            match debit.admission {
                // An old reading of the clock counts as the time of the newest admission.
                Admission::Granted => {
                    let newest = grants.last().map_or(debit.now, |grant| grant.at);
                    grants.push(Grant { at: debit.now.max(newest), api });
                }
                Admission::Exhausted(violation) => {
                    assert!(violation.retry_at > debit.now, "{violation:?} at {:?}", debit.now);
                    assert!(!violation.limits.is_empty());
                }
                Admission::Unavailable => panic!("nobody else writes"),
            }
        }
    }
    promise_is_kept(plan, &grants, cell.is_empty());
}

/// The time between two requests, most of them around the length of the window and of a bucket's interval;
/// and for how long a worker is held up between its look at the clock and its look at the store.
fn step(step: u8) -> (Duration, Duration) {
    let held_up = |seconds: u32| (SECOND / 2, SECOND * seconds / 8);
    let step = match step {
        0..6 => Duration::ZERO,
        6 => return held_up(3),
        7 => return held_up(9),
        8 => Duration::from_nanos(1),
        9 => SECOND - Duration::from_nanos(1),
        10 => SECOND,
        11 => SECOND * 60,
        12 => SECOND * 3600,
        13 => SECOND * 86_400,
        14 => SECOND * 86_400 * 366,
        step => SECOND * u32::from(step - 15) / 8,
    };
    (step, Duration::ZERO)
}

/// No limit admitted more than it says, whatever the cell was: what is in a cell can only take away. The span
/// of a quota is in the cell as well, so quotas are judged where the cell was new.
fn promise_is_kept(plan: &UsagePlan, grants: &[Grant], is_new: bool) {
    let all: Vec<Timestamp> = grants.iter().map(|grant| grant.at).collect();
    let rate = plan.max_requests_per_second();
    match (rate, plan.burst()) {
        (Some(rate), None) => window_is_kept(rate, &all),
        (Some(rate), Some(burst)) => bucket_is_kept(rate, burst, &all),
        (None, _) => {}
    }
    for (index, api) in plan.apis().iter().enumerate() {
        let of_api: Vec<Timestamp> =
            grants.iter().filter(|grant| grant.api == Some(index)).map(|grant| grant.at).collect();
        if let Some(rate) = api.max_requests_per_second {
            window_is_kept(rate, &of_api);
        }
        if is_new && index == 1 && plan.id() == "apis" {
            assert!(of_api.len() <= 3);
        }
    }
    if is_new && plan.id() == "quotas" {
        assert!(all.len() <= 7);
        for first in &all {
            for (length, most) in [(MINUTE, 3), (HOUR, 4)] {
                let period = |time: &Timestamp| time.as_nanos() / length;
                assert!(all.iter().filter(|time| period(time) == period(first)).count() <= most);
            }
        }
    }
}

fn window_is_kept(rate: u64, grants: &[Timestamp]) {
    for (index, first) in grants.iter().enumerate() {
        let within = grants[index..].iter().filter(|time| time.saturating_since(*first) < SECOND).count();
        assert!(within as u64 <= rate, "{within} of {rate} in the second from {first:?}");
    }
}

fn bucket_is_kept(rate: u64, burst: u64, grants: &[Timestamp]) {
    for (index, first) in grants.iter().enumerate() {
        for (last, time) in grants.iter().enumerate().skip(index) {
            let refilled = u128::from(rate) * time.saturating_since(*first).as_nanos() / SECOND.as_nanos();
            let admitted = (last - index + 1) as u128;
            assert!(admitted <= u128::from(burst) + refilled, "{admitted} from {first:?} to {time:?}");
        }
    }
}
