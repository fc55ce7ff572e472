//! The host's side of the ABI: what each hostcall means. Both bindings only carry bytes to here and back.

use super::abi::{Answer, Level, Status};
use super::exchange::LocalReply;
use super::headers::Headers;
use super::shared::Shared;
use super::stream::Stream;
use std::collections::BTreeMap;
use std::sync::Arc;

const VM_CONFIGURATION: u32 = 6;
const PLUGIN_CONFIGURATION: u32 = 7;
const MAX_BUFFER: u32 = 8;

/// The first elements of the properties that Envoy itself has.
const ENVOY_PROPERTIES: &[&str] = &[
    "cluster_metadata",
    "cluster_name",
    "connection",
    "connection_id",
    "destination",
    "filter_state",
    "listener_direction",
    "listener_metadata",
    "metadata",
    "node",
    "plugin_name",
    "plugin_root_id",
    "plugin_vm_id",
    "request",
    "response",
    "route_metadata",
    "route_name",
    "source",
    "upstream",
    "upstream_filter_state",
    "xds",
];

/// The host as one VM sees it.
pub(super) struct Host {
    pub(super) shared: Arc<Shared>,
    /// The document, while a root context is being started with it.
    pub(super) document: Option<Vec<u8>>,
    /// The exchange under way.
    pub(super) stream: Option<Stream>,
    metrics: BTreeMap<u32, Metric>,
    /// What the filter said as it died.
    pub(super) last_words: Vec<String>,
    /// What the filter did that no filter should, or that this emulator does not know. Kept until the callback returns,
    /// since natively a panic would take the process down.
    pub(super) misuse: Vec<String>,
}

struct Metric {
    kind: MetricKind,
    name: String,
}

#[derive(Clone, Copy)]
enum MetricKind {
    Counter,
    Gauge,
}

impl Host {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            document: None,
            stream: None,
            metrics: BTreeMap::new(),
            last_words: vec![],
            misuse: vec![],
        }
    }

    /// Answers a hostcall that this emulator does not know.
    pub(super) fn unsupported(&mut self, hostcall: &str) -> Answer {
        self.misuse.push(format!("{hostcall} is not emulated"));
        Err(Status::InternalFailure)
    }

    fn stream(&mut self) -> Answer<&mut Stream> {
        self.stream.as_mut().ok_or(Status::BadArgument)
    }
}

// === impl Host: log, time, buffers ===

impl Host {
    pub(super) fn log(&mut self, level: u32, message: &[u8]) -> Answer {
        self.shared.enter("proxy_log")?;
        let (level, message) = (Level::new(level)?, String::from_utf8_lossy(message).into_owned());
        if level == Level::Critical {
            self.last_words.push(message.clone());
        }
        self.shared.log(level, message);
        Ok(())
    }

    pub(super) fn log_level(&mut self) -> Answer<u32> {
        self.shared.enter("proxy_get_log_level")?;
        Ok(Level::Info as u32)
    }

    pub(super) fn now(&mut self) -> Answer<u64> {
        self.shared.enter("proxy_get_current_time_nanoseconds")?;
        Ok(self.shared.clock().now())
    }

    pub(super) fn buffer(&mut self, kind: u32, start: usize, length: usize) -> Answer<Vec<u8>> {
        self.shared.enter("proxy_get_buffer_bytes")?;
        let bytes = match kind {
            VM_CONFIGURATION => self.shared.vm_configuration(),
            PLUGIN_CONFIGURATION => self.document.clone().ok_or(Status::NotFound)?,
            0..=MAX_BUFFER => {
                self.misuse.push(format!("buffer {kind} is not emulated"));
                return Err(Status::NotFound);
            }
            _ => return Err(Status::BadArgument),
        };
        let end = start.checked_add(length).ok_or(Status::BadArgument)?.min(bytes.len());
        Ok(bytes.get(start..end).unwrap_or_default().to_vec())
    }
}

// === impl Host: headers ===

impl Host {
    pub(super) fn header_pairs(&mut self, map: u32) -> Answer<Vec<u8>> {
        self.shared.enter("proxy_get_header_map_pairs")?;
        Ok(self.stream()?.map(map)?.map_or_else(Vec::new, Headers::encode))
    }

    pub(super) fn set_header_pairs(&mut self, map: u32, pairs: &[u8]) -> Answer {
        self.shared.enter("proxy_set_header_map_pairs")?;
        *self.stream()?.map_mut(map)? = Headers::decode(pairs)?;
        Ok(())
    }

    pub(super) fn header(&mut self, map: u32, name: &[u8]) -> Answer<Vec<u8>> {
        self.shared.enter("proxy_get_header_map_value")?;
        let headers = self.stream()?.map(map)?.ok_or(Status::BadArgument)?;
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        headers.get(&name).map(<[u8]>::to_vec).ok_or(Status::NotFound)
    }

    pub(super) fn add_header(&mut self, map: u32, name: &[u8], value: &[u8]) -> Answer {
        self.shared.enter("proxy_add_header_map_value")?;
        self.stream()?.map_mut(map)?.add(name, value);
        Ok(())
    }

    pub(super) fn replace_header(&mut self, map: u32, name: &[u8], value: &[u8]) -> Answer {
        self.shared.enter("proxy_replace_header_map_value")?;
        self.stream()?.map_mut(map)?.replace(name, value);
        Ok(())
    }

    pub(super) fn remove_header(&mut self, map: u32, name: &[u8]) -> Answer {
        self.shared.enter("proxy_remove_header_map_value")?;
        self.stream()?.map_mut(map)?.remove(name);
        Ok(())
    }
}

// === impl Host: reply, filter state, foreign functions ===

impl Host {
    pub(super) fn send_local_response(
        &mut self,
        status: u32,
        body: &[u8],
        headers: &[u8],
        grpc: i32,
    ) -> Answer {
        self.shared.enter("proxy_send_local_response")?;
        let headers = Headers::decode(headers)?;
        let reply =
            LocalReply { status, headers, body: body.to_vec(), grpc_status: u32::try_from(grpc).ok() };
        let taken = match &mut self.stream {
            Some(stream) => stream.reply(reply),
            None => Err("a local reply outside a request"),
        };
        // Envoy answers that all is well whatever becomes of it.
        self.misuse.extend(taken.err().map(str::to_owned));
        Ok(())
    }

    pub(super) fn property(&mut self, path: &[u8]) -> Answer<Vec<u8>> {
        self.shared.enter("proxy_get_property")?;
        let path = text(path)?;
        if let Some(value) = self.stream.as_ref().and_then(|stream| stream.property(path)) {
            return Ok(value.clone());
        }
        let first = path.split('\0').next().unwrap_or_default();
        if ENVOY_PROPERTIES.contains(&first) {
            self.misuse.push(format!("property {path:?} is not emulated: give it with Request::property"));
        }
        Err(Status::NotFound)
    }

    pub(super) fn set_property(&mut self, path: &[u8], value: &[u8]) -> Answer {
        self.shared.enter("proxy_set_property")?;
        let path = text(path)?;
        self.stream.as_mut().ok_or(Status::NotFound)?.set_state(path, value);
        Ok(())
    }

    pub(super) fn call_foreign_function(&mut self, name: &[u8]) -> Answer<Vec<u8>> {
        self.shared.enter("proxy_call_foreign_function")?;
        match name {
            b"clear_route_cache" => self.stream()?.clear_route_cache(),
            _ => return Err(Status::NotFound),
        }
        Ok(Vec::new())
    }
}

// === impl Host: shared data, metrics ===

impl Host {
    pub(super) fn shared_data(&mut self, key: &[u8]) -> Answer<(Vec<u8>, u32)> {
        self.shared.enter("proxy_get_shared_data")?;
        self.shared.get(text(key)?)
    }

    pub(super) fn set_shared_data(&mut self, key: &[u8], value: &[u8], cas: u32) -> Answer {
        self.shared.enter("proxy_set_shared_data")?;
        self.shared.set(text(key)?, value, cas)
    }

    /// A new id at each call, also for a name there is: the value belongs to the name (observed).
    pub(super) fn define_metric(&mut self, kind: u32, name: &[u8]) -> Answer<u32> {
        self.shared.enter("proxy_define_metric")?;
        let kind = match kind {
            0 => MetricKind::Counter,
            1 => MetricKind::Gauge,
            _ => return self.unsupported("a histogram").map(|()| 0),
        };
        let id = (self.metrics.len() as u32 + 1) << 2 | kind as u32;
        let name = self.shared.define_metric(text(name)?);
        self.metrics.insert(id, Metric { kind, name });
        Ok(id)
    }

    pub(super) fn metric(&mut self, id: u32) -> Answer<u64> {
        self.shared.enter("proxy_get_metric")?;
        let metric = self.metrics.get(&id).ok_or(Status::NotFound)?;
        Ok(self.shared.metric(&metric.name))
    }

    /// A counter only grows: Envoy refuses to add nothing to it.
    pub(super) fn increment_metric(&mut self, id: u32, offset: i64) -> Answer {
        self.shared.enter("proxy_increment_metric")?;
        let metric = self.metrics.get(&id).ok_or(Status::NotFound)?;
        if matches!(metric.kind, MetricKind::Counter) && offset <= 0 {
            return Err(Status::BadArgument);
        }
        self.shared.change_metric(&metric.name, |value| value.wrapping_add_signed(offset));
        Ok(())
    }

    /// Sets a gauge, adds to a counter.
    pub(super) fn record_metric(&mut self, id: u32, value: u64) -> Answer {
        self.shared.enter("proxy_record_metric")?;
        let metric = self.metrics.get(&id).ok_or(Status::NotFound)?;
        self.shared.change_metric(&metric.name, |old| match metric.kind {
            MetricKind::Counter => old.wrapping_add(value),
            MetricKind::Gauge => value,
        });
        Ok(())
    }
}

/// Names are text: the SDK takes nothing else.
fn text(bytes: &[u8]) -> Answer<&str> {
    std::str::from_utf8(bytes).map_err(|_| Status::BadArgument)
}
