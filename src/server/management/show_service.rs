//! Services in the words of the API.

use serde_json::{Map, Value, json};
use usage_plan_core::document::{Authentication, Service};

use super::check::ENVIRONMENTS;
use super::scene::Scene;
use super::show::{api_id, limit, tags, times};
use crate::record::ServiceRecord;

/// The version of IP that the API says.
pub(super) const IP_VERSION: &str = "IPv4";

/// What is recorded of a service.
pub(super) fn record<'s>(scene: &'s Scene<'_>, service: &Service) -> Option<&'s ServiceRecord> {
    scene.snapshot.record.services.get(&service.id)
}

/// The host that a service was given when it was created: the first one of the document.
pub(super) fn outer_domain(service: &Service) -> &str {
    service.domains.first().map_or("", String::as_str)
}

/// The networks that a service can be reached from, as somebody said it.
pub(super) fn net_types(scene: &Scene<'_>, service: &Service) -> Vec<String> {
    let said = record(scene, service).map(|record| record.net_types.clone()).unwrap_or_default();
    if said.is_empty() { vec!["OUTER".to_owned()] } else { said }
}

/// A service as a list shows it.
pub(super) fn listed(scene: &Scene<'_>, service: &Service) -> Map<String, Value> {
    let record = record(scene, service);
    let [created, modified] = times(record.map(|record| &record.times));
    let description = record.map_or("", |record| &record.description);
    members([
        ("ServiceId", service.id.as_str().into()),
        ("ServiceName", service.name.as_str().into()),
        ("ServiceDesc", description.into()),
        ("Protocol", protocol(record).into()),
        ("NetTypes", net_types(scene, service).into()),
        ("AvailableEnvironments", service.environments.clone().into()),
        ("OuterSubDomain", outer_domain(service).into()),
        ("InnerSubDomain", "".into()),
        ("InnerHttpPort", Value::Null),
        ("InnerHttpsPort", Value::Null),
        ("IpVersion", IP_VERSION.into()),
        ("CreatedTime", created),
        ("ModifiedTime", modified),
        ("ExclusiveSetName", Value::Null),
        ("TradeIsolateStatus", 0.into()),
        ("Tags", tags(record.map_or(&[], |record| &record.tags))),
        ("InstanceId", Value::Null),
        ("SetType", Value::Null),
        ("DeploymentType", Value::Null),
    ])
}

/// A service with the plans that are bound to it.
pub(super) fn described(scene: &Scene<'_>, service: &Service) -> Map<String, Value> {
    let mut shown = listed(scene, service);
    shown.retain(|name, _| {
        !["InnerSubDomain", "ExclusiveSetName", "TradeIsolateStatus"].contains(&name.as_str())
    });
    let plans: Vec<Value> = scene
        .snapshot
        .bound_to(&service.id)
        .map(|(plan, environment)| {
            let record = scene.snapshot.record.usage_plans.get(&plan.id);
            let [created, modified] = times(record.map(|record| &record.times));
            json!({
                "Environment": environment, "UsagePlanId": plan.id, "UsagePlanName": plan.name,
                "UsagePlanDesc": plan.remark, "MaxRequestNumPreSec": limit(plan.max_requests_per_second),
                "CreatedTime": created, "ModifiedTime": modified,
            })
        })
        .collect();
    shown.extend(members([
        ("InternalSubDomain", "".into()),
        ("ApiTotalCount", 1.into()),
        ("ApiIdStatusSet", json!([api(scene, service)])),
        ("UsagePlanTotalCount", plans.len().into()),
        ("UsagePlanList", plans.into()),
        ("UserType", Value::Null),
        ("SetId", Value::Null),
        ("InstanceName", Value::Null),
        ("SpecialUse", Value::Null),
        ("UniqVpcId", Value::Null),
    ]));
    shown
}

/// The one API that a service shows: all of its paths. Terraform publishes no service without an API.
pub(super) fn api(scene: &Scene<'_>, service: &Service) -> Map<String, Value> {
    let record = record(scene, service);
    let [created, modified] = times(record.map(|record| &record.times));
    let is_open = service.authentication == Authentication::None;
    members([
        ("ServiceId", service.id.as_str().into()),
        ("ApiId", api_id(&service.id).into()),
        ("ApiName", "all".into()),
        ("ApiDesc", "all paths of the service".into()),
        ("ApiType", "NORMAL".into()),
        ("ApiBusinessType", "NORMAL".into()),
        ("Path", "/".into()),
        ("Method", "ANY".into()),
        ("Protocol", "HTTP".into()),
        ("AuthType", if is_open { "NONE" } else { "SECRET" }.into()),
        ("CreatedTime", created),
        ("ModifiedTime", modified),
        ("Tags", json!([])),
    ])
}

/// An environment of a service.
pub(super) fn environment(scene: &Scene<'_>, service: &Service, name: &str) -> Map<String, Value> {
    let version = record(scene, service).and_then(|record| record.current.get(name));
    let is_published = service.environments.iter().any(|published| published == name);
    members([
        ("EnvironmentName", name.into()),
        ("Url", format!("{}/{name}", outer_domain(service)).into()),
        ("Status", i32::from(is_published).into()),
        ("VersionName", version.cloned().unwrap_or_default().into()),
    ])
}

/// The environments of a service: the three of the API, then those that it does not know.
pub(super) fn environments(service: &Service) -> Vec<&str> {
    let others = service.environments.iter().map(String::as_str).filter(|name| !ENVIRONMENTS.contains(name));
    ENVIRONMENTS.into_iter().chain(others).collect()
}

/// The protocol of a service, as somebody said it.
fn protocol(record: Option<&ServiceRecord>) -> &str {
    record.map(|record| &*record.protocol).filter(|said| !said.is_empty()).unwrap_or("http&https")
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
