//! The whole life of a service, its keys and its plans, through each of the official clients, with calls of a
//! real Envoy between its steps.

use serde_json::{Value, json};

use crate::client::Client;
use crate::fixture::Place;
use crate::gateway::{Gateway, HOST};

#[test]
fn the_python_sdk_does_the_whole_life() {
    live(|address| Client::python(address, "POST"));
}

#[test]
fn the_node_sdk_does_the_whole_life() {
    live(|address| Client::node(address, "POST"));
}

#[test]
fn tccli_does_the_whole_life() {
    live(Client::tccli);
}

fn live(client: impl FnOnce(std::net::SocketAddr) -> Client) {
    let place = Place::new(&json!({"services": []}));
    let before = place.document();
    let gateway = Gateway::start(&place);
    let server = gateway.serve(&place);
    let mut life = Life::begin(client(server.address), &place, &gateway);
    life.keys_are_bound();
    life.a_conflict_is_refused_from_both_sides();
    life.a_key_is_disabled_and_enabled();
    life.a_key_is_rotated();
    life.what_is_used_is_not_deleted();
    life.all_is_unbound_and_deleted();
    let after = place.document();
    for kind in ["services", "keys", "usage_plans"] {
        assert!(after[kind].as_array().is_none_or(Vec::is_empty), "{kind}: {after}");
    }
    assert_eq!(before["services"], json!([]));
}

/// What was made, and who makes it.
struct Life<'p> {
    client: Client,
    place: &'p Place,
    gateway: &'p Gateway,
    service: String,
    gold: String,
    silver: String,
    /// The id and the secret of a key that the server has made.
    automatic: [String; 2],
    /// Those of a key that the operator has made.
    custom: [String; 2],
}

impl<'p> Life<'p> {
    fn begin(mut client: Client, place: &'p Place, gateway: &'p Gateway) -> Self {
        let created = client.call("CreateService", json!({"ServiceName": "orders", "Protocol": "http"}));
        let service = text(&created["ServiceId"]);
        let domain = json!({
            "ServiceId": service, "SubDomain": HOST, "Protocol": "http", "NetType": "OUTER",
            "IsDefaultMapping": true, "NetSubDomain": created["OuterSubDomain"],
        });
        client.call("BindSubDomain", domain);
        let release = json!({"ServiceId": service, "EnvironmentName": "release", "ReleaseDesc": "first"});
        let released = client.result("ReleaseService", release);
        assert!(released["ReleaseVersion"].is_string(), "{released}");
        let described = client.call("DescribeService", json!({"ServiceId": service}));
        assert_eq!(described["AvailableEnvironments"], json!(["release"]));
        let made = client.result("CreateApiKey", json!({"SecretName": "acme", "AccessKeyType": "auto"}));
        let automatic = [text(&made["AccessKeyId"]), text(&made["AccessKeySecret"])];
        assert_eq!((&made["Status"], &made["AccessKeyType"]), (&json!(1), &json!("auto")));
        let custom = ["custom_key_01", "custom_secret_01"].map(str::to_owned);
        let mut manual = json!({
            "SecretName": "custom", "AccessKeyType": "manual",
            "AccessKeyId": custom[0], "AccessKeySecret": custom[1],
        });
        assert_eq!(client.result("CreateApiKey", manual.clone())["AccessKeyId"], custom[0]);
        manual["SecretName"] = json!("another");
        client.refused("FailedOperation.AccessKeyExist", "CreateApiKey", manual);
        let gold = json!({"UsagePlanName": "gold", "MaxRequestNum": 1000, "MaxRequestNumPreSec": 100});
        let gold = text(&client.result("CreateUsagePlan", gold)["UsagePlanId"]);
        let silver = client.result("CreateUsagePlan", json!({"UsagePlanName": "silver"}));
        assert_eq!(silver["MaxRequestNum"], -1, "{silver}");
        let silver = text(&silver["UsagePlanId"]);
        Self { client, place, gateway, service, gold, silver, automatic, custom }
    }

    #[track_caller]
    fn passes(&self, key: &[String; 2]) {
        self.gateway.answers(self.place, key, 200);
    }

    #[track_caller]
    fn is_refused(&self, key: &[String; 2], status: u16) {
        self.gateway.answers(self.place, key, status);
    }

    fn environment(&self, plan: &str) -> Value {
        json!({
            "UsagePlanIds": [plan], "BindType": "SERVICE", "Environment": "release",
            "ServiceId": self.service,
        })
    }

    fn secret_ids(&self, plan: &str) -> Value {
        json!({"UsagePlanId": plan, "AccessKeyIds": [self.automatic[0]]})
    }

    fn id(&self) -> Value {
        json!({"AccessKeyId": self.automatic[0]})
    }

    fn keys_are_bound(&mut self) {
        self.client.does("BindEnvironment", self.environment(&self.gold));
        self.is_refused(&self.automatic, 401);
        let both = json!({"UsagePlanId": self.gold, "AccessKeyIds": [self.automatic[0], self.custom[0]]});
        self.client.does("BindSecretIds", both.clone());
        let described = self.client.result("DescribeUsagePlan", json!({"UsagePlanId": self.gold}));
        assert_eq!(described["BindSecretIds"], both["AccessKeyIds"]);
        let environments = json!([{"EnvironmentName": "release", "ServiceId": self.service}]);
        assert_eq!(described["BindEnvironments"], environments);
        self.client.refused("UnsupportedOperation.AlreadyBindUsagePlan", "BindSecretIds", both);
        self.passes(&self.automatic);
        self.passes(&self.custom);
    }

    fn a_conflict_is_refused_from_both_sides(&mut self) {
        let (keys, environment) = (self.secret_ids(&self.silver), self.environment(&self.silver));
        self.client.does("BindEnvironment", environment.clone());
        self.client.refused("UnsupportedOperation.UnsupportedBindApiKey", "BindSecretIds", keys.clone());
        self.client.does("UnBindEnvironment", environment.clone());
        self.client.does("BindSecretIds", keys.clone());
        let code = "UnsupportedOperation.UnsupportedBindEnvironment";
        self.client.refused(code, "BindEnvironment", environment);
        self.client.does("UnBindSecretIds", keys.clone());
        self.client.refused("UnsupportedOperation.ResourceUnassociated", "UnBindSecretIds", keys);
    }

    fn a_key_is_disabled_and_enabled(&mut self) {
        self.client.refused("UnsupportedOperation.InvalidStatus", "DeleteApiKey", self.id());
        self.client.does("DisableApiKey", self.id());
        self.is_refused(&self.automatic, 401);
        let silver = self.secret_ids(&self.silver);
        self.client.refused("UnsupportedOperation.InvalidStatus", "BindSecretIds", silver);
        self.client.refused("UnsupportedOperation.UnsupportedUpdateApiKey", "UpdateApiKey", self.id());
        self.client.does("EnableApiKey", self.id());
        self.passes(&self.automatic);
    }

    fn a_key_is_rotated(&mut self) {
        let old = self.automatic.clone();
        self.automatic[1] = text(&self.client.result("UpdateApiKey", self.id())["AccessKeySecret"]);
        assert_ne!(self.automatic, old);
        self.is_refused(&old, 401);
        self.passes(&self.automatic);
        self.custom[1] = "custom_secret_02".to_owned();
        let given = json!({"AccessKeyId": self.custom[0], "AccessKeySecret": self.custom[1]});
        self.client.result("UpdateApiKey", given);
        self.passes(&self.custom);
    }

    fn what_is_used_is_not_deleted(&mut self) {
        let code = "UnsupportedOperation.UnsupportedDeleteService";
        self.client.refused(code, "DeleteService", json!({"ServiceId": self.service}));
        let code = "UnsupportedOperation.UsagePlanInUse";
        self.client.refused(code, "DeleteUsagePlan", json!({"UsagePlanId": self.gold}));
        self.client.does("DisableApiKey", self.id());
        self.client.refused("UnsupportedOperation.ResourceIsInUse", "DeleteApiKey", self.id());
    }

    fn all_is_unbound_and_deleted(&mut self) {
        let both = json!({"UsagePlanId": self.gold, "AccessKeyIds": [self.automatic[0], self.custom[0]]});
        self.client.does("UnBindSecretIds", both);
        self.is_refused(&self.custom, 401);
        self.client.does("UnBindEnvironment", self.environment(&self.gold));
        self.is_refused(&self.custom, 403);
        self.client.does("DeleteApiKey", self.id());
        self.client.refused("ResourceNotFound.InvalidAccessKeyId", "DescribeApiKey", self.id());
        let custom = json!({"AccessKeyId": self.custom[0]});
        self.client.does("DisableApiKey", custom.clone());
        self.client.does("DeleteApiKey", custom);
        for plan in [&self.gold, &self.silver] {
            self.client.does("DeleteUsagePlan", json!({"UsagePlanId": plan}));
            let code = "ResourceNotFound.InvalidUsagePlan";
            self.client.refused(code, "DescribeUsagePlan", json!({"UsagePlanId": plan}));
        }
        let release = json!({"ServiceId": self.service, "EnvironmentName": "release"});
        self.client.does("UnReleaseService", release);
        self.client.does("DeleteService", json!({"ServiceId": self.service}));
        let service = json!({"ServiceId": self.service});
        self.client.refused("ResourceNotFound.InvalidService", "DescribeService", service);
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
