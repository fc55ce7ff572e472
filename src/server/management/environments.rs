//! The actions on the environments of services: publishing, versions, and a service's own limits.

use serde_json::json;
use usage_plan_manage::operations::service;

use super::action::{Action, After, Answer, PAGE, Run, done, result};
use super::check::{self, ENVIRONMENTS};
use super::edit::Edit;
use super::failure::{Failure, Result};
use super::page::Page;
use super::parameters::Parameters;
use super::scene::Scene;
use super::show_service as show;
use crate::record::{Release, version_name};

const SERVICE: &[&str] = &["ServiceId"];
const ENVIRONMENT: &[&str] = &["ServiceId", "EnvironmentName"];

/// The largest limit that a service has by itself, as the API has it.
const MAX_STRATEGY: i64 = 5000;
/// The longest description of a version, in characters.
const MAX_DESCRIPTION: usize = 200;

/// The actions on environments.
pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "ReleaseService",
        required: &["ServiceId", "EnvironmentName", "ReleaseDesc"],
        optional: &["ApiIds"],
        run: Run::Write(release),
    },
    Action {
        name: "UnReleaseService",
        required: ENVIRONMENT,
        optional: &["ApiIds"],
        run: Run::Write(unrelease),
    },
    Action {
        name: "UpdateService",
        required: &["ServiceId", "EnvironmentName", "VersionName"],
        optional: &["UpdateDesc"],
        run: Run::Write(update),
    },
    Action {
        name: "ModifyServiceEnvironmentStrategy",
        required: &["ServiceId", "Strategy", "EnvironmentNames"],
        optional: &[],
        run: Run::Write(modify_strategy),
    },
    Action {
        name: "DescribeServiceEnvironmentList",
        required: SERVICE,
        optional: PAGE,
        run: Run::Read(list),
    },
    Action {
        name: "DescribeServiceReleaseVersion",
        required: SERVICE,
        optional: PAGE,
        run: Run::Read(versions),
    },
    Action {
        name: "DescribeServiceEnvironmentReleaseHistory",
        required: SERVICE,
        optional: &["EnvironmentName", "Limit", "Offset"],
        run: Run::Read(history),
    },
    Action {
        name: "DescribeServiceEnvironmentStrategy",
        required: SERVICE,
        optional: PAGE,
        run: Run::Read(strategies),
    },
];

fn release(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let environment = check::environment(parameters, "EnvironmentName")?;
    let id = edit.service(parameters.required("ServiceId")?)?.id.clone();
    let description = check::text(parameters, "ReleaseDesc", MAX_DESCRIPTION)?.unwrap_or_default();
    service::publish(edit.draft, &id, environment)?;
    let now = edit.now.to_rfc3339();
    let version = version_name(&now, &uuid::Uuid::new_v4().to_string());
    edit.record.services.entry(id).or_default().release(environment, &version, description, &now);
    Ok(After::Answer(result(json!({"ReleaseDesc": description, "ReleaseVersion": version}))))
}

/// An environment that is not published stays so: Terraform takes a service out of all three.
fn unrelease(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let environment = check::environment(parameters, "EnvironmentName")?;
    let published = edit.service(parameters.required("ServiceId")?)?;
    let mapped = published.path_mappings.iter().any(|mapping| mapping.environment == environment);
    if mapped || published.default_environment.as_deref() == Some(environment) {
        let message = format!(
            "Paths of service {} name {environment}, or it is the default. Call \
             DeleteServiceSubDomainMapping first, or change the default with `usage-plan service edit`.",
            published.id
        );
        return Err(Failure::new("UnsupportedOperation", message));
    }
    let id = published.id.clone();
    service::unpublish(edit.draft, &id, &[environment.to_owned()]).map_err(|refusal| Failure {
        // The service stays, so the code of a deletion would mislead.
        code: "UnsupportedOperation.ResourceIsInUse",
        ..refusal.into()
    })?;
    done()
}

fn update(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let environment = check::environment(parameters, "EnvironmentName")?;
    let published = edit.service(parameters.required("ServiceId")?)?;
    let id = published.id.clone();
    if !published.environments.iter().any(|name| name == environment) {
        let message = format!("Service {id} is not published to {environment}. Call ReleaseService first.");
        return Err(Failure::new("InvalidParameterValue.InvalidEnvStatus", message));
    }
    let version = parameters.required("VersionName")?;
    let record = edit.record.services.entry(id).or_default();
    if !record.releases.iter().any(|release| release.version == version) {
        let message = format!("There is no version \"{version}\". DescribeServiceReleaseVersion lists them.");
        return Err(Failure::new("ResourceNotFound", message));
    }
    record.current.insert(environment.to_owned(), version.to_owned());
    done()
}

fn modify_strategy(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let id = edit.service(parameters.required("ServiceId")?)?.id.clone();
    let strategy = parameters.integer("Strategy")?.unwrap_or_default();
    if strategy != -1 && !(1..=MAX_STRATEGY).contains(&strategy) {
        let message = format!("Strategy must be 1 to {MAX_STRATEGY}, or -1 for no limit.");
        return Err(Failure::new("InvalidParameterValue.RangeExceeded", message));
    }
    let record = edit.record.services.entry(id).or_default();
    for name in parameters.required_texts("EnvironmentNames")? {
        if !ENVIRONMENTS.contains(&name.as_str()) {
            let message = format!("EnvironmentNames has \"{name}\". Each must be test, prepub or release.");
            return Err(Failure::new("InvalidParameterValue.InvalidEnv", message));
        }
        record.strategies.insert(name, strategy);
    }
    done()
}

fn list(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let page = Page::of(parameters)?;
    let service = scene.snapshot.service(parameters.required("ServiceId")?)?;
    let record = show::record(scene, service);
    Ok(page.answer("EnvironmentList", &show::environments(service), |name| {
        let version = record.and_then(|record| record.current.get(*name));
        let releases = record.into_iter().flat_map(|record| &record.releases);
        let time =
            { releases }.find(|release| Some(&release.version) == version).map(|release| &release.time);
        let mut shown = show::environment(scene, service, name);
        shown.insert("CreateTime".to_owned(), time.cloned().into());
        shown.into()
    }))
}

fn versions(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let page = Page::of(parameters)?;
    let service = scene.snapshot.service(parameters.required("ServiceId")?)?;
    let releases: Vec<_> =
        show::record(scene, service).into_iter().flat_map(|record| record.releases.iter().rev()).collect();
    Ok(page.answer(
        "VersionList",
        &releases,
        |release| json!({"VersionName": release.version, "VersionDesc": release.description}),
    ))
}

/// What was published to environments that are published still, the newest first. Terraform takes an empty
/// list for a release that is gone.
fn history(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let page = Page::of(parameters)?;
    let service = scene.snapshot.service(parameters.required("ServiceId")?)?;
    let asked = match parameters.has("EnvironmentName") {
        true => Some(check::environment(parameters, "EnvironmentName")?),
        false => None,
    };
    let releases = show::record(scene, service).into_iter().flat_map(|record| record.releases.iter().rev());
    let releases: Vec<_> = releases
        .filter(|release| service.environments.contains(&release.environment))
        .filter(|release| asked.is_none_or(|asked| release.environment == asked))
        .collect();
    Ok(page.answer("VersionList", &releases, |release| {
        let Release { version, description, time, .. } = release;
        json!({"VersionName": version, "VersionDesc": description, "ReleaseTime": time})
    }))
}

fn strategies(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let page = Page::of(parameters)?;
    let service = scene.snapshot.service(parameters.required("ServiceId")?)?;
    Ok(page.answer("EnvironmentList", &show::environments(service), |name| {
        let mut shown = show::environment(scene, service, name);
        let strategy = show::record(scene, service).and_then(|record| record.strategies.get(*name));
        shown.insert("Strategy".to_owned(), strategy.copied().unwrap_or(-1).into());
        shown.insert("MaxStrategy".to_owned(), MAX_STRATEGY.into());
        shown.into()
    }))
}
