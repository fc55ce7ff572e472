//! What the call counts against, and what goes upstream.

use super::Inquiry;
use super::step::{Step, visible};
use super::verdict::Verdict;
use crate::limits_text;
use usage_plan_core::auth::Caller;
use usage_plan_core::document::{Api, CounterPer};
use usage_plan_core::gate::decision::{Decision, upstream_path};
use usage_plan_core::lookup::{Key, Target, UsagePlan};
use usage_plan_core::reply::Identity;

// === impl Inquiry ===

impl Inquiry<'_> {
    /// What becomes of a request that is not refused.
    pub(super) fn upstream(&self, decision: &Decision<'_, '_>, verdict: &Verdict, steps: &mut Vec<Step>) {
        let config = &self.configured.config;
        let (target, identity) = match decision {
            Decision::Anonymous(target) => (*target, None),
            Decision::Known(target, caller) if !verdict.is_unknown() => {
                let Some((plan, key)) = self.plan_and_key(*caller) else { return };
                steps.push(self.counted(plan, key, *target));
                (*target, Some(Identity { plan, key, target: *target }))
            }
            Decision::Refused(Some(target), _) if verdict.is_forwarded() => (*target, None),
            _ => return,
        };
        let came = self.headers.first(":path");
        let path = upstream_path(config, target, self.headers);
        let changed = match &path {
            Some(_) => ", without what named the environment",
            None => "",
        };
        let path = visible(path.as_deref().unwrap_or(came));
        let mut step = Step::tells("upstream", format!("{path}{changed}"));
        for (name, value) in identity.map(Identity::fields).into_iter().flatten() {
            step = step.with("adds", format!("{name}: {value}"));
        }
        let removes = |name: &str| Identity::has_field(name.as_bytes());
        let mut removed: Vec<String> =
            self.captured.headers.iter().map(|sent| sent.name.to_ascii_lowercase()).collect();
        let credential = identity.is_some() && !config.options().forward_authorization;
        removed.retain(|name| removes(name) || (credential && name == "authorization"));
        for (place, name) in removed.iter().enumerate() {
            if !removed.iter().take(place).any(|before| before == name) {
                step = step.with("removes", name);
            }
        }
        steps.push(step);
    }

    fn plan_and_key(&self, caller: Caller) -> Option<(&UsagePlan, &Key)> {
        let config = &self.configured.config;
        config.usage_plans().get(caller.usage_plan).zip(config.keys().get(caller.key))
    }

    fn counted(&self, plan: &UsagePlan, key: &Key, target: Target<'_>) -> Step {
        let config = &self.configured.config;
        let limits = limits_text::line(plan.max_requests_per_second(), plan.burst(), plan.quotas());
        let detail = match limits.as_str() {
            "" => format!("{} has no limit on all requests", plan.id()),
            limits => format!("{} admits {limits}", plan.id()),
        };
        let mut step = Step::tells("counted on", detail);
        let path = upstream_path(config, target, self.headers);
        let path = path.as_deref().unwrap_or_else(|| self.headers.first(":path"));
        let api = plan.find_api(self.headers.first(":method"), path).and_then(|place| plan.apis().get(place));
        if let Some(Api { methods, path, max_requests_per_second, quotas }) = api {
            let name = [methods.join(","), path.clone()].join(" ");
            let limits = match limits_text::line(*max_requests_per_second, None, quotas) {
                limits if limits.is_empty() => "nothing less".to_owned(),
                limits => limits,
            };
            step = step.with("API", format!("{}: {limits}", name.trim_start()));
        }
        let environment = format!("{} of {}", target.environment.name(), target.service.id());
        step = step.with(
            "counter",
            match plan.counter_per() {
                CounterPer { key: false, environment: false } => "one for the whole plan".to_owned(),
                CounterPer { key: true, environment: false } => format!("one for key {}", key.secret_id()),
                CounterPer { key: false, environment: true } => format!("one for {environment}"),
                CounterPer { key: true, environment: true } => {
                    format!("one for key {} in {environment}", key.secret_id())
                }
            },
        );
        match config.observes(plan) {
            true => step.with("", "what exceeds it passes, and is only counted as that"),
            false => step,
        }
    }
}
