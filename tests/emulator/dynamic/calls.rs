//! Envoy's functions for dynamic modules, as `source/extensions/dynamic_modules/abi/abi.h` of Envoy 1.40
//! declares them, as far as the module under test calls them.

use std::ffi::c_void;
use std::slice;
use std::sync::Arc;

use super::host::current;
use crate::abi::Level;
use crate::exchange::LocalReply;
use crate::headers::Headers;
use crate::shared::Shared;
use crate::stream::Stream;

const SUCCESS: u32 = 0;
const METRIC_NOT_FOUND: u32 = 1;
const INVALID_LABELS: u32 = 2;
const FROZEN: u32 = 3;

/// A configuration of the module, and the stream in progress.
pub(super) struct Plugin {
    shared: Arc<Shared>,
    pub(super) stream: Option<Stream>,
    /// Whether the configuration was read, after which no metric can be defined.
    pub(super) frozen: bool,
    /// The name and the labels of each metric. A metric's number is its position here.
    metrics: Vec<(String, Vec<String>)>,
    /// What the module did that no module should do, or that is not emulated.
    pub(super) misuse: Vec<String>,
}

// === impl Plugin ===

impl Plugin {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, stream: None, frozen: false, metrics: Vec::new(), misuse: Vec::new() }
    }

    fn header_map(&mut self, kind: u32) -> Option<&mut Headers> {
        match self.stream.as_mut()?.map(kind) {
            Ok(map) => Some(map),
            Err(misuse) => {
                self.misuse.push(misuse);
                None
            }
        }
    }

    fn define(&mut self, name: &[u8], labels: &[Buffer]) -> Result<usize, u32> {
        self.shared.enter("proxy_define_metric").map_err(|_| METRIC_NOT_FOUND)?;
        if self.frozen {
            return Err(FROZEN);
        }
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
        let labels = labels.iter().zip(values);
        let labelled =
            labels.map(|(label, value)| format!(".{label}={}", String::from_utf8_lossy(value.bytes())));
        Ok(self.shared.define_metric(&(name.clone() + &labelled.collect::<String>())))
    }
}

/// Bytes that one side lends the other for the duration of a call.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Buffer {
    start: *const u8,
    length: usize,
}

// === impl Buffer ===

impl Buffer {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { start: bytes.as_ptr(), length: bytes.len() }
    }

    fn bytes(&self) -> &[u8] {
        if self.start.is_null() {
            return &[];
        }
        // SAFETY: only the module makes these, of its slices.
        unsafe { slice::from_raw_parts(self.start, self.length) }
    }
}

/// A header field that one side lends the other.
#[repr(C)]
pub(super) struct HeaderField {
    name: Buffer,
    value: Buffer,
}

/// Several values that the module lends for the duration of a call.
#[repr(C)]
pub(super) struct Many<T>(*const T);

impl<T> Many<T> {
    fn slice(&self, length: usize) -> &[T] {
        if length == 0 {
            return &[];
        }
        // SAFETY: only the module calls these functions, with pointer and length of one of its slices.
        unsafe { slice::from_raw_parts(self.0, length) }
    }
}

/// What the module got as Envoy's pointer.
#[repr(transparent)]
pub(super) struct Envoy(*mut c_void);

impl Envoy {
    fn plugin(&mut self) -> &mut Plugin {
        // SAFETY: the module got a pointer to a plugin, which nothing else uses while the module runs.
        unsafe { &mut *self.0.cast::<Plugin>() }
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
    1
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_get_worker_index(_: Envoy) -> u32 {
    0
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_config_define_counter(
    mut envoy: Envoy,
    name: Buffer,
    labels: Many<Buffer>,
    length: usize,
    id: &mut usize,
) -> u32 {
    result(envoy.plugin().define(name.bytes(), labels.slice(length)).map(|defined| *id = defined))
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_config_define_gauge(
    mut envoy: Envoy,
    name: Buffer,
    labels: Many<Buffer>,
    length: usize,
    id: &mut usize,
) -> u32 {
    result(envoy.plugin().define(name.bytes(), labels.slice(length)).map(|defined| *id = defined))
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_config_set_gauge(
    mut envoy: Envoy,
    id: usize,
    values: Many<Buffer>,
    length: usize,
    value: u64,
) -> u32 {
    let plugin = envoy.plugin();
    let entered = plugin.shared.enter("proxy_record_metric").map_err(|_| METRIC_NOT_FOUND);
    let name = entered.and_then(|()| plugin.metric(id, values.slice(length)));
    result(name.map(|name| plugin.shared.record_metric(&name, value)))
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_increment_counter(
    mut envoy: Envoy,
    id: usize,
    values: Many<Buffer>,
    length: usize,
    value: u64,
) -> u32 {
    let plugin = envoy.plugin();
    let entered = plugin.shared.enter("proxy_increment_metric").map_err(|_| METRIC_NOT_FOUND);
    let name = entered.and_then(|()| plugin.metric(id, values.slice(length)));
    result(name.map(|name| plugin.shared.increment_metric(&name, value)))
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_get_headers_size(mut envoy: Envoy, map: u32) -> usize {
    envoy.plugin().header_map(map).map_or(0, |map| map.iter().len())
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_get_headers(
    mut envoy: Envoy,
    map: u32,
    fields: *mut HeaderField,
) -> bool {
    let plugin = envoy.plugin();
    if plugin.shared.enter("proxy_get_header_map_pairs").is_err() {
        return false;
    }
    let Some(map) = plugin.header_map(map) else { return false };
    for (index, (name, value)) in map.iter().enumerate() {
        let field = HeaderField { name: Buffer::of(name.as_bytes()), value: Buffer::of(value) };
        // SAFETY: the module has room for as many fields as the map has.
        unsafe { fields.add(index).write(field) };
    }
    true
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_add_header(
    mut envoy: Envoy,
    map: u32,
    name: Buffer,
    value: Buffer,
) -> bool {
    let plugin = envoy.plugin();
    let entered = plugin.shared.enter("proxy_add_header_map_value").is_ok();
    entered && plugin.header_map(map).map(|map| map.add(name.bytes(), value.bytes())).is_some()
}

/// A null value removes the header.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_set_header(
    mut envoy: Envoy,
    map: u32,
    name: Buffer,
    value: Buffer,
) -> bool {
    let plugin = envoy.plugin();
    let removes = value.start.is_null();
    let call = if removes { "proxy_remove_header_map_value" } else { "proxy_replace_header_map_value" };
    let entered = plugin.shared.enter(call).is_ok();
    let set = |map: &mut Headers| match removes {
        true => map.remove(name.bytes()),
        false => map.replace(name.bytes(), value.bytes()),
    };
    entered && plugin.header_map(map).map(set).is_some()
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_send_response(
    mut envoy: Envoy,
    status: u32,
    headers: Many<HeaderField>,
    length: usize,
    body: Buffer,
    _details: Buffer,
) {
    let plugin = envoy.plugin();
    let fields = headers.slice(length).iter().map(|field| (field.name.bytes(), field.value.bytes()));
    let reply = LocalReply { status, headers: fields.collect(), body: body.bytes().to_vec() };
    let taken = match &mut plugin.stream {
        Some(stream) => stream.reply(reply),
        None => Err("a local reply outside a request".to_owned()),
    };
    plugin.misuse.extend(taken.err());
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_set_filter_state_bytes(
    mut envoy: Envoy,
    name: Buffer,
    value: Buffer,
) -> bool {
    let plugin = envoy.plugin();
    if plugin.shared.enter("proxy_set_property").is_err() {
        return false;
    }
    let name = String::from_utf8_lossy(name.bytes()).into_owned();
    plugin.stream.as_mut().map(|stream| stream.set_full_state(name, value.bytes())).is_some()
}

/// The emulated proxy has no routes.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_clear_route_cache(_: Envoy) {}
