//! Finds out which action an answer belongs to, and reads it. Every member may be `null`.

use serde_json::{Value, json};

use super::collected::Collected;
use super::input::AnswerFile;
use super::items::{ApiItem, DomainItem, EnvironmentItem, Items, UnassignedList};
use crate::draft::set;
use crate::import::error::{Error, Result};
use crate::import::members::Members;
use crate::import::proposal::{Entry, EnvironmentBinding, KeyBinding, Object};
use crate::tencent as api;

/// Reads the result of an action.
type Reader = fn(&Members<'_>, &AnswerFile, &mut Collected) -> Result<()>;

/// The readers, each with the member that identifies its action's results. A service has lists too, so it
/// comes first.
const READERS: [(&str, Reader); 11] = [
    (api::SERVICE_ID, service_with_bindings),
    (api::USAGE_PLAN_ID, plan_with_bindings),
    (api::ACCESS_KEY_ID, |result, _, into| key(result, into)),
    (api::API_KEYS.list, |result, _, into| {
        list(api::API_KEYS, result, into)?.iter().try_for_each(|item| key(item, into))
    }),
    (api::USAGE_PLANS.list, |result, _, into| {
        list(api::USAGE_PLANS, result, into)?.iter().try_for_each(|item| plan(item, into).map(drop))
    }),
    (api::SERVICES.list, |result, _, into| {
        list(api::SERVICES, result, into)?.iter().try_for_each(|item| service(item, into).map(drop))
    }),
    (api::PLAN_KEYS.list, plan_keys),
    (api::PLAN_ENVIRONMENTS.list, plan_environments),
    (api::SERVICE_DOMAINS.list, service_domains),
    (api::PATH_MAPPING_SET, domain_mappings),
    (api::APIS.list, |result, _, into| apis(result, None, into)),
];

/// Reads one answer: as the API returns it, or its `Response` alone.
pub(super) fn read(value: &Value, place: &str, file: &AnswerFile, into: &mut Collected) -> Result<()> {
    let answer = match Members::of(value, place) {
        Err(Error::Input { place, problem }) => return Err(Error::Foreign { place, problem }),
        answer => answer?,
    };
    let body = answer.object(api::RESPONSE)?.unwrap_or(answer);
    if let Some(error) = body.object(api::ERROR)? {
        let code = error.text(api::CODE)?.unwrap_or("without a code");
        let message = error.text(api::MESSAGE)?.unwrap_or("without a message");
        return Err(Error::input(place, format!("the API answered with an error, {code}: {message}")));
    }
    let result = if !body.has(api::RESULT) {
        body
    } else if let Some(result) = body.object(api::RESULT)? {
        result
    } else {
        // The API writes `null` for an empty list.
        return Ok(());
    };
    if let Some((_, read)) = READERS.iter().find(|(member, _)| result.has(member)) {
        return read(&result, file, into);
    }
    let names: Vec<&str> = result.names().collect();
    let names = if names.is_empty() { "no members".to_owned() } else { names.join(", ") };
    let known = READERS.map(|(member, _)| member).join(", ");
    let problem = format!("is not an answer that is read here: it has {names}, and none of {known}");
    Err(Error::foreign(result.place(), problem))
}

/// The items of a page of a list, which is remembered, so that missing pages are noticed.
fn list<'v>(action: api::ListAction, page: &Members<'v>, into: &mut Collected) -> Result<Vec<Members<'v>>> {
    let items = page.objects(action.list)?;
    into.count(action.name.to_owned(), page.number(api::TOTAL_COUNT)?, &ids(action, &items)?);
    Ok(items)
}

fn ids(action: api::ListAction, items: &[Members<'_>]) -> Result<Vec<String>> {
    items.iter().map(|item| item.required(action.id).map(str::to_owned)).collect()
}

fn key(item: &Members<'_>, into: &mut Collected) -> Result<()> {
    let mut key = Object::new();
    set(&mut key, "name", item.text(api::SECRET_NAME)?.map(Value::from));
    set(&mut key, "secret_id", Some(item.required(api::ACCESS_KEY_ID)?.into()));
    let secret = item.text(api::ACCESS_KEY_SECRET)?;
    if let Some(kind) = item.text(api::ACCESS_KEY_TYPE)?
        && !api::KEY_PAIR_TYPES.contains(&kind)
    {
        let reason = format!("is left out: it is of type {kind}, and only key pairs are carried over");
        into.notes.leave_out(Entry::Key, &key, reason);
        return Ok(());
    }
    let is_masked = secret.is_some_and(|secret| secret.contains('*'));
    set(&mut key, "secret_key", if is_masked { None } else { secret.map(Value::from) });
    match item.number(api::STATUS)? {
        Some(0) => set(&mut key, "status", Some("disabled".into())),
        Some(1) => set(&mut key, "status", Some("enabled".into())),
        Some(_) => return Err(item.member_error(api::STATUS, "must be 0 or 1")),
        None => {}
    }
    let tags = item.objects(api::TAGS)?;
    let tags = tags.iter().map(|tag| {
        let (name, value) = (tag.required(api::TAG_KEY)?, tag.text(api::TAG_VALUE)?);
        Ok(value.map_or_else(|| name.to_owned(), |value| format!("{name}={value}")))
    });
    set(&mut key, "remark", Some(tags.collect::<Result<Vec<String>>>()?.join(" ").into()));
    set(&mut key, "created_at", item.text(api::CREATED_TIME)?.map(Value::from));
    into.merge(Entry::Key, key)
}

fn plan(item: &Members<'_>, into: &mut Collected) -> Result<String> {
    let id = item.required(api::USAGE_PLAN_ID)?;
    let mut plan = Object::new();
    set(&mut plan, "id", Some(id.into()));
    set(&mut plan, "name", item.text(api::USAGE_PLAN_NAME)?.map(Value::from));
    if let Some(limit) = item.number(api::MAX_REQUEST_NUM_PRE_SEC)? {
        plan.insert("max_requests_per_second".to_owned(), limit.into());
    }
    // The limit on all requests together never renews.
    if let Some(limit) = item.number(api::MAX_REQUEST_NUM)? {
        let quotas =
            if limit == -1 { json!([]) } else { json!([{"max_requests": limit, "period": "total"}]) };
        plan.insert("quotas".to_owned(), quotas);
    }
    set(&mut plan, "remark", item.text(api::USAGE_PLAN_DESC)?.map(Value::from));
    set(&mut plan, "created_at", item.text(api::CREATED_TIME)?.map(Value::from));
    into.merge(Entry::UsagePlan, plan)?;
    Ok(id.to_owned())
}

fn plan_with_bindings(item: &Members<'_>, _: &AnswerFile, into: &mut Collected) -> Result<()> {
    let id = plan(item, into)?;
    for secret_id in item.texts(api::BIND_SECRET_IDS)? {
        into.key_bindings.push(KeyBinding { usage_plan: id.clone(), secret_id: secret_id.to_owned() });
    }
    for environment in item.objects(api::BIND_ENVIRONMENTS)? {
        into.bound_in_part_or_whole.push(EnvironmentBinding {
            usage_plan: id.clone(),
            service: environment.required(api::SERVICE_ID)?.to_owned(),
            environment: environment.required(api::ENVIRONMENT_NAME)?.to_owned(),
        });
    }
    Ok(())
}

fn plan_keys(result: &Members<'_>, file: &AnswerFile, into: &mut Collected) -> Result<()> {
    let keys = ids(api::PLAN_KEYS, &result.objects(api::PLAN_KEYS.list)?)?;
    into.unassigned.push(UnassignedList::new(result, file, Items::Keys(keys))?);
    Ok(())
}

fn plan_environments(result: &Members<'_>, file: &AnswerFile, into: &mut Collected) -> Result<()> {
    let items = result.objects(api::PLAN_ENVIRONMENTS.list)?;
    let items = items.iter().map(|item| {
        let api = item.text(api::API_ID)?.map(|id| ApiItem {
            id: id.to_owned(),
            method: item.text(api::METHOD).ok().flatten().unwrap_or("ANY").to_owned(),
            path: item.text(api::PATH).ok().flatten().unwrap_or(id).to_owned(),
        });
        Ok(EnvironmentItem {
            service: item.required(api::SERVICE_ID)?.to_owned(),
            environment: item.required(api::ENVIRONMENT)?.to_owned(),
            api,
            // The API writes 0 for a binding without a limit.
            limit: item.number(api::MAX_REQUEST_NUM_PRE_SEC)?.filter(|limit| *limit > 0),
        })
    });
    let items = Items::Environments(items.collect::<Result<_>>()?);
    into.unassigned.push(UnassignedList::new(result, file, items)?);
    Ok(())
}

fn service_domains(result: &Members<'_>, file: &AnswerFile, into: &mut Collected) -> Result<()> {
    let items = result.objects(api::SERVICE_DOMAINS.list)?;
    let items = items.iter().map(|item| {
        Ok(DomainItem {
            domain: item.required(api::DOMAIN_NAME)?.to_owned(),
            has_own_paths: item.boolean(api::IS_DEFAULT_MAPPING)? == Some(false),
        })
    });
    let items = Items::Domains(items.collect::<Result<_>>()?);
    into.unassigned.push(UnassignedList::new(result, file, items)?);
    Ok(())
}

fn domain_mappings(result: &Members<'_>, file: &AnswerFile, into: &mut Collected) -> Result<()> {
    let mappings = result.objects(api::PATH_MAPPING_SET)?;
    let mappings = mappings.iter().map(|mapping| {
        Ok((mapping.required(api::PATH)?.to_owned(), mapping.required(api::ENVIRONMENT)?.to_owned()))
    });
    let items = Items::Mappings(mappings.collect::<Result<_>>()?);
    into.unassigned.push(UnassignedList::new(result, file, items)?);
    Ok(())
}

fn service_with_bindings(item: &Members<'_>, _: &AnswerFile, into: &mut Collected) -> Result<()> {
    let id = service(item, into)?;
    for plan in item.objects(api::USAGE_PLAN_LIST)? {
        into.bound_in_part_or_whole.push(EnvironmentBinding {
            usage_plan: plan.required(api::USAGE_PLAN_ID)?.to_owned(),
            service: id.clone(),
            environment: plan.required(api::ENVIRONMENT)?.to_owned(),
        });
    }
    into.apis.entry(id.clone()).or_default().count(item.number(api::API_TOTAL_COUNT)?);
    apis(item, Some(&id), into)
}

fn service(item: &Members<'_>, into: &mut Collected) -> Result<String> {
    let id = item.required(api::SERVICE_ID)?;
    let mut service = Object::new();
    set(&mut service, "id", Some(id.into()));
    set(&mut service, "name", item.text(api::SERVICE_NAME)?.map(Value::from));
    let mut domains = Vec::new();
    for member in api::DEFAULT_DOMAINS {
        domains.extend(item.text(member)?.filter(|domain| !domains.contains(domain)));
    }
    service.insert("domains".to_owned(), domains.into());
    let environments = item.texts(api::AVAILABLE_ENVIRONMENTS)?;
    // The API leaves `null` open; an empty list says that the service is published nowhere.
    if item.value(api::AVAILABLE_ENVIRONMENTS).is_some() {
        service.insert("environments".to_owned(), environments.into());
    }
    set(&mut service, "created_at", item.text(api::CREATED_TIME)?.map(Value::from));
    into.merge(Entry::Service, service)?;
    Ok(id.to_owned())
}

/// Remembers the APIs, and how they are called.
fn apis(result: &Members<'_>, service: Option<&str>, into: &mut Collected) -> Result<()> {
    for item in result.objects(api::APIS.list)? {
        let kind = item.text(api::AUTH_TYPE)?.unwrap_or_default();
        let Some(service) = item.text(api::SERVICE_ID)?.or(service) else { continue };
        let method = item.text(api::METHOD)?.unwrap_or("ANY");
        let path = item.text(api::PATH)?.unwrap_or("/");
        let name = format!("{method} {path}");
        let id = item.text(api::API_ID)?.unwrap_or(&name).to_owned();
        into.apis.entry(service.to_owned()).or_default().add(&id, kind, name);
    }
    Ok(())
}
