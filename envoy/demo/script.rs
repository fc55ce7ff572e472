//! The story, step by step.

mod flood;

use std::time::{Duration, SystemTime};

use serde_json::Value;
use testbed::console::Running;
use testbed::sign::http_date;
use testbed::{Context, Request, Result, Signer};

use super::calls::{HOST, body, call, value_of};
use super::stage::{CommandLine, PATIENCE, Stage, describe};

const LIMIT: usize = 1000;
const QUOTA: usize = 100_000;

/// How many admissions workers may have reserved at twice the limit (`docs/rules.md#reservations`).
const RESERVED: usize = 6;

/// A worker uses what it reserved for 20 ms at most. After this pause, its answer shows what is left now.
const UNTIL_RESERVATIONS_END: Duration = Duration::from_millis(50);

/// The story, and the caller in it.
pub(super) struct Script<'o> {
    publishing: Running,
    stage: Stage<'o>,
    caller: Signer,
}

impl<'o> Script<'o> {
    /// The steps up to the start of Envoy.
    ///
    /// # Errors
    /// Something does not run.
    pub(super) fn begin(mut command_line: CommandLine<'o>) -> Result<Self> {
        command_line.step("A service, a key and a usage plan")?;
        command_line.run(&format!("service create --name orders --id service-orders --domain {HOST}"))?;
        let key = command_line.run("key create --name acme")?;
        let caller = Signer::new(&value_of(&key, "secret_id")?, &value_of(&key, "secret_key")?);
        command_line.run(&format!(
            "plan create --name gold --id usagePlan-gold --max-requests-per-second {LIMIT} \
             --quota {QUOTA}/total"
        ))?;
        command_line.step("An Envoy that follows the document")?;
        let options = command_line.place()?;
        let publish = options
            .iter()
            .fold("publish".to_owned(), |command, setting| format!("{command} {}", setting.flag()));
        let mut stage = command_line.raise(&publish)?;
        let watch = format!("{publish} --watch --admin {}", stage.envoy.admin());
        let publishing = stage.command_line.start(&watch)?;
        let mut script = Self { publishing, stage, caller };
        script.refused(&script.signed(), 403, "Found no validate usage plan")?;
        Ok(script)
    }

    /// The steps after the start of Envoy.
    ///
    /// # Errors
    /// A claim does not hold, or something does not run.
    pub(super) fn play(mut self) -> Result<()> {
        self.bind()?;
        self.forge()?;
        self.leave_environment()?;
        self.disable()?;
        self.rotate()?;
        self.flood()?;
        self.edit()?;
        self.mistake()?;
        self.account()?;
        self.stage.command_line.story.end()
    }

    fn bind(&mut self) -> Result<()> {
        self.stage.step("The plan is bound to the key and to an environment")?;
        self.stage.run("plan bind-key gold acme")?;
        self.stage.run("plan bind-environment gold orders release")?;
        self.passes("a signed call passes")?;
        let response = self.stage.send(&self.signed())?;
        for name in ["x-usageplan-ratelimit", "x-usageplan-quota", "ratelimit-policy", "ratelimit"] {
            for value in response.all(name) {
                self.stage.command_line.story.show(format_args!("{name}: {value}"));
            }
        }
        let received: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        self.stage.command_line.story.say("the upstream received");
        for (name, value) in received.as_object().into_iter().flatten() {
            self.stage
                .command_line
                .story
                .show(format_args!("{name}: {}", value.as_str().unwrap_or("(none)")));
        }
        let expected = [
            ("path", "/orders/42"),
            ("x-usage-plan-id", "usagePlan-gold"),
            ("x-usage-plan-environment", "release"),
            ("x-secret-id", &self.caller.secret_id),
        ];
        let holds = expected.iter().all(|&(name, value)| received[name] == value);
        let claim = "who calls, on which plan, without the environment's prefix and the signature";
        self.stage.claim(holds && received["authorization"].is_null(), claim, response.text());
        Ok(())
    }

    fn forge(&mut self) -> Result<()> {
        self.stage.step("The same call with a forged signature, and one recorded an hour ago")?;
        let mut forger = self.caller.clone();
        forger.secret_key = "not-the-secret-key".to_owned();
        let forged = forger.sign(call("/release/orders/42"));
        self.refused(&forged, 401, "HMAC signature does not match")?;
        std::fs::write(self.stage.command_line.path("forged.txt"), forged.bytes()).context("a file")?;
        let (status, why) = self.stage.command_line.explain("forged.txt")?;
        let claim = "the command line says why, from the request as it was captured";
        self.stage.claim(status == 1 && why.contains("is not the one that the key makes"), claim, why);
        let then = http_date(SystemTime::now() - Duration::from_secs(3600));
        let recorded = self.caller.sign(call("/release/orders/42").header("x-date", then));
        let message =
            "HMAC signature cannot be verified, the x-date header is out of date for HMAC Authentication";
        self.refused(&recorded, 401, message)
    }

    fn leave_environment(&mut self) -> Result<()> {
        self.stage.step("The same key in an environment to which no plan is bound")?;
        self.refused(&self.caller.sign(call("/test/orders/42")), 403, "Found no validate usage plan")
    }

    fn disable(&mut self) -> Result<()> {
        self.stage.step("The key is disabled, and enabled again")?;
        self.stage.run("key disable acme")?;
        let signed = self.signed();
        let body = body("HMAC signature cannot be verified");
        self.stage.in_force("refused with 401", &signed, |response| {
            response.status == 401 && response.text() == body
        })?;
        self.stage.run("key enable acme")?;
        self.passes("it passes again")
    }

    fn rotate(&mut self) -> Result<()> {
        self.stage.step("The key gets a new secret, and callers have a day to change to it")?;
        let rotated = self.stage.run("key rotate acme --overlap 24h")?;
        let old = self.signed();
        self.caller.secret_key = value_of(&rotated, "secret_key")?;
        self.passes("a call signed with the new secret passes")?;
        let response = self.stage.send(&old)?;
        self.stage.claim(
            response.status == 200,
            "so does one signed with the old secret",
            describe(&response),
        );
        Ok(())
    }

    fn edit(&mut self) -> Result<()> {
        self.stage.step("The limit is doubled while Envoy serves")?;
        self.stage.run(&format!("plan edit gold --max-requests-per-second {}", LIMIT * 2))?;
        let (signed, suffix) = (self.signed(), format!("/{}", LIMIT * 2));
        self.stage.in_force("answers show the new limit", &signed, |response| {
            response.header("x-usageplan-ratelimit").is_some_and(|limit| limit.ends_with(&suffix))
        })?;
        std::thread::sleep(UNTIL_RESERVATIONS_END);
        let response = self.stage.send(&signed)?;
        let shown = response.header("x-usageplan-quota").unwrap_or_default();
        let left = shown.strip_suffix(&format!("/{QUOTA}")).and_then(|left| left.parse::<usize>().ok());
        let most = QUOTA - self.stage.passed;
        let claim = format!(
            "no counter is lost: {shown} is left of the quota, after {} calls that passed and at most {RESERVED} \
             that a worker has reserved",
            self.stage.passed
        );
        self.stage.claim(
            left.is_some_and(|left| (most - RESERVED..=most).contains(&left)),
            claim,
            format_args!("{shown} is left"),
        );
        Ok(())
    }

    fn mistake(&mut self) -> Result<()> {
        self.stage.step("A mistake, by hand")?;
        let path = self.stage.command_line.path("usage-plans.json");
        let document = std::fs::read_to_string(&path).context("the document")?;
        let mut broken: Value = serde_json::from_str(&document).context("the document")?;
        broken["usage_plans"][0]["id"] = "no such id".into();
        std::fs::write(&path, broken.to_string()).context("the document")?;
        let (status, errors) = self.stage.command_line.try_run("check")?;
        let named = errors.contains("usage_plans[0].id: must be 1 to 64 of A-Z a-z 0-9 _ -");
        self.stage.claim(status == 1 && named, "it is named, with its place", errors);
        self.stage.command_line.story.say("the publisher prints");
        let complaint = self.complaint("usage_plans[0].id: ")?;
        self.stage.command_line.story.show(&complaint);
        self.stage.claim(complaint.contains("is not published"), "it is not published", complaint);
        let response = self.stage.send(&self.signed())?;
        self.stage.claim(response.status == 200, "what was in force still is", describe(&response));
        std::fs::write(&path, document).context("the document")
    }

    fn account(&mut self) -> Result<()> {
        self.stage.step("What has been admitted and refused")?;
        let usage = format!("usage --admin {}", self.stage.envoy.admin());
        self.stage.run(&usage)?;
        let json: Value =
            serde_json::from_str(&self.stage.command_line.ask(&format!("{usage} --output json"))?)
                .context("the answer")?;
        let (admitted, passed) = (&json["usage_plans"][0]["admitted"], self.stage.passed);
        self.stage.claim(
            *admitted == passed,
            format_args!("gold admitted the {passed} calls that passed"),
            admitted,
        );
        let stats = self.stage.envoy.stats()?;
        let closed = stats.get("http.ingress.downstream_cx_destroy_local").map_or("0", String::as_str);
        let claim = "no connection was closed by Envoy, through all of this";
        self.stage.claim(closed == "0", claim, format_args!("{closed} were"));
        Ok(())
    }

    /// What the publisher prints about an error, up to the line that has `last` in it.
    ///
    /// # Errors
    /// There is no such line.
    fn complaint(&self, last: &str) -> Result<String> {
        let mut lines = vec![self.publishing.line(PATIENCE)?];
        while !lines.iter().any(|line| line.contains(last)) {
            lines.push(self.publishing.line(PATIENCE)?);
        }
        let complaint = lines.into_iter().skip_while(|line| !line.contains(" error: "));
        Ok(complaint.collect::<Vec<_>>().join("\n"))
    }

    /// A call of the story's key, signed now.
    fn signed(&self) -> Request {
        self.caller.sign(call("/release/orders/42"))
    }

    fn passes(&mut self, what: &str) -> Result<()> {
        let signed = self.signed();
        self.stage.in_force(what, &signed, |response| response.status == 200)
    }

    fn refused(&mut self, request: &Request, status: u16, message: &str) -> Result<()> {
        let response = self.stage.send(request)?;
        let holds = response.status == status && response.text() == body(message);
        self.stage.claim(holds, format_args!("{status} {message}"), describe(&response));
        Ok(())
    }
}
