//! Four times as many calls as the plan admits.

use std::time::Duration;

use testbed::access_log::admissions;
use testbed::busiest::certainly_in_first_second;
use testbed::{Flood, Result, Target, certainly_busiest, flood};

use super::{LIMIT, Script};

/// How long the flood goes on, and how many times the limit it sends.
const FLOOD: (Duration, usize) = (Duration::from_millis(3500), 4);

impl Script<'_> {
    pub(super) fn flood(&mut self) -> Result<()> {
        self.stage.step("A flood")?;
        let (duration, times) = FLOOD;
        let rate = LIMIT * times;
        let story = &mut self.stage.command_line.story;
        story.say(format_args!("acme may call {LIMIT} times a second and calls {rate} times"));
        // So that the flood finds the plan unused.
        std::thread::sleep(Duration::from_secs(1));
        let target = Target::new(self.stage.envoy.ingress(), &self.signed());
        let samples = flood(&[target], &Flood::of(duration).rate(rate as f64))?;
        let of = |status: u16| samples.iter().filter(|sample| sample.status == status).count();
        let (passed, limited) = (of(200), of(429));
        let story = &mut self.stage.command_line.story;
        story.show(format_args!("{duration:?}: {} sent, {passed} passed, {limited} got 429", samples.len()));
        let claim = "every call is answered, 200 or 429";
        self.stage.claim(passed + limited == samples.len(), claim, format_args!("{passed} and {limited}"));

        let before = self.stage.answered;
        self.stage.count(&samples);
        let log = self.stage.envoy.access_log(self.stage.answered)?;
        let log = &log[before..];
        // How much a machine can send is no claim about the filter.
        if passed > LIMIT && limited > LIMIT {
            self.stage.claim(true, "far more came than the plan allows", "");
        } else {
            self.stage.command_line.story.say("this machine is busy: it sent fewer calls than planned");
        }
        let admitted = admissions(log);
        let claim = format!("Envoy's log has the same {passed} as admitted");
        self.stage.claim(admitted.len() == passed, claim, format_args!("it has {}", admitted.len()));
        let busiest = certainly_busiest(&admitted);
        let calls: Vec<_> = log.iter().map(|entry| entry.decided).collect();
        // An unused plan admits every call until it has admitted as many as its limit.
        let is_exact = certainly_in_first_second(&calls) >= LIMIT;
        let (holds, how_many) =
            if is_exact { (busiest == LIMIT, "exactly") } else { (busiest <= LIMIT, "at most") };
        let claim = format!("the busiest second, wherever it begins, admitted {how_many} {LIMIT}");
        self.stage.claim(holds, claim, format_args!("it admitted {busiest}"));
        Ok(())
    }
}
