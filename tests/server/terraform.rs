//! The calls of Terraform's provider (and of Pulumi's, which is made from it), in its order, by the Python
//! SDK.
//!
//! The provider itself cannot be had from a registry of packages. What it does with the answers is in what is
//! asserted of them.

use serde_json::{Value, json};

use crate::client::Client;
use crate::fixture::Place;

/// The service of the configuration that is applied.
struct Applied {
    service: String,
    plan: String,
    key: String,
    version: String,
}

#[test]
fn a_plan_of_terraform_is_applied_read_changed_and_destroyed() {
    let place = Place::new(&json!({"services": []}));
    let server = place.serve(&[]);
    let mut client = Client::python(server.address, "POST");
    let applied = create(&mut client);
    refresh(&mut client, &applied, 0);
    update(&mut client, &applied);
    refresh(&mut client, &applied, 1);
    destroy(&mut client, &applied);
    let document = place.document();
    for kind in ["services", "keys", "usage_plans"] {
        assert!(document[kind].as_array().is_none_or(Vec::is_empty), "{document}");
    }
}

fn create(client: &mut Client) -> Applied {
    // tencentcloud_api_gateway_service, with a limit per environment.
    let service = json!({
        "ServiceName": "orders", "Protocol": "http&https", "ServiceDesc": "orders", "NetTypes": ["OUTER"],
        "IpVersion": "IPv4",
    });
    let service = text(&client.call("CreateService", service)["ServiceId"]);
    let id = json!({"ServiceId": service});
    assert_eq!(client.call("DescribeService", id.clone())["ServiceName"], "orders");
    for environment in ["release", "prepub", "test"] {
        let strategy = json!({"ServiceId": service, "Strategy": 500, "EnvironmentNames": [environment]});
        client.does("ModifyServiceEnvironmentStrategy", strategy);
    }
    // tencentcloud_api_gateway_service_release: refused by the provider itself where there is no API.
    let described = client.call("DescribeService", id.clone());
    assert!(described["ApiTotalCount"].as_i64() >= Some(1), "{described}");
    let release = json!({"ServiceId": service, "EnvironmentName": "release", "ReleaseDesc": "by terraform"});
    let version = text(&client.result("ReleaseService", release)["ReleaseVersion"]);
    let described = client.call("DescribeService", id);
    assert_eq!(described["AvailableEnvironments"], json!(["release"]));
    // …_usage_plan and …_api_key.
    let plan = json!({
        "UsagePlanName": "gold", "UsagePlanDesc": "by terraform", "MaxRequestNum": 100,
        "MaxRequestNumPreSec": 10,
    });
    let plan = text(&client.result("CreateUsagePlan", plan)["UsagePlanId"]);
    client.result("DescribeUsagePlan", json!({"UsagePlanId": plan}));
    let key = client.result("CreateApiKey", json!({"SecretName": "acme", "AccessKeyType": "auto"}));
    let key = text(&key["AccessKeyId"]);
    // …_usage_plan_attachment and …_api_key_attachment, after which the provider polls until it sees it.
    client.does("BindEnvironment", environment(&plan, &service));
    client.does("BindSecretIds", json!({"UsagePlanId": plan, "AccessKeyIds": [key]}));
    let bound = client.result("DescribeUsagePlan", json!({"UsagePlanId": plan}));
    assert_eq!(bound["BindSecretIds"], json!([key]));
    Applied { service, plan, key, version }
}

/// What the provider reads of every resource before it plans: a null or a missing member is a difference.
fn refresh(client: &mut Client, applied: &Applied, tagged: usize) {
    let Applied { service, plan, key, version } = applied;
    let page = |more: Value| {
        let mut page = json!({"Limit": 100, "Offset": 0});
        page.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        page
    };
    let described = client.call("DescribeService", json!({"ServiceId": service}));
    for member in ["ServiceName", "Protocol", "NetTypes", "IpVersion", "CreatedTime", "ModifiedTime"] {
        assert!(!described[member].is_null(), "{member}: {described}");
    }
    let plans = client.result("DescribeServiceUsagePlan", page(json!({"ServiceId": service})));
    assert_eq!(
        (&plans["TotalCount"], &plans["ServiceUsagePlanList"][0]["UsagePlanId"]),
        (&json!(1), &json!(plan))
    );
    assert_eq!(client.result("DescribeApiUsagePlan", page(json!({"ServiceId": service})))["TotalCount"], 0);
    let strategies = client.result("DescribeServiceEnvironmentStrategy", page(json!({"ServiceId": service})));
    assert_eq!(strategies["EnvironmentList"].as_array().map(Vec::len), Some(3), "{strategies}");
    assert_eq!(strategies["EnvironmentList"][2]["Strategy"], 500, "{strategies}");
    let tags = json!({
        "ServiceType": "apigateway", "ResourcePrefix": "service", "ResourceRegion": "ap-guangzhou",
        "ResourceIds": [service], "Limit": 20, "Offset": 0,
    });
    assert_eq!(client.tag("DescribeResourceTagsByResourceIds", tags)["TotalCount"], tagged);
    let history = page(json!({"ServiceId": service, "EnvironmentName": "release"}));
    let history = client.result("DescribeServiceEnvironmentReleaseHistory", history);
    assert_eq!(history["VersionList"][0]["VersionName"], json!(version), "{history}");
    let described = client.result("DescribeUsagePlan", json!({"UsagePlanId": plan}));
    assert_eq!(described["BindSecretIds"], json!([key]));
    for (kind, count) in [("SERVICE", 1), ("API", 0)] {
        let environments = page(json!({"UsagePlanId": plan, "BindType": kind}));
        assert_eq!(client.result("DescribeUsagePlanEnvironments", environments)["TotalCount"], count);
    }
    let filter = json!([{"Name": "AccessKeyId", "Values": [key]}]);
    let keys = client.result("DescribeApiKeysStatus", page(json!({"Filters": filter})));
    assert_eq!(keys["ApiKeySet"][0]["AccessKeyId"], json!(key), "{keys}");
    assert!(keys["ApiKeySet"][0]["AccessKeySecret"].as_str().is_some_and(|secret| !secret.is_empty()));
}

fn update(client: &mut Client, applied: &Applied) {
    let service =
        json!({"ServiceId": applied.service, "ServiceName": "orders", "ServiceDesc": "of the shop"});
    client.call("ModifyService", service);
    let tags = json!({
        "Resource": format!("qcs::apigateway:ap-guangzhou:uin/:service/{}", applied.service),
        "ReplaceTags": [{"TagKey": "team", "TagValue": "a"}],
    });
    client.tag("ModifyResourceTags", tags);
    let plan = json!({
        "UsagePlanId": applied.plan, "UsagePlanName": "gold", "UsagePlanDesc": "of the shop",
        "MaxRequestNum": -1, "MaxRequestNumPreSec": 20,
    });
    let modified = client.result("ModifyUsagePlan", plan);
    assert_eq!((&modified["MaxRequestNum"], &modified["MaxRequestNumPreSec"]), (&json!(-1), &json!(20)));
    let key = json!({"AccessKeyId": applied.key});
    client.does("DisableApiKey", key.clone());
    client.does("EnableApiKey", key);
}

fn destroy(client: &mut Client, applied: &Applied) {
    let Applied { service, plan, key, .. } = applied;
    client.does("UnBindSecretIds", json!({"UsagePlanId": plan, "AccessKeyIds": [key]}));
    let unbound = client.result("DescribeUsagePlan", json!({"UsagePlanId": plan}));
    assert_eq!(unbound["BindSecretIds"], json!([]));
    client.does("UnBindEnvironment", environment(plan, service));
    client.does("DisableApiKey", json!({"AccessKeyId": key}));
    client.does("DeleteApiKey", json!({"AccessKeyId": key}));
    client.does("DeleteUsagePlan", json!({"UsagePlanId": plan}));
    // All three, whether they are published or not.
    for environment in ["release", "prepub", "test"] {
        client.does("UnReleaseService", json!({"ServiceId": service, "EnvironmentName": environment}));
    }
    client.does("DeleteService", json!({"ServiceId": service}));
    let gone = json!({"Limit": 100, "Offset": 0, "Filters": [{"Name": "AccessKeyId", "Values": [key]}]});
    assert_eq!(client.result("DescribeApiKeysStatus", gone)["TotalCount"], 0);
    client.refused("ResourceNotFound.InvalidService", "DescribeService", json!({"ServiceId": service}));
    let code = "ResourceNotFound.InvalidUsagePlan";
    client.refused(code, "DescribeUsagePlan", json!({"UsagePlanId": plan}));
}

fn environment(plan: &str, service: &str) -> Value {
    json!({
        "UsagePlanIds": [plan], "BindType": "SERVICE", "Environment": "release", "ServiceId": service,
    })
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
