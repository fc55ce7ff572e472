//! The actions on services, their environments, hosts and labels.

use serde_json::{Value, json};

use super::client::{Signer, World, small};

/// A world, and the id of a service that the API created in it.
fn created() -> (World, String) {
    let world = World::new(&small());
    let parameters = json!({"ServiceName": "pay", "Protocol": "http&https", "ServiceDesc": "payments"});
    let answer = world.call("CreateService", &parameters).expect("a service");
    assert!(answer.get("Result").is_none(), "{answer}");
    let id = answer["ServiceId"].as_str().expect("an id").to_owned();
    assert_eq!(answer["OuterSubDomain"], format!("{id}.gateway.internal"));
    (world, id)
}

fn release(id: &str, environment: &str) -> Value {
    json!({"ServiceId": id, "EnvironmentName": environment, "ReleaseDesc": "first"})
}

#[test]
fn a_service_is_published_where_it_is_released_and_nowhere_else() {
    let (world, id) = created();
    let service = json!({"ServiceId": id});
    let describe = || world.call("DescribeService", &service).expect("a service");
    let before = describe();
    assert_eq!((&before["AvailableEnvironments"], &before["ApiTotalCount"]), (&json!([]), &json!(1)));
    assert_eq!((&before["ServiceDesc"], &before["Protocol"]), (&json!("payments"), &json!("http&https")));
    assert_eq!(world.document()["services"][1]["environments"], json!([]));
    let released = world.result("ReleaseService", &release(&id, "release"));
    let version = released["ReleaseVersion"].as_str().expect("a version");
    assert!(version.len() == 50 && version[..14].bytes().all(|byte| byte.is_ascii_digit()), "{version}");
    assert_eq!(describe()["AvailableEnvironments"], json!(["release"]));
    let environment = json!({"ServiceId": id, "EnvironmentName": "release"});
    let history = || world.result("DescribeServiceEnvironmentReleaseHistory", &environment);
    assert_eq!(history()["VersionList"][0]["VersionName"], version);
    assert_eq!(history(), history(), "nothing is invented anew");
    let list = world.result("DescribeServiceEnvironmentList", &service);
    let states = |list: &Value| {
        let environments = list["EnvironmentList"].as_array().expect("a list").clone();
        environments
            .iter()
            .map(|item| format!("{} {}", item["EnvironmentName"], item["Status"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(states(&list), ["\"test\" 0", "\"prepub\" 0", "\"release\" 1"]);
    assert_eq!(list["EnvironmentList"][2]["Url"], format!("{id}.gateway.internal/release"));
    assert_eq!(world.code("DeleteService", &service), "UnsupportedOperation.ExistingOnlineEnvironment");
    for name in ["test", "prepub", "release"] {
        let environment = json!({"ServiceId": id, "EnvironmentName": name});
        assert_eq!(world.result("UnReleaseService", &environment), true, "{name}");
    }
    assert_eq!(history()["TotalCount"], 0, "Terraform takes it for gone");
    assert_eq!(world.result("DeleteService", &service), true);
    for action in ["DescribeService", "DeleteService", "ModifyService", "DescribeServiceEnvironmentList"] {
        assert_eq!(world.code(action, &service), "ResourceNotFound.InvalidService", "{action}");
    }
}

#[test]
fn a_service_in_use_is_neither_deleted_nor_taken_out_of_its_environment() {
    let world = World::new(&small());
    let bind = json!({"UsagePlanIds": ["usagePlan-a"], "BindType": "SERVICE", "Environment": "release",
                      "ServiceId": "service-a"});
    world.result("BindEnvironment", &bind);
    let environment = json!({"ServiceId": "service-a", "EnvironmentName": "release"});
    assert_eq!(world.code("UnReleaseService", &environment), "UnsupportedOperation.ResourceIsInUse");
    let delete = json!({"ServiceId": "service-a", "SkipVerification": true});
    assert_eq!(world.code("DeleteService", &delete), "UnsupportedOperation.UnsupportedDeleteService");
    world.result("UnBindEnvironment", &bind);
    assert_eq!(world.result("DeleteService", &delete), true);
}

#[test]
fn a_version_is_chosen_among_those_that_were_published() {
    let (world, id) = created();
    let first = world.result("ReleaseService", &release(&id, "test"))["ReleaseVersion"].clone();
    let second = world.result("ReleaseService", &release(&id, "test"))["ReleaseVersion"].clone();
    let versions = world.result("DescribeServiceReleaseVersion", &json!({"ServiceId": id}));
    assert_eq!((&versions["TotalCount"], &versions["VersionList"][0]["VersionName"]), (&json!(2), &second));
    let update = |environment: &str, version: &Value| {
        json!({"ServiceId": id, "EnvironmentName": environment,
               "VersionName": version})
    };
    assert_eq!(world.result("UpdateService", &update("test", &first)), true);
    let list = world.result("DescribeServiceEnvironmentList", &json!({"ServiceId": id}));
    assert_eq!(list["EnvironmentList"][0]["VersionName"], first);
    assert_eq!(
        world.code("UpdateService", &update("release", &first)),
        "InvalidParameterValue.InvalidEnvStatus"
    );
    assert_eq!(world.code("UpdateService", &update("test", &json!("none"))), "ResourceNotFound");
}

#[test]
fn a_services_own_limit_is_kept() {
    let (world, id) = created();
    let modify = |strategy: i64, name: &str| {
        json!({"ServiceId": id, "Strategy": strategy,
               "EnvironmentNames": [name]})
    };
    assert_eq!(world.result("ModifyServiceEnvironmentStrategy", &modify(100, "release")), true);
    let list = world.result("DescribeServiceEnvironmentStrategy", &json!({"ServiceId": id}));
    let strategies = [0, 1, 2].map(|index: usize| list["EnvironmentList"][index]["Strategy"].clone());
    assert_eq!(strategies, [-1, -1, 100]);
    for (parameters, code) in [
        (modify(0, "release"), "InvalidParameterValue.RangeExceeded"),
        (modify(5001, "release"), "InvalidParameterValue.RangeExceeded"),
        (modify(5, "live"), "InvalidParameterValue.InvalidEnv"),
    ] {
        assert_eq!(world.code("ModifyServiceEnvironmentStrategy", &parameters), code);
    }
}

#[test]
fn services_are_listed_and_changed() {
    let (world, id) = created();
    for (name, value, count) in [
        ("ServiceName", "pay", 1),
        ("ServiceId", "service-a", 1),
        ("Environment", "release", 1),
        ("NotUsagePlanId", "usagePlan-a", 2),
        ("InstanceId", "instance-1", 0),
        ("NetType", "OUTER", 2),
    ] {
        let filters = json!({"Filters": [{"Name": name, "Values": [value]}]});
        assert_eq!(world.result("DescribeServicesStatus", &filters)["TotalCount"], count, "{name}");
    }
    let parameters =
        json!({"ServiceId": id, "ServiceName": "pay2", "ServiceDesc": "more", "NetTypes": ["INNER"]});
    assert_eq!(world.call("ModifyService", &parameters), Ok(json!({})));
    let answer = world.call("DescribeService", &json!({"ServiceId": id})).expect("a service");
    let shown = ["ServiceName", "ServiceDesc", "Protocol"].map(|name| answer[name].clone());
    assert_eq!(
        (shown, &answer["NetTypes"]),
        (["pay2", "more", "http&https"].map(Value::from), &json!(["INNER"]))
    );
    let apis = world.result("DescribeApisStatus", &json!({"ServiceId": id}));
    assert_eq!(apis["ApiIdStatusSet"][0]["AuthType"], "SECRET");
    for (parameters, code) in [
        (json!({"ServiceName": "x", "Protocol": "ftp"}), "InvalidParameterValue.NotInOptions"),
        (json!({"ServiceName": "x"}), "MissingParameter"),
        (
            json!({"ServiceName": "x", "Protocol": "http", "NetTypes": ["MOON"]}),
            "InvalidParameterValue.NotInOptions",
        ),
        (json!({"ServiceName": "orders", "Protocol": "http"}), "UnsupportedOperation.ServiceExist"),
    ] {
        assert_eq!(world.code("CreateService", &parameters), code, "{parameters}");
    }
}

#[test]
fn a_host_is_bound_with_paths_that_hold_for_all_hosts() {
    let (world, id) = created();
    world.result("ReleaseService", &release(&id, "release"));
    let bind = |domain: &str, paths: Value| {
        json!({"ServiceId": id, "SubDomain": domain, "Protocol": "http", "NetType": "OUTER",
               "NetSubDomain": "x.example",
               "IsDefaultMapping": paths == json!([]), "PathMappingSet": paths})
    };
    let v1 = json!([{"Path": "/v1", "Environment": "release"}]);
    assert_eq!(world.call("BindSubDomain", &bind("Pay.example.com", v1.clone())), Ok(json!({})));
    let domains = || world.result("DescribeServiceSubDomains", &json!({"ServiceId": id}));
    let shown = &domains()["DomainSet"][0];
    assert_eq!(
        (&shown["DomainName"], &shown["IsDefaultMapping"]),
        (&json!("pay.example.com"), &json!(false))
    );
    let domain = json!({"ServiceId": id, "SubDomain": "pay.example.com"});
    let mappings = world.result("DescribeServiceSubDomainMappings", &domain);
    assert_eq!(mappings, json!({"IsDefaultMapping": false, "PathMappingSet": v1}));
    for (parameters, code) in [
        (bind("pay.example.com", json!([])), "FailedOperation.DomainAlreadyBindService"),
        (bind("orders.example.com", json!([])), "FailedOperation.DomainAlreadyBindOtherService"),
        (bind("http://x", json!([])), "FailedOperation.SubDomainFormatError"),
        (bind("pay2.example.com", json!([])), "UnsupportedOperation"),
        (
            bind("pay2.example.com", json!([{"Path": "/", "Environment": "test"}])),
            "FailedOperation.DefineMappingEnvironmentError",
        ),
    ] {
        assert_eq!(world.code("BindSubDomain", &parameters), code, "{parameters}");
    }
    assert_eq!(world.call("BindSubDomain", &bind("pay2.example.com", v1)), Ok(json!({})));
    let environment = json!({"ServiceId": id, "EnvironmentName": "release"});
    assert_eq!(world.code("UnReleaseService", &environment), "UnsupportedOperation");
    let mapping = json!({"ServiceId": id, "SubDomain": "pay.example.com", "Environment": "release"});
    assert_eq!(world.result("DeleteServiceSubDomainMapping", &mapping), true);
    let code = world.code("DeleteServiceSubDomainMapping", &mapping);
    assert_eq!(code, "UnsupportedOperation.ResourceUnassociated");
    assert_eq!(world.result("UnBindSubDomain", &domain), true);
    assert_eq!(world.code("UnBindSubDomain", &domain), "FailedOperation.DomainNotBindService");
    let modify = json!({"ServiceId": id, "SubDomain": "pay2.example.com", "IsDefaultMapping": false,
                        "PathMappingSet": [{"Path": "/", "Environment": "release"}]});
    assert_eq!(world.result("ModifySubDomain", &modify), true);
    assert_eq!(
        world.document()["services"][1]["path_mappings"],
        json!([{"path": "/", "environment": "release"}])
    );
    let last = json!({"ServiceId": id, "SubDomain": "pay2.example.com"});
    assert_eq!(world.result("UnBindSubDomain", &last), true);
    assert!(world.document()["services"][1].get("path_mappings").is_none(), "its paths go with it");
}

#[test]
fn terraform_is_answered_as_the_service_of_labels() {
    let (world, id) = created();
    let call = |action: &str, shift: i64, parameters: Value| {
        world.ask(
            &Signer { version: "2018-08-13", service: "tag", shift, ..Signer::new(action, &parameters) }
                .sign(),
        )
    };
    let read = json!({"ServiceType": "apigw", "ResourcePrefix": "service", "ResourceIds": [id],
                      "ResourceRegion": "ap-guangzhou", "Limit": 20, "Offset": 0});
    let answer = call("DescribeResourceTagsByResourceIds", 0, read.clone());
    assert_eq!(answer, Ok(json!({"TotalCount": 0, "Offset": 0, "Limit": 20, "Tags": []})));
    let modify = json!({"Resource": format!("qcs::apigw:ap-guangzhou:uin/1:service/{id}"),
                        "ReplaceTags": [{"TagKey": "team", "TagValue": "pay"}]});
    assert_eq!(call("ModifyResourceTags", 1, modify), Ok(json!({})));
    let answer = call("DescribeResourceTagsByResourceIds", 2, read).expect("an answer");
    assert_eq!(
        (&answer["Tags"][0]["TagKey"], &answer["Tags"][0]["TagValue"]),
        (&json!("team"), &json!("pay"))
    );
    let answer = world.call("DescribeService", &json!({"ServiceId": id})).expect("a service");
    assert_eq!(answer["Tags"], json!([{"Key": "team", "Value": "pay"}]));
    assert_eq!(call("DescribeEverything", 3, json!({})), Err("InvalidAction"));
}
