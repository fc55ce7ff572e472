//! The actions on usage plans and their bindings.

use serde_json::{Value, json};

use super::client::{World, small};

fn environment(plan: &str) -> Value {
    json!({"UsagePlanIds": [plan], "BindType": "SERVICE", "Environment": "release", "ServiceId": "service-a"})
}

fn keys(plan: &str) -> Value {
    json!({"UsagePlanId": plan, "AccessKeyIds": ["AKIDacme01"]})
}

#[test]
fn a_plan_is_created_changed_and_deleted() {
    let world = World::new(&small());
    let created = world.result(
        "CreateUsagePlan",
        &json!({"UsagePlanName": "bronze", "UsagePlanDesc": "for some", "MaxRequestNum": 1000,
                "MaxRequestNumPreSec": 10,
                "Tags": [{"Key": "team", "Value": "a"}]}),
    );
    let id = created["UsagePlanId"].as_str().expect("an id");
    assert!(id.starts_with("usagePlan-") && id.len() == 18, "{id}");
    let numbers = |shown: &Value| [&shown["MaxRequestNum"], &shown["MaxRequestNumPreSec"]].map(Clone::clone);
    assert_eq!(numbers(&created), [1000, 10]);
    assert_eq!(created["Tags"], json!([{"Key": "team", "Value": "a"}]));
    let modify = |more: Value| {
        let mut parameters = json!({"UsagePlanId": id});
        parameters.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        parameters
    };
    let changed = world.result("ModifyUsagePlan", &modify(json!({"UsagePlanName": "copper"})));
    assert_eq!(numbers(&changed), [1000, 10], "what is absent stays");
    assert_eq!(
        (&changed["UsagePlanName"], &changed["UsagePlanDesc"]),
        (&json!("copper"), &json!("for some"))
    );
    let no_limit = json!({"MaxRequestNum": -1, "MaxRequestNumPreSec": -1});
    assert_eq!(numbers(&world.result("ModifyUsagePlan", &modify(no_limit))), [-1, -1]);
    for (more, code) in [
        (json!({"MaxRequestNum": 0}), "InvalidParameterValue.InvalidMaxRequestNum"),
        (json!({"MaxRequestNum": 100_000_000}), "InvalidParameterValue.InvalidMaxRequestNum"),
        (json!({"MaxRequestNumPreSec": 2001}), "InvalidParameterValue.RangeExceeded"),
        (json!({"MaxRequestNumPreSec": -2}), "InvalidParameterValue.RangeExceeded"),
        (json!({"MaxRequestNumPreSec": "10"}), "InvalidParameter.FormatError"),
        (json!({"UsagePlanName": "a b"}), "InvalidParameter.FormatError"),
        (json!({"UsagePlanName": "gold"}), "InvalidParameterValue"),
    ] {
        assert_eq!(world.code("ModifyUsagePlan", &modify(more.clone())), code, "{more}");
    }
    assert_eq!(world.result("DeleteUsagePlan", &modify(json!({}))), true);
    for action in ["DescribeUsagePlan", "ModifyUsagePlan", "DeleteUsagePlan"] {
        assert_eq!(world.code(action, &modify(json!({}))), "ResourceNotFound.InvalidUsagePlan", "{action}");
    }
}

#[test]
fn limits_that_the_api_does_not_know_stay() {
    let mut document = small();
    document["usage_plans"][1]["max_requests_per_second"] = json!(5000);
    let world = World::new(&document);
    let parameters = json!({"UsagePlanId": "usagePlan-a", "MaxRequestNum": 70, "MaxRequestNumPreSec": 5});
    assert_eq!(world.result("ModifyUsagePlan", &parameters)["MaxRequestNum"], 70);
    let quotas = json!([{"max_requests": 9, "period": "day"}, {"max_requests": 70, "period": "total"}]);
    assert_eq!(world.document()["usage_plans"][0]["quotas"], quotas);
    let as_it_is = json!({"UsagePlanId": "usagePlan-b", "MaxRequestNumPreSec": 5000});
    assert_eq!(world.result("ModifyUsagePlan", &as_it_is)["MaxRequestNumPreSec"], 5000);
}

#[test]
fn bindings_are_seen_from_all_sides() {
    let world = World::new(&small());
    assert_eq!(world.result("BindEnvironment", &environment("usagePlan-a")), true);
    assert_eq!(world.result("BindSecretIds", &keys("usagePlan-a")), true);
    let plan = json!({"UsagePlanId": "usagePlan-a"});
    let shown = world.result("DescribeUsagePlan", &plan);
    assert_eq!(
        (&shown["BindSecretIds"], &shown["BindSecretIdTotalCount"]),
        (&json!(["AKIDacme01"]), &json!(1))
    );
    assert_eq!(shown["BindEnvironments"], json!([{"EnvironmentName": "release", "ServiceId": "service-a"}]));
    let of_plan = world.result("DescribeUsagePlanSecretIds", &plan);
    let key = json!([{"AccessKeyId": "AKIDacme01", "SecretName": "acme", "Status": 1}]);
    assert_eq!(of_plan["AccessKeyList"], key);
    let environments = |kind: &str| {
        world
            .result("DescribeUsagePlanEnvironments", &json!({"UsagePlanId": "usagePlan-a", "BindType": kind}))
    };
    let bound = &environments("SERVICE")["EnvironmentList"][0];
    let members =
        ["ServiceId", "ServiceName", "Environment", "InUseRequestNum", "MaxRequestNumPreSec", "ApiId"];
    let expected = [json!("service-a"), json!("orders"), json!("release"), json!(12), json!(5), Value::Null];
    assert_eq!(members.map(|name| bound[name].clone()), expected);
    assert_eq!(environments("API"), json!({"TotalCount": 0, "EnvironmentList": []}));
    let service = json!({"ServiceId": "service-a"});
    let of_service = world.result("DescribeServiceUsagePlan", &service);
    let bound = &of_service["ServiceUsagePlanList"][0];
    let members =
        ["UsagePlanId", "UsagePlanName", "Environment", "InUseRequestNum"].map(|name| bound[name].clone());
    assert_eq!(members, [json!("usagePlan-a"), json!("gold"), json!("release"), json!(12)]);
    assert_eq!(world.result("DescribeApiUsagePlan", &service)["TotalCount"], 0);
    let answer = world.call("DescribeService", &service).expect("a service");
    assert_eq!(answer["UsagePlanList"][0]["UsagePlanId"], "usagePlan-a");
    for (name, value, count) in [("NotServiceId", "service-a", 1), ("Environment", "release", 1)] {
        let filters = json!({"Filters": [{"Name": name, "Values": [value]}]});
        assert_eq!(world.result("DescribeUsagePlansStatus", &filters)["TotalCount"], count, "{name}");
    }
    assert_eq!(world.code("DeleteUsagePlan", &plan), "UnsupportedOperation.UsagePlanInUse");
    assert_eq!(world.result("UnBindSecretIds", &keys("usagePlan-a")), true);
    assert_eq!(world.result("UnBindEnvironment", &environment("usagePlan-a")), true);
    let code = world.code("UnBindSecretIds", &keys("usagePlan-a"));
    assert_eq!(code, "UnsupportedOperation.ResourceUnassociated");
    let code = world.code("UnBindEnvironment", &environment("usagePlan-a"));
    assert_eq!(code, "UnsupportedOperation.NoUsagePlanEnv");
}

#[test]
fn a_conflict_is_refused_from_both_sides() {
    let world = World::new(&small());
    world.result("BindEnvironment", &environment("usagePlan-a"));
    world.result("BindSecretIds", &keys("usagePlan-a"));
    world.result("BindSecretIds", &keys("usagePlan-b"));
    let before = world.document();
    let code = world.code("BindEnvironment", &environment("usagePlan-b"));
    assert_eq!(code, "UnsupportedOperation.UnsupportedBindEnvironment");
    assert_eq!(world.document(), before);
    world.result("UnBindSecretIds", &keys("usagePlan-b"));
    world.result("BindEnvironment", &environment("usagePlan-b"));
    let code = world.code("BindSecretIds", &keys("usagePlan-b"));
    assert_eq!(code, "UnsupportedOperation.UnsupportedBindApiKey");
}

#[test]
fn what_cannot_be_bound_is_refused_as_a_whole() {
    let mut document = small();
    let disabled =
        json!({"secret_id": "AKIDbeta01", "secret_key": "beta-secret-key-1", "status": "disabled"});
    document["keys"].as_array_mut().expect("a list").push(disabled);
    let world = World::new(&document);
    let before = world.document();
    let bind = |ids: Value| json!({"UsagePlanId": "usagePlan-a", "AccessKeyIds": ids});
    for (action, parameters, code) in [
        (
            "BindSecretIds",
            bind(json!(["AKIDacme01", "AKIDnone1"])),
            "InvalidParameterValue.InvalidAccessKeyIds",
        ),
        ("BindSecretIds", bind(json!(["AKIDacme01", "AKIDbeta01"])), "UnsupportedOperation.InvalidStatus"),
        ("BindSecretIds", bind(json!([])), "MissingParameter"),
        ("BindSecretIds", bind(json!(vec!["AKIDacme01"; 101])), "InvalidParameterValue.LimitExceeded"),
        ("BindEnvironment", environment("usagePlan-none"), "ResourceNotFound.InvalidUsagePlan"),
    ] {
        assert_eq!(world.code(action, &parameters), code, "{action} {parameters}");
    }
    for (member, value, code) in [
        ("Environment", json!("test"), "UnsupportedOperation.UnsupportedBindEnvironment"),
        ("Environment", json!("live"), "InvalidParameterValue.InvalidEnv"),
        ("ServiceId", json!("service-none"), "ResourceNotFound.InvalidService"),
        ("BindType", json!("API"), "UnsupportedOperation.UnsupportedBindEnvironment"),
        ("BindType", json!("PLAN"), "InvalidParameterValue.NotInOptions"),
        ("ApiIds", json!(["api-1"]), "UnsupportedOperation.UnsupportedBindEnvironment"),
    ] {
        let mut parameters = environment("usagePlan-a");
        parameters[member] = value;
        assert_eq!(world.code("BindEnvironment", &parameters), code, "{parameters}");
    }
    assert_eq!(world.document(), before);
    world.result("BindSecretIds", &keys("usagePlan-a"));
    assert_eq!(
        world.code("BindSecretIds", &keys("usagePlan-a")),
        "UnsupportedOperation.AlreadyBindUsagePlan"
    );
}
