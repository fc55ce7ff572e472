//! What is granted stays granted, however the engine ends, and never more than the quota.

use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::client::{Caller, Failure};
use crate::fixture::{Place, runtime};

const CALLERS: u64 = 16;

/// What callers were granted.
#[derive(Default)]
struct Ledger {
    granted: AtomicU64,
    over: AtomicBool,
    /// Calls without an answer: they may be counted or not.
    lost: AtomicU64,
}

/// Asks one by one until the quota is used up, whatever happens to the engine.
async fn ask_on(address: std::net::SocketAddr, quota: u32, ledger: Arc<Ledger>) {
    loop {
        let Some(mut caller) = Caller::connect(address).await else {
            sleep(Duration::from_millis(5)).await;
            continue;
        };
        loop {
            match caller.ask("gold", quota, 1).await {
                Ok((true, _)) => _ = ledger.granted.fetch_add(1, Ordering::Relaxed),
                Ok((false, left)) => {
                    assert_eq!(left, 0, "one of a quota is refused, although some is left");
                    ledger.over.store(true, Ordering::Relaxed);
                    return;
                }
                Err(Failure::Status(code, message)) => panic!("status {code}: {message}"),
                Err(Failure::Broken(_)) => {
                    ledger.lost.fetch_add(1, Ordering::Relaxed);
                    break;
                }
            }
        }
    }
}

#[test]
fn six_kills_under_load_grant_no_more_than_the_quota_and_lose_only_what_was_not_answered() {
    const QUOTA: u32 = 4000;
    let place = Place::new();
    let mut engine = place.start();
    let address = engine.listen;
    let ledger = Arc::new(Ledger::default());
    let runtime = runtime();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn_on(ask_on(address, QUOTA, Arc::clone(&ledger)), runtime.handle());
    }
    for kill in 1..=6_u64 {
        // Whatever the machine's pace, there is load before each kill.
        let wanted = kill * 400;
        while ledger.granted.load(Ordering::Relaxed) < wanted {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(engine.end(Signal::KILL).expect("it ends").signal(), Some(9));
        engine = place.start_at(address);
    }
    runtime.block_on(async {
        while let Some(ended) = callers.join_next().await {
            ended.expect("no panic");
        }
    });
    assert!(engine.end(Signal::TERM).expect("it ends").success());
    let (granted, lost) = (ledger.granted.load(Ordering::Relaxed), ledger.lost.load(Ordering::Relaxed));
    assert!(ledger.over.load(Ordering::Relaxed));
    assert!(granted <= u64::from(QUOTA), "{granted} granted");
    assert!(granted + lost >= u64::from(QUOTA), "{granted} granted, {lost} lost");
    assert!(lost >= 6, "only {lost} calls were in flight: the kills prove nothing");
    assert_eq!(place.spent("gold"), u64::from(QUOTA));
}

#[test]
fn sigterm_answers_what_is_in_flight_and_loses_nothing() {
    let place = Place::new();
    let engine = place.start();
    let address = engine.listen;
    let ledger = Arc::new(Ledger::default());
    let runtime = runtime();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let ledger = Arc::clone(&ledger);
        let caller = async move {
            let mut caller = Caller::connect(address).await.expect("the engine listens");
            // Ends with the connection.
            while let Ok((granted, _)) = caller.ask("gold", u32::MAX, 1).await {
                assert!(granted);
                ledger.granted.fetch_add(1, Ordering::Relaxed);
            }
        };
        callers.spawn_on(caller, runtime.handle());
    }
    while ledger.granted.load(Ordering::Relaxed) < 200 {
        std::thread::sleep(Duration::from_millis(1));
    }
    engine.signal(Signal::TERM).expect("it runs");
    runtime.block_on(async {
        while let Some(ended) = callers.join_next().await {
            ended.expect("no panic");
        }
    });
    assert!(engine.wait().expect("it ends").success());
    // Had a call been counted and not answered, the store would have more than the callers.
    assert_eq!(place.spent("gold"), ledger.granted.load(Ordering::Relaxed));
}

#[test]
fn callers_on_64_connections_are_granted_the_quota_exactly() {
    let place = Place::new();
    let engine = place.start();
    let address = engine.listen;
    let granted = runtime().block_on(async {
        let mut callers = JoinSet::new();
        for _ in 0..64 {
            callers.spawn(async move {
                let mut caller = Caller::connect(address).await.expect("the engine listens");
                let mut granted = 0;
                for _ in 0..20 {
                    granted += u32::from(caller.ask("gold", 1000, 1).await.expect("an answer").0);
                }
                granted
            });
        }
        callers.join_all().await.into_iter().sum::<u32>()
    });
    assert_eq!(granted, 1000);
    // Calls that only waited for others are in their transactions.
    let (calls, commits) = (engine.metric("committed_calls_total"), engine.metric("commit_seconds_count"));
    assert!(calls >= 1000.0 && commits <= calls, "{calls} calls in {commits} commits");
}

#[test]
fn a_second_process_on_the_store_is_refused_and_the_first_goes_on() {
    let place = Place::new();
    let engine = place.start();
    let second = "engine --store engine.redb --listen 127.0.0.1:0 --admin 127.0.0.1:0";
    let message = place.fails(3, second);
    assert!(message.contains("--store engine.redb: another process has engine.redb open"), "{message}");
    let message = place.fails(3, "engine show --store engine.redb");
    assert!(message.contains("give --admin instead of --store"), "{message}");
    runtime().block_on(async {
        assert_eq!(Caller::of(&engine).await.ask("gold", 10, 1).await, Ok((true, 9)));
    });
    engine.end(Signal::KILL).expect("it ends");
    let message = place.fails(3, "engine show --store engine.redb");
    assert!(message.contains("was not closed when its engine ended"), "{message}");
    let engine = place.start();
    let at = format!("engine --store other.redb --listen {} --admin 127.0.0.1:0", engine.listen);
    let message = place.fails(3, &at);
    assert!(message.contains(&format!("{}: Address already in use", engine.listen)), "{message}");
    assert!(engine.end(Signal::INT).expect("it ends").success());
    assert_eq!(place.spent("gold"), 1);
}
