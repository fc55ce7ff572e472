//! Imports into an empty document and into one that has some of the objects.

use serde_json::{Value, json};

use super::tencent::{AnswerFile, ListKind};
use super::{Advice, Counts, Difference, Entry, Error, Merged, Problem, Proposal, kong, merge, tencent};
use crate::draft::{Draft, KEYS, SERVICES};

const DECK: &str = "\
_format_version: '3.0'
consumers:
- username: acme
  hmacauth_credentials:
  - {username: acme-key-1, secret: acme-secret-key-0001}
  plugins:
  - {name: rate-limiting, config: {second: 5, day: 1000, limit_by: credential}}
- username: vaulted
  hmacauth_credentials:
  - {username: vaulted-1, secret: '{vault://hcv/vaulted}'}
";

fn deck() -> Proposal {
    kong::read(DECK.as_bytes(), "kong.yaml").expect("a decK file")
}

fn answers(answers: &Value) -> Result<Proposal, Error> {
    let (name, path) = ("answers.json".to_owned(), "answers.json".to_owned());
    tencent::read(&[AnswerFile { name, path, owner: None, bytes: answers.to_string().into_bytes() }])
}

fn draft(document: &Value) -> Draft {
    Draft::parse(document.to_string().as_bytes()).expect("a valid document")
}

fn counts(merged: &Merged, entry: Entry) -> [usize; 3] {
    let found = merged.counts.iter().find(|(kind, _)| *kind == entry);
    let Counts { added, kept, left_out } = found.expect("every kind").1;
    [added, kept, left_out]
}

#[test]
fn a_second_import_keeps_what_the_first_one_added() {
    let mut draft = draft(&json!({}));
    let first = merge(&mut draft, deck()).expect("merged");
    let [added, kept] = [[1, 0], [0, 1]];
    for (merged, [added, kept]) in [(first, added), (merge(&mut draft, deck()).expect("merged"), kept)] {
        assert_eq!(counts(&merged, Entry::Key), [added, kept, 1]);
        assert_eq!(counts(&merged, Entry::UsagePlan), [added, kept, 0]);
        assert_eq!(counts(&merged, Entry::KeyBinding), [added, kept, 0]);
        assert_eq!(counts(&merged, Entry::Service), [0, 0, 0]);
    }
    draft.validate().expect("valid");
}

#[test]
fn a_note_has_the_object_the_reason_and_advice_as_data() {
    let merged = merge(&mut draft(&json!({})), deck()).expect("merged");
    let advice = |object: &str| {
        let note = merged.notes.iter().find(|note| note.object == object).expect(object);
        (note.reason.as_str(), note.advice)
    };
    let vault = "is left out: its secret is in a vault";
    assert_eq!(advice("key vaulted (vaulted-1)"), (vault, Some(Advice::CreateKey)));
    assert_eq!(advice("services"), ("none was carried over", Some(Advice::BindEnvironments)));
    assert_eq!(advice("limits").1, None);
}

#[test]
fn conflicts_are_all_reported_and_have_no_secret() {
    let document = json!({
        "keys": [{"name": "other", "secret_id": "acme-key-1", "secret_key": "different-key-01"}],
        "usage_plans": [{"id": "kong_5s_1000d", "max_requests_per_second": 7,
            "quotas": [{"max_requests": 1000, "period": "day"}], "counter_per": ["key"]}],
    });
    let Err(Error::Conflicts(conflicts)) = merge(&mut draft(&document), deck()) else { panic!("merged") };
    let differences: Vec<&Difference> = conflicts
        .iter()
        .map(|conflict| match &conflict.problem {
            Problem::Differs(difference) => difference,
            Problem::Undescribed => panic!("{}", conflict.object),
        })
        .collect();
    let (document, imported) = ("other".to_owned(), "acme".to_owned());
    assert_eq!(
        differences,
        [
            &Difference::Value { member: "name", document, imported },
            &Difference::Hidden("secret"),
            &Difference::Limit { document: Some(7), imported: Some(5) },
        ]
    );
    assert!(!format!("{conflicts:?}").contains("-key-01"), "{conflicts:?}");
}

#[test]
fn a_bound_plan_that_nothing_describes_is_a_conflict_and_a_key_is_left_out() {
    let plan = json!({"Result": {"UsagePlanId": "usagePlan-a", "MaxRequestNumPreSec": 5, "MaxRequestNum": -1,
        "BindSecretIds": ["AKIDunknown1"]}});
    let merged = merge(&mut draft(&json!({})), answers(&plan).expect("read")).expect("merged");
    assert_eq!(counts(&merged, Entry::UsagePlan), [1, 0, 0]);
    assert_eq!(counts(&merged, Entry::KeyBinding), [0, 0, 1]);

    let service = json!({"Result": {"ServiceId": "service-a", "OuterSubDomain": "a.example.com",
        "AvailableEnvironments": ["release"],
        "UsagePlanList": [{"UsagePlanId": "usagePlan-b", "Environment": "release"}]}});
    let Err(Error::Conflicts(conflicts)) = merge(&mut draft(&json!({})), answers(&service).expect("read"))
    else {
        panic!("merged")
    };
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    assert_eq!(conflicts[0].object, "usage plan usagePlan-b");
    assert_eq!(conflicts[0].problem, Problem::Undescribed);
}

#[test]
fn a_list_whose_plan_is_unknown_is_an_error_with_its_kind() {
    for (list, item, expected) in [
        ("AccessKeyList", json!({"AccessKeyId": "AKIDacme1"}), ListKind::Keys),
        (
            "EnvironmentList",
            json!({"ServiceId": "service-a", "Environment": "release"}),
            ListKind::Environments,
        ),
        ("DomainSet", json!({"DomainName": "a.example.com"}), ListKind::Domains),
        ("PathMappingSet", json!({"Path": "/v1", "Environment": "release"}), ListKind::Mappings),
    ] {
        let read = answers(&json!({"Result": {list: [item]}}));
        let Err(Error::UnknownOwner { kind, path, .. }) = read else { panic!("{list}: read") };
        assert_eq!((kind, path.as_str()), (expected, "answers.json"));
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_reported_in_the_words_of_the_documents_reader() {
    for (member, value, expected) in [
        ("AccessKeyId", json!(7), "Result.AccessKeyId: must be a string, not a number"),
        ("AccessKeyId", json!(["s3cret"]), "Result.AccessKeyId: must be a string, not an array"),
        ("Status", json!(0.5), "Result.Status: must be a whole number of at most 63 bits"),
        ("Status", json!("s3cret"), "Result.Status: must be a whole number, not a string"),
    ] {
        let mut answer = json!({"Result": {"AccessKeyId": "AKIDacme1"}});
        answer["Result"][member] = value;
        let error = answers(&answer).err().expect("an error").to_string();
        assert_eq!(error, format!("answers.json: {expected}"));
    }
}

/// A service with APIs of these kinds, of which it has `total`, and these answers about its hosts.
fn service(total: usize, kinds: &[&str], more: &[Value]) -> (Value, Vec<String>) {
    let api = |(index, kind): (usize, &&str)| json!({"ApiId": format!("api-{index}"), "AuthType": kind});
    let apis: Vec<Value> = kinds.iter().enumerate().map(api).collect();
    let service = json!({"ServiceId": "service-a", "ServiceName": "orders", "OuterSubDomain": "a.example.com",
        "AvailableEnvironments": ["release"], "ApiTotalCount": total, "ApiIdStatusSet": apis});
    let file = |answer: &Value| AnswerFile {
        name: "answers.json".to_owned(),
        path: "service-a.json".to_owned(),
        owner: None,
        bytes: answer.to_string().into_bytes(),
    };
    let files: Vec<AnswerFile> = [service].iter().chain(more).map(file).collect();
    let mut draft = draft(&json!({}));
    let merged = merge(&mut draft, tencent::read(&files).expect("read")).expect("merged");
    let service = Value::Object(draft.find(SERVICES, "service-a").expect("imported").clone());
    let label = "service orders (service-a)";
    let notes = merged.notes.into_iter().filter(|note| [label, "service service-a"].contains(&&*note.object));
    (service, notes.map(|note| note.reason).collect())
}

#[test]
fn a_service_is_open_to_everybody_if_each_of_its_apis_is() {
    let (open, notes) = service(2, &["NONE", "NONE"], &[]);
    assert_eq!((&open["authentication"], notes.len()), (&json!("none"), 0), "{notes:?}");
    for (total, kinds) in [(3, &["NONE", "NONE"][..]), (2, &["NONE", "SECRET"]), (2, &["NONE", "APP"])] {
        let (closed, notes) = service(total, kinds, &[]);
        assert_eq!(closed.get("authentication"), None, "{kinds:?}");
        assert!(notes.iter().any(|note| note.contains("called without a key pair")), "{notes:?}");
    }
}

#[test]
fn path_mappings_are_carried_over_where_all_hosts_agree() {
    let hosts = |are_plain: [bool; 2]| {
        let host = |(name, is_plain)| json!({"DomainName": name, "IsDefaultMapping": is_plain});
        let hosts: Vec<Value> =
            ["b.example.com", "c.example.com"].into_iter().zip(are_plain).map(host).collect();
        json!({"DomainSet": hosts})
    };
    let mapping = |path, environment| json!({"Path": path, "Environment": environment});
    let mappings = |set: &[Value]| json!({"Result": {"IsDefaultMapping": false, "PathMappingSet": set}});
    let v1 = mappings(&[mapping("/v1", "release")]);
    let (mapped, notes) = service(0, &[], &[hosts([false, false]), v1.clone(), v1.clone()]);
    assert_eq!(mapped["path_mappings"], json!([{"path": "/v1", "environment": "release"}]));
    assert_eq!(notes, ["its path mappings hold for all of its domains here, so for a.example.com"]);

    let two = mappings(&[mapping("/v1", "release"), mapping("/v2", "test"), mapping("/v3/", "release")]);
    let (mapped, notes) = service(0, &[], &[hosts([false, false]), two.clone()]);
    assert_eq!(mapped["path_mappings"], json!([{"path": "/v1", "environment": "release"}]));
    assert!(notes[0].contains("/v2 is left out") && notes[1].contains("/v3/ is left out"), "{notes:?}");

    for (more, expected) in [
        (vec![hosts([false, false])], "give the answers of DescribeServiceSubDomainMappings"),
        (vec![hosts([false, false]), v1.clone(), two], "must be the same for all domains"),
        (
            vec![hosts([true, false]), v1],
            "c.example.com has path mappings that the other domains do not have",
        ),
    ] {
        let (unmapped, notes) = service(0, &[], &more);
        assert_eq!(unmapped.get("path_mappings"), None, "{expected}");
        assert!(notes.iter().any(|note| note.contains(expected)), "{expected}: {notes:?}");
    }
    let (plain, notes) = service(0, &[], &[hosts([true, true])]);
    assert_eq!((plain.get("path_mappings"), notes.len()), (None, 0), "{notes:?}");
}

#[test]
fn a_remark_that_is_too_long_is_cut_and_the_cut_is_reported() {
    let tags = [json!({"Key": "a".repeat(150), "Value": "b".repeat(60)})];
    let key = json!({"AccessKeyId": "AKIDacme1", "AccessKeySecret": "acme-secret-key-0001", "Tags": tags});
    let mut draft = draft(&json!({}));
    let merged = merge(&mut draft, answers(&json!({"ApiKeySet": [key]})).expect("read")).expect("merged");
    let remark = draft.find(KEYS, "AKIDacme1").expect("imported")["remark"].as_str().expect("a string");
    assert_eq!(remark, format!("{}={}", "a".repeat(150), "b".repeat(49)));
    let reasons: Vec<&str> = merged.notes.iter().map(|note| note.reason.as_str()).collect();
    assert_eq!(reasons, ["its remark must be at most 200 characters: the rest is left out"]);
}
