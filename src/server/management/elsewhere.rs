//! Actions of the cloud product's API that have no counterpart in a document.

use super::failure::Failure;

/// What each group of actions is about, by a word in their names. The first that fits is meant.
const GROUPS: [(&str, &str); 12] = [
    ("Plugin", "plug-ins: Envoy's own filters do what they did"),
    ("IPStrateg", "rules on addresses: Envoy's RBAC filter has them"),
    ("Upstream", "upstreams: they are clusters of Envoy's configuration"),
    ("ApiApp", "applications: callers have keys here"),
    ("APIDoc", "documents of APIs"),
    ("ExclusiveInstance", "instances: Envoys are started where they are to run"),
    ("InstancesNetwork", "instances: Envoys are started where they are to run"),
    ("LogSearch", "logs: Envoy writes an access log"),
    ("OpenApi", "single APIs: routes are in Envoy's configuration"),
    ("EnvironmentStrategy", "limits of single APIs by environment: a usage plan has them as `apis`"),
    ("Demote", "bindings of single APIs: a usage plan is bound to a whole environment"),
    ("Api", "single APIs: routes are in Envoy's configuration, and a usage plan has limits of APIs"),
];

/// Refuses the action with this name.
pub(super) fn refuse(name: &str) -> Failure {
    let known = GROUPS.iter().find(|(word, _)| name.contains(word));
    let message = match known {
        Some((_, about)) => format!("{name} has no counterpart here: the document has no {about}."),
        None => format!("There is no action \"{name}\" here. docs/management-api.md lists those there are."),
    };
    let code = if known.is_some() { "UnsupportedOperation.InvalidAction" } else { "InvalidAction" };
    Failure::new(code, message)
}
