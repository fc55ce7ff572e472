//! The record: what was changed by other means is noticed, and nothing is invented anew.

use serde_json::{Value, json};

use super::super::elsewhere;
use super::client::{World, small};

fn key(world: &World) -> Value {
    world.result("DescribeApiKey", &json!({"AccessKeyId": "AKIDacme01"}))
}

#[test]
fn times_are_those_of_the_document_or_of_when_an_object_was_first_seen() {
    let mut document = small();
    document["keys"][0].as_object_mut().expect("a key").remove("created_at");
    let world = World::new(&document);
    let first = key(&world);
    let plan = world.result("DescribeUsagePlan", &json!({"UsagePlanId": "usagePlan-a"}));
    assert_eq!(first["CreatedTime"], plan["CreatedTime"], "the time of the file");
    assert_eq!(first["CreatedTime"].as_str().map(str::len), Some("2026-01-01T00:00:00Z".len()));
    let answer = world.call("DescribeService", &json!({"ServiceId": "service-a"})).expect("a service");
    assert_eq!([&answer["CreatedTime"], &answer["ModifiedTime"]], ["2026-01-01T00:00:00Z"; 2]);
    assert_eq!(key(&world), first);
    // Somebody edits the document by other means, and writes it as another file.
    document["keys"][0]["remark"] = json!("contract");
    let path = world.directory.path().join("usage-plans.json");
    let other = world.directory.path().join("other.json");
    std::fs::write(&other, document.to_string()).expect("a file");
    let later = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(4_000_000_000);
    std::fs::File::options().write(true).open(&other).expect("a file").set_modified(later).expect("a time");
    std::fs::rename(&other, &path).expect("a file");
    let changed = key(&world);
    assert_eq!(changed["CreatedTime"], first["CreatedTime"]);
    assert_eq!(changed["ModifiedTime"], "2096-10-02T07:06:40Z");
    assert_eq!(world.record()["keys"]["AKIDacme01"]["modified"], "2096-10-02T07:06:40Z", "it is written");
}

#[test]
fn a_service_that_was_published_by_other_means_has_a_version() {
    let world = World::new(&small());
    let history =
        || world.result("DescribeServiceEnvironmentReleaseHistory", &json!({"ServiceId": "service-a"}));
    let first = history();
    assert_eq!(first["TotalCount"], 1);
    assert_eq!(first["VersionList"][0]["VersionDesc"], "published by other means than the API");
    assert_eq!(history(), first);
    let again = World::new(&small());
    std::fs::copy(
        world.directory.path().join("usage-plans.json.record.json"),
        again.directory.path().join("usage-plans.json.record.json"),
    )
    .expect("a file");
    let result = again.result("DescribeServiceEnvironmentReleaseHistory", &json!({"ServiceId": "service-a"}));
    assert_eq!(result, first, "after a start, too");
}

#[test]
fn what_is_recorded_of_an_object_goes_with_it() {
    let world = World::new(&small());
    let created = world.result("CreateApiKey", &json!({"SecretName": "beta"}));
    let key = json!({"AccessKeyId": created["AccessKeyId"]});
    let id = created["AccessKeyId"].as_str().expect("an id");
    assert!(world.record()["keys"].get(id).is_some());
    world.result("DisableApiKey", &key);
    world.result("DeleteApiKey", &key);
    assert!(world.record()["keys"].get(id).is_none());
}

#[test]
fn a_record_that_cannot_be_read_is_no_reason_to_lose_it() {
    let world = World::new(&small());
    let path = world.directory.path().join("usage-plans.json.record.json");
    std::fs::write(&path, "{").expect("a file");
    assert_eq!(world.code("CreateApiKey", &json!({"SecretName": "beta"})), "FailedOperation");
    assert_eq!(std::fs::read(&path).expect("a file"), b"{");
    assert_eq!(world.document(), small(), "nor is the document edited");
}

#[test]
fn an_edit_is_in_the_log_with_its_operator() {
    let world = World::new(&small());
    world.result("DisableApiKey", &json!({"AccessKeyId": "AKIDacme01"}));
    let log = std::fs::read_to_string(world.directory.path().join("usage-plans.json.log")).expect("a log");
    let last: Value = serde_json::from_str(log.lines().last().expect("a line")).expect("JSON");
    let author = ["who", "from", "what"].map(|name| last[name].clone());
    assert_eq!(author, ["ada", "management API, 127.0.0.1", "DisableApiKey AKIDacme01"]);
    assert!(!log.contains("acme-secret-key-1"), "without secrets");
}

#[test]
fn every_action_of_the_sdk_is_answered_or_refused_with_a_sentence() {
    for name in [
        "AttachPlugin",
        "BindApiApp",
        "BindIPStrategy",
        "BuildAPIDoc",
        "CreateAPIDoc",
        "CreateApi",
        "CreateApiApp",
        "CreateExclusiveInstances",
        "CreateIPStrategy",
        "CreatePlugin",
        "CreateUpstream",
        "DemoteServiceUsagePlan",
        "DescribeApiEnvironmentStrategy",
        "DescribeInstancesNetworkConfig",
        "DescribeLogSearch",
        "ImportOpenApi",
        "ModifyApiIncrement",
        "ResetAPIDocPassword",
        "UnBindIPStrategy",
        "UpdateApiAppKey",
    ] {
        let failure = elsewhere::refuse(name);
        assert_eq!(failure.code, "UnsupportedOperation.InvalidAction", "{name}");
        assert!(failure.message.starts_with(name) && failure.message.ends_with('.'), "{}", failure.message);
    }
}
