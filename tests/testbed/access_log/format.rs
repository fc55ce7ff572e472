//! What Envoy writes for each request, and the part of its configuration that makes it do so.

use std::path::Path;

use serde_json::{Value, json};

use crate::yaml;

/// The log's name in Envoy's directory.
pub(super) const FILE: &str = "access.log";

/// One line for each request, with `-` for what is not set: what [`Entry::parse`](super::Entry::parse) reads.
pub const FORMAT: &str = "%START_TIME(%s%9f)% %EMIT_TIME(%s%9f)% \
    %COMMON_DURATION(US_TX_BEG:DS_TX_END:ns)% %COMMON_DURATION(DS_TX_BEG:DS_TX_END:ns)% \
    %RESPONSE_CODE% %FILTER_STATE(wasm.usage_plan:PLAIN)% %FILTER_STATE(wasm.usage_plan_outcome:PLAIN)%\n";

/// Adds this log to `listener`.
pub(crate) fn add(listener: &mut Value, directory: &Path) {
    let log = json!({
        "name": "envoy.access_loggers.file",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": directory.join(FILE),
            "log_format": {"text_format_source": {"inline_string": FORMAT}},
        },
    });
    yaml::each_object(listener, &mut |object| {
        if object.contains_key("http_filters") {
            let logs = object.entry("access_log").or_insert_with(|| json!([]));
            if let Some(logs) = logs.as_array_mut() {
                logs.push(log.clone());
            }
        }
    });
}
