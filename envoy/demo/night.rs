//! An operator's night, step by step: who floods, what is left, how it is put right, and what is in force.

mod flood;
mod keys;
mod meanwhile;
mod mistake;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use testbed::{Context, Error, Request, Response, Result, Signer, Target};

use super::calls::{HOST, call, value_of};
use super::stage::{CommandLine, PATIENCE, PAUSE, Setting, Stage, describe};

/// What each key may do on the plan gold.
const LIMIT: usize = 500;
const QUOTA: usize = 1000;

/// The part of the document that is applied from a file.
const OPTIONS: &str = r#"{"options": {"metrics_per_key": true, "usage_path": "/.usage-plan/usage"}}"#;

/// The story, and the callers in it.
pub(super) struct Night<'o> {
    stage: Stage<'o>,
    acme: Signer,
    noisy: Signer,
}

/// What is used of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Quota {
    used: u64,
    remaining: u64,
}

impl<'o> Night<'o> {
    /// The first step: the gateway as it is in the evening.
    ///
    /// # Errors
    /// Something does not run.
    pub(super) fn begin(mut command_line: CommandLine<'o>) -> Result<Self> {
        command_line.step("The evening: a gateway with two keys, and all is well")?;
        command_line.run(&format!("service create --name orders --id service-orders --domain {HOST}"))?;
        let mut caller = |name: &str| -> Result<Signer> {
            let key = command_line.run(&format!("key create --name {name}"))?;
            Ok(Signer::new(&value_of(&key, "secret_id")?, &value_of(&key, "secret_key")?))
        };
        let (acme, noisy) = (caller("acme")?, caller("noisy")?);
        command_line.run(&format!(
            "plan create --name gold --id usagePlan-gold --max-requests-per-second {LIMIT} \
             --quota {QUOTA}/day@{} --counter-per key --warn-at 80 --warn-at 95",
            offset_of_noon()?
        ))?;
        command_line.run("plan bind-key gold acme noisy")?;
        command_line.run("plan bind-environment gold orders release")?;
        std::fs::write(command_line.path("options.json"), OPTIONS).context("a file")?;
        command_line.story.show(format_args!("options.json: {OPTIONS}"));
        command_line.run("apply -f options.json")?;
        let mut settings: String = command_line.place()?.iter().map(Setting::line).collect();
        let path = command_line.path("usage-plan.toml");
        std::fs::write(&path, &settings).context("the settings")?;
        let mut stage = command_line.raise("publish")?;
        // From here on `publish`, `status` and `usage` need no flag.
        settings += &format!("admin = [\"{}\"]\n", stage.envoy.admin());
        std::fs::write(&path, &settings).context("the settings")?;
        stage.command_line.story.say("usage-plan.toml says what is the same at each command");
        stage.command_line.story.show(settings);
        let mut night = Self { stage, acme, noisy };
        night.publish()?;
        night.is_well()?;
        Ok(night)
    }

    /// The steps of the night.
    ///
    /// # Errors
    /// A claim does not hold, or something does not run.
    pub(super) fn play(mut self) -> Result<()> {
        self.flood()?;
        self.ask_what_is_left()?;
        self.reset()?;
        self.move_key()?;
        self.rotate()?;
        self.mistake()?;
        self.stage.command_line.story.end()
    }

    /// Publishes the document, and claims that it is in force.
    fn publish(&mut self) -> Result<()> {
        let text = self.stage.run("publish")?;
        self.stage.claim(text.contains(": in force"), "it is in force on both workers", &text);
        Ok(())
    }

    /// Shows `status`, and claims that it finds nothing wrong. Returns what it prints.
    fn is_well(&mut self) -> Result<String> {
        let (status, text) = self.stage.command_line.try_run("status")?;
        let holds = status == 0 && text.contains(", the one here,");
        self.stage.claim(holds, "status: all is well, and the document here is in force", &text);
        Ok(text)
    }

    /// Shows `status`, and claims that it exits with 1. Returns what it prints.
    fn is_wrong(&mut self) -> Result<String> {
        let (status, text) = self.stage.command_line.try_run("status")?;
        self.stage.claim(
            status == 1,
            "status: something is wrong, with exit code 1",
            format_args!("{status}"),
        );
        Ok(text)
    }

    /// What a command answers as JSON, without showing it.
    fn json(&self, command: &str) -> Result<Value> {
        let text = self.stage.command_line.ask(&format!("{command} --output json"))?;
        serde_json::from_str(&text).context(command)
    }

    /// Claims that soon every call of `caller` passes.
    fn passes(&mut self, what: &str, caller: &Signer) -> Result<()> {
        self.stage.in_force(what, &signed(caller), |response| response.status == 200)
    }

    /// The answer of the filter to a caller that asks what is left.
    fn left(&mut self, caller: &Signer) -> Result<Value> {
        let request = caller.sign(call("/release/.usage-plan/usage"));
        let start = Instant::now();
        loop {
            let response = self.stage.ask(&request)?;
            match response.status {
                200 => return serde_json::from_slice(&response.body).context("what is left"),
                // A key may ask ten times a second.
                429 if start.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                _ => return Err(Error::new(format!("no usage: {}", describe(&response)))),
            }
        }
    }

    /// What a caller of the plan gold has used of its quota.
    fn quota(&mut self, caller: &Signer) -> Result<Quota> {
        let left = self.left(caller)?;
        let mut limits = left["limits"].as_array().into_iter().flatten();
        let day = limits.find(|limit| limit["name"].as_str().is_some_and(|name| name.starts_with("day")));
        let number = |name: &str| day.and_then(|day| day[name].as_u64());
        match (number("used"), number("remaining")) {
            (Some(used), Some(remaining)) => Ok(Quota { used, remaining }),
            _ => Err(Error::new(format!("no quota of a day: {left}"))),
        }
    }

    fn target(&self, caller: &Signer) -> Target {
        Target::new(self.stage.envoy.ingress(), &signed(caller))
    }

    fn send(&mut self, caller: &Signer) -> Result<Response> {
        self.stage.send(&signed(caller))
    }
}

/// A call, signed now.
fn signed(caller: &Signer) -> Request {
    caller.sign(call("/release/orders/42"))
}

/// The offset from UTC at which it is between noon and one o'clock: the quota's day does not end during the
/// story.
fn offset_of_noon() -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the time")?;
    let hour = now.as_secs() / Duration::from_secs(3600).as_secs() % 24;
    Ok(if hour <= 12 { format!("+{:02}:00", 12 - hour) } else { format!("-{:02}:00", hour - 12) })
}
