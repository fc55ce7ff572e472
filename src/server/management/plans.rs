//! The actions on usage plans.

use std::collections::HashSet;

use serde_json::{Value, json};
use usage_plan_core::document::names::PLAN_NAME;
use usage_plan_core::document::{EnvironmentRef, Period, Quota, UsagePlan};
use usage_plan_manage::draft::{Members, USAGE_PLANS};
use usage_plan_manage::operations::plan;

use super::action::{Action, After, Answer, FILTERED, Run, done, result};
use super::check::{self, name};
use super::edit::Edit;
use super::failure::{Failure, Result};
use super::page::{Filters, Page};
use super::parameters::Parameters;
use super::scene::Scene;
use super::show;

const PLAN: &[&str] = &["UsagePlanId"];

/// The filters on usage plans.
const FILTERS: [&str; 5] = ["UsagePlanId", "UsagePlanName", "NotServiceId", "NotApiId", "Environment"];

/// The largest limit on all requests.
const MAX_REQUESTS: i64 = 99_999_999;
/// The largest limit on requests per second.
const MAX_PER_SECOND: i64 = 2000;
/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 1000;

/// The actions on usage plans.
pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "CreateUsagePlan",
        required: &["UsagePlanName"],
        optional: &["UsagePlanDesc", "MaxRequestNum", "MaxRequestNumPreSec", "Tags"],
        run: Run::Write(create),
    },
    Action { name: "DescribeUsagePlan", required: PLAN, optional: &[], run: Run::Read(describe) },
    Action { name: "DescribeUsagePlansStatus", required: &[], optional: FILTERED, run: Run::Read(list) },
    Action {
        name: "ModifyUsagePlan",
        required: PLAN,
        optional: &["UsagePlanName", "UsagePlanDesc", "MaxRequestNum", "MaxRequestNumPreSec"],
        run: Run::Write(modify),
    },
    Action { name: "DeleteUsagePlan", required: PLAN, optional: &[], run: Run::Write(delete) },
];

fn create(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let plan_name = name("UsagePlanName", parameters.required("UsagePlanName")?, &PLAN_NAME)?;
    let members = members(parameters, &UsagePlan::default())?;
    let new = edit.new_object(USAGE_PLANS, plan_name, members)?;
    let (id, tags) = (new.id.clone(), check::tags(parameters)?);
    plan::create(edit.draft, new)?;
    edit.record.usage_plans.entry(id.clone()).or_default().tags = tags;
    Ok(After::Show(shown, id))
}

fn modify(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let id = parameters.required("UsagePlanId")?;
    let mut members = members(parameters, edit.plan(id)?)?;
    if let Some(text) = parameters.text("UsagePlanName")? {
        members = members.with("name", Some(name("UsagePlanName", text, &PLAN_NAME)?));
    }
    plan::edit(edit.draft, id, members)?;
    Ok(After::Show(shown, id.to_owned()))
}

fn delete(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let id = edit.plan(parameters.required("UsagePlanId")?)?.id.clone();
    plan::delete(edit.draft, &[id])?;
    done()
}

fn describe(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    shown(scene, parameters.required("UsagePlanId")?)
}

fn list(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let (page, filters) = (Page::of(parameters)?, Filters::of(parameters, &FILTERS)?);
    let mut plans: Vec<&UsagePlan> = scene.snapshot.document().usage_plans.iter().collect();
    for (name, values) in filters.iter() {
        let has = |text: &str| values.iter().any(|value| value == text);
        match name {
            "UsagePlanId" => plans.retain(|plan| has(&plan.id)),
            "UsagePlanName" => plans.retain(|plan| has(&plan.name)),
            "NotServiceId" => plans.retain(|plan| !plan.environments.iter().any(|bound| has(&bound.service))),
            // A plan is bound to whole environments, so whoever calls an API of it is on the plan.
            "NotApiId" => {
                let services = scene.snapshot.document().services.iter();
                let named = services.filter(|service| has(&show::api_id(&service.id)));
                let named: HashSet<&String> = named.map(|service| &service.id).collect();
                plans.retain(|plan| !plan.environments.iter().any(|bound| named.contains(&bound.service)));
            }
            "Environment" => {
                plans.retain(|plan| plan.environments.iter().any(|bound| has(&bound.environment)));
            }
            _ => {}
        }
    }
    Ok(page.answer("UsagePlanStatusSet", &plans, |plan| show::plan(scene, plan).into()))
}

fn shown(scene: &Scene<'_>, id: &str) -> Result<Answer> {
    let plan = scene.snapshot.plan(id)?;
    let mut shown = show::plan(scene, plan);
    let environment = |bound: &EnvironmentRef| {
        let EnvironmentRef { environment, service } = bound;
        json!({"EnvironmentName": environment, "ServiceId": service})
    };
    let environments: Vec<Value> = plan.environments.iter().map(environment).collect();
    shown.insert("BindSecretIdTotalCount".to_owned(), plan.keys.len().into());
    shown.insert("BindSecretIds".to_owned(), plan.keys.clone().into());
    shown.insert("BindEnvironmentTotalCount".to_owned(), environments.len().into());
    shown.insert("BindEnvironments".to_owned(), environments.into());
    Ok(result(shown))
}

/// The members that the parameters set in `plan`.
fn members(parameters: &Parameters, plan: &UsagePlan) -> Result<Members> {
    let description = check::text(parameters, "UsagePlanDesc", MAX_DESCRIPTION)?;
    let mut members = Members::new().with("remark", description);
    let rate = limit(parameters, "MaxRequestNumPreSec", plan.max_requests_per_second, MAX_PER_SECOND)?;
    if let Some(rate) = rate {
        members = members.with("max_requests_per_second", Some(rate.map_or("".into(), Value::from)));
    }
    let total = limit(parameters, "MaxRequestNum", show::total(plan), MAX_REQUESTS)?;
    if let Some(total) = total {
        // The quotas that the API does not know stay.
        let others = plan.quotas.iter().filter(|quota| quota.period != Period::Total).copied();
        let total = total.map(|max| Quota { max_requests: Some(max), ..Quota::default() });
        let quotas: Value = others.chain(total).map(|quota| Value::from(quota.to_json())).collect();
        members = members.with("quotas", Some(quotas));
    }
    Ok(members)
}

/// A limit in a parameter: the inner `None` is no limit. One that is as it was may be larger than the API
/// has.
fn limit(
    parameters: &Parameters,
    parameter: &str,
    present: Option<u64>,
    max: i64,
) -> Result<Option<Option<u64>>> {
    let Some(number) = parameters.integer(parameter)? else { return Ok(None) };
    let limit = u64::try_from(number).ok();
    match number {
        -1 => Ok(Some(None)),
        _ if (1..=max).contains(&number) || (limit.is_some() && limit == present) => Ok(Some(limit)),
        _ => {
            let code = if parameter == "MaxRequestNum" {
                "InvalidParameterValue.InvalidMaxRequestNum"
            } else {
                "InvalidParameterValue.RangeExceeded"
            };
            Err(Failure::new(code, format!("{parameter} must be 1 to {max}, or -1 for no limit.")))
        }
    }
}
