//! The actions on keys.

use serde_json::{Value, json};

use super::client::{World, small};

#[test]
fn a_key_is_created_rotated_disabled_and_deleted() {
    let world = World::new(&small());
    let created = world.result("CreateApiKey", &json!({"SecretName": "beta"}));
    let id = &created["AccessKeyId"];
    assert_eq!((&created["AccessKeyType"], &created["Status"]), (&json!("auto"), &json!(1)));
    let key = json!({"AccessKeyId": id});
    let updated = world.result("UpdateApiKey", &key);
    assert_eq!(updated["AccessKeyId"], *id);
    assert_ne!(updated["AccessKeySecret"], created["AccessKeySecret"]);
    assert_eq!(world.document()["keys"][1]["secret_key"], updated["AccessKeySecret"], "at once");
    assert_eq!(world.code("DeleteApiKey", &key), "UnsupportedOperation.InvalidStatus");
    assert_eq!(world.result("DisableApiKey", &key), true);
    assert_eq!(world.result("DisableApiKey", &key), true, "a script may be run again");
    assert_eq!(world.code("UpdateApiKey", &key), "UnsupportedOperation.UnsupportedUpdateApiKey");
    assert_eq!(world.result("EnableApiKey", &key), true);
    assert_eq!(world.result("DisableApiKey", &key), true);
    assert_eq!(world.result("DeleteApiKey", &key), true);
    for action in ["DescribeApiKey", "UpdateApiKey", "EnableApiKey", "DisableApiKey", "DeleteApiKey"] {
        assert_eq!(world.code(action, &key), "ResourceNotFound.InvalidAccessKeyId", "{action}");
    }
}

#[test]
fn a_manual_key_has_the_id_and_the_secret_that_were_given() {
    let world = World::new(&small());
    let manual = |id: &str, secret: &str| {
        json!({"SecretName": "beta", "AccessKeyType": "manual", "AccessKeyId": id,
               "AccessKeySecret": secret})
    };
    let created = world.result("CreateApiKey", &manual("beta-0001", "beta-secret-key-1"));
    let shown = ["AccessKeyId", "AccessKeySecret", "AccessKeyType"].map(|name| created[name].clone());
    assert_eq!(shown, ["beta-0001", "beta-secret-key-1", "manual"]);
    let key = |secret: Value| json!({"AccessKeyId": "beta-0001", "AccessKeySecret": secret});
    assert_eq!(world.code("UpdateApiKey", &key(Value::Null)), "MissingParameter");
    let updated = world.result("UpdateApiKey", &key(json!("beta-secret-key-2")));
    assert_eq!(updated["AccessKeySecret"], "beta-secret-key-2");
    assert_eq!(
        world.code("CreateApiKey", &manual("AKIDacme01", "x-secret-key-01")),
        "FailedOperation.AccessKeyExist"
    );
    for (parameters, code) in [
        (manual("beta", "beta-secret-key-1"), "InvalidParameterValue.LengthExceeded"),
        (manual("beta-0002", "short"), "InvalidParameterValue.LengthExceeded"),
        (manual("beta 0002", "beta-secret-key-1"), "InvalidParameter.FormatError"),
        (json!({"SecretName": "beta", "AccessKeyType": "manual"}), "MissingParameter"),
        (json!({"SecretName": "beta", "AccessKeyType": "oauth"}), "InvalidParameterValue.NotInOptions"),
        (json!({"SecretName": "beta", "AccessKeyId": "beta-0002"}), "InvalidParameter"),
        (json!({"SecretName": "a b"}), "InvalidParameter.FormatError"),
        (json!({"SecretName": 7}), "InvalidParameter.FormatError"),
        (json!({"SecretName": ""}), "MissingParameter"),
        (json!({}), "MissingParameter"),
        (json!({"SecretName": "acme"}), "InvalidParameterValue"),
    ] {
        assert_eq!(world.code("CreateApiKey", &parameters), code, "{parameters}");
    }
}

#[test]
fn a_list_has_pages_and_filters_that_must_all_fit() {
    let mut document = small();
    for number in 0..150 {
        let key = json!({"name": format!("key-{number}"), "secret_id": format!("AKID{number:04}"),
            "secret_key": "some-secret-key", "status": if number < 50 { "disabled" } else { "enabled" }});
        document["keys"].as_array_mut().expect("a list").push(key);
    }
    document["usage_plans"][0]["keys"] = json!(["AKIDacme01", "AKID0149"]);
    let world = World::new(&document);
    let count = |filters: Value| {
        let result = world.result("DescribeApiKeysStatus", &json!({"Filters": filters, "Limit": 100}));
        result["TotalCount"].as_u64().expect("a number")
    };
    let filter = |name: &str, values: &[&str]| json!({"Name": name, "Values": values});
    let first = world.result("DescribeApiKeysStatus", &json!({}));
    assert_eq!((&first["TotalCount"], first["ApiKeySet"].as_array().map(Vec::len)), (&json!(151), Some(20)));
    assert_eq!(count(json!([filter("AccessKeyId", &["AKID0001", "AKID0002", "AKIDnone"])])), 2);
    assert_eq!(count(json!([filter("SecretName", &["key-7"])])), 1, "names fit exactly");
    assert_eq!(count(json!([filter("KeyWord", &["key-14"])])), 11);
    assert_eq!(count(json!([filter("Status", &["0"])])), 50);
    assert_eq!(count(json!([filter("Status", &["0"]), filter("KeyWord", &["key-4"])])), 11);
    assert_eq!(count(json!([filter("NotUsagePlanId", &["usagePlan-a"])])), 149);
    assert_eq!(count(json!([filter("AccessKeySecret", &["acme-secret-key-1"])])), 1);
    let last = world.result("DescribeApiKeysStatus", &json!({"Limit": 100, "Offset": 100}));
    assert_eq!(last["ApiKeySet"].as_array().map(Vec::len), Some(51));
    let unknown = json!({"Filters": [filter("Colour", &["red"])]});
    assert_eq!(
        world.code("DescribeApiKeysStatus", &unknown),
        "InvalidParameterValue.InvalidFilterNotSupportedName"
    );
}

#[test]
fn labels_of_a_key_are_its_remark_and_a_remark_is_a_label() {
    let mut document = small();
    document["keys"][0]["remark"] = json!("contract 4711");
    let world = World::new(&document);
    let tags = json!([{"Key": "team", "Value": "orders"}, {"Key": "gold", "Value": ""}]);
    let created = world.result("CreateApiKey", &json!({"SecretName": "beta", "Tags": tags}));
    assert_eq!(created["Tags"], tags);
    assert_eq!(world.document()["keys"][1]["remark"], "team=orders gold");
    let acme = world.result("DescribeApiKey", &json!({"AccessKeyId": "AKIDacme01"}));
    assert_eq!(acme["Tags"], json!([{"Key": "contract 4711", "Value": null}]));
    let long = json!([{"Key": "a", "Value": "b".repeat(250)}]);
    let code = world.code("CreateApiKey", &json!({"SecretName": "gamma", "Tags": long}));
    assert_eq!(code, "InvalidParameterValue.LengthExceeded");
}

#[test]
fn a_secret_that_is_elsewhere_is_empty_and_is_not_replaced() {
    let mut document = small();
    document["keys"][0] = json!({"secret_id": "AKIDacme01", "name": "acme", "secret_key_env": "ACME"});
    let world = World::new(&document);
    let key = json!({"AccessKeyId": "AKIDacme01"});
    assert_eq!(world.result("DescribeApiKey", &key)["AccessKeySecret"], "");
    let given = json!({"AccessKeyId": "AKIDacme01", "AccessKeySecret": "acme-secret-key-2"});
    for parameters in [key, given] {
        assert_eq!(world.code("UpdateApiKey", &parameters), "UnsupportedOperation.UnsupportedUpdateApiKey");
    }
}

#[test]
fn a_name_is_no_id() {
    let world = World::new(&small());
    let code = world.code("DisableApiKey", &json!({"AccessKeyId": "acme"}));
    assert_eq!(code, "ResourceNotFound.InvalidAccessKeyId");
}
