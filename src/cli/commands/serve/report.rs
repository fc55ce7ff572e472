//! What `serve` prints of a publication.

use std::io;

use serde_json::json;
use usage_plan_server::delivery::{Delivery, Taken};
use usage_plan_server::envoys;

use crate::output::answer::Output;
use crate::output::print;

/// Prints what came of a publication, and on standard error what is wrong with it.
pub(super) fn print(output: Output, delivery: &Delivery) {
    if let Some(version) = &delivery.version {
        let accepted = delivery.envoys.iter().filter(|answer| matches!(answer.taken, Taken::InForce(_)));
        let text = format!(
            "published version {version}: in force in {} of {} Envoys",
            accepted.count(),
            delivery.envoys.len()
        );
        let json = json!({"event": "published", "published": envoys::last(delivery)});
        print::event(&mut io::stdout(), output, &text, json);
    }
    if let Some(trouble) = delivery.trouble() {
        let json = json!({"event": "trouble", "message": trouble, "published": envoys::last(delivery)});
        print::event(&mut io::stderr(), output, &format!("warning: {trouble}"), json);
    }
}
