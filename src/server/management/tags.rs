//! The actions of the service `tag`, which Terraform calls for the labels of services.

use serde_json::{Value, json};

use super::action::{Action, After, Answer, Run};
use super::edit::Edit;
use super::failure::{Failure, Result};
use super::parameters::Parameters;
use super::scene::Scene;
use crate::record::Tag;

/// The version of the API of `tag`.
pub(super) const VERSION: &str = "2018-08-13";

/// The actions on labels.
pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "DescribeResourceTagsByResourceIds",
        required: &["ServiceType", "ResourcePrefix", "ResourceIds"],
        optional: &["ResourceRegion", "Offset", "Limit"],
        run: Run::Read(describe),
    },
    Action {
        name: "ModifyResourceTags",
        required: &["Resource"],
        optional: &["ReplaceTags", "DeleteTags"],
        run: Run::Write(modify),
    },
];

/// The labels of services. Whatever else is asked for has none.
fn describe(parameters: &Parameters, scene: &Scene<'_>) -> Result<Answer> {
    let offset = parameters.integer("Offset")?.unwrap_or_default();
    let limit = parameters.integer("Limit")?.unwrap_or(15);
    let mut tags = Vec::new();
    for id in parameters.required_texts("ResourceIds")? {
        let record = scene.snapshot.record.services.get(&id);
        tags.extend(record.into_iter().flat_map(|record| &record.tags).map(|Tag { key, value }| {
            json!({"TagKey": key, "TagValue": value, "ResourceId": id, "ServiceType": "apigw"})
        }));
    }
    let number = |number: i64| usize::try_from(number).unwrap_or_default();
    let page: Value = tags.iter().skip(number(offset)).take(number(limit)).cloned().collect();
    let members: [(&str, Value); 4] = [
        ("TotalCount", tags.len().into()),
        ("Offset", offset.into()),
        ("Limit", limit.into()),
        ("Tags", page),
    ];
    Ok(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Sets and deletes labels of `qcs::apigw:region:uin/…:service/service-…`.
fn modify(parameters: &Parameters, edit: &mut Edit<'_>) -> Result<After> {
    let resource = parameters.required("Resource")?;
    let id = resource.rsplit('/').next().unwrap_or_default();
    let id = edit.service(id).map_err(|failure| Failure {
        message: format!("{} Resource must end in service/ and its id.", failure.message),
        ..failure
    })?;
    let id = id.id.clone();
    let replace = parameters.objects("ReplaceTags")?;
    let delete = parameters.objects("DeleteTags")?;
    let tags = &mut edit.record.services.entry(id).or_default().tags;
    for tag in &delete {
        let key = tag.required("TagKey")?;
        tags.retain(|tag| tag.key != key);
    }
    for tag in &replace {
        let (key, value) = (tag.required("TagKey")?, tag.text("TagValue")?.unwrap_or_default());
        tags.retain(|tag| tag.key != key);
        tags.push(Tag { key: key.to_owned(), value: value.to_owned() });
    }
    Ok(After::Answer(Answer::new()))
}
