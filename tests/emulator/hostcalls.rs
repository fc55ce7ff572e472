//! The proxy's side of the ABI: what each hostcall means. Both bindings only carry bytes to this file and
//! back.

mod events;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::abi::{Answer, Level, Status};
use crate::exchange::LocalReply;
use crate::headers::Headers;
use crate::pending::{Deferred, PendingCall};
use crate::shared::Shared;
use crate::stream::Stream;

const GRPC_MESSAGE: u32 = 5;
const PLUGIN_CONFIGURATION: u32 = 7;
const COUNTER: u32 = 0;
const GAUGE: u32 = 1;
/// The bits of a metric's id that are its kind.
const KIND: u32 = 3;

/// The hostcalls that Envoy offers and that are not emulated, because no filter under test makes them.
pub(crate) const NOT_EMULATED: &[&str] = &[
    "proxy_call_foreign_function",
    "proxy_close_stream",
    "proxy_done",
    "proxy_get_header_map_value",
    "proxy_get_log_level",
    "proxy_get_metric",
    "proxy_get_property",
    "proxy_get_status",
    "proxy_grpc_cancel",
    "proxy_grpc_close",
    "proxy_grpc_send",
    "proxy_grpc_stream",
    "proxy_http_call",
    "proxy_resolve_shared_queue",
    "proxy_set_buffer_bytes",
    "proxy_set_header_map_pairs",
];

/// The proxy as one VM sees it.
pub(crate) struct Proxy {
    pub(crate) shared: Arc<Shared>,
    /// The document, while a root context starts with it.
    pub(crate) document: Option<Vec<u8>>,
    /// The VM's number in its process.
    pub(crate) vm: u32,
    /// The exchanges in progress, by their contexts.
    pub(crate) streams: BTreeMap<u32, Stream>,
    /// The context for which hostcalls are made.
    pub(crate) effective: u32,
    /// All contexts that there are.
    pub(crate) contexts: BTreeSet<u32>,
    /// What happens once the callback has returned.
    pub(crate) deferred: VecDeque<Deferred>,
    /// The contexts that want to be called from time to time.
    pub(crate) ticking: BTreeSet<u32>,
    /// The calls of gRPC that are not answered yet, by their numbers.
    calls: BTreeMap<u32, PendingCall>,
    last_call: u32,
    /// The message that a call was answered with, while the filter hears it.
    pub(crate) grpc_message: Option<Vec<u8>>,
    /// The full name of each metric, by id.
    metrics: BTreeMap<u32, String>,
    /// What the filter logged as it died.
    pub(crate) last_words: Vec<String>,
    /// What the filter did that no filter should do, or that is not emulated. It is kept until the callback
    /// returns, because natively a panic would end the process.
    pub(crate) misuse: Vec<String>,
}

impl Proxy {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            vm: shared.next_vm(),
            shared,
            document: None,
            streams: BTreeMap::new(),
            effective: 0,
            contexts: BTreeSet::new(),
            deferred: VecDeque::new(),
            ticking: BTreeSet::new(),
            calls: BTreeMap::new(),
            last_call: 0,
            grpc_message: None,
            metrics: BTreeMap::new(),
            last_words: vec![],
            misuse: vec![],
        }
    }

    /// Answers a hostcall of [`NOT_EMULATED`].
    pub(crate) fn not_emulated(&mut self, hostcall: &str) -> Answer {
        self.misuse.push(format!("{hostcall} is not emulated"));
        Err(Status::InternalFailure)
    }

    fn header_map(&mut self, kind: u32) -> Answer<&mut Headers> {
        let stream = self.streams.get_mut(&self.effective).ok_or(Status::BadArgument)?;
        stream.map(kind).map_err(|misuse| {
            self.misuse.push(misuse);
            Status::BadArgument
        })
    }
}

// === impl Proxy: log, time, buffers ===

impl Proxy {
    pub(crate) fn log(&mut self, level: u32, message: &[u8]) -> Answer {
        self.shared.enter("proxy_log")?;
        let (level, message) = (Level::new(level)?, String::from_utf8_lossy(message).into_owned());
        if level == Level::Critical {
            self.last_words.push(message.clone());
        }
        self.shared.log(level, message);
        Ok(())
    }

    pub(crate) fn now(&mut self) -> Answer<u64> {
        self.shared.enter("proxy_get_current_time_nanoseconds")?;
        Ok(self.shared.clock().now())
    }

    pub(crate) fn buffer(&mut self, kind: u32, start: usize, length: usize) -> Answer<Vec<u8>> {
        self.shared.enter("proxy_get_buffer_bytes")?;
        let bytes = match kind {
            PLUGIN_CONFIGURATION => self.document.as_ref(),
            GRPC_MESSAGE => self.grpc_message.as_ref(),
            _ => {
                self.misuse.push(format!("buffer {kind} is not emulated"));
                None
            }
        };
        let bytes = bytes.ok_or(Status::NotFound)?;
        let end = start.checked_add(length).ok_or(Status::BadArgument)?.min(bytes.len());
        Ok(bytes.get(start..end).unwrap_or_default().to_vec())
    }
}

// === impl Proxy: headers, reply, filter state ===

impl Proxy {
    pub(crate) fn header_pairs(&mut self, map: u32) -> Answer<Vec<u8>> {
        self.shared.enter("proxy_get_header_map_pairs")?;
        Ok(self.header_map(map)?.encode())
    }

    pub(crate) fn add_header(&mut self, map: u32, name: &[u8], value: &[u8]) -> Answer {
        self.shared.enter("proxy_add_header_map_value")?;
        self.header_map(map)?.add(name, value);
        Ok(())
    }

    pub(crate) fn replace_header(&mut self, map: u32, name: &[u8], value: &[u8]) -> Answer {
        self.shared.enter("proxy_replace_header_map_value")?;
        self.header_map(map)?.replace(name, value);
        Ok(())
    }

    pub(crate) fn remove_header(&mut self, map: u32, name: &[u8]) -> Answer {
        self.shared.enter("proxy_remove_header_map_value")?;
        self.header_map(map)?.remove(name);
        Ok(())
    }

    pub(crate) fn send_local_response(
        &mut self,
        status: u32,
        body: &[u8],
        headers: &[u8],
        grpc: i32,
    ) -> Answer {
        self.shared.enter("proxy_send_local_response")?;
        let reply = LocalReply { status, headers: Headers::decode(headers)?, body: body.to_vec() };
        let taken = match self.streams.get_mut(&self.effective) {
            Some(_) if grpc >= 0 => Err("a gRPC status is not emulated".to_owned()),
            Some(stream) => stream.reply(reply),
            None => Err("a local reply outside a request".to_owned()),
        };
        // Envoy answers "ok" whatever the result is.
        match taken {
            Ok(()) => self.deferred.push_back(Deferred::Reply(self.effective)),
            Err(misuse) => self.misuse.push(misuse),
        }
        Ok(())
    }

    pub(crate) fn set_property(&mut self, path: &[u8], value: &[u8]) -> Answer {
        self.shared.enter("proxy_set_property")?;
        let stream = self.streams.get_mut(&self.effective).ok_or(Status::NotFound)?;
        stream.set_state(text(path)?, value);
        Ok(())
    }
}

// === impl Proxy: shared data, metrics ===

impl Proxy {
    pub(crate) fn shared_data(&mut self, key: &[u8]) -> Answer<(Vec<u8>, u32)> {
        self.shared.enter("proxy_get_shared_data")?;
        self.shared.get(text(key)?)
    }

    pub(crate) fn set_shared_data(&mut self, key: &[u8], value: &[u8], cas: u32) -> Answer {
        self.shared.enter("proxy_set_shared_data")?;
        self.shared.set(text(key)?, value, cas).map(drop)
    }

    /// Returns a new id at each call, also for a name that has one: the value belongs to the name.
    pub(crate) fn define_metric(&mut self, kind: u32, name: &[u8]) -> Answer<u32> {
        self.shared.enter("proxy_define_metric")?;
        if ![COUNTER, GAUGE].contains(&kind) {
            return self.not_emulated("a histogram").map(|()| 0);
        }
        let id = (self.metrics.len() as u32 + 1) << 2 | kind;
        self.metrics.insert(id, self.shared.define_metric(text(name)?));
        Ok(id)
    }

    /// Adds to a counter, which only grows: Envoy refuses to add zero.
    pub(crate) fn increment_metric(&mut self, id: u32, offset: i64) -> Answer {
        self.shared.enter("proxy_increment_metric")?;
        if id & KIND != COUNTER {
            return self.not_emulated("an increment of a gauge");
        }
        let name = self.metrics.get(&id).ok_or(Status::NotFound)?;
        let offset = u64::try_from(offset).ok().filter(|offset| *offset > 0).ok_or(Status::BadArgument)?;
        self.shared.increment_metric(name, offset);
        Ok(())
    }

    /// Sets a gauge.
    pub(crate) fn record_metric(&mut self, id: u32, value: u64) -> Answer {
        self.shared.enter("proxy_record_metric")?;
        if id & KIND != GAUGE {
            return self.not_emulated("a record of a counter");
        }
        let name = self.metrics.get(&id).ok_or(Status::NotFound)?;
        self.shared.record_metric(name, value);
        Ok(())
    }
}

/// Names are text: the SDK takes nothing else.
fn text(bytes: &[u8]) -> Answer<&str> {
    std::str::from_utf8(bytes).map_err(|_| Status::BadArgument)
}
