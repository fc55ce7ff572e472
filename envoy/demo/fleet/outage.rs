//! An engine that is away: what each plan says for that, and that it is asked again when it is back.

use std::time::Instant;

use testbed::{Client, Error, Response, Result};

use super::Fleet;
use super::plans::GRACE;
use crate::calls::body;
use crate::stage::{PATIENCE, PAUSE, describe};

impl Fleet<'_> {
    pub(super) fn take_engine_away(&mut self) -> Result<()> {
        self.command_line.step("The engine is away: each plan says what happens then")?;
        self.end_engine()?;
        let unavailable = body("Usage plan counter unavailable");
        let answer = self.until("silver", |answer| answer.status == 503)?;
        let claim = "silver says deny: 503, and nothing is let through";
        self.claim(answer.text() == unavailable, claim, describe(&answer));
        let answer = self.until("gold", |answer| answer.status == 200)?;
        let claim = "gold says local_share: each Envoy admits its half of the rate";
        self.claim(answer.header("x-usageplan-ratelimit").is_some(), claim, describe(&answer));
        // Envoy 1 has nothing of this quota in hand.
        let mut admitted = 0;
        for _ in 0..2 * GRACE {
            admitted += usize::from(self.send(0, "copper")?.status == 200);
        }
        let claim = format!("copper says grace: one percent of its quota, {GRACE} calls, and no more");
        self.claim(admitted == GRACE, claim, admitted);
        let (_, text) = self.command_line.try_run("status")?;
        let holds = text.contains("the engine does not answer");
        self.claim(holds, "status says what is wrong", &text);
        Ok(())
    }

    pub(super) fn bring_engine_back(&mut self) -> Result<()> {
        self.command_line.step("The engine is back")?;
        let start = Instant::now();
        self.start_engine()?;
        for plan in ["silver", "gold"] {
            let answer = self.until(plan, |answer| answer.status == 200)?;
            let took = start.elapsed().as_millis();
            let claim = format!("{plan} is admitted by the engine again, {took} ms later");
            self.claim(answer.status == 200, claim, describe(&answer));
        }
        let told = loop {
            let told = self.spent("copper")?;
            if told >= GRACE as u64 || start.elapsed() > PATIENCE {
                break told;
            }
            std::thread::sleep(PAUSE);
        };
        self.claim(told >= GRACE as u64, "what passed without the engine was reported to it", told);
        Ok(())
    }

    /// The answer of an Envoy to a call on a plan.
    fn send(&self, number: usize, plan: &str) -> Result<Response> {
        let request = self.signed(plan);
        Client::new(self.members[number].envoy.ingress()).send(&request)
    }

    /// Calls Envoy 1 until the answer is as expected; that answer.
    fn until(&self, plan: &str, expected: impl Fn(&Response) -> bool) -> Result<Response> {
        let start = Instant::now();
        loop {
            let answer = self.send(0, plan)?;
            if expected(&answer) {
                return Ok(answer);
            }
            if start.elapsed() > PATIENCE {
                return Err(Error::new(format!("{plan}: {}", describe(&answer))));
            }
            std::thread::sleep(PAUSE);
        }
    }
}
