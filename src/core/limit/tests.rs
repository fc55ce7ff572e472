//! The promise of `docs/rules.md#counting` under every order of what two or three workers and the clock do,
//! and faults that the same search finds.
//!
//! Each test states how many schedules there are, and through how many states they lead. A counter that makes
//! other calls to its host changes these numbers.

mod explorer;
mod plan;
mod promise;
mod worker;
mod world;

use self::explorer::{Explored, explore};
use self::plan::Numbers;
use self::worker::{Fault, Task};
use self::world::Event::{self, Die, Pass, SetBack, SetForward};
use self::world::World;

const SECOND: u64 = 1_000_000_000;
/// A full hour in 2023, in nanoseconds since the Unix epoch.
const HOUR: u64 = 1_700_002_800 * SECOND;
/// Ten minutes later, when the quota of some documents is reset.
const RESET: u64 = HOUR + 600 * SECOND;
/// A request of no API on the plan's counter.
const REQUEST: Task = Task::Request { counter: "plan", of_api: false };
const OF_API: Task = Task::Request { counter: "plan", of_api: true };

/// Workers with these tasks on a plan with these numbers, at a full hour.
fn world<const N: usize>(numbers: Numbers, workers: [&[Task]; N]) -> World {
    let workers = workers.into_iter().map(<[Task]>::to_vec).collect();
    World { plans: vec![numbers.into()], workers, start: HOUR, ..World::default() }
}

fn rate(per_second: u64) -> Numbers {
    Numbers { rate: Some(per_second), ..Numbers::default() }
}

fn hourly(quota: u64) -> Numbers {
    Numbers { hourly: Some(quota), ..Numbers::default() }
}

fn bucket(burst: u64) -> Numbers {
    Numbers { rate: Some(1), burst: Some(burst), ..Numbers::default() }
}

impl World {
    /// The same, and any of these events happens up to so many times.
    fn with(self, most_events: usize, events: &[Event]) -> Self {
        Self { events: events.to_vec(), most_events, ..self }
    }

    /// The same with a fault.
    fn but(self, fault: Fault) -> Self {
        Self { fault, ..self }
    }
}

/// Explores a world in which every schedule keeps the promise: the number of schedules and of states.
fn explored(world: &World) -> (u64, usize) {
    match explore(world) {
        Ok(Explored { schedules, states }) => (schedules, states),
        Err(broken) => panic!("{broken:#?}"),
    }
}

/// How the promise is broken in a world with a fault.
fn broken(world: &World) -> String {
    explore(world).expect_err("the explorer does not find the fault").how
}

/// Two workers whose second looks at the clock matter in this world.
fn stalls(numbers: Numbers, start: u64) -> World {
    let world = World { start, ..world(numbers, [&[REQUEST; 2], &[REQUEST; 2]]) };
    world.with(2, &[Pass(1), Pass(SECOND - 1), Pass(SECOND + 1), Pass(2 * SECOND)])
}

#[test]
fn the_explorer_tries_every_order_of_calls_and_events_once() {
    let other = Task::Request { counter: "other", of_api: false };
    // Each of the two looks at the clock, reads and writes: 6 calls, of which either makes 3. Either has come
    // to one of 4 points, and the store remembers who wrote first.
    let orders = world(rate(1), [&[REQUEST], &[other]]);
    assert_eq!(explored(&orders), (20, 17));
    // The event happens before any of the 6 calls, or not at all.
    assert_eq!(explored(&orders.with(1, &[Pass(1)])).0, 20 * 7);
}

#[test]
fn workers_at_once_admit_the_limit_in_every_order() {
    for (limit, schedules) in [(1, (270, 69)), (3, (8_572, 421)), (4, (52_596, 845))] {
        assert_eq!(explored(&world(rate(limit), [&[REQUEST; 3], &[REQUEST; 3]])), schedules);
    }
    let three = world(rate(2), [&[REQUEST; 2], &[REQUEST; 2], &[REQUEST; 2]]);
    assert_eq!(explored(&three), (3_219_636, 2_547));
}

#[test]
fn the_limit_holds_in_any_second_however_long_workers_are_held_up() {
    assert_eq!(explored(&stalls(rate(1), HOUR)), (223_368, 14_051));
    let three = world(rate(2), [&[REQUEST], &[REQUEST], &[REQUEST]]);
    let three = three.with(2, &[Pass(SECOND - 1), Pass(SECOND + 1)]);
    assert_eq!(explored(&three), (3_540_216, 34_830));
}

#[test]
fn a_quota_holds_in_any_hour_however_long_workers_are_held_up() {
    assert_eq!(explored(&stalls(hourly(1), HOUR - SECOND - 1)), (185_802, 12_307));
    let three = World { start: HOUR - SECOND, ..world(hourly(2), [&[REQUEST], &[REQUEST], &[REQUEST]]) };
    assert_eq!(explored(&three.with(2, &[Pass(1), Pass(2 * SECOND)])), (3_064_080, 28_758));
}

#[test]
fn a_bucket_holds_in_any_span_however_long_workers_are_held_up() {
    let world = stalls(bucket(1), HOUR).with(2, &[Pass(1), Pass(SECOND - 1), Pass(4 * SECOND)]);
    assert_eq!(explored(&world), (101_800, 7_118));
}

#[test]
fn all_limits_of_a_plan_and_of_an_api_hold_together() {
    let numbers = Numbers { rate: Some(2), hourly: Some(3), api: Some(("/a", 1)), ..Numbers::default() };
    let world = world(numbers, [&[OF_API, REQUEST], &[OF_API, OF_API]]);
    let world = World { start: HOUR - SECOND, ..world }.with(2, &[Pass(SECOND - 1), Pass(2 * SECOND)]);
    assert_eq!(explored(&world), (85_764, 6_491));
}

#[test]
fn a_clock_that_is_set_lets_a_limit_begin_again_and_nothing_else_does() {
    let events = [SetBack(SECOND / 2), SetBack(2 * SECOND), SetForward(SECOND / 2), SetForward(2 * SECOND)];
    let world = |numbers| world(numbers, [&[REQUEST; 2], &[REQUEST; 2]]).with(2, &events);
    assert_eq!(explored(&world(rate(1))), (700_610, 17_672));
    assert_eq!(explored(&world(bucket(1))), (700_610, 17_672));
    assert_eq!(explored(&world(hourly(1))), (468_320, 13_154));
}

#[test]
fn a_vm_that_dies_loses_its_request_and_no_count() {
    let world = world(rate(2), [&[REQUEST; 2], &[REQUEST; 2]]);
    assert_eq!(explored(&world.with(3, &[Die(0), Die(1), Pass(SECOND)])), (2_155_190, 13_786));
}

/// Two workers that take over another rate and another API, one after the other.
fn documents(before: u64, after: u64) -> World {
    let numbers = |rate, path| Numbers { api: Some((path, 1)), rate: Some(rate), ..Numbers::default() };
    let tasks = [OF_API, Task::Load(1), OF_API];
    let world = world(numbers(before, "/a"), [&tasks, &tasks]);
    let plans = vec![numbers(before, "/a").into(), numbers(after, "/b").into()];
    World { plans, ..world }.with(2, &[Pass(SECOND - 1), Pass(1), Die(0)])
}

#[test]
fn workers_that_take_over_a_document_one_after_the_other_keep_its_limits() {
    assert_eq!(explored(&documents(3, 1)), (851_223, 14_373));
    assert_eq!(explored(&documents(1, 3)), (2_505_836, 28_557));
}

/// Two workers that take over a document with a reset at [`RESET`], one after the other, and then one with a
/// second reset.
fn resets(quota: u64) -> World {
    let reset = |at| Numbers { reset: Some(at), ..hourly(quota) };
    let tasks = [REQUEST, Task::Load(1), REQUEST, REQUEST];
    let one_more = [REQUEST, Task::Load(1), REQUEST, Task::Load(2), REQUEST];
    let plans = vec![hourly(quota).into(), reset(RESET).into(), reset(RESET + SECOND).into()];
    World { plans, start: RESET, ..world(hourly(quota), [&tasks, &one_more]) }
}

#[test]
fn a_reset_forgets_a_quota_once_though_workers_take_it_over_one_after_the_other() {
    let one = resets(1).with(1, &[Pass(SECOND), Die(0), Die(1)]);
    let two = resets(2).with(1, &[Pass(SECOND)]);
    // A document that is taken back does not undo the reset, nor does it come again.
    let tasks = [Task::Load(1), REQUEST, Task::Load(0), REQUEST, Task::Load(1), REQUEST];
    let back = World { workers: vec![tasks.to_vec(), tasks.to_vec()], ..resets(1) };
    let schedules = [(283_470, 3_884), (3_507_962, 15_104), (3_696, 149)];
    assert_eq!([one, two, back].map(|world| explored(&world)), schedules);
}

#[test]
fn a_clock_that_is_set_around_a_reset_does_not_carry_it_out_again() {
    let tasks = [Task::Load(1), REQUEST, REQUEST];
    let world = World { workers: vec![tasks.to_vec(), tasks[1..].to_vec()], ..resets(1) };
    let world = World { start: RESET - SECOND, ..world };
    let events = [SetBack(2 * SECOND), SetForward(3 * SECOND), Pass(2 * SECOND)];
    assert_eq!(explored(&world.with(3, &events)), (563_824, 27_927));
}

#[test]
fn the_explorer_finds_a_reset_that_is_carried_out_twice_or_never() {
    let fault = |fault| broken(&resets(1).with(1, &[Pass(SECOND)]).but(fault));
    assert_eq!(fault(Fault::ResetsAgain), "more than Hour(1)");
    assert!(fault(Fault::NoReset).ends_with("with limits left"));
}

/// Two workers on two counters, whose VMs read back what they write when they doubt their guesses.
fn two_counters(limit: u64) -> World {
    let [a, b] = ["key/a", "key/b"].map(|counter| Task::Request { counter, of_api: false });
    World { reads_back: true, ..world(rate(limit), [&[a, a, b], &[b, a, a]]) }
}

#[test]
fn counters_in_one_store_hold_though_guessed_versions_are_wrong() {
    let world = two_counters(2).with(1, &[Pass(SECOND), Pass(2 * SECOND)]);
    assert_eq!(explored(&world), (4_675_513, 10_505));
}

#[test]
fn what_is_written_before_a_cell_is_read_back_is_not_lost() {
    let two = World { reads_back: true, ..world(rate(3), [&[REQUEST; 3], &[REQUEST; 3]]) };
    assert_eq!(explored(&two), (39_942, 811));
    assert_eq!(broken(&two.but(Fault::UnseenReadBack)), "more than Second(3)");
}

/// A plan of this rate whose workers reserve two admissions, as soon as they have use for them.
fn leased(per_second: u64) -> Numbers {
    Numbers { leases: true, ..rate(per_second) }
}

/// Time that ends the use of a lease, lets a run leave, and lets a lease leave.
const ENDS_OF_LEASES: [Event; 3] = [Pass(20_000_000), Pass(SECOND), Pass(SECOND + 20_000_000)];

#[test]
fn workers_that_reserve_keep_the_limit_in_every_order() {
    let two = world(leased(4), [&[REQUEST; 3], &[REQUEST; 3]]);
    assert_eq!(explored(&two.with(1, &ENDS_OF_LEASES)), (4_448_876, 16_776));
}

#[test]
fn three_workers_that_reserve_keep_the_limit_in_every_order() {
    let three = world(leased(3), [&[REQUEST; 2], &[REQUEST; 2], &[REQUEST; 2]]);
    assert_eq!(explored(&three.with(1, &[Pass(20_000_000)])), (6_588_069_450, 139_283));
}

#[test]
fn a_lease_that_is_closed_while_another_one_opens_is_counted_once() {
    let world = world(leased(5), [&[REQUEST; 4], &[REQUEST; 4]]);
    assert_eq!(explored(&world.with(1, &[Pass(20_000_000)])), (11_764_582, 19_450));
}

/// Workers that can die with a lease.
const DEATHS: [Event; 3] = [Die(0), Pass(SECOND), Pass(20_000_000)];

#[test]
fn a_vm_that_dies_with_a_lease_leaves_it_to_leave_by_itself() {
    let world = world(leased(4), [&[REQUEST; 4], &[REQUEST; 2]]);
    assert_eq!(explored(&world.with(1, &DEATHS)), (1_106_929, 9_230));
}

#[test]
#[ignore = "minutes unless it is optimised: make test runs it by cargo test --profile thorough"]
fn workers_that_reserve_keep_the_limit_in_every_order_of_two_events() {
    let two = world(leased(4), [&[REQUEST; 3], &[REQUEST; 3]]);
    assert_eq!(explored(&two.with(2, &ENDS_OF_LEASES)), (280_979_452, 336_942));
    let world = world(leased(4), [&[REQUEST; 4], &[REQUEST; 3]]);
    assert_eq!(explored(&world.with(2, &DEATHS)), (904_321_073, 366_816));
}

#[test]
fn the_explorer_finds_that_a_write_ignores_the_version_of_a_cell_with_leases() {
    let world = world(leased(4), [&[REQUEST; 4], &[REQUEST; 4]]);
    assert_eq!(broken(&world.but(Fault::BlindWrite)), "more than Second(4)");
}

#[test]
fn the_explorer_finds_a_window_quota_or_bucket_that_starts_afresh_at_an_old_reading() {
    let fault = |world: World| broken(&world.but(Fault::NoSecondLook));
    assert_eq!(fault(stalls(rate(1), HOUR)), "more than Second(1)");
    assert_eq!(fault(stalls(hourly(1), HOUR - SECOND - 1)), "more than Hour(1)");
    let bucket = stalls(bucket(1), HOUR).with(2, &[Pass(1), Pass(SECOND - 1), Pass(4 * SECOND)]);
    assert_eq!(fault(bucket), "more than Bucket { burst: 1, per_second: 1 }");
    // A limit that was forgotten starts afresh, too.
    assert_eq!(fault(documents(3, 1)), "more than Second(1)");
}

#[test]
fn the_explorer_finds_a_write_that_ignores_the_version_and_a_guess_that_is_too_high() {
    let fault = |limit, fault| broken(&world(rate(limit), [&[REQUEST; 2], &[REQUEST; 2]]).but(fault));
    assert_eq!(fault(1, Fault::BlindWrite), "more than Second(1)");
    assert_eq!(fault(3, Fault::HighGuess), "more than Second(3)");
}

#[test]
fn the_explorer_finds_an_admission_that_was_never_written_or_that_was_refused() {
    let fault = |fault| broken(&world(rate(1), [&[REQUEST], &[REQUEST]]).but(fault));
    assert_eq!(fault(Fault::LostWriteCounts), "Granted with 0 writes");
    assert_eq!(fault(Fault::DebitAfterRefusal), "more than Second(1)");
}

#[test]
fn the_explorer_finds_an_admission_that_leaves_a_nanosecond_early_or_never() {
    let fault = |fault| broken(&stalls(rate(1), HOUR).but(fault));
    assert_eq!(fault(Fault::LeavesEarly), "more than Second(1)");
    assert!(fault(Fault::RefusesForever).ends_with("with limits left"));
}
