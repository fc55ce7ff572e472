//! Host calls without the copies that the SDK makes, and some without its panic.
//!
//! The SDK's `get_map_bytes` allocates a `String` and a `Vec` for every header, and its `set_property` two
//! buffers for every path. Together they cost more than verifying a signature (9,000 of the instructions that
//! `make bench` counts). Its `send_http_response` wants a list made for it, and its time is taken apart into
//! seconds. Only this module of the filter needs `unsafe`.
#![allow(unsafe_code, reason = "the host writes to and reads from the module's memory through raw pointers")]

use std::ptr::{null, null_mut};

use proxy_wasm::types::{MapType, Status, StreamType};
use usage_plan_core::reply::Reply;
use usage_plan_core::request::Field;

use crate::header_map::{fields, serialised};

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_get_header_map_pairs(map: MapType, data: *mut *mut u8, size: *mut usize) -> Status;

    fn proxy_set_property(path: *const u8, path_size: usize, value: *const u8, value_size: usize) -> Status;

    safe fn proxy_record_metric(metric: u32, value: u64) -> Status;

    fn proxy_get_current_time_nanoseconds(time: *mut u64) -> Status;

    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> Status;

    fn proxy_register_shared_queue(name: *const u8, name_size: usize, queue: *mut u32) -> Status;

    fn proxy_enqueue_shared_queue(queue: u32, item: *const u8, item_size: usize) -> Status;

    fn proxy_dequeue_shared_queue(queue: u32, data: *mut *mut u8, size: *mut usize) -> Status;

    safe fn proxy_set_tick_period_milliseconds(period: u32) -> Status;

    safe fn proxy_set_effective_context(context: u32) -> Status;

    safe fn proxy_continue_stream(stream: StreamType) -> Status;
}

/// The wall clock's time in nanoseconds since the Unix epoch.
pub(super) fn nanoseconds() -> Option<u64> {
    let mut time = 0;
    // SAFETY: the host writes eight bytes to this variable, and keeps no pointer to it.
    let status = unsafe { proxy_get_current_time_nanoseconds(&mut time) };
    (status == Status::Ok).then_some(time)
}

/// Answers the current request.
pub(super) fn reply(Reply { status, headers, body }: &Reply) {
    let headers = serialised(headers);
    // SAFETY: each pointer is valid for reads of its length, which is 0 for the details. The host copies the
    // bytes and keeps none of the pointers.
    let status = unsafe {
        proxy_send_local_response(
            (*status).into(),
            null(),
            0,
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            -1,
        )
    };
    if status != Status::Ok {
        log::error!("cannot answer a request: {status:?}");
    }
}

/// Makes a shared queue of this name, of which the current root context hears.
pub(super) fn register_queue(name: &str) -> Result<u32, Status> {
    let mut queue = 0;
    // SAFETY: the name is valid for reads of its length and the number for a write. The host keeps neither
    // pointer.
    let status = unsafe { proxy_register_shared_queue(name.as_ptr(), name.len(), &mut queue) };
    ok(status).map(|()| queue)
}

/// Puts a byte into the queue.
pub(super) fn enqueue(queue: u32) -> Result<(), Status> {
    const ITEM: &[u8] = &[0];
    // SAFETY: the item is valid for reads of its length. The host copies it.
    ok(unsafe { proxy_enqueue_shared_queue(queue, ITEM.as_ptr(), ITEM.len()) })
}

/// Takes an item out of the queue, if there is one.
pub(super) fn dequeue(queue: u32) -> Result<(), Status> {
    let (mut data, mut size) = (null_mut(), 0);
    // SAFETY: the host writes a pointer and a length to these two variables, and keeps no pointer to them.
    let status = unsafe { proxy_dequeue_shared_queue(queue, &mut data, &mut size) };
    if status == Status::Ok && !data.is_null() {
        // SAFETY: as in `HeaderMap::of_request`.
        drop(unsafe { Vec::from_raw_parts(data, size, size) });
    }
    if status == Status::Empty { Ok(()) } else { ok(status) }
}

/// Has the host tick the current root context.
pub(super) fn set_tick_period(milliseconds: u32) -> Result<(), Status> {
    ok(proxy_set_tick_period_milliseconds(milliseconds))
}

/// Makes the host calls of the current callback for another context from now on; an error when there is no
/// such context.
pub(super) fn set_effective_context(context: u32) -> Result<(), Status> {
    ok(proxy_set_effective_context(context))
}

/// Lets the request of the current context go on, which was paused.
pub(super) fn resume_request() -> Result<(), Status> {
    ok(proxy_continue_stream(StreamType::HttpRequest))
}

fn ok(status: Status) -> Result<(), Status> {
    if status == Status::Ok { Ok(()) } else { Err(status) }
}

/// Sets a gauge. The SDK's function would panic when the host refuses, which it does where a list of
/// capabilities lacks the call.
pub(super) fn set_gauge(metric: u32, value: u64) -> Result<(), Status> {
    ok(proxy_record_metric(metric, value))
}

/// Sets the filter state `wasm.<name>` of the current request, for access logs.
pub(super) fn set_filter_state(name: &str, value: &str) {
    // SAFETY: both pointers are valid for reads of their lengths. The host copies the bytes and keeps neither
    // pointer.
    let status = unsafe { proxy_set_property(name.as_ptr(), name.len(), value.as_ptr(), value.len()) };
    if status != Status::Ok {
        log::error!("cannot set the filter state wasm.{name}: {status:?}");
    }
}

/// A serialised header map, which the host wrote into the module's memory.
pub(super) struct HeaderMap(Vec<u8>);

// === impl HeaderMap ===

impl HeaderMap {
    /// The header map of that type of the current request; empty when there is none.
    pub(super) fn of_request(map: MapType) -> Self {
        let (mut data, mut size) = (null_mut(), 0);
        // SAFETY: the host writes a pointer and a length to these two variables, and keeps no pointer to
        // them.
        let status = unsafe { proxy_get_header_map_pairs(map, &mut data, &mut size) };
        if status != Status::Ok || data.is_null() {
            return Self(Vec::new());
        }
        // SAFETY: the host allocated `data` with the module's `proxy_on_memory_allocate`, which gives away a
        // `Vec<u8>` of exactly this capacity. The host filled it and passes the ownership back.
        Self(unsafe { Vec::from_raw_parts(data, size, size) })
    }

    /// The fields in their order.
    pub(super) fn fields(&self) -> Vec<Field<'_>> {
        fields(&self.0)
    }
}
