//! A key moves to another plan and gets a new secret, and no call is lost.

use testbed::Result;

use super::Night;
use super::meanwhile::{meanwhile, with_status};
use super::signed;
use crate::calls::{body, value_of};
use crate::stage::describe;

/// The limit of the plan that noisy moves to: what the claims send stays below it.
const TRIAL: usize = 450;

impl Night<'_> {
    pub(super) fn move_key(&mut self) -> Result<()> {
        self.stage.step("noisy gets a plan of its own, while both keys call")?;
        self.stage.run(&format!(
            "plan create --name trial --id usagePlan-trial --max-requests-per-second {TRIAL}"
        ))?;
        self.stage.run("plan bind-environment trial orders release")?;
        self.publish()?;
        let callers = [self.target(&self.acme), self.target(&self.noisy)];
        let noisy = signed(&self.noisy);
        let ((), calls) = meanwhile(callers, || {
            self.stage.run("plan bind-key trial noisy --move")?;
            self.publish()?;
            let limit = format!("/{TRIAL}");
            self.stage.in_force("noisy's answers show the limit of trial", &noisy, |response| {
                response.header("x-usageplan-ratelimit").is_some_and(|shown| shown.ends_with(&limit))
            })
        })?;
        for (name, calls) in ["acme", "noisy"].iter().zip(&calls) {
            self.stage.count(calls);
            let lost = calls.len() - with_status(calls, 200);
            let claim = format!("{name} called {} times meanwhile, and no call was lost", calls.len());
            self.stage.claim(lost == 0, claim, format_args!("{lost} were"));
        }
        self.is_well().map(drop)
    }

    pub(super) fn rotate(&mut self) -> Result<()> {
        self.stage.step("noisy's secret was in a log: it is rotated")?;
        let old = self.noisy.clone();
        let rotated = self.stage.run("key rotate noisy --overlap 1h")?;
        self.noisy.secret_key = value_of(&rotated, "secret_key")?;
        let new = self.noisy.clone();
        self.publish()?;
        self.passes("a call signed with the new secret passes", &new)?;
        let response = self.send(&old)?;
        self.stage.claim(
            response.status == 200,
            "so does one signed with the old secret",
            describe(&response),
        );
        let list = self.stage.run("key list")?;
        let claim = "the list of keys says until when";
        self.stage.claim(list.contains("ROTATING UNTIL") && !until(&rotated).is_empty(), claim, &list);
        let listed = self.json("key list")?;
        let keys = listed.as_array().into_iter().flatten();
        let rotating: Vec<_> = keys.filter(|key| key["rotating_until"].is_string()).collect();
        let holds = rotating.len() == 1 && rotating[0]["rotating_until"] == until(&rotated);
        self.stage.claim(holds, format_args!("noisy alone is rotating, until {}", until(&rotated)), &listed);
        self.is_well()?;

        self.stage.run("key rotate noisy --finish")?;
        self.publish()?;
        let refused = body("HMAC signature does not match");
        self.stage.in_force("the old secret is refused", &signed(&old), |response| {
            response.status == 401 && response.text() == refused
        })?;
        self.passes("the new one passes", &new)?;
        self.is_well().map(drop)
    }
}

/// Until when the old secret verifies, in the answer of `key rotate`.
fn until(rotated: &str) -> &str {
    rotated.split_once("verifies until ").map_or("", |(_, until)| until.trim())
}
