//! One of two keys floods: it is found, what is left of its quota is asked for, and the quota is reset.

use std::time::{Duration, Instant};

use serde_json::Value;
use testbed::{Context, Error, Flood, Result, flood};

use super::meanwhile::{meanwhile, with_status};
use super::{LIMIT, Night, QUOTA, Quota, signed};
use crate::calls::body;
use crate::stage::{PATIENCE, PAUSE};

/// How many times the limit the key sends, until its quota is used up, in floods of this length.
const TIMES: usize = 4;
const FLOOD: Duration = Duration::from_millis(500);

impl Night<'_> {
    pub(super) fn flood(&mut self) -> Result<()> {
        self.stage.step("Somebody floods: who?")?;
        let before = self.stage.answered;
        let (acme, noisy) = (self.target(&self.acme), self.target(&self.noisy));
        let load = Flood::of(FLOOD).rate((LIMIT * TIMES) as f64);
        let (sent, [steady]) = meanwhile([acme], || {
            let start = Instant::now();
            let mut sent = Vec::new();
            while with_status(&sent, 200) < QUOTA && start.elapsed() < PATIENCE {
                sent.extend(flood(std::slice::from_ref(&noisy), &load)?);
            }
            Ok(sent)
        })?;
        self.stage.count(&sent);
        self.stage.count(&steady);
        let noisy = self.noisy.clone();
        let (passed, limited) = (with_status(&sent, 200), with_status(&sent, 429));
        let story = &mut self.stage.command_line.story;
        story.show(format_args!("one key: {} sent, {passed} passed, {limited} got 429", sent.len()));
        self.stage.claim(passed == QUOTA, format_args!("exactly its quota of {QUOTA} passed"), passed);
        let claim = "every call is answered, 200 or 429";
        self.stage.claim(passed + limited == sent.len(), claim, format_args!("{passed} and {limited}"));
        // The rate refuses first, until it is free again.
        let (answered, exceeded) = (self.stage.answered, body("API quota exceeded"));
        let otherwise = self
            .stage
            .otherwise(&signed(&noisy), |response| response.status == 429 && response.text() == exceeded)?;
        let refused = limited + self.stage.answered - answered;
        let claim = "from then on every call is refused with 429 API quota exceeded";
        self.stage.claim(otherwise.is_none(), claim, otherwise.unwrap_or_default());

        self.stage.run("usage --by key --sort refused --top 1")?;
        let usage = self.json("usage --by key --sort refused --top 1")?;
        let first = &usage["keys"][0];
        let holds = first["secret_id"] == self.noisy.secret_id.as_str()
            && first["admitted"] == passed
            && first["refused"] == refused;
        self.stage.claim(holds, format_args!("it is noisy: {passed} admitted, {refused} refused"), first);
        let log = self.log()?;
        let refusals: Vec<&Value> = log.iter().skip(before).filter(|line| line["status"] == 429).collect();
        let are_noisy = refusals.iter().all(|line| line["key"] == self.noisy.secret_id.as_str());
        if let Some(line) = refusals.last() {
            self.stage.command_line.story.say("a line of Envoy's access log");
            self.stage.command_line.story.show(line);
        }
        let claim = format!("Envoy's access log has {refused} lines with 429, each with noisy's id");
        self.stage.claim(are_noisy && refusals.len() == refused, claim, refusals.len());
        let (called, allowed) = (steady.len(), with_status(&steady, 200));
        let claim = format!("acme called {called} times meanwhile, and every call passed");
        self.stage.claim(called == allowed, claim, format_args!("{allowed} did"));
        self.is_well().map(drop)
    }

    pub(super) fn ask_what_is_left(&mut self) -> Result<()> {
        self.stage.step("What is left")?;
        let (acme, noisy) = (self.acme.clone(), self.noisy.clone());
        self.stage.command_line.story.say("a GET of /release/.usage-plan/usage that noisy signs");
        let left = self.left(&noisy)?;
        self.stage.command_line.story.show(format_args!("{left:#}"));
        let used_up = Quota { used: QUOTA as u64, remaining: 0 };
        let quota = self.quota(&noisy)?;
        self.stage.claim(quota == used_up, "nothing of its quota", format_args!("{quota:?}"));
        let quota = self.quota(&acme)?;
        let is_whole = quota.used + quota.remaining == QUOTA as u64;
        let claim = format!("acme, on the same plan, has {} of its own left", quota.remaining);
        self.stage.claim(is_whole && quota.remaining > 0, claim, format_args!("{quota:?}"));
        let status = self.is_well()?;
        let warns = status.contains("gold: 95% of day") && status.contains(" reached, once");
        self.stage.claim(warns, "status warns that 95% of a quota of gold was reached, once", &status);
        Ok(())
    }

    pub(super) fn reset(&mut self) -> Result<()> {
        self.stage.step("Support decides: noisy gets its day back, once")?;
        let (acme, noisy) = (self.acme.clone(), self.noisy.clone());
        let before = self.quota(&acme)?;
        self.stage.run("plan reset gold --key noisy --limit day")?;
        let passed = self.stage.passed;
        self.publish()?;
        self.passes("noisy passes again", &noisy)?;
        let since = self.stage.passed - passed;
        let is_counted = |quota: Quota| quota.used == since as u64;
        let quota = self.quota(&noisy)?;
        let claim = format!("its quota counts the {since} calls since then");
        self.stage.claim(is_counted(quota), claim, format_args!("{quota:?}"));
        let after = self.quota(&acme)?;
        self.stage.claim(after == before, "acme's count is as it was", format_args!("{before:?}, {after:?}"));

        self.publish()?;
        self.stage.run("key edit noisy --remark 'reset in the night'")?;
        self.publish()?;
        let quota = self.quota(&noisy)?;
        let claim = "to publish again, the same document or another one, resets nothing";
        self.stage.claim(is_counted(quota), claim, format_args!("{quota:?}"));
        self.is_well().map(drop)
    }

    /// The lines of the access log of the shipped configuration, once every answer has one.
    pub(super) fn log(&self) -> Result<Vec<Value>> {
        let start = Instant::now();
        loop {
            let printed = self.stage.envoy.stdout();
            let (whole, _) = printed.rsplit_once('\n').unwrap_or_default();
            let lines = whole.lines().count();
            if lines >= self.stage.answered {
                let parse = |line| serde_json::from_str(line).context("a line of the access log");
                return whole.lines().map(parse).collect();
            }
            if start.elapsed() > PATIENCE {
                return Err(Error::new(format!("{lines} of {} lines are logged", self.stage.answered)));
            }
            std::thread::sleep(PAUSE);
        }
    }
}
