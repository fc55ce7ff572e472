//! Which action an answer is of, and what it says. Every member may be null.

use serde_json::{Value, json};

use super::Input;
use super::collected::{ApiLevel, Collected, EnvironmentItem};
use super::owner::{List, Unowned};
use crate::draft::set;
use crate::error::{Error, Result};
use crate::import::members::Members;
use crate::import::proposal::{EnvironmentBinding, KeyBinding, Object, Part};

/// Reads what an action returned.
type Reader = fn(&Members<'_>, Input<'_>, &mut Collected) -> Result<()>;

/// Reads one answer: as it was returned, or its `Response` alone.
pub(super) fn read(value: &Value, place: &str, input: Input<'_>, into: &mut Collected) -> Result<()> {
    let answer = Members::of(value, place)?;
    let body = answer.object("Response")?.unwrap_or(answer);
    if let Some(error) = body.object("Error")? {
        return Err(Error::refused(format!(
            "{place}: the API answered with an error, {}: {}",
            error.text("Code")?.unwrap_or("of no code"),
            error.text("Message")?.unwrap_or("without a message")
        )));
    }
    let result = match body.has("Result") {
        // A list of which there is nothing.
        true if body.value("Result").is_none() => return Ok(()),
        true => body.object("Result")?,
        false => None,
    };
    let result = result.unwrap_or(body);
    match READERS.iter().find(|(member, _)| result.has(member)) {
        Some((_, read)) => read(&result, input, into),
        None => {
            let names: Vec<&str> = result.names().collect();
            let known = READERS.map(|(member, _)| member).join(", ");
            Err(Error::refused(format!(
                "{}: is not an answer that is read here: it has {}, and none of {known}",
                result.place(),
                if names.is_empty() { "no members".to_owned() } else { names.join(", ") }
            )))
        }
    }
}

/// By the member that tells which action an answer is of. A service has lists too: it comes before them.
const READERS: [(&str, Reader); 10] = [
    ("ServiceId", service_with_bindings),
    ("UsagePlanId", plan_with_bindings),
    ("AccessKeyId", |result, _, into| key(result, into)),
    ("ApiKeySet", |result, _, into| {
        into.total("DescribeApiKeysStatus", result, &ids(result, "ApiKeySet", "AccessKeyId")?)?;
        result.objects("ApiKeySet")?.iter().try_for_each(|item| key(item, into))
    }),
    ("UsagePlanStatusSet", |result, _, into| {
        into.total("DescribeUsagePlansStatus", result, &ids(result, "UsagePlanStatusSet", "UsagePlanId")?)?;
        result.objects("UsagePlanStatusSet")?.iter().try_for_each(|item| plan(item, into).map(drop))
    }),
    ("ServiceSet", |result, _, into| {
        into.total("DescribeServicesStatus", result, &ids(result, "ServiceSet", "ServiceId")?)?;
        result.objects("ServiceSet")?.iter().try_for_each(|item| service(item, into).map(drop))
    }),
    ("AccessKeyList", |result, input, into| {
        let keys = ids(result, "AccessKeyList", "AccessKeyId")?;
        into.unowned.push(Unowned::new(result, input, List::Keys(keys))?);
        Ok(())
    }),
    ("EnvironmentList", environment_list),
    ("DomainSet", domain_list),
    ("ApiIdStatusSet", |result, _, into| apis(result, None, into)),
];

fn key(item: &Members<'_>, into: &mut Collected) -> Result<()> {
    let mut key = Object::new();
    set(&mut key, "name", item.text("SecretName")?.map(Value::from));
    set(&mut key, "secret_id", Some(item.required("AccessKeyId")?.into()));
    let secret = item.text("AccessKeySecret")?;
    match item.text("AccessKeyType")? {
        None | Some("auto" | "manual") => {}
        Some(kind) => {
            into.notes.leave_out(
                Part::Key,
                &key,
                format!("is left out: it is of type {kind}, and only key pairs are carried over"),
            );
            return Ok(());
        }
    }
    set(&mut key, "secret_key", secret.filter(|secret| !secret.contains('*')).map(Value::from));
    match item.number("Status")? {
        Some(0) => set(&mut key, "status", Some("disabled".into())),
        Some(1) => set(&mut key, "status", Some("enabled".into())),
        Some(_) => return Err(Error::refused(format!("{}.Status: must be 0 or 1", item.place()))),
        None => {}
    }
    set(&mut key, "created_at", item.text("CreatedTime")?.map(Value::from));
    into.merge(Part::Key, key)
}

fn plan(item: &Members<'_>, into: &mut Collected) -> Result<String> {
    let id = item.required("UsagePlanId")?;
    let mut plan = Object::new();
    set(&mut plan, "id", Some(id.into()));
    set(&mut plan, "name", item.text("UsagePlanName")?.map(Value::from));
    if let Some(limit) = item.number("MaxRequestNumPreSec")? {
        plan.insert("max_requests_per_second".to_owned(), limit.into());
    }
    // The whole number of requests that the plan is good for: it does not renew.
    if let Some(limit) = item.number("MaxRequestNum")? {
        let quotas =
            if limit == -1 { json!([]) } else { json!([{"max_requests": limit, "period": "total"}]) };
        plan.insert("quotas".to_owned(), quotas);
    }
    set(&mut plan, "remark", item.text("UsagePlanDesc")?.map(Value::from));
    set(&mut plan, "created_at", item.text("CreatedTime")?.map(Value::from));
    into.merge(Part::UsagePlan, plan)?;
    Ok(id.to_owned())
}

fn plan_with_bindings(item: &Members<'_>, _: Input<'_>, into: &mut Collected) -> Result<()> {
    let id = plan(item, into)?;
    for secret_id in item.texts("BindSecretIds")? {
        into.key_bindings.push(KeyBinding { usage_plan: id.clone(), secret_id: secret_id.to_owned() });
    }
    for environment in item.objects("BindEnvironments")? {
        into.bound_somehow.push(EnvironmentBinding {
            usage_plan: id.clone(),
            service: environment.required("ServiceId")?.to_owned(),
            environment: environment.required("EnvironmentName")?.to_owned(),
        });
    }
    Ok(())
}

fn environment_list(result: &Members<'_>, input: Input<'_>, into: &mut Collected) -> Result<()> {
    let items = result.objects("EnvironmentList")?;
    let items = items.iter().map(|item| {
        let api = item.text("ApiId")?.map(|id| ApiLevel {
            id: id.to_owned(),
            method: item.text("Method").ok().flatten().unwrap_or("ANY").to_owned(),
            path: item.text("Path").ok().flatten().unwrap_or(id).to_owned(),
        });
        Ok(EnvironmentItem {
            service: item.required("ServiceId")?.to_owned(),
            environment: item.required("Environment")?.to_owned(),
            api,
            // 0 is what the API says of a binding without a limit of its own.
            limit: item.number("MaxRequestNumPreSec")?.filter(|limit| *limit > 0),
        })
    });
    let items = items.collect::<Result<_>>()?;
    into.unowned.push(Unowned::new(result, input, List::Environments(items))?);
    Ok(())
}

fn domain_list(result: &Members<'_>, input: Input<'_>, into: &mut Collected) -> Result<()> {
    let domains = result.objects("DomainSet")?;
    let domains = domains.iter().map(|item| {
        let has_own_paths = item.boolean("IsDefaultMapping")? == Some(false);
        Ok((item.required("DomainName")?.to_owned(), has_own_paths))
    });
    let domains = domains.collect::<Result<_>>()?;
    into.unowned.push(Unowned::new(result, input, List::Domains(domains))?);
    Ok(())
}

fn service_with_bindings(item: &Members<'_>, _: Input<'_>, into: &mut Collected) -> Result<()> {
    let id = service(item, into)?;
    for plan in item.objects("UsagePlanList")? {
        into.bound_somehow.push(EnvironmentBinding {
            usage_plan: plan.required("UsagePlanId")?.to_owned(),
            service: id.clone(),
            environment: plan.required("Environment")?.to_owned(),
        });
    }
    apis(item, Some(&id), into)
}

fn service(item: &Members<'_>, into: &mut Collected) -> Result<String> {
    let id = item.required("ServiceId")?;
    let mut service = Object::new();
    set(&mut service, "id", Some(id.into()));
    set(&mut service, "name", item.text("ServiceName")?.map(Value::from));
    let mut domains = Vec::new();
    for member in ["OuterSubDomain", "InnerSubDomain", "InternalSubDomain"] {
        domains.extend(item.text(member)?.filter(|domain| !domains.contains(domain)));
    }
    service.insert("domains".to_owned(), domains.into());
    let environments = item.texts("AvailableEnvironments")?;
    if !environments.is_empty() {
        service.insert("environments".to_owned(), environments.into());
    }
    set(&mut service, "created_at", item.text("CreatedTime")?.map(Value::from));
    into.merge(Part::Service, service)?;
    Ok(id.to_owned())
}

/// APIs that are called otherwise than with a key pair.
fn apis(result: &Members<'_>, service: Option<&str>, into: &mut Collected) -> Result<()> {
    for api in result.objects("ApiIdStatusSet")? {
        let Some(kind) = api.text("AuthType")?.filter(|kind| *kind != "SECRET") else { continue };
        let Some(service) = api.text("ServiceId")?.or(service) else { continue };
        let (method, path) = (api.text("Method")?.unwrap_or("ANY"), api.text("Path")?.unwrap_or("/"));
        let key = (service.to_owned(), kind.to_owned());
        into.unsigned_apis.entry(key).or_default().insert(format!("{method} {path}"));
    }
    Ok(())
}

fn ids(result: &Members<'_>, list: &str, id: &str) -> Result<Vec<String>> {
    result.objects(list)?.iter().map(|item| item.required(id).map(str::to_owned)).collect()
}
