//! A document that this Envoy refuses, and what puts it right.

use serde_json::Value;
use testbed::Result;

use super::Night;
use crate::stage::describe;

/// A variable that Envoy's environment does not have.
const MISSING: &str = "USAGE_PLAN_NO_SUCH_VARIABLE";

impl Night<'_> {
    pub(super) fn mistake(&mut self) -> Result<()> {
        self.stage.step("A mistake: a secret in a variable that this Envoy lacks")?;
        let (acme, noisy) = (self.acme.clone(), self.noisy.clone());
        self.stage
            .run(&format!("key create --name batch --secret-id AKIDbatch001 --secret-key-env {MISSING}"))?;
        let (status, text) = self.stage.command_line.try_run("publish")?;
        let holds = status == 1 && text.contains(": refused, ") && text.contains(MISSING);
        self.stage.claim(holds, "publish: refused, with exit code 1, and the variable is named", &text);
        let text = self.is_wrong()?;
        let here = self.json("status")?["document"]["digest"].as_str().unwrap_or_default().to_owned();
        let names = text.contains(&format!("the document {here}")) && text.contains(" is refused");
        self.stage.claim(
            names && !here.is_empty(),
            format_args!("it names the document here, {here}"),
            &text,
        );
        self.stage.claim(text.contains(MISSING), "and the variable that Envoy may lack", &text);
        for (name, caller) in [("acme", &acme), ("noisy", &noisy)] {
            let response = self.send(caller)?;
            let claim = format!("what was in force still is: {name} passes");
            self.stage.claim(response.status == 200, claim, describe(&response));
        }

        self.stage.step("The mistake is taken back")?;
        self.stage.run("key disable batch")?;
        self.stage.run("key delete batch")?;
        self.publish()?;
        self.passes("acme passes", &acme)?;
        self.passes("noisy passes", &noisy)?;
        self.is_well()?;
        let log = self.log()?;
        let is_decided = |line: &&Value| line["status"].as_u64().is_some_and(|status| status < 500);
        let decided = log.iter().filter(is_decided).count();
        let claim = format!("the whole night, none of {} calls was answered with 5xx", log.len());
        self.stage.claim(decided == log.len(), claim, format_args!("{} were", log.len() - decided));
        Ok(())
    }
}
