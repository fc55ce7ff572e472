//! The actions on the hosts of services. The first host of a service is the one that it was given when it was
//! created; the others are bound to it. Path mappings hold for all of them, as the document has it.

use serde_json::{Value, json};
use usage_plan_core::document::{PathMapping, Service, is_domain};
use usage_plan_core::host::canonical_domain;
use usage_plan_manage::draft::Members;
use usage_plan_manage::operations::service;

use super::action::{Action, After, Answer, PAGE, Run, done, result};
use super::check;
use super::edit::Edit;
use super::failure::{Failure, Result};
use super::page::Page;
use super::parameters::Parameters;
use super::scene::Scene;
use super::show_service as show;
use crate::record::DomainRecord;

const DOMAIN: &[&str] = &["ServiceId", "SubDomain"];

/// The actions on hosts.
pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "BindSubDomain",
        required: &["ServiceId", "SubDomain", "Protocol", "NetType", "IsDefaultMapping", "NetSubDomain"],
        optional: &["CertificateId", "PathMappingSet", "IsForcedHttps"],
        run: Run::Write(bind),
    },
    Action {
        name: "ModifySubDomain",
        required: &["ServiceId", "SubDomain", "IsDefaultMapping"],
        optional: &["CertificateId", "Protocol", "PathMappingSet", "NetType", "IsForcedHttps"],
        run: Run::Write(modify),
    },
    Action { name: "UnBindSubDomain", required: DOMAIN, optional: &[], run: Run::Write(unbind) },
    Action {
        name: "DescribeServiceSubDomains",
        required: &["ServiceId"],
        optional: PAGE,
        run: Run::Read(list),
    },
    Action {
        name: "DescribeServiceSubDomainMappings",
        required: DOMAIN,
        optional: &[],
        run: Run::Read(mappings),
    },
    Action {
        name: "DeleteServiceSubDomainMapping",
        required: &["ServiceId", "SubDomain", "Environment"],
        optional: &[],
        run: Run::Write(delete_mapping),
    },
];

fn bind(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let service = edit.service(parameters.required("ServiceId")?)?.clone();
    let asked = parameters.required("SubDomain")?;
    let Some(domain) = canonical_domain(asked).filter(|domain| is_domain(domain)) else {
        let message =
            format!("SubDomain is \"{asked}\". It must be a host name, without a scheme and a port.");
        return Err(Failure::new("FailedOperation.SubDomainFormatError", message));
    };
    let services = &edit.draft.document().services;
    if let Some(other) = services.iter().find(|other| other.domains.contains(&domain)) {
        let code = if other.id == service.id {
            "FailedOperation.DomainAlreadyBindService"
        } else {
            "FailedOperation.DomainAlreadyBindOtherService"
        };
        return Err(Failure::new(code, format!("{domain} is a host of service {} already.", other.id)));
    }
    let mappings = wanted_mappings(parameters, &service, bound(&service).next().is_some())?;
    let mut domains = service.domains.clone();
    domains.push(domain.clone());
    let members =
        Members::new().with("domains", Some(Value::from(domains))).with("path_mappings", Some(mappings));
    service::edit(edit.draft, &service.id, members)?;
    say(parameters, edit, &service.id, &domain)?;
    Ok(After::Answer(Answer::new()))
}

fn modify(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let (service, domain) = bound_domain(parameters, edit.service(parameters.required("ServiceId")?)?)?;
    let mappings = wanted_mappings(parameters, &service, bound(&service).count() > 1)?;
    service::edit(edit.draft, &service.id, Members::new().with("path_mappings", Some(mappings)))?;
    say(parameters, edit, &service.id, &domain)?;
    done()
}

/// Mappings that only this host had go with it.
fn unbind(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let (service, domain) = bound_domain(parameters, edit.service(parameters.required("ServiceId")?)?)?;
    let domains: Vec<&String> = service.domains.iter().filter(|other| **other != domain).collect();
    let is_last = domains.len() == 1;
    let members = Members::new()
        .with("domains", Some(json!(domains)))
        .with("path_mappings", is_last.then(|| json!([])));
    service::edit(edit.draft, &service.id, members)?;
    edit.record.services.entry(service.id).or_default().domains.remove(&domain);
    done()
}

fn delete_mapping(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let environment = check::environment(parameters, "Environment")?;
    let (service, domain) = bound_domain(parameters, edit.service(parameters.required("ServiceId")?)?)?;
    let left: Vec<&PathMapping> =
        service.path_mappings.iter().filter(|mapping| mapping.environment != environment).collect();
    if left.len() == service.path_mappings.len() {
        let message =
            format!("{domain} has no path that names {environment}, so there is nothing to delete.");
        return Err(Failure::new("UnsupportedOperation.ResourceUnassociated", message));
    }
    let left = left.into_iter().map(|mapping| to_json(mapping, "path", "environment")).collect::<Value>();
    service::edit(edit.draft, &service.id, Members::new().with("path_mappings", Some(left)))?;
    done()
}

fn list(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let page = Page::of(parameters)?;
    let service = scene.snapshot.service(parameters.required("ServiceId")?)?;
    let record = show::record(scene, service);
    let domains: Vec<&String> = bound(service).collect();
    Ok(page.answer("DomainSet", &domains, |domain| {
        let said = record.and_then(|record| record.domains.get(*domain)).cloned().unwrap_or_default();
        let word = |said: String, default: &str| if said.is_empty() { default.to_owned() } else { said };
        json!({
            "DomainName": domain,
            "Status": 1,
            "CertificateId": said.certificate_id,
            "IsDefaultMapping": service.path_mappings.is_empty(),
            "Protocol": word(said.protocol, "http&https"),
            "NetType": word(said.net_type, "OUTER"),
            "IsForcedHttps": said.is_forced_https,
            "RegistrationStatus": true,
        })
    }))
}

fn mappings(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let service = scene.snapshot.service(parameters.required("ServiceId")?)?;
    // The service's own host has them, too, and there may be no other one.
    domain_among(parameters, service, service.domains.iter())?;
    let set = service.path_mappings.iter().map(|mapping| to_json(mapping, "Path", "Environment"));
    let set = set.collect::<Value>();
    Ok(result(json!({"IsDefaultMapping": service.path_mappings.is_empty(), "PathMappingSet": set})))
}

/// The hosts that are bound to a service.
fn bound(service: &Service) -> impl Iterator<Item = &String> {
    service.domains.iter().skip(1)
}

/// The service, and the host in `SubDomain`, which must be bound to it.
fn bound_domain(parameters: &Parameters, service: &Service) -> Result<(Service, String)> {
    let domain = domain_among(parameters, service, bound(service))?;
    Ok((service.clone(), domain))
}

/// The host in `SubDomain`, which must be one of these `hosts` of the service.
fn domain_among<'s>(
    parameters: &Parameters,
    service: &Service,
    mut hosts: impl Iterator<Item = &'s String>,
) -> Result<String> {
    let asked = parameters.required("SubDomain")?;
    let domain = canonical_domain(asked);
    hosts.find(|host| Some(*host) == domain.as_ref()).cloned().ok_or_else(|| {
        let message =
            format!("{asked} is not bound to service {}. DescribeServiceSubDomains lists them.", service.id);
        Failure::new("FailedOperation.DomainNotBindService", message)
    })
}

/// The path mappings that a host is to have. They are those of all hosts of the service, so others must
/// agree.
fn wanted_mappings(parameters: &Parameters, service: &Service, has_others: bool) -> Result<Value> {
    let is_default = parameters.boolean("IsDefaultMapping")?.unwrap_or(true);
    let set = if is_default { Vec::new() } else { parameters.objects("PathMappingSet")? };
    if !is_default && set.is_empty() {
        return Err(parameters.missing("PathMappingSet"));
    }
    let mapping = |item: &Parameters| {
        item.only(&[&["Path", "Environment"]])?;
        let environment = check::environment(item, "Environment")?.to_owned();
        if !service.environments.contains(&environment) {
            let message =
                format!("Service {} is not published to {environment}. Release it first.", service.id);
            return Err(Failure::new("FailedOperation.DefineMappingEnvironmentError", message));
        }
        Ok(PathMapping { path: item.required("Path")?.to_owned(), environment })
    };
    let mappings = set.iter().map(mapping).collect::<Result<Vec<_>>>()?;
    if has_others && mappings != service.path_mappings {
        let message = format!(
            "All hosts of service {} have the same path mappings here. Give those that it has, or unbind its \
             other hosts first.",
            service.id
        );
        return Err(Failure::new("UnsupportedOperation", message));
    }
    Ok(mappings.iter().map(|mapping| to_json(mapping, "path", "environment")).collect())
}

fn to_json(mapping: &PathMapping, path: &str, environment: &str) -> Value {
    json!({path: mapping.path, environment: mapping.environment})
}

/// Records what is said of a host and has no place in the document.
fn say(parameters: &Parameters, edit: &mut Edit<'_>, id: &str, domain: &str) -> Result<()> {
    let record = edit.record.services.entry(id.to_owned()).or_default();
    let said = record.domains.entry(domain.to_owned()).or_default();
    let text =
        |name: &str, before: &str| Ok::<_, Failure>(parameters.text(name)?.unwrap_or(before).to_owned());
    *said = DomainRecord {
        certificate_id: text("CertificateId", &said.certificate_id)?,
        protocol: text("Protocol", &said.protocol)?,
        net_type: text("NetType", &said.net_type)?,
        is_forced_https: parameters.boolean("IsForcedHttps")?.unwrap_or(said.is_forced_https),
    };
    Ok(())
}
