//! A quota, while the Envoys and the engine are killed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use testbed::{Client, Context, Error, Flood, Result, Sample, Target, flood};

use super::Fleet;
use super::plans::QUOTA;
use crate::calls::body;
use crate::stage::{PATIENCE, PAUSE};

/// How many calls a second come, and how long the fleet is left alone after each kill.
const OFFERED: f64 = 600.0;
const LEFT_ALONE: Duration = Duration::from_millis(500);

impl Fleet<'_> {
    pub(super) fn kill(&mut self) -> Result<()> {
        self.command_line.step(&format!("A quota of {QUOTA}, while everything is killed"))?;
        let request = self.signed("bronze");
        let targets = [0, 1].map(|number| Target::new(self.members[number].envoy.ingress(), &request));
        let is_over = AtomicBool::new(false);
        let calls = std::thread::scope(|scope| {
            let calling = scope.spawn(|| {
                let load = Flood::of(Duration::from_millis(250)).connections(8).rate(OFFERED);
                let mut calls: Vec<Sample> = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    // Nobody answers while all are down.
                    calls.extend(flood(&targets, &load).unwrap_or_default());
                }
                calls
            });
            let killed = self.kill_in_turn().and_then(|()| self.wait_until_spent());
            is_over.store(true, Ordering::Relaxed);
            let calls = calling.join().map_err(|_| Error::new("a caller panicked"))?;
            killed.map(|()| calls)
        })?;
        let passed = calls.iter().filter(|call| call.status == 200).count();
        self.command_line.story.show(format_args!("{} calls, {passed} of {QUOTA} passed", calls.len()));
        self.claim(passed <= QUOTA, "never more than the quota", passed);
        let claim = format!(
            "{} were lost with what was killed: each kill costs tenths of a second of calls",
            QUOTA - passed.min(QUOTA)
        );
        self.claim(passed * 4 >= QUOTA * 3, claim, passed);
        self.command_line.run(&format!("engine show --admin {} --plan bronze", self.admin()?))?;
        let spent = self.spent("bronze")?;
        self.claim(spent <= QUOTA as u64, "the engine has granted no more than that either", spent);
        Ok(())
    }

    /// Envoy, engine, both.
    fn kill_in_turn(&mut self) -> Result<()> {
        std::thread::sleep(LEFT_ALONE);
        self.command_line.story.say("kill -9 of Envoy 1");
        self.members[0].kill_and_start()?;
        std::thread::sleep(LEFT_ALONE);
        self.command_line.story.say("kill -9 of the engine");
        self.end_engine()?;
        self.start_engine()?;
        std::thread::sleep(LEFT_ALONE);
        self.command_line.story.say("kill -9 of Envoy 2 and of the engine");
        self.end_engine()?;
        self.members[1].kill_and_start()?;
        self.start_engine()
    }

    /// Waits until both refuse, because the quota is used up.
    fn wait_until_spent(&mut self) -> Result<()> {
        let exceeded = body("API quota exceeded");
        for number in [0, 1] {
            let start = Instant::now();
            loop {
                let request = self.signed("bronze");
                let answer = Client::new(self.members[number].envoy.ingress()).send(&request)?;
                if answer.status == 429 && answer.text() == exceeded {
                    break;
                }
                if start.elapsed() > 5 * PATIENCE {
                    return Err(Error::new(format!("the quota is not used up: {}", answer.status)));
                }
                std::thread::sleep(PAUSE);
            }
        }
        Ok(())
    }

    pub(super) fn end_engine(&mut self) -> Result<()> {
        let engine = self.engine.take().ok_or_else(|| Error::new("the engine is away already"))?;
        // Dropping it kills it.
        drop(engine);
        Ok(())
    }

    pub(super) fn start_engine(&mut self) -> Result<()> {
        self.engine = Some(self.command_line.start_engine(self.engine_at)?);
        Ok(())
    }

    fn admin(&self) -> Result<std::net::SocketAddr> {
        self.engine.as_ref().map(|engine| engine.admin).ok_or_else(|| Error::new("the engine is away"))
    }

    /// What the engine has granted of a plan's quotas.
    pub(super) fn spent(&self, plan: &str) -> Result<u64> {
        let shown = self
            .command_line
            .ask(&format!("engine show --admin {} --plan {plan} --output json", self.admin()?))?;
        let shown: Value = serde_json::from_str(&shown).context("engine show")?;
        let counters = shown["counters"].as_array().into_iter().flatten();
        Ok(counters.filter_map(|counter| counter["spent"].as_u64()).sum())
    }
}
