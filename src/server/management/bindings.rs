//! The actions that bind keys and environments to usage plans, and those that list what is bound.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use usage_plan_manage::operations::plan;

use super::action::{Action, After, Answer, PAGE, Run, done};
use super::check;
use super::edit::Edit;
use super::failure::{Failure, Result};
use super::page::Page;
use super::parameters::Parameters;
use super::scene::Scene;
use super::show;

const KEYS: &[&str] = &["UsagePlanId", "AccessKeyIds"];
const ENVIRONMENT: &[&str] = &["UsagePlanIds", "BindType", "Environment", "ServiceId"];

/// What a plan can be bound to.
const SERVICE: &str = "SERVICE";
const API: &str = "API";

/// The actions that bind.
pub(super) const ACTIONS: &[Action] = &[
    Action { name: "BindSecretIds", required: KEYS, optional: &[], run: Run::Write(bind_keys) },
    Action { name: "UnBindSecretIds", required: KEYS, optional: &[], run: Run::Write(unbind_keys) },
    Action { name: "BindEnvironment", required: ENVIRONMENT, optional: &["ApiIds"], run: Run::Write(bind) },
    Action {
        name: "UnBindEnvironment",
        required: ENVIRONMENT,
        optional: &["ApiIds"],
        run: Run::Write(unbind),
    },
    Action {
        name: "DescribeUsagePlanSecretIds",
        required: &["UsagePlanId"],
        optional: PAGE,
        run: Run::Read(keys_of_plan),
    },
    Action {
        name: "DescribeUsagePlanEnvironments",
        required: &["UsagePlanId", "BindType"],
        optional: PAGE,
        run: Run::Read(environments_of_plan),
    },
    Action {
        name: "DescribeServiceUsagePlan",
        required: &["ServiceId"],
        optional: PAGE,
        run: Run::Read(plans_of_service),
    },
    Action {
        name: "DescribeApiUsagePlan",
        required: &["ServiceId"],
        optional: PAGE,
        run: Run::Read(plans_of_apis),
    },
];

fn bind_keys(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let (id, keys) = plan_and_keys(parameters, edit)?;
    let bound = &edit.plan(&id)?.keys;
    if let Some(key) = keys.iter().find(|key| bound.contains(key)) {
        return Err(already_bound(&format!("Key {key}"), &id));
    }
    plan::bind_keys(edit.draft, &id, &keys)?;
    done()
}

fn unbind_keys(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let (id, keys) = plan_and_keys(parameters, edit)?;
    plan::unbind_keys(edit.draft, &id, &keys)?;
    done()
}

/// A plan and keys that are there, each key once.
fn plan_and_keys(parameters: &Parameters, edit: &Edit<'_>) -> Result<(String, Vec<String>)> {
    let id = edit.plan(parameters.required("UsagePlanId")?)?.id.clone();
    let keys = parameters.required_texts("AccessKeyIds")?;
    let unknown: Vec<&str> = keys.iter().filter(|key| edit.key(key).is_err()).map(String::as_str).collect();
    if !unknown.is_empty() {
        let message = format!("There is no key {}. DescribeApiKeysStatus lists them.", unknown.join(", "));
        return Err(Failure::new("InvalidParameterValue.InvalidAccessKeyIds", message));
    }
    Ok((id, keys))
}

fn bind(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let Place { plans, service, environment } = Place::of(parameters, edit)?;
    for id in &plans {
        let bound = &edit.plan(id)?.environments;
        if bound.iter().any(|bound| bound.service == service && bound.environment == environment) {
            return Err(already_bound(&format!("Environment {environment} of service {service}"), id));
        }
        plan::bind_environments(edit.draft, id, &service, std::slice::from_ref(&environment))?;
    }
    done()
}

fn unbind(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let Place { plans, service, environment } = Place::of(parameters, edit)?;
    if !edit.service(&service)?.environments.contains(&environment) {
        let message =
            format!("Service {service} is not published to {environment}, so no plan is bound there.");
        return Err(Failure::new("UnsupportedOperation.NoUsagePlanEnv", message));
    }
    for id in &plans {
        plan::unbind_environments(edit.draft, id, &service, std::slice::from_ref(&environment))?;
    }
    done()
}

/// Which plans are bound to which environment.
struct Place {
    plans: BTreeSet<String>,
    service: String,
    environment: String,
}

// === impl Place ===

impl Place {
    fn of(parameters: &Parameters, edit: &Edit<'_>) -> Result<Self> {
        let bind_type = parameters.word("BindType", &[SERVICE, API])?;
        let environment = check::environment(parameters, "Environment")?.to_owned();
        let service = edit.service(parameters.required("ServiceId")?)?.id.clone();
        let plans: BTreeSet<String> = parameters.required_texts("UsagePlanIds")?.into_iter().collect();
        for id in &plans {
            edit.plan(id)?;
        }
        if bind_type == Some(API) || parameters.texts("ApiIds")?.is_some_and(|ids| !ids.is_empty()) {
            let message = "A plan is bound to a whole environment here: set BindType to SERVICE. Limits on \
                           some of the requests are `apis` of the plan, in the document.";
            return Err(Failure::new("UnsupportedOperation.UnsupportedBindEnvironment", message));
        }
        Ok(Self { plans, service, environment })
    }
}

fn already_bound(what: &str, plan: &str) -> Failure {
    let message = format!("{what} is bound to usage plan {plan} already: leave it out.");
    Failure::new("UnsupportedOperation.AlreadyBindUsagePlan", message)
}

fn keys_of_plan(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let page = Page::of(parameters)?;
    let plan = scene.snapshot.plan(parameters.required("UsagePlanId")?)?;
    let keys: Vec<_> = plan.keys.iter().filter_map(|id| scene.snapshot.find_key(id)).collect();
    Ok(page.answer("AccessKeyList", &keys, |key| {
        let status = i32::from(show::is_enabled(key));
        json!({"AccessKeyId": key.secret_id, "SecretName": key.name, "Status": status})
    }))
}

fn environments_of_plan(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let page = Page::of(parameters)?;
    let plan = scene.snapshot.plan(parameters.required("UsagePlanId")?)?;
    let is_by_api = parameters.word("BindType", &[SERVICE, API])? == Some(API);
    let environments = if is_by_api { &[][..] } else { &plan.environments };
    let used = scene.used(plan);
    Ok(page.answer("EnvironmentList", environments, |bound| {
        let service = scene.snapshot.find_service(&bound.service);
        let mut shown = show::binding(scene, plan, used);
        shown.insert("ServiceId".to_owned(), bound.service.clone().into());
        shown.insert("ServiceName".to_owned(), service.map(|service| service.name.clone()).into());
        shown.insert("Environment".to_owned(), bound.environment.clone().into());
        shown.into()
    }))
}

fn plans_of_service(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let page = Page::of(parameters)?;
    let service = scene.snapshot.service(parameters.required("ServiceId")?)?;
    let bound: Vec<_> = scene.snapshot.bound_to(&service.id).collect();
    Ok(page.answer("ServiceUsagePlanList", &bound, |(plan, environment)| {
        let mut shown = show::binding(scene, plan, scene.used(plan));
        let tags = scene.snapshot.record.usage_plans.get(&plan.id).map_or(&[][..], |record| &record.tags);
        let members: [(&str, Value); 7] = [
            ("ServiceId", service.id.as_str().into()),
            ("ServiceName", service.name.as_str().into()),
            ("Environment", (*environment).into()),
            ("UsagePlanId", plan.id.as_str().into()),
            ("UsagePlanName", plan.name.as_str().into()),
            ("UsagePlanDesc", plan.remark.as_str().into()),
            ("Tags", show::tags(tags)),
        ];
        shown.extend(members.map(|(name, value)| (name.to_owned(), value)));
        shown.into()
    }))
}

/// No plan is bound to an API.
fn plans_of_apis(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let page = Page::of(parameters)?;
    scene.snapshot.service(parameters.required("ServiceId")?)?;
    Ok(page.answer("ApiUsagePlanList", &[], |()| Value::Null))
}
