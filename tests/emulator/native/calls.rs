//! The symbols that the SDK imports, for the native binding: they turn pointers into calls of [`Proxy`], and
//! its answers into pointers.
//!
//! Where the SDK declares these functions with its own enums, there are numbers here. Both have the same
//! layout, and [`Status`] has no number that the SDK's enum lacks.

use std::cell::RefCell;
use std::{ptr, slice};

use crate::abi::{Answer, Status, code};
use crate::hostcalls::Proxy;

thread_local! {
    /// The proxy of the worker that this thread is.
    static PROXY: RefCell<Option<Proxy>> = const { RefCell::new(None) };
}

/// Makes this thread a worker.
pub(crate) fn install(proxy: Proxy) {
    PROXY.set(Some(proxy));
}

/// The proxy of this thread; `None` when the thread is no worker, for example a test's own thread that logs.
pub(crate) fn with_proxy<R>(f: impl FnOnce(Option<&mut Proxy>) -> R) -> R {
    PROXY.with_borrow_mut(|proxy| f(proxy.as_mut()))
}

fn call<T>(f: impl FnOnce(&mut Proxy) -> Answer<T>) -> Answer<T> {
    with_proxy(|proxy| f(proxy.ok_or(Status::InternalFailure)?))
}

// The SDK's allocator: its result is a `Vec` of exactly that capacity, and the SDK takes it back as such.
unsafe extern "C" {
    safe fn proxy_on_memory_allocate(size: usize) -> *mut u8;
}

/// The start of bytes that the SDK lends for the duration of a call.
#[repr(transparent)]
struct In(*const u8);

impl In {
    fn bytes(&self, size: usize) -> &[u8] {
        if size == 0 {
            return &[];
        }
        // SAFETY: only the SDK calls these functions, with the pointer and the length of one of its slices.
        unsafe { slice::from_raw_parts(self.0, size) }
    }
}

/// Where the SDK wants a result.
#[repr(transparent)]
struct Out<T>(*mut T);

impl<T> Out<T> {
    fn put(&self, value: T) {
        // SAFETY: only the SDK calls these functions, with a pointer to one of its variables of this type.
        unsafe { self.0.write(value) };
    }
}

/// Hands a copy of the bytes over to the SDK; a null pointer when there are no bytes, as Envoy does.
fn give(bytes: &[u8], data: &Out<*mut u8>, size: &Out<usize>) {
    let mut copy = ptr::null_mut();
    if !bytes.is_empty() {
        copy = proxy_on_memory_allocate(bytes.len());
        // SAFETY: the allocator returns this many bytes, and nothing else has the pointer.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len()) };
    }
    data.put(copy);
    size.put(bytes.len());
}

#[unsafe(no_mangle)]
extern "C" fn proxy_log(level: u32, message: In, size: usize) -> u32 {
    code(call(|proxy| proxy.log(level, message.bytes(size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_current_time_nanoseconds(time: Out<u64>) -> u32 {
    code(call(Proxy::now).map(|value| time.put(value)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_buffer_bytes(
    kind: u32,
    start: usize,
    max: usize,
    data: Out<*mut u8>,
    size: Out<usize>,
) -> u32 {
    code(call(|proxy| proxy.buffer(kind, start, max)).map(|bytes| give(&bytes, &data, &size)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_header_map_pairs(map: u32, data: Out<*mut u8>, size: Out<usize>) -> u32 {
    code(call(|proxy| proxy.header_pairs(map)).map(|bytes| give(&bytes, &data, &size)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_add_header_map_value(
    map: u32,
    name: In,
    name_size: usize,
    value: In,
    value_size: usize,
) -> u32 {
    code(call(|proxy| proxy.add_header(map, name.bytes(name_size), value.bytes(value_size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_replace_header_map_value(
    map: u32,
    name: In,
    name_size: usize,
    value: In,
    value_size: usize,
) -> u32 {
    code(call(|proxy| proxy.replace_header(map, name.bytes(name_size), value.bytes(value_size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_remove_header_map_value(map: u32, name: In, name_size: usize) -> u32 {
    code(call(|proxy| proxy.remove_header(map, name.bytes(name_size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_set_property(path: In, path_size: usize, value: In, value_size: usize) -> u32 {
    code(call(|proxy| proxy.set_property(path.bytes(path_size), value.bytes(value_size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_get_shared_data(
    key: In,
    key_size: usize,
    data: Out<*mut u8>,
    size: Out<usize>,
    cas: Out<u32>,
) -> u32 {
    code(call(|proxy| proxy.shared_data(key.bytes(key_size))).map(|(bytes, current)| {
        give(&bytes, &data, &size);
        cas.put(current);
    }))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_set_shared_data(key: In, key_size: usize, value: In, value_size: usize, cas: u32) -> u32 {
    code(call(|proxy| proxy.set_shared_data(key.bytes(key_size), value.bytes(value_size), cas)))
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
    code(call(|proxy| {
        proxy.send_local_response(status, body.bytes(body_size), headers.bytes(headers_size), grpc)
    }))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_define_metric(kind: u32, name: In, name_size: usize, id: Out<u32>) -> u32 {
    code(call(|proxy| proxy.define_metric(kind, name.bytes(name_size))).map(|value| id.put(value)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_record_metric(id: u32, value: u64) -> u32 {
    code(call(|proxy| proxy.record_metric(id, value)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_increment_metric(id: u32, offset: i64) -> u32 {
    code(call(|proxy| proxy.increment_metric(id, offset)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_continue_stream(kind: u32) -> u32 {
    code(call(|proxy| proxy.continue_stream(kind)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_set_effective_context(id: u32) -> u32 {
    code(call(|proxy| proxy.set_effective_context(id)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_set_tick_period_milliseconds(period: u32) -> u32 {
    code(call(|proxy| proxy.set_tick_period(period)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_register_shared_queue(name: In, size: usize, id: Out<u32>) -> u32 {
    code(call(|proxy| proxy.register_queue(name.bytes(size))).map(|value| id.put(value)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_enqueue_shared_queue(queue: u32, item: In, size: usize) -> u32 {
    code(call(|proxy| proxy.enqueue(queue, item.bytes(size))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_dequeue_shared_queue(queue: u32, data: Out<*mut u8>, size: Out<usize>) -> u32 {
    code(call(|proxy| proxy.dequeue(queue)).map(|bytes| give(&bytes, &data, &size)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_grpc_call(
    upstream: In,
    upstream_size: usize,
    service: In,
    service_size: usize,
    method: In,
    method_size: usize,
    _metadata: In,
    _metadata_size: usize,
    message: In,
    message_size: usize,
    timeout: u32,
    id: Out<u32>,
) -> u32 {
    let (upstream, service) = (upstream.bytes(upstream_size), service.bytes(service_size));
    let (method, message) = (method.bytes(method_size), message.bytes(message_size));
    code(
        call(|proxy| proxy.grpc_call(upstream, service, method, message, timeout)).map(|value| id.put(value)),
    )
}

/// Defines what the SDK imports and no filter under test calls, with the SDK's own parameters.
macro_rules! not_emulated {
    ($($name:ident($($parameter:ty),*);)*) => {
        $(
            #[unsafe(no_mangle)]
            extern "C" fn $name($(_: $parameter),*) -> u32 {
                code(call(|proxy| proxy.not_emulated(stringify!($name))))
            }
        )*

        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

not_emulated! {
    proxy_call_foreign_function(In, usize, In, usize, Out<*mut u8>, Out<usize>);
    proxy_close_stream(u32);
    proxy_done();
    proxy_get_header_map_value(u32, In, usize, Out<*mut u8>, Out<usize>);
    proxy_get_log_level(Out<u32>);
    proxy_get_metric(u32, Out<u64>);
    proxy_get_property(In, usize, Out<*mut u8>, Out<usize>);
    proxy_get_status(Out<u32>, Out<*mut u8>, Out<usize>);
    proxy_grpc_cancel(u32);
    proxy_grpc_close(u32);
    proxy_grpc_send(u32, In, usize, bool);
    proxy_grpc_stream(In, usize, In, usize, In, usize, In, usize, Out<u32>);
    proxy_http_call(In, usize, In, usize, In, usize, In, usize, u32, Out<u32>);
    proxy_resolve_shared_queue(In, usize, In, usize, Out<u32>);
    proxy_set_buffer_bytes(u32, usize, usize, In, usize);
    proxy_set_header_map_pairs(u32, In, usize);
}

#[cfg(test)]
mod tests {
    use super::NAMES;
    use crate::hostcalls::NOT_EMULATED;

    #[test]
    fn both_bindings_refuse_the_same_hostcalls() {
        assert_eq!(NAMES, NOT_EMULATED);
    }
}
