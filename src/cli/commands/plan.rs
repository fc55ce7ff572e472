//! `usage-plan plan`: usage plans.

mod bind;
mod list;
pub(super) mod parse;
mod reset;

use clap::{Args, Subcommand};
use serde_json::Value;
use usage_plan_manage::draft::{Members, USAGE_PLANS};
use usage_plan_manage::file::{DocumentFile, Missing};
use usage_plan_manage::operations::plan;

use super::{EditOptions, complete, deleted, new_object};
use crate::output::answer::{Answer, Table};
use crate::output::error::Result;
use crate::output::flags::Flags;

/// What can be done to usage plans. A PLAN is an id, or a name that only one plan has; a KEY and a SERVICE
/// likewise.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a usage plan
    #[command(after_help = "Examples:\n  \
        usage-plan plan create --name gold --max-requests-per-second 1000 --quota 100000/day\n  \
        usage-plan plan create --name trial --quota 500/total --counter-per key --remark 'two weeks'")]
    Create(CreateArguments),
    /// Change a usage plan; what is used up of a limit stays used up
    #[command(after_help = "Examples:\n  usage-plan plan edit gold --max-requests-per-second 2000\n  \
        usage-plan plan edit gold --quota 100000/day@+08:00 --quota 1000000/month@+08:00\n  \
        usage-plan plan edit gold --warn-at 80 --warn-at 95\n  \
        usage-plan plan edit gold --on-engine-down deny\n  \
        usage-plan plan edit gold --quota '' --max-requests-per-second unlimited")]
    Edit(EditArguments),
    /// List usage plans
    #[command(after_help = "Examples:\n  usage-plan plan list\n  usage-plan plan list gold -o wide\n  \
        usage-plan plan list --output json\n  usage-plan plan list --service orders")]
    List(list::Arguments),
    /// Show a usage plan and what it is bound to
    #[command(after_help = "Example:\n  usage-plan plan show gold")]
    Show(ShowArguments),
    /// Forget what is used of a plan's quotas, once; limits per second and bursts are not reset
    #[command(after_help = "Examples:\n  usage-plan plan reset gold\n  \
        usage-plan plan reset gold --key acme --limit day --dry-run")]
    Reset(reset::Arguments),
    /// Delete usage plans that are bound to nothing
    #[command(after_help = "Examples:\n  usage-plan plan delete gold\n  usage-plan plan delete gold silver")]
    Delete(DeleteArguments),
    /// Bind keys to a plan, so that it limits their requests
    #[command(after_help = "Examples:\n  usage-plan plan bind-key gold acme\n  \
        usage-plan plan bind-key gold acme beta\n  usage-plan plan bind-key gold acme --move")]
    BindKey(bind::BindKeyArguments),
    /// Unbind keys from a plan
    #[command(after_help = "Example:\n  usage-plan plan unbind-key gold acme")]
    UnbindKey(bind::KeyArguments),
    /// Let the keys of a plan call environments of a service
    #[command(after_help = "Examples:\n  usage-plan plan bind-environment gold orders release\n  \
        usage-plan plan bind-environment gold orders release test")]
    BindEnvironment(bind::EnvironmentArguments),
    /// Unbind environments of a service from a plan
    #[command(after_help = "Example:\n  usage-plan plan unbind-environment gold orders release")]
    UnbindEnvironment(bind::EnvironmentArguments),
}

/// `usage-plan plan create`
#[derive(Args, Debug)]
pub(crate) struct CreateArguments {
    /// A name for people: up to 50 of A-Z a-z 0-9 _
    #[arg(long)]
    name: String,
    /// Use this id instead of usagePlan- and 8 random characters
    #[arg(long)]
    id: Option<String>,
    #[command(flatten)]
    members: MemberArguments,
    #[command(flatten)]
    edit: EditOptions,
}

/// `usage-plan plan edit`
#[derive(Args, Debug)]
pub(crate) struct EditArguments {
    /// The plan's id or name
    #[arg(add = complete::plans())]
    plan: String,
    /// Rename the plan
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    members: MemberArguments,
    #[command(flatten)]
    edit: EditOptions,
}

/// `usage-plan plan show`
#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// The plan's id or name
    #[arg(add = complete::plans())]
    plan: String,
}

/// `usage-plan plan delete`
#[derive(Args, Debug)]
pub(crate) struct DeleteArguments {
    /// The plans' ids or names
    #[arg(required = true, add = complete::plans(), value_name = "PLAN")]
    plans: Vec<String>,
    #[command(flatten)]
    edit: EditOptions,
}

/// The members of a usage plan that flags set. "" removes a member; a list is given as a whole.
#[derive(Args, Debug)]
struct MemberArguments {
    /// Requests admitted in any second; -1 or "unlimited": no limit
    #[arg(long, value_name = "N", value_parser = parse::rate, allow_negative_numbers = true)]
    max_requests_per_second: Option<Value>,
    /// Make the plan a token bucket of this size, refilled at its requests per second
    #[arg(long, value_name = "N", value_parser = parse::number)]
    burst: Option<Value>,
    /// Requests admitted in a period: minute, hour, day, week, month, year or total, in UTC or at
    /// an offset (100000/day@+08:00); give all of a plan's quotas together
    #[arg(long, value_name = "N/PERIOD[@OFFSET]", value_parser = parse::quota, allow_hyphen_values = true)]
    quota: Vec<Value>,
    /// Count in a metric when so many percent of a quota are used; give all of a plan's together
    #[arg(long, value_name = "PERCENT", value_parser = parse::number)]
    warn_at: Vec<Value>,
    /// What has a counter of its own: key, environment, or both
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    counter_per: Vec<String>,
    /// "observe": let requests over the limits through, and count them; "enforce": refuse them
    #[arg(long, value_name = "HOW")]
    enforcement: Option<String>,
    /// While the fleet's engine cannot be asked: allow or deny, local_share (rates), grace or
    /// grace=PERCENT (quotas), or one for each (rate=allow,quota=deny)
    #[arg(long, value_name = "POLICY", value_parser = parse::on_engine_down)]
    on_engine_down: Option<Value>,
    /// A label, for people
    #[arg(long)]
    region: Option<String>,
    /// A note, for people
    #[arg(long)]
    remark: Option<String>,
}

// === impl Command ===

impl Command {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        match self {
            Self::Create(arguments) => arguments.run(file),
            Self::Edit(arguments) => arguments.run(file),
            Self::List(arguments) => arguments.run(file),
            Self::Show(arguments) => arguments.run(file),
            Self::Reset(arguments) => arguments.run(file),
            Self::Delete(arguments) => arguments.run(file),
            Self::BindKey(arguments) => arguments.bind(file),
            Self::UnbindKey(arguments) => arguments.unbind(file),
            Self::BindEnvironment(arguments) => arguments.bind(file),
            Self::UnbindEnvironment(arguments) => arguments.unbind(file),
        }
    }
}

// === impl CreateArguments ===

impl CreateArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let (new, flags) = new_object(USAGE_PLANS, &self.id, &self.name, self.members.get())?;
        let created = self.edit.edit(
            file,
            Missing::IsEmpty,
            |draft| plan::create(draft, new),
            |plan| Answer::object(USAGE_PLANS, plan, "created"),
        );
        created.map_err(|error| flags.in_error(error))
    }
}

// === impl EditArguments ===

impl EditArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let members = Members::new().with("name", self.name.as_deref()).and(self.members.get());
        let flags = Flags::check(USAGE_PLANS, &members)?;
        let edited = self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| plan::edit(draft, &self.plan, members),
            |plan| Answer::object(USAGE_PLANS, plan, "edited"),
        );
        edited.map_err(|error| flags.in_error(error))
    }
}

// === impl ShowArguments ===

impl ShowArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let plan = Value::from(draft.find(USAGE_PLANS, &self.plan)?.clone());
        Ok(Answer::new(Table::of_members(&plan), plan))
    }
}

// === impl DeleteArguments ===

impl DeleteArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| plan::delete(draft, &self.plans),
            |plans| deleted(USAGE_PLANS, &plans),
        )
    }
}

// === impl MemberArguments ===

impl MemberArguments {
    fn get(&self) -> Members {
        Members::new()
            .with("max_requests_per_second", self.max_requests_per_second.clone())
            .with("burst", self.burst.clone())
            .with_list("quotas", &self.quota)
            .with_list("warn_at", &self.warn_at)
            .with_list("counter_per", &self.counter_per)
            .with("enforcement", self.enforcement.as_deref())
            .with("on_engine_down", self.on_engine_down.clone())
            .with("region", self.region.as_deref())
            .with("remark", self.remark.as_deref())
    }
}
