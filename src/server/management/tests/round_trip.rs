//! What the API answers, `import tencent` reads back to an equal document.

use serde_json::{Value, json};
use usage_plan_manage::draft::Draft;
use usage_plan_manage::import::tencent::{self, AnswerFile};
use usage_plan_manage::import::{self, Merged};

use super::client::{World, small};

/// All that an operator who leaves saves of the API: each list, and each object by itself.
fn answers(world: &World) -> Vec<AnswerFile> {
    let document = world.document();
    let ids = |list: &str| {
        let objects = document[list].as_array().expect("a list").clone();
        objects.into_iter().map(|object| object["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let mut calls = vec![("DescribeApiKeysStatus", json!({"Limit": 100}), None)];
    for id in ids("usage_plans") {
        calls.push(("DescribeUsagePlan", json!({"UsagePlanId": id}), None));
        let parameters = json!({"UsagePlanId": id, "BindType": "SERVICE"});
        calls.push(("DescribeUsagePlanEnvironments", parameters, Some(id)));
    }
    let services = document["services"].as_array().expect("a list");
    for id in ids("services") {
        calls.push(("DescribeService", json!({"ServiceId": id}), None));
        calls.push(("DescribeServiceSubDomains", json!({"ServiceId": id}), Some(id.clone())));
        let service = services.iter().find(|service| service["id"] == *id).expect("a service");
        for domain in service["domains"].as_array().expect("a list") {
            let parameters = json!({"ServiceId": id, "SubDomain": domain});
            calls.push(("DescribeServiceSubDomainMappings", parameters, Some(id.clone())));
        }
    }
    let answer = |(action, parameters, owner): (&str, Value, Option<String>)| {
        let answer = world.call(action, &parameters).expect(action);
        let bytes = json!({"Response": answer}).to_string().into_bytes();
        let name = format!("{action}.json");
        AnswerFile { path: name.clone(), name, owner, bytes }
    };
    calls.into_iter().map(answer).collect()
}

fn imported(world: &World) -> (Draft, Merged) {
    let mut draft = Draft::parse(b"{}").expect("a document");
    let proposal = tencent::read(&answers(world)).expect("answers");
    let merged = import::merge(&mut draft, proposal).expect("a document");
    (Draft::parse(draft.text().as_bytes()).expect("a valid document"), merged)
}

#[test]
fn what_was_done_through_the_api_is_imported_again() {
    let mut document = small();
    document["services"][0]["authentication"] = json!("none");
    document["services"][0]["path_mappings"] =
        json!([{"path": "/v2", "environment": "release"}, {"path": "/", "environment": "release"}]);
    document["keys"][0]["remark"] = json!("contract 4711");
    document["usage_plans"][0].as_object_mut().expect("a plan").remove("quotas");
    let world = World::new(&document);
    let service = world.call("CreateService", &json!({"ServiceName": "pay", "Protocol": "http"}));
    let service = service.expect("a service")["ServiceId"].clone();
    let later = world.call("CreateService", &json!({"ServiceName": "later", "Protocol": "http"}));
    let later = later.expect("a service");
    let release =
        json!({"ServiceId": later["ServiceId"], "EnvironmentName": "release", "ReleaseDesc": "first"});
    world.result("ReleaseService", &release);
    world.call("CreateService", &json!({"ServiceName": "unused", "Protocol": "http"})).expect("a service");
    let key =
        world.result("CreateApiKey", &json!({"SecretName": "beta", "Tags": [{"Key": "a", "Value": "b"}]}));
    let plan = json!({"UsagePlanName": "bronze", "UsagePlanDesc": "x", "MaxRequestNum": 9,
                      "MaxRequestNumPreSec": 3});
    let plan = world.result("CreateUsagePlan", &plan)["UsagePlanId"].clone();
    for environment in ["release", "test"] {
        let release = json!({"ServiceId": service, "EnvironmentName": environment, "ReleaseDesc": "first"});
        world.result("ReleaseService", &release);
        let bind = json!({"UsagePlanIds": [plan], "BindType": "SERVICE", "Environment": environment,
                          "ServiceId": service});
        world.result("BindEnvironment", &bind);
    }
    let ids = json!([key["AccessKeyId"], "AKIDacme01"]);
    world.result("BindSecretIds", &json!({"UsagePlanId": plan, "AccessKeyIds": ids}));
    let domain = json!({"ServiceId": service, "SubDomain": "pay.example.com", "Protocol": "http",
                        "NetType": "OUTER",
                        "IsDefaultMapping": true, "NetSubDomain": "x.example"});
    world.call("BindSubDomain", &domain).expect("a host");
    let mapped = json!({"ServiceId": later["ServiceId"], "SubDomain": "later.example.com", "Protocol": "http",
                        "NetType": "OUTER", "IsDefaultMapping": false, "NetSubDomain": "x.example",
                        "PathMappingSet": [{"Path": "/live", "Environment": "release"}]});
    world.call("BindSubDomain", &mapped).expect("a host");
    world.result("DisableApiKey", &json!({"AccessKeyId": key["AccessKeyId"]}));

    let (draft, merged) = imported(&world);
    let text = world.document().to_string();
    let original = Draft::parse(text.as_bytes()).expect("a valid document");
    let (mut imported, mut original) = (draft.into_document(), original.into_document());
    // The document need not say when a plan was created, and the API always does.
    for document in [&mut imported, &mut original] {
        document.usage_plans.iter_mut().for_each(|plan| plan.created_at = None);
    }
    assert_eq!(imported.keys, original.keys);
    assert_eq!(imported.usage_plans, original.usage_plans);
    assert_eq!(imported.services, original.services);
    let reasons: Vec<&str> = merged.notes.iter().map(|note| note.reason.as_str()).collect();
    assert!(!reasons.iter().any(|reason| reason.contains("left out")), "{reasons:?}");
}
