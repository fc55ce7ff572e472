//! Envoy's functions for dynamic modules, as `source/extensions/dynamic_modules/abi/abi.h` of Envoy 1.40
//! declares them, as far as the module under test calls them.

use std::sync::Arc;

use super::host::current;
use super::pointers::{Buffer, Envoy, HeaderField, Many};
use crate::abi::Level;
use crate::exchange::LocalReply;
use crate::headers::Headers;
use crate::shared::Shared;
use crate::stream::Stream;

const SUCCESS: u32 = 0;
const METRIC_NOT_FOUND: u32 = 1;
const INVALID_LABELS: u32 = 2;

/// How many workers Envoy has.
const WORKERS: u32 = 8;

/// A configuration of the module, as Envoy sees it.
pub(super) struct Plugin {
    shared: Arc<Shared>,
    /// The name and the labels of each metric. A metric's number is its position here.
    metrics: Vec<(String, Vec<String>)>,
}

/// A worker of Envoy, and the stream in progress on it.
pub(super) struct Filter {
    shared: Arc<Shared>,
    worker: u32,
    plugin: Arc<Plugin>,
    pub(super) stream: Stream,
    /// What the module did that no module should do, or that is not emulated.
    pub(super) misuse: Vec<String>,
}

// === impl Plugin ===

impl Plugin {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self { shared: Arc::clone(shared), metrics: Vec::new() }
    }

    fn define(&mut self, name: &[u8], labels: &[Buffer]) -> Result<usize, u32> {
        self.shared.enter("proxy_define_metric").map_err(|_| METRIC_NOT_FOUND)?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("names are text");
        let labels: Vec<String> = labels.iter().map(|label| text(label.bytes())).collect();
        if labels.is_empty() {
            self.shared.define_metric(&text(name));
        }
        self.metrics.push((text(name), labels));
        Ok(self.metrics.len() - 1)
    }

    /// The full name of a metric with labels of these values.
    fn metric(&self, id: usize, values: &[Buffer]) -> Result<String, u32> {
        let (name, labels) = self.metrics.get(id).ok_or(METRIC_NOT_FOUND)?;
        if labels.len() != values.len() {
            return Err(INVALID_LABELS);
        }
        let label = |(label, value): (&String, &Buffer)| {
            format!(".{label}={}", String::from_utf8_lossy(value.bytes()))
        };
        let labels: String = labels.iter().zip(values).map(label).collect();
        Ok(self.shared.define_metric(&(name.clone() + &labels)))
    }
}

// === impl Filter ===

impl Filter {
    pub(super) fn new(shared: &Arc<Shared>, worker: u32, plugin: &Arc<Plugin>, stream: Stream) -> Self {
        let (shared, plugin) = (Arc::clone(shared), Arc::clone(plugin));
        Self { shared, worker, plugin, stream, misuse: Vec::new() }
    }

    fn header_map(&mut self, kind: u32) -> Option<&mut Headers> {
        match self.stream.map(kind) {
            Ok(map) => Some(map),
            Err(misuse) => {
                self.misuse.push(misuse);
                None
            }
        }
    }
}

fn result<T>(answer: Result<T, u32>) -> u32 {
    answer.map_or_else(|error| error, |_| SUCCESS)
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_log(level: u32, message: Buffer) {
    let Some(shared) = current() else { return };
    if shared.enter("proxy_log").is_ok() {
        let level = Level::new(level).expect("a level of the ABI");
        shared.log(level, String::from_utf8_lossy(message.bytes()).into_owned());
    }
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_get_concurrency() -> u32 {
    WORKERS
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_get_worker_index(mut envoy: Envoy<Filter>) -> u32 {
    envoy.get().worker
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_config_define_counter(
    mut envoy: Envoy<Plugin>,
    name: Buffer,
    labels: Many<Buffer>,
    length: usize,
    id: &mut usize,
) -> u32 {
    result(envoy.get().define(name.bytes(), labels.slice(length)).map(|defined| *id = defined))
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_config_define_gauge(
    mut envoy: Envoy<Plugin>,
    name: Buffer,
    labels: Many<Buffer>,
    length: usize,
    id: &mut usize,
) -> u32 {
    result(envoy.get().define(name.bytes(), labels.slice(length)).map(|defined| *id = defined))
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_config_set_gauge(
    mut envoy: Envoy<Plugin>,
    id: usize,
    values: Many<Buffer>,
    length: usize,
    value: u64,
) -> u32 {
    let plugin = envoy.get();
    let entered = plugin.shared.enter("proxy_record_metric").map_err(|_| METRIC_NOT_FOUND);
    let name = entered.and_then(|()| plugin.metric(id, values.slice(length)));
    result(name.map(|name| plugin.shared.record_metric(&name, value)))
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_config_increment_counter(
    mut envoy: Envoy<Plugin>,
    id: usize,
    values: Many<Buffer>,
    length: usize,
    value: u64,
) -> u32 {
    let plugin = envoy.get();
    let name = plugin.metric(id, values.slice(length));
    result(name.map(|name| plugin.shared.increment_metric(&name, value)))
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_increment_counter(
    mut envoy: Envoy<Filter>,
    id: usize,
    values: Many<Buffer>,
    length: usize,
    value: u64,
) -> u32 {
    let filter = envoy.get();
    let entered = filter.shared.enter("proxy_increment_metric").map_err(|_| METRIC_NOT_FOUND);
    let name = entered.and_then(|()| filter.plugin.metric(id, values.slice(length)));
    result(name.map(|name| filter.shared.increment_metric(&name, value)))
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_get_headers_size(
    mut envoy: Envoy<Filter>,
    map: u32,
) -> usize {
    envoy.get().header_map(map).map_or(0, |map| map.iter().len())
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_get_headers(
    mut envoy: Envoy<Filter>,
    map: u32,
    fields: *mut HeaderField,
) -> bool {
    let filter = envoy.get();
    if filter.shared.enter("proxy_get_header_map_pairs").is_err() {
        return false;
    }
    let Some(map) = filter.header_map(map) else { return false };
    for (index, (name, value)) in map.iter().enumerate() {
        let field = HeaderField { name: Buffer::of(name.as_bytes()), value: Buffer::of(value) };
        // SAFETY: the module has room for as many fields as the map has.
        unsafe { fields.add(index).write(field) };
    }
    true
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_add_header(
    mut envoy: Envoy<Filter>,
    map: u32,
    name: Buffer,
    value: Buffer,
) -> bool {
    let filter = envoy.get();
    let entered = filter.shared.enter("proxy_add_header_map_value").is_ok();
    entered && filter.header_map(map).map(|map| map.add(name.bytes(), value.bytes())).is_some()
}

/// A null value removes the header.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_set_header(
    mut envoy: Envoy<Filter>,
    map: u32,
    name: Buffer,
    value: Buffer,
) -> bool {
    let filter = envoy.get();
    let removes = value.start.is_null();
    let call = if removes { "proxy_remove_header_map_value" } else { "proxy_replace_header_map_value" };
    let entered = filter.shared.enter(call).is_ok();
    let set = |map: &mut Headers| match removes {
        true => map.remove(name.bytes()),
        false => map.replace(name.bytes(), value.bytes()),
    };
    entered && filter.header_map(map).map(set).is_some()
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_send_response(
    mut envoy: Envoy<Filter>,
    status: u32,
    headers: Many<HeaderField>,
    length: usize,
    body: Buffer,
    _details: Buffer,
) {
    let filter = envoy.get();
    let fields = headers.slice(length).iter().map(|field| (field.name.bytes(), field.value.bytes()));
    let reply = LocalReply { status, headers: fields.collect(), body: body.bytes().to_vec() };
    let taken = filter.stream.reply(reply);
    filter.misuse.extend(taken.err());
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_set_filter_state_bytes(
    mut envoy: Envoy<Filter>,
    name: Buffer,
    value: Buffer,
) -> bool {
    let filter = envoy.get();
    if filter.shared.enter("proxy_set_property").is_err() {
        return false;
    }
    let name = String::from_utf8_lossy(name.bytes()).into_owned();
    filter.stream.set_full_state(name, value.bytes());
    true
}

/// The emulated proxy has no routes.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_clear_route_cache(_: Envoy<Filter>) {}
