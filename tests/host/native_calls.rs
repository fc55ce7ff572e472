//! The symbols that the SDK imports, for the native binding: pointers in, [`Host`], pointers out.
//!
//! The SDK declares these functions with enums of its own where there are numbers here; both have the same layout, and
//! [`Status`](super::abi::Status) has no number that the SDK's lacks.

use super::abi::{Answer, Status, code};
use super::hostcalls::Host;
use std::cell::RefCell;
use std::{ptr, slice};

thread_local! {
    /// The host of the worker that this thread is.
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
}

/// Makes this thread a worker.
pub(super) fn install(host: Host) {
    HOST.set(Some(host));
}

/// The host of this thread; none when the thread is no worker, such as a test's own that logs.
pub(super) fn with_host<R>(f: impl FnOnce(Option<&mut Host>) -> R) -> R {
    HOST.with_borrow_mut(|host| f(host.as_mut()))
}

fn call<T>(f: impl FnOnce(&mut Host) -> Answer<T>) -> Answer<T> {
    with_host(|host| f(host.ok_or(Status::InternalFailure)?))
}

// The SDK's allocator: what it gives is a `Vec` of exactly that capacity, which the SDK takes back as such.
unsafe extern "C" {
    safe fn proxy_on_memory_allocate(size: usize) -> *mut u8;
}

/// The start of bytes that the SDK lends for the length of a call.
#[repr(transparent)]
struct In(*const u8);

impl In {
    fn bytes(&self, size: usize) -> &[u8] {
        if size == 0 {
            return &[];
        }
        // SAFETY: only the SDK calls these functions, with the pointer and the length of one of its own slices.
        unsafe { slice::from_raw_parts(self.0, size) }
    }
}

/// Where the SDK wants a result.
#[repr(transparent)]
struct Out<T>(*mut T);

impl<T> Out<T> {
    fn put(&self, value: T) {
        // SAFETY: only the SDK calls these functions, with a pointer to a variable of its own of this type.
        unsafe { self.0.write(value) };
    }
}

/// Hands a copy of the bytes over to the SDK; a null pointer when there are none, as Envoy.
fn give(bytes: &[u8], data: &Out<*mut u8>, size: &Out<usize>) {
    let mut copy = ptr::null_mut();
    if !bytes.is_empty() {
        copy = proxy_on_memory_allocate(bytes.len());
        // SAFETY: the allocator gives this many bytes, of which nobody else knows yet.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len()) };
    }
    data.put(copy);
    size.put(bytes.len());
}

#[unsafe(no_mangle)]
extern "C" fn proxy_log(level: u32, message: In, size: usize) -> u32 {
    code(call(|host| host.log(level, message.bytes(size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_log_level(level: Out<u32>) -> u32 {
    code(call(Host::log_level).map(|value| level.put(value)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_current_time_nanoseconds(time: Out<u64>) -> u32 {
    code(call(Host::now).map(|value| time.put(value)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_buffer_bytes(
    kind: u32,
    start: usize,
    max: usize,
    data: Out<*mut u8>,
    size: Out<usize>,
) -> u32 {
    code(call(|host| host.buffer(kind, start, max)).map(|bytes| give(&bytes, &data, &size)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_header_map_pairs(map: u32, data: Out<*mut u8>, size: Out<usize>) -> u32 {
    code(call(|host| host.header_pairs(map)).map(|bytes| give(&bytes, &data, &size)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_set_header_map_pairs(map: u32, pairs: In, size: usize) -> u32 {
    code(call(|host| host.set_header_pairs(map, pairs.bytes(size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_header_map_value(
    map: u32,
    name: In,
    name_size: usize,
    data: Out<*mut u8>,
    size: Out<usize>,
) -> u32 {
    code(call(|host| host.header(map, name.bytes(name_size))).map(|bytes| give(&bytes, &data, &size)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_add_header_map_value(
    map: u32,
    name: In,
    name_size: usize,
    value: In,
    value_size: usize,
) -> u32 {
    code(call(|host| host.add_header(map, name.bytes(name_size), value.bytes(value_size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_replace_header_map_value(
    map: u32,
    name: In,
    name_size: usize,
    value: In,
    value_size: usize,
) -> u32 {
    code(call(|host| host.replace_header(map, name.bytes(name_size), value.bytes(value_size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_remove_header_map_value(map: u32, name: In, name_size: usize) -> u32 {
    code(call(|host| host.remove_header(map, name.bytes(name_size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_property(path: In, path_size: usize, data: Out<*mut u8>, size: Out<usize>) -> u32 {
    code(call(|host| host.property(path.bytes(path_size))).map(|bytes| give(&bytes, &data, &size)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_set_property(path: In, path_size: usize, value: In, value_size: usize) -> u32 {
    code(call(|host| host.set_property(path.bytes(path_size), value.bytes(value_size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_shared_data(
    key: In,
    key_size: usize,
    data: Out<*mut u8>,
    size: Out<usize>,
    cas: Out<u32>,
) -> u32 {
    code(call(|host| host.shared_data(key.bytes(key_size))).map(|(bytes, current)| {
        give(&bytes, &data, &size);
        cas.put(current);
    }))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_set_shared_data(key: In, key_size: usize, value: In, value_size: usize, cas: u32) -> u32 {
    code(call(|host| host.set_shared_data(key.bytes(key_size), value.bytes(value_size), cas)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_send_local_response(
    status: u32,
    _details: In,
    _details_size: usize,
    body: In,
    body_size: usize,
    headers: In,
    headers_size: usize,
    grpc: i32,
) -> u32 {
    code(call(|host| {
        host.send_local_response(status, body.bytes(body_size), headers.bytes(headers_size), grpc)
    }))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_call_foreign_function(
    name: In,
    name_size: usize,
    _arguments: In,
    _arguments_size: usize,
    data: Out<*mut u8>,
    size: Out<usize>,
) -> u32 {
    let result = call(|host| host.call_foreign_function(name.bytes(name_size)));
    code(result.map(|bytes| give(&bytes, &data, &size)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_define_metric(kind: u32, name: In, name_size: usize, id: Out<u32>) -> u32 {
    code(call(|host| host.define_metric(kind, name.bytes(name_size))).map(|value| id.put(value)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_metric(id: u32, value: Out<u64>) -> u32 {
    code(call(|host| host.metric(id)).map(|current| value.put(current)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_increment_metric(id: u32, offset: i64) -> u32 {
    code(call(|host| host.increment_metric(id, offset)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_record_metric(id: u32, value: u64) -> u32 {
    code(call(|host| host.record_metric(id, value)))
}

/// What the SDK imports and no scenario needs. Declared with the SDK's own parameters.
macro_rules! unsupported {
    ($($name:ident($($parameter:ty),*);)*) => { $(
        #[unsafe(no_mangle)]
        extern "C" fn $name($(_: $parameter),*) -> u32 {
            code(call(|host| host.unsupported(stringify!($name))))
        }
    )* };
}

unsupported! {
    proxy_set_tick_period_milliseconds(u32);
    proxy_set_buffer_bytes(u32, usize, usize, In, usize);
    proxy_register_shared_queue(In, usize, Out<u32>);
    proxy_resolve_shared_queue(In, usize, In, usize, Out<u32>);
    proxy_dequeue_shared_queue(u32, Out<*mut u8>, Out<usize>);
    proxy_enqueue_shared_queue(u32, In, usize);
    proxy_continue_stream(u32);
    proxy_close_stream(u32);
    proxy_http_call(In, usize, In, usize, In, usize, In, usize, u32, Out<u32>);
    proxy_grpc_call(In, usize, In, usize, In, usize, In, usize, In, usize, u32, Out<u32>);
    proxy_grpc_stream(In, usize, In, usize, In, usize, In, usize, Out<u32>);
    proxy_grpc_send(u32, In, usize, bool);
    proxy_grpc_cancel(u32);
    proxy_grpc_close(u32);
    proxy_get_status(Out<u32>, Out<*mut u8>, Out<usize>);
    proxy_set_effective_context(u32);
    proxy_done();
}
