//! The actions on services.

use serde_json::json;
use usage_plan_core::document::Service;
use usage_plan_core::document::names::KEY_NAME;
use usage_plan_manage::draft::{Members, SERVICES};
use usage_plan_manage::operations::service;

use super::action::{Action, After, Answer, FILTERED, Run, done};
use super::check::{self, name};
use super::edit::Edit;
use super::failure::{Failure, Result};
use super::page::{Filters, Page};
use super::parameters::Parameters;
use super::scene::Scene;
use super::show_service::{self as show, IP_VERSION};

const SERVICE: &[&str] = &["ServiceId"];

/// The protocols that a service can have.
const PROTOCOLS: [&str; 3] = ["http", "https", "http&https"];
/// The networks that a service can be reached from.
const NET_TYPES: [&str; 2] = ["INNER", "OUTER"];
/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 1000;

/// The filters on services.
const FILTERS: [&str; 8] = [
    "ServiceId",
    "ServiceName",
    "NotUsagePlanId",
    "Environment",
    "IpVersion",
    "InstanceId",
    "NetType",
    "EIAMAppId",
];

/// The actions on services.
pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "CreateService",
        required: &["ServiceName", "Protocol"],
        optional: &[
            "ServiceDesc",
            "NetTypes",
            "IpVersion",
            "SetServerName",
            "AppIdType",
            "Tags",
            "InstanceId",
            "UniqVpcId",
        ],
        run: Run::Write(create),
    },
    Action { name: "DescribeService", required: SERVICE, optional: &[], run: Run::Read(describe) },
    Action { name: "DescribeServicesStatus", required: &[], optional: FILTERED, run: Run::Read(list) },
    Action {
        name: "ModifyService",
        required: SERVICE,
        optional: &["ServiceName", "ServiceDesc", "Protocol", "NetTypes", "UniqVpcId"],
        run: Run::Write(modify),
    },
    Action {
        name: "DeleteService",
        required: SERVICE,
        optional: &["SkipVerification"],
        run: Run::Write(delete),
    },
    Action { name: "DescribeApisStatus", required: SERVICE, optional: FILTERED, run: Run::Read(apis) },
];

fn create(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let service_name = name("ServiceName", parameters.required("ServiceName")?, &KEY_NAME)?;
    parameters.required("Protocol")?;
    parameters.word("IpVersion", &[IP_VERSION])?;
    let mut new = edit.new_object(SERVICES, service_name, Members::new())?;
    let id = new.id.clone();
    new.members = new.members.with("domains", Some(json!([format!("{id}.{}", edit.options.domain)])));
    service::create(edit.draft, new)?;
    // It is published when it is released, and not before.
    service::unpublish(edit.draft, &id, &Service::default().environments)?;
    describe_in_record(parameters, edit, &id)?;
    let record = edit.record.services.entry(id.clone()).or_default();
    record.tags = check::tags(parameters)?;
    Ok(After::Show(created, id))
}

fn modify(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let id = edit.service(parameters.required("ServiceId")?)?.id.clone();
    if let Some(text) = parameters.text("ServiceName")? {
        let members = Members::new().with("name", Some(name("ServiceName", text, &KEY_NAME)?));
        service::edit(edit.draft, &id, members)?;
    }
    if describe_in_record(parameters, edit, &id)? {
        let now = edit.now.to_rfc3339();
        edit.record.services.entry(id).or_default().times.modified = now;
    }
    Ok(After::Answer(Answer::new()))
}

/// Records what the document has no place for, and returns whether there was anything.
fn describe_in_record(parameters: &Parameters, edit: &mut Edit<'_>, id: &str) -> Result<bool> {
    let description = check::text(parameters, "ServiceDesc", MAX_DESCRIPTION)?;
    let protocol = parameters.word("Protocol", &PROTOCOLS)?;
    let net_types = parameters.texts("NetTypes")?;
    if let Some(wrong) = net_types.iter().flatten().find(|name| !NET_TYPES.contains(&name.as_str())) {
        let message = format!("NetTypes has \"{wrong}\". Each must be one of {}.", NET_TYPES.join(", "));
        return Err(Failure::new("InvalidParameterValue.NotInOptions", message));
    }
    let record = edit.record.services.entry(id.to_owned()).or_default();
    let before = record.clone();
    record.description = description.map_or(before.description.clone(), str::to_owned);
    record.protocol = protocol.map_or(before.protocol.clone(), str::to_owned);
    record.net_types = net_types.unwrap_or(before.net_types.clone());
    Ok(*record != before)
}

fn delete(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let service = edit.service(parameters.required("ServiceId")?)?;
    let (id, published) = (service.id.clone(), service.environments.join(", "));
    let skips = parameters.boolean("SkipVerification")? == Some(true);
    let is_bound = service::plans(edit.draft.document(), &id).next().is_some();
    if !published.is_empty() && !skips && !is_bound {
        let message =
            format!("Service {id} is published to {published}. Call UnReleaseService for each of them.");
        return Err(Failure::new("UnsupportedOperation.ExistingOnlineEnvironment", message));
    }
    service::delete(edit.draft, &[id])?;
    done()
}

fn created(scene: &Scene<'_>, id: &str) -> Result<Answer> {
    let service = show::listed(scene, scene.snapshot.service(id)?);
    let members = [
        "ServiceId",
        "ServiceName",
        "ServiceDesc",
        "OuterSubDomain",
        "InnerSubDomain",
        "CreatedTime",
        "NetTypes",
        "IpVersion",
    ];
    Ok(service.into_iter().filter(|(name, _)| members.contains(&name.as_str())).collect())
}

fn describe(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    Ok(show::described(scene, scene.snapshot.service(parameters.required("ServiceId")?)?))
}

fn list(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let (page, filters) = (Page::of(parameters)?, Filters::of(parameters, &FILTERS)?);
    let mut services: Vec<&Service> = scene.snapshot.document().services.iter().collect();
    for (name, values) in filters.iter() {
        let has = |text: &str| values.iter().any(|value| value == text);
        match name {
            "ServiceId" => services.retain(|service| has(&service.id)),
            "ServiceName" => services.retain(|service| has(&service.name)),
            "Environment" => services.retain(|service| service.environments.iter().any(|name| has(name))),
            "NotUsagePlanId" => services
                .retain(|service| !scene.snapshot.bound_to(&service.id).any(|(plan, _)| has(&plan.id))),
            "IpVersion" => services.retain(|_| has(IP_VERSION)),
            "NetType" => {
                services.retain(|service| show::net_types(scene, service).iter().any(|kind| has(kind)));
            }
            // No service is on an instance, or of an application.
            _ => services.clear(),
        }
    }
    Ok(page.answer("ServiceSet", &services, |service| show::listed(scene, service).into()))
}

fn apis(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let filters =
        ["ApiId", "ApiName", "ApiPath", "Method", "AuthType", "KeyWord", "NotUsagePlanId", "Environment"];
    let (page, filters) = (Page::of(parameters)?, Filters::of(parameters, &filters)?);
    let service = scene.snapshot.service(parameters.required("ServiceId")?)?;
    let api = show::api(scene, service);
    let is_shown = filters.iter().all(|(name, values)| {
        let member = match name {
            "KeyWord" => "ApiName",
            "ApiPath" => "Path",
            name => name,
        };
        // A plan is never bound to an API, so each filter on plans and environments lets it pass.
        api.get(member).is_none_or(|value| values.iter().any(|text| value == text))
    });
    let apis = if is_shown { vec![api] } else { Vec::new() };
    Ok(page.answer("ApiIdStatusSet", &apis, |api| api.clone().into()))
}
