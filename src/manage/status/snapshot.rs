//! What one Envoy says of itself and of the filter in it, at one look.

use usage_plan_core::document::Digest;
use usage_plan_core::telemetry::metric_names;
use usage_plan_core::timestamp::Timestamp;

use crate::admin::{Admin, DiscoveryState, Result, Server, TIMEOUT, in_parallel};
use crate::usage::{Counts, FleetCounts};

/// Envoy's prefix of the names of a filter's metrics, whatever its `stats_tags`. The shipped configurations
/// give it to the native module, too.
const METRICS: &str = "wasmcustom.";

/// The statistics that a look needs.
const STATISTICS: [&str; 5] = [
    r"wasmcustom\.usage_plan_",
    r"extension_config_discovery\.http_filter\.usage_plan\.",
    r"wasm\..*\.vm_reload",
    r"http\..*\.rbac\.denied$",
    r"listener_manager\.listener_(modified|in_place_updated)$",
];

/// What one Envoy says of itself and of the filter in it, at one look.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Which Envoy this is, and whether it serves.
    pub server: Server,
    /// What it did with the watched files; `None` if it reads the filter from none.
    pub discovery: Option<DiscoveryState>,
    /// The digest of the document that the filter accepted last.
    pub digest: Option<Digest>,
    /// What the filter counts.
    pub counts: Counts,
    /// What the filter counts of the engine of its fleet.
    pub fleet: FleetCounts,
    /// How VMs that died were replaced.
    pub reloads: VmReloads,
    /// How many calls were answered with 503 because the native module panicked; `None` if there is none.
    pub panics: Option<u64>,
    /// How many calls were refused by Envoy's `rbac` filters, of which the guard is one.
    pub guard_refusals: u64,
    /// How often a listener was changed since Envoy started.
    listener_changes: u64,
}

/// How VMs that died were replaced, in numbers since Envoy started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VmReloads {
    /// How many were replaced.
    pub replaced: u64,
    /// How many could not be replaced.
    pub failed: u64,
    /// How often it was too early for another try. The call that asked for one was answered with 503.
    pub postponed: u64,
}

// === impl Snapshot ===

impl Snapshot {
    /// What each of these Envoys says, in their order.
    pub fn all(admins: &[Admin]) -> Vec<(Admin, Result<Self>)> {
        in_parallel(admins, |admin| (admin.clone(), Self::ask(admin)))
    }

    pub(super) fn ask(admin: &Admin) -> Result<Self> {
        let server = Server::ask(admin, TIMEOUT)?;
        Ok(Self::of(server, &admin.statistics(&STATISTICS.join("|"), TIMEOUT)?))
    }

    fn of(server: Server, statistics: &[(String, String)]) -> Self {
        let discovery = DiscoveryState::of(statistics);
        let mut snapshot = Self {
            server,
            discovery,
            digest: None,
            counts: Counts::default(),
            fleet: FleetCounts::default(),
            reloads: VmReloads::default(),
            panics: None,
            guard_refusals: 0,
            listener_changes: 0,
        };
        for (name, value) in statistics {
            snapshot.read(name, value);
        }
        snapshot
    }

    fn read(&mut self, name: &str, value: &str) {
        let number = value.parse().unwrap_or_default();
        let metric = name.strip_prefix(METRICS).and_then(|name| name.strip_prefix(metric_names::PREFIX));
        if let Some(metric) = metric {
            if metric_names::is_document_digest(metric) {
                self.digest = Digest::from_gauge(number);
            } else if metric_names::is_panics(metric) {
                self.panics = Some(number);
            } else if !self.fleet.read(metric, value) {
                self.counts.read(metric, value);
            }
        } else if name.starts_with("http.") {
            self.guard_refusals = self.guard_refusals.saturating_add(number);
        } else if name.starts_with("listener_manager.") {
            self.listener_changes = self.listener_changes.saturating_add(number);
        } else if name.starts_with("wasm.") {
            let counted = match name.rsplit('.').next() {
                Some("vm_reload_success") => &mut self.reloads.replaced,
                Some("vm_reload_failure") => &mut self.reloads.failed,
                Some("vm_reload_backoff") => &mut self.reloads.postponed,
                _ => return,
            };
            *counted = counted.saturating_add(number);
        }
    }

    /// Whether a document is in force.
    pub fn has_document(&self) -> bool {
        // A filter from before the digest shows that it has a document by what it counts. Envoy calls a file
        // a success also when it equals a refused one, so that proves something only if none was refused.
        let is_accepted = |discovery: &DiscoveryState| discovery.successes > 0 && discovery.refusals() == 0;
        self.digest.is_some() || !self.counts.is_empty() || self.discovery.as_ref().is_some_and(is_accepted)
    }

    /// Whether there is a filter of usage plans in it, as far as it shows.
    pub fn has_filter(&self) -> bool {
        self.discovery.is_some() || self.has_document()
    }

    /// Since when it counts at the earliest.
    pub fn counts_since(&self) -> Timestamp {
        self.server.started_at()
    }

    /// When the last document came, if it was not the only one: metrics begin again when a document names
    /// other variables, another module or another `vm_id` than the one before. The inner value is `None` if
    /// Envoy does not say when.
    pub fn document_changed(&self) -> Option<Option<Timestamp>> {
        match &self.discovery {
            Some(discovery) if discovery.successes > 1 => Some(discovery.updated_at),
            None if self.listener_changes > 0 => Some(None),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use usage_plan_core::document::Document;

    use super::*;

    fn snapshot(lines: &str) -> Snapshot {
        let server = Server {
            version: "1.40.0".to_owned(),
            state: "LIVE".to_owned(),
            uptime: Duration::from_secs(60),
            workers: 2,
        };
        let statistics = lines.lines().filter_map(|line| line.trim().split_once(": "));
        let statistics = statistics.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Snapshot::of(server, &statistics.collect::<Vec<_>>())
    }

    #[test]
    fn the_digest_the_reloads_and_the_guards_refusals_are_read_from_envoys_names() {
        let snapshot = snapshot(
            "wasmcustom.usage_plan_document_digest: 13864870
            wasmcustom.usage_plan_requests.plan=gold.outcome=allowed: 5
            wasm.usage_plan.vm_reload: 3
            wasm.usage_plan.vm_reload_success: 2
            wasm.usage_plan.vm_reload_failure: 1
            wasm.usage_plan.vm_reload_backoff: 40
            http.ingress.rbac.denied: 7
            http.other.rbac.denied: 1",
        );
        assert_eq!(snapshot.digest.expect("a digest").to_string(), "000000d38fa6");
        assert_eq!(snapshot.reloads, VmReloads { replaced: 2, failed: 1, postponed: 40 });
        assert_eq!((snapshot.guard_refusals, snapshot.counts.is_empty()), (8, false));
    }

    #[test]
    fn what_the_native_module_shows_is_read_too() {
        let snapshot = snapshot(
            "wasmcustom.usage_plan_requests.plan=gold.outcome=allowed: 5
            wasmcustom.usage_plan_requests.plan.gold.outcome.rate_limited: 2
            wasmcustom.usage_plan_panics: 3",
        );
        let document = Document::default();
        let counts = snapshot.counts.plans(&document).next().expect("a plan");
        assert_eq!((counts.id, counts.outcomes.admitted(), counts.outcomes.rate_limited()), ("gold", 5, 2));
        assert_eq!(snapshot.panics, Some(3));
    }

    #[test]
    fn a_document_is_in_force_if_the_filter_shows_it_counts_or_was_accepted_and_nothing_ever_refused() {
        let success = "extension_config_discovery.http_filter.usage_plan.update_success: 1";
        let rejected = "extension_config_discovery.http_filter.usage_plan.update_rejected: 1";
        let both = format!("{success}\n{rejected}");
        let digest = format!("{both}\nwasmcustom.usage_plan_document_digest: 1");
        let counts = format!("{both}\nwasmcustom.usage_plan_requests.plan=.outcome=no_usage_plan: 1");
        for (lines, has_filter, has_document) in [
            ("", false, false),
            (rejected, true, false),
            (&*both, true, false),
            (success, true, true),
            (&*digest, true, true),
            (&*counts, true, true),
        ] {
            let snapshot = snapshot(lines);
            assert_eq!(
                (snapshot.has_filter(), snapshot.has_document()),
                (has_filter, has_document),
                "{lines}"
            );
        }
    }

    #[test]
    fn counts_are_those_since_envoy_started_unless_the_configuration_changed() {
        let successes =
            |number| format!("extension_config_discovery.http_filter.usage_plan.update_success: {number}");
        for (lines, changed) in [
            (String::new(), None),
            (successes(1), None),
            (successes(2), Some(None)),
            ("listener_manager.listener_modified: 1".to_owned(), Some(None)),
        ] {
            assert_eq!(snapshot(&lines).document_changed(), changed, "{lines}");
        }
    }
}
