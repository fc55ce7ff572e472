//! The cloud product's own command line, `tccli`, on `usage-plan serve`: the life of a service, step by step.

mod tccli;

use testbed::console::Running;
use testbed::ports::{free_ports, local};
use testbed::{Context, Request, Result, Signer};

use self::tccli::Tccli;
use super::calls::{HOST, body, call};
use super::stage::{CommandLine, PATIENCE, Stage};

/// Who operates the gateway. The document's keys are callers', and let nobody in.
const OPERATORS: &str = r#"{
  "operators": [{"secret_id": "ada", "secret_key": "the-secret-of-ada", "role": "admin"}]
}"#;

/// The story, and what is made in it.
pub(super) struct Operated<'o> {
    _serving: Running,
    stage: Stage<'o>,
    tccli: Tccli,
    caller: Signer,
    service: String,
    gold: String,
    silver: String,
}

impl<'o> Operated<'o> {
    /// The steps up to what callers need.
    ///
    /// # Errors
    /// Something does not run.
    pub(super) fn begin(mut command_line: CommandLine<'o>) -> Result<Self> {
        command_line.step("An Envoy on an empty document, and a server that edits it")?;
        let path = command_line.path("usage-plans.json");
        std::fs::write(path, "{\"services\": []}\n").context("the document")?;
        std::fs::write(command_line.path("operators.json"), OPERATORS).context("the operators")?;
        let flags: Vec<_> = command_line.place()?.iter().map(super::stage::Setting::flag).collect();
        let flags = flags.join(" ");
        let mut stage = command_line.raise(&format!("publish {flags}"))?;
        let [port] = free_ports()?;
        let (address, admin) = (local(port), stage.envoy.admin());
        let serve = format!("serve --listen {address} --credentials operators.json {flags} --admin {admin}");
        let serving = stage.command_line.start(&serve)?;
        stage.command_line.story.show(serving.line(PATIENCE)?);
        let mut tccli = Tccli::new(stage.command_line.path("home"))?;
        tccli.configure(&mut stage.command_line, address)?;
        let caller = Signer::new("", "");
        let (service, gold, silver) = Default::default();
        let mut story = Self { _serving: serving, stage, tccli, caller, service, gold, silver };
        story.create()?;
        Ok(story)
    }

    /// The steps after that.
    ///
    /// # Errors
    /// A claim does not hold, or something does not run.
    pub(super) fn play(mut self) -> Result<()> {
        self.bind()?;
        self.conflict()?;
        self.disable()?;
        self.rotate()?;
        self.account()?;
        self.delete()?;
        self.stage.command_line.story.end()
    }

    fn create(&mut self) -> Result<()> {
        self.stage.step("A service, published; a key, and two usage plans")?;
        let created = "CreateService --ServiceName orders --Protocol http --filter ServiceId";
        self.service = self.tccli.text(&mut self.stage.command_line, created)?;
        let service = format!("--ServiceId {}", self.service);
        self.run(&format!(
            "BindSubDomain {service} --SubDomain {HOST} --Protocol http --NetType OUTER \
             --IsDefaultMapping true --NetSubDomain {}.gateway.internal --filter RequestId",
            self.service
        ))?;
        self.run(&format!(
            "ReleaseService {service} --EnvironmentName release --ReleaseDesc first \
             --filter Result.ReleaseDesc"
        ))?;
        let key = "CreateApiKey --SecretName acme --AccessKeyType auto \
                   --filter Result.[AccessKeyId,AccessKeySecret]";
        let key = self.tccli.json(&mut self.stage.command_line, key)?;
        let part = |index: usize| key[index].as_str().unwrap_or_default();
        self.caller = Signer::new(part(0), part(1));
        let plan = "--filter Result.UsagePlanId";
        let gold = format!(
            "CreateUsagePlan --UsagePlanName gold --MaxRequestNum 100000 --MaxRequestNumPreSec 1000 {plan}"
        );
        self.gold = self.tccli.text(&mut self.stage.command_line, &gold)?;
        let silver = format!("CreateUsagePlan --UsagePlanName silver {plan}");
        self.silver = self.tccli.text(&mut self.stage.command_line, &silver)?;
        Ok(())
    }

    fn bind(&mut self) -> Result<()> {
        self.stage.step("The plan is bound to the environment and to the key")?;
        self.is_refused("the key is on no plan yet", 403, "Found no validate usage plan")?;
        self.run(&self.environment("BindEnvironment", &self.gold))?;
        self.run(&self.keys("BindSecretIds", &self.gold))?;
        self.passes("a call signed with the key passes")
    }

    fn conflict(&mut self) -> Result<()> {
        self.stage.step("A second plan for the same key in the same environment")?;
        self.run(&self.environment("BindEnvironment", &self.silver))?;
        let (keys, code) =
            (self.keys("BindSecretIds", &self.silver), "UnsupportedOperation.UnsupportedBindApiKey");
        self.refuses(&keys, code, "refused, seen from the key")?;
        self.run(&self.environment("UnBindEnvironment", &self.silver))?;
        self.run(&keys)?;
        let environment = self.environment("BindEnvironment", &self.silver);
        let code = "UnsupportedOperation.UnsupportedBindEnvironment";
        self.refuses(&environment, code, "refused, seen from the environment")?;
        self.run(&self.keys("UnBindSecretIds", &self.silver))
    }

    fn disable(&mut self) -> Result<()> {
        self.stage.step("The key is disabled, and enabled again")?;
        let id = format!("--AccessKeyId {}", self.caller.secret_id);
        let code = "UnsupportedOperation.InvalidStatus";
        self.refuses(&format!("DeleteApiKey {id}"), code, "a key that is enabled is not deleted")?;
        self.run(&format!("DisableApiKey {id} --filter Result"))?;
        self.is_refused("its calls are refused", 401, "HMAC signature cannot be verified")?;
        self.run(&format!("EnableApiKey {id} --filter Result"))?;
        self.passes("they pass again")
    }

    fn rotate(&mut self) -> Result<()> {
        self.stage.step("The key gets a new secret")?;
        let rotate =
            format!("UpdateApiKey --AccessKeyId {} --filter Result.AccessKeySecret", self.caller.secret_id);
        let secret = self.tccli.text(&mut self.stage.command_line, &rotate)?;
        self.is_refused("the old secret is refused", 401, "HMAC signature does not match")?;
        self.caller.secret_key = secret;
        self.passes("the new one passes")
    }

    fn account(&mut self) -> Result<()> {
        self.stage.step("What was used, and who did what")?;
        let used = format!(
            "DescribeUsagePlanEnvironments --UsagePlanId {} --BindType SERVICE \
             --filter Result.EnvironmentList[0].[Environment,InUseRequestNum,MaxRequestNum]",
            self.gold
        );
        let used = self.tccli.json(&mut self.stage.command_line, &used)?;
        let passed = self.stage.passed;
        let claim = format!("the {passed} calls that passed are used of the plan, as Envoy counted them");
        self.stage.claim(used[1] == passed, claim, &used);
        let log = self.stage.run("log --key acme --output wide")?;
        let told = log.contains("ada") && log.contains("UpdateApiKey") && log.contains("management API");
        self.stage.claim(told, "the log says who did it, and from where", &log);
        Ok(())
    }

    fn delete(&mut self) -> Result<()> {
        self.stage.step("All of it is taken back")?;
        let plan = format!("DeleteUsagePlan --UsagePlanId {} --filter Result", self.gold);
        self.refuses(&plan, "UnsupportedOperation.UsagePlanInUse", "a plan that is bound is not deleted")?;
        self.run(&self.keys("UnBindSecretIds", &self.gold))?;
        self.run(&self.environment("UnBindEnvironment", &self.gold))?;
        self.is_refused("calls are refused", 403, "Found no validate usage plan")?;
        let id = format!("--AccessKeyId {}", self.caller.secret_id);
        self.run(&format!("DisableApiKey {id} --filter Result"))?;
        self.run(&format!("DeleteApiKey {id} --filter Result"))?;
        self.run(&plan)?;
        self.run(&format!("DeleteUsagePlan --UsagePlanId {} --filter Result", self.silver))?;
        let service = format!("--ServiceId {}", self.service);
        self.run(&format!("UnReleaseService {service} --EnvironmentName release --filter Result"))?;
        self.run(&format!("DeleteService {service} --filter Result"))?;
        let response = self.stage.ask(&self.signed())?;
        let claim = "the service is gone, and calls get 404";
        self.stage.claim(response.status == 404, claim, super::stage::describe(&response));
        Ok(())
    }

    fn environment(&self, action: &str, plan: &str) -> String {
        let service = &self.service;
        format!(
            "{action} --UsagePlanIds '[\"{plan}\"]' --BindType SERVICE --Environment release \
             --ServiceId {service} --filter Result"
        )
    }

    fn keys(&self, action: &str, plan: &str) -> String {
        let id = &self.caller.secret_id;
        format!("{action} --UsagePlanId {plan} --AccessKeyIds '[\"{id}\"]' --filter Result")
    }

    fn run(&mut self, command: &str) -> Result<()> {
        self.tccli.json(&mut self.stage.command_line, command).map(drop)
    }

    /// Claims that an action is refused with this code.
    fn refuses(&mut self, command: &str, code: &str, claim: &str) -> Result<()> {
        let (status, text) = self.tccli.try_run(&mut self.stage.command_line, command)?;
        self.stage.claim(status == 255 && text.contains(code), claim, text);
        Ok(())
    }

    /// A call of the story's key, signed now.
    fn signed(&self) -> Request {
        self.caller.sign(call("/release/orders/42"))
    }

    fn passes(&mut self, what: &str) -> Result<()> {
        let signed = self.signed();
        self.stage.in_force(what, &signed, |response| response.status == 200)
    }

    fn is_refused(&mut self, what: &str, status: u16, message: &str) -> Result<()> {
        let (signed, expected) = (self.signed(), body(message));
        self.stage
            .in_force(what, &signed, |response| response.status == status && response.text() == expected)
    }
}
