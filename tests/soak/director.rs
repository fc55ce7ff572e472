//! Changes the document and publishes it, once a second; and makes a VM die, once in ten seconds.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use testbed::{Context, Error, Result};

use crate::claim::secret;
use crate::crashes::Crashes;
use crate::event::Event;
use crate::history::History;
use crate::stage::Stage;
use crate::world::{GOLD, MOVED, ROTATED, SILVER, TOGGLED, World};

/// The time between two publications. One that takes longer delays the next.
const TURN: Duration = Duration::from_secs(1);

/// The time between two crashes.
const CRASH: Duration = Duration::from_secs(10);

/// How long the previous secret of a rotated key verifies. It is rotated again a second later.
const OVERLAP: &str = "2s";

/// How often threads look whether they shall end.
const TICK: Duration = Duration::from_millis(20);

/// What changes while requests come in.
pub struct Director<'a> {
    /// Where.
    pub stage: &'a Stage,
    /// What is published is written here.
    pub history: &'a History,
    /// And who died here.
    pub crashes: &'a Crashes,
    /// The newest secret of the rotated key, for the callers.
    pub generation: &'a AtomicU32,
    /// How many publications were in force.
    pub publications: AtomicU64,
    /// Set when all shall end.
    pub stop: &'a AtomicBool,
}

// === impl Director ===

impl Director<'_> {
    /// Publishes a document a second until the end.
    pub fn publish(&self, events: &Sender<Event>) {
        let mut world = World::first();
        let start = Instant::now();
        for turn in 1.. {
            if !self.wait(start + TURN * turn) {
                return;
            }
            let done = self.turn(turn, &mut world);
            if done.is_ok() {
                self.publications.fetch_add(1, Ordering::Relaxed);
            }
            report(events, done.err().map(|error| format!("publication {turn}: {error}")));
        }
    }

    /// Makes a VM die every ten seconds until the end, but none after `last`: it needs time to be replaced.
    pub fn crash(&self, last: Instant, events: &Sender<Event>) {
        let listeners = self.stage.envoy.listeners();
        let start = Instant::now();
        for number in 1.. {
            let due = start + CRASH * number - CRASH / 2;
            if due > last || !self.wait(due) {
                return;
            }
            let listener = listeners[number as usize % listeners.len()];
            let wrong = self.crashes.cause(listener);
            report(events, wrong.map(|what| format!("crash {number}: {what}")));
        }
    }

    /// Changes the document, and publishes it.
    fn turn(&self, turn: u32, world: &mut World) -> Result<()> {
        // First, so that callers use the new secret for a while before it is published.
        if turn.is_multiple_of(3) {
            self.rotate(world)?;
        }
        let toggled = world.key(TOGGLED);
        toggled.enabled = !toggled.enabled;
        let verb = if toggled.enabled { "enable" } else { "disable" };
        self.stage.execute(&format!("key {verb} {TOGGLED}"))?;
        let plan = [Some(SILVER), None, Some(GOLD)][(turn as usize + 2) % 3];
        if let Some(old) = std::mem::replace(&mut world.key(MOVED).plan, plan) {
            self.stage.execute(&format!("plan unbind-key {old} {MOVED}"))?;
        }
        if let Some(new) = plan {
            self.stage.execute(&format!("plan bind-key {new} {MOVED}"))?;
        }
        self.history.begin(world.clone(), Instant::now());
        self.stage.publish()?;
        self.history.in_force(Instant::now());
        Ok(())
    }

    /// Gives the rotated key a new secret, which the callers use from now on.
    fn rotate(&self, world: &mut World) -> Result<()> {
        let generation = world.key(ROTATED).generation + 1;
        let new = secret(ROTATED, generation);
        // After a slow turn an older secret may still verify.
        self.stage
            .execute(&format!("key rotate {ROTATED} --overlap {OVERLAP} --force --secret-key {new}"))?;
        let document = self.stage.document()?;
        let keys = document["keys"].as_array().into_iter().flatten();
        let key = keys.into_iter().find(|key| key["secret_id"] == ROTATED);
        let until = key.and_then(|key| key["previous_secret_key_not_after"].as_str());
        let until = until.ok_or_else(|| Error::new("a rotated key has no previous_secret_key_not_after"))?;
        let until = humantime::parse_rfc3339(until).context("previous_secret_key_not_after")?;
        let key = world.key(ROTATED);
        key.generation = generation;
        key.previous_until = Some(nanoseconds(until));
        self.generation.store(generation, Ordering::Relaxed);
        Ok(())
    }

    /// Waits until `due`. False when all shall end.
    fn wait(&self, due: Instant) -> bool {
        while Instant::now() < due && !self.stop.load(Ordering::Relaxed) {
            std::thread::sleep(TICK);
        }
        !self.stop.load(Ordering::Relaxed)
    }
}

fn report(events: &Sender<Event>, wrong: Option<String>) {
    // The judge may have ended.
    drop(events.send(wrong.map_or(Event::Done, Event::Failed)));
}

/// Since 1970.
fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
