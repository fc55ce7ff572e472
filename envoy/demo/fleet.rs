//! Two Envoys that share every limit, step by step: rates, a quota through kills, and an engine that is away.

mod kills;
mod outage;
mod plans;
mod rates;

use serde_json::{Value, json};
use testbed::ports::{free_ports, local};
use testbed::{Config, Context, Engine, Member, Request, Result, Signer};

use super::calls::{HOST, call, value_of};
use super::stage::{CommandLine, PUBLISHED};

/// How long an engine may take here. The machine may do other things as well.
const TIMEOUT_MS: u64 = 1000;

/// The story, and who is in it.
pub(super) struct Fleet<'o> {
    command_line: CommandLine<'o>,
    /// `None` while it is away.
    engine: Option<Engine>,
    engine_at: std::net::SocketAddr,
    members: [Member; 2],
    caller: Signer,
}

impl<'o> Fleet<'o> {
    /// The first step: an engine, and two Envoys that ask it.
    ///
    /// # Errors
    /// Something does not run.
    pub(super) fn begin(mut command_line: CommandLine<'o>) -> Result<Self> {
        command_line.step("An engine, and two Envoys that ask it")?;
        let [port] = free_ports()?;
        let engine_at = local(port);
        let engine = command_line.start_engine(engine_at)?;
        let key = command_line.run("key create --name acme")?;
        let caller = Signer::new(&value_of(&key, "secret_id")?, &value_of(&key, "secret_key")?);
        apply(&mut command_line, "plans.json", &plans::document(&caller))?;
        apply(&mut command_line, "fleet.json", &options("fleet"))?;
        let publish: String =
            command_line.place()?.iter().map(|setting| format!(" {}", setting.flag())).collect();
        command_line.run(&format!("publish{publish}"))?;
        let watched = command_line.path(PUBLISHED);
        let config = Config::hot_reload().watching(watched).fleet("usage-plan-engine", engine_at);
        let config = config.concurrency(2).access_log();
        let members = [Member::start(config.clone())?, Member::start(config)?];
        let settings = format!(
            "to = {PUBLISHED:?}\nadmin = [\"{}\", \"{}\"]\n",
            members[0].envoy.admin(),
            members[1].envoy.admin()
        );
        let mut fleet = Self { command_line, engine: Some(engine), engine_at, members, caller };
        fleet.set_up(&publish, &settings)?;
        Ok(fleet)
    }

    /// Says where the Envoys are, so that commands need no flag.
    fn set_up(&mut self, publish: &str, settings: &str) -> Result<()> {
        for (number, member) in (1..).zip(&self.members) {
            let ingress = member.envoy.ingress();
            self.command_line.story.say(format_args!("Envoy {number} with 2 workers is ready on {ingress}"));
        }
        let flags = publish.split(" --").filter_map(|flag| flag.split_once(' ').or(Some((flag, "true"))));
        let more: String = flags
            .filter(|(name, _)| !name.is_empty() && *name != "to")
            .map(|(name, value)| match value {
                "true" => format!("{name} = true\n"),
                value => format!("{name} = {value:?}\n"),
            })
            .collect();
        let path = self.command_line.path("usage-plan.toml");
        std::fs::write(path, format!("{settings}{more}")).context("the settings")?;
        let (status, text) = self.command_line.try_run("status")?;
        self.claim(status == 0, "status: both have the document in force, and all is well", &text);
        Ok(())
    }

    /// The steps after the start.
    ///
    /// # Errors
    /// A claim does not hold, or something does not run.
    pub(super) fn play(mut self) -> Result<()> {
        self.share_rate()?;
        self.count_alone()?;
        self.kill()?;
        self.take_engine_away()?;
        self.bring_engine_back()?;
        self.command_line.story.end()
    }

    fn claim(&mut self, holds: bool, claim: impl std::fmt::Display, otherwise: impl std::fmt::Display) {
        self.command_line.story.claim(holds, claim, otherwise);
    }

    /// A call on a plan, signed now.
    fn signed(&self, plan: &str) -> Request {
        let mut request = call("/release/orders/42");
        request.headers[0].1 = format!("{plan}.{HOST}").into_bytes();
        self.caller.sign(request)
    }

    /// Publishes who counts rates, and claims that it is in force in both.
    fn count_rates(&mut self, by: &str) -> Result<()> {
        apply(&mut self.command_line, "fleet.json", &options(by))?;
        let text = self.command_line.run("publish")?;
        let both = text.matches(": in force").count();
        self.claim(both == 2, "it is in force in both", &text);
        Ok(())
    }
}

/// The options of the fleet, in which rates are counted so.
fn options(rates: &str) -> Value {
    json!({"options": {"fleet": {
        "cluster": "usage-plan-engine", "expected_envoys": 2, "timeout_ms": TIMEOUT_MS, "rates": rates,
    }}})
}

/// Applies a part of a document from a file.
fn apply(command_line: &mut CommandLine<'_>, file: &str, part: &Value) -> Result<()> {
    std::fs::write(command_line.path(file), part.to_string()).context("a file")?;
    command_line.story.show(format_args!("{file}: {part}"));
    command_line.run(&format!("apply -f {file}"))?;
    Ok(())
}
