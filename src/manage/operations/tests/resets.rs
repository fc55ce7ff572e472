//! What other operations do to the resets of a plan.

use serde_json::json;

use super::{draft, plan, tree};
use crate::draft::{Draft, Members};

#[test]
fn a_reset_goes_with_the_key_or_the_quota_that_it_names() {
    let mut draft = draft();
    let resets = json!([{"at": "2026-11-24T00:00:00Z", "key": "AKIDacme0001"},
        {"at": "2026-11-24T00:00:00Z", "limit": "day"}, {"at": "2026-11-24T00:00:00Z"}]);
    let day = [json!({"max_requests": 5, "period": "day"})];
    let members = Members::new()
        .with_list("quotas", &day)
        .with_list("counter_per", &["key"])
        .with("resets", Some(resets.clone()));
    plan::edit(&mut draft, "gold", members).expect("edited");
    let left = |draft: &Draft| tree(draft)["usage_plans"][0]["resets"].clone();
    assert_eq!(left(&draft), resets);
    plan::unbind_keys(&mut draft, "gold", &["acme".to_owned()]).expect("unbound");
    assert_eq!(left(&draft), json!([resets[1], resets[2]]));
    plan::edit(&mut draft, "gold", Members::new().with_list("quotas", &[""])).expect("edited");
    assert_eq!(left(&draft), json!([resets[2]]));
}
