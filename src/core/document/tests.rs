//! Writes objects as JSON and reads them back: the writer, the reader and the schema of an object know the
//! same members.

mod patterns;

use proptest::prelude::*;

use super::*;
use crate::timestamp::Timestamp;

/// 2026-11-24T00:00:00Z.
const TIME: Timestamp = Timestamp::from_nanos(1_795_478_400_000_000_000);

/// A key with every member set.
fn key() -> Key {
    let previous = PreviousSecret {
        secret: SecretSource::Environment("ACME_PREVIOUS_SECRET_KEY".to_owned()),
        not_after: TIME,
    };
    Key {
        name: "acme".to_owned(),
        secret_id: "AKIDacme0001".to_owned(),
        secret: Some(SecretSource::Document(Secret::new("acme-secret-key-0001"))),
        previous: Some(previous),
        not_before: Some(Timestamp::default()),
        not_after: Some(TIME),
        status: KeyStatus::Disabled,
        remark: "contract 4711".to_owned(),
        created_at: Some(TIME),
    }
}

/// A service with every member set.
fn service() -> Service {
    Service {
        id: "service-orders".to_owned(),
        name: "orders".to_owned(),
        domains: strings(&["orders.example.com", "*.example.org", "*"]),
        environments: strings(&["release", "beta"]),
        default_environment: Some("release".to_owned()),
        path_mappings: vec![mapping("/v1", "release"), mapping("/", "beta")],
        authentication: Authentication::None,
        required_signed_headers: strings(&["host", "source"]),
        show_usage: false,
        created_at: Some(TIME),
    }
}

/// A usage plan with every member set.
fn usage_plan() -> UsagePlan {
    let api = Api {
        methods: strings(&["GET", "POST"]),
        path: "/orders/*".to_owned(),
        max_requests_per_second: Some(5),
        quotas: vec![quota()],
    };
    let environment =
        EnvironmentRef { service: "service-orders".to_owned(), environment: "release".to_owned() };
    UsagePlan {
        id: "usagePlan-gold".to_owned(),
        name: "gold".to_owned(),
        max_requests_per_second: Some(1000),
        burst: Some(50),
        quotas: vec![quota()],
        warn_at: vec![80, 95],
        counter_per: CounterPer { key: true, environment: true },
        apis: vec![api],
        resets: vec![reset()],
        enforcement: Enforcement::Observe,
        on_engine_down: OnEngineDown {
            rate: Some(RateDown::Deny),
            quota: Some(QuotaDown::Allow),
            grace_percent: Some(3),
        },
        region: "eu".to_owned(),
        remark: "paying callers".to_owned(),
        keys: strings(&["AKIDacme0001"]),
        environments: vec![environment],
        created_at: Some(TIME),
    }
}

/// A quota with every member set.
fn quota() -> Quota {
    Quota { max_requests: Some(10_000), period: Period::Day, utc_offset: UtcOffset(-210) }
}

/// A reset with every member set.
fn reset() -> Reset {
    Reset { at: TIME, key: Some("AKIDacme0001".to_owned()), limit: Some(Period::Day) }
}

fn mapping(path: &str, environment: &str) -> PathMapping {
    PathMapping { path: path.to_owned(), environment: environment.to_owned() }
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// Reads a document with one `object` in the list `list`.
fn read(list: &str, object: Members) -> Document {
    let report = Report::default();
    let (text, mut keys) = (json!({ list: [object] }).to_string(), Vec::new());
    let document = Document::read(text.as_bytes(), &report, &mut |key| keys.push(key)).expect("JSON");
    report.finish().expect("an object without errors");
    Document { keys, ..document }
}

/// The key, written and read back.
fn read_back_key(key: &Key) -> Vec<Key> {
    read("keys", key.to_json()).keys
}

/// The service, written and read back.
fn read_back_service(service: &Service) -> Vec<Service> {
    read("services", service.to_json()).services
}

/// The usage plan, written and read back.
fn read_back_usage_plan(plan: &UsagePlan) -> Vec<UsagePlan> {
    read("usage_plans", plan.to_json()).usage_plans
}

/// Asserts that `object` has every member of `schema`, in the schema's order. `left_out` are members that
/// exclude others.
fn assert_has_every_member(object: &Members, schema: &Value, left_out: &[&str]) {
    let members: Vec<&String> = object.keys().collect();
    let properties = schema["properties"].as_object().expect("the schema of an object");
    let properties: Vec<&String> =
        properties.keys().filter(|name| !left_out.contains(&name.as_str())).collect();
    assert_eq!(members, properties);
}

#[test]
fn an_object_with_every_member_set_is_read_back_unchanged() {
    assert_eq!(read_back_key(&key()), [key()]);
    assert_eq!(read_back_service(&service()), [service()]);
    assert_eq!(read_back_usage_plan(&usage_plan()), [usage_plan()]);
}

#[test]
fn an_object_with_every_member_set_is_written_with_every_member_of_its_schema() {
    let left_out = ["secret_key_env", "secret_key_file", "previous_secret_key", "previous_secret_key_file"];
    assert_has_every_member(&key().to_json(), &Key::schema(), &left_out);
    assert_has_every_member(&service().to_json(), &Service::schema(), &[]);
    assert_has_every_member(&usage_plan().to_json(), &UsagePlan::schema(), &[]);
    assert_has_every_member(&quota().to_json(), &Quota::schema()["items"], &[]);
    assert_has_every_member(&reset().to_json(), &Reset::schema()["items"], &[]);
}

#[test]
fn members_with_their_default_are_not_written_and_read_back_as_the_default() {
    let key = Key {
        secret_id: "AKIDacme0001".to_owned(),
        secret: Some(SecretSource::Environment("ACME_SECRET_KEY".to_owned())),
        ..Key::default()
    };
    assert_eq!(
        Value::from(key.to_json()),
        json!({"secret_id": "AKIDacme0001", "secret_key_env": "ACME_SECRET_KEY"})
    );
    assert_eq!(read_back_key(&key), [key]);
    let service = Service { id: "s".to_owned(), domains: strings(&["*"]), ..Service::default() };
    assert_eq!(Value::from(service.to_json()), json!({"id": "s", "domains": ["*"]}));
    assert_eq!(read_back_service(&service), [service]);
    let plan = UsagePlan { id: "p".to_owned(), ..UsagePlan::default() };
    assert_eq!(Value::from(plan.to_json()), json!({"id": "p"}));
    assert_eq!(read_back_usage_plan(&plan), [plan]);
}

fn timestamps() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_nanos)
}

fn limits() -> impl Strategy<Value = Option<u64>> {
    prop::option::of(1u64..=999_999_999_999_999)
}

fn secrets() -> impl Strategy<Value = SecretSource> {
    prop_oneof![
        "[A-Za-z0-9_-]{10,50}".prop_map(|secret| SecretSource::Document(Secret::new(secret))),
        "[A-Z_]{1,20}".prop_map(SecretSource::Environment),
        "[a-z/.]{1,20}".prop_map(SecretSource::File),
    ]
}

fn keys() -> impl Strategy<Value = Key> {
    let previous = (secrets(), timestamps());
    let previous = previous.prop_map(|(secret, not_after)| PreviousSecret { secret, not_after });
    let validity = (prop::option::of(timestamps()), prop::option::of(timestamps()));
    (secrets(), prop::option::of(previous), validity, any::<bool>()).prop_map(
        |(secret, previous, (from, until), is_enabled)| {
            let (not_before, not_after) = match (from, until) {
                (Some(from), Some(until)) => (Some(from.min(until)), Some(from.max(until))),
                validity => validity,
            };
            let status = if is_enabled { KeyStatus::Enabled } else { KeyStatus::Disabled };
            Key { secret: Some(secret), previous, not_before, not_after, status, ..key() }
        },
    )
}

/// Some of `items`, in their order, at least `least`.
fn some_of(items: &[&str], least: usize) -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(strings(items), least..=items.len())
}

fn services() -> impl Strategy<Value = Service> {
    let environments = some_of(&["release", "prepub", "test", "beta"], 0);
    let mapped = some_of(&["/", "/v1", "/v1/beta"], 0);
    (environments, mapped, some_of(&["host", "source"], 0), any::<bool>()).prop_map(
        |(environments, mapped, required_signed_headers, is_open)| Service {
            default_environment: if is_open { environments.last().cloned() } else { None },
            environments,
            path_mappings: mapped.iter().map(|path| mapping(path, "test")).collect(),
            authentication: if is_open { Authentication::None } else { Authentication::KeyPair },
            required_signed_headers,
            ..service()
        },
    )
}

fn quotas() -> impl Strategy<Value = Vec<Quota>> {
    let periods = prop::sample::subsequence(Period::ALL.to_vec(), 0..=Period::ALL.len());
    let rest = prop::collection::vec((limits(), -720i16..=840), Period::ALL.len());
    (periods, rest).prop_map(|(periods, rest)| {
        let quota =
            |(period, (max_requests, offset))| Quota { max_requests, period, utc_offset: UtcOffset(offset) };
        periods.into_iter().zip(rest).map(quota).collect()
    })
}

fn usage_plans() -> impl Strategy<Value = UsagePlan> {
    let rate = prop::option::of((1u64..=999_999_999_999_999, limits()));
    (rate, quotas(), (any::<bool>(), any::<bool>()), (limits(), quotas())).prop_map(
        |(rate, quotas, (key, environment), (api_rate, api_quotas))| {
            let api = Api {
                methods: Vec::new(),
                path: "/orders".to_owned(),
                max_requests_per_second: api_rate,
                quotas: api_quotas,
            };
            UsagePlan {
                max_requests_per_second: rate.map(|(rate, _)| rate),
                burst: rate.and_then(|(_, burst)| burst),
                quotas,
                counter_per: CounterPer { key, environment },
                apis: vec![api],
                ..usage_plan()
            }
        },
    )
}

proptest! {
    #[test]
    fn any_key_is_read_back_unchanged(key in keys()) {
        prop_assert_eq!(read_back_key(&key), [key]);
    }

    #[test]
    fn any_service_is_read_back_unchanged(service in services()) {
        prop_assert_eq!(read_back_service(&service), [service]);
    }

    #[test]
    fn any_usage_plan_is_read_back_unchanged(plan in usage_plans()) {
        prop_assert_eq!(read_back_usage_plan(&plan), [plan]);
    }
}
