//! The functions that Envoy calls, for any kind of host. A panic ends in them: unwinding into Envoy would
//! abort it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use super::envoy::{NewConfiguration, Stream, bytes};
use super::types::{Buffer, Opaque, Status, VERSION};
use crate::host::Host;
use crate::plugin::Plugin;
use crate::request::{Request, on_request_trailers};

/// Envoy loads the library.
///
/// # Safety
///
/// It is safe; it says otherwise to be like the others.
pub unsafe fn program_init() -> Opaque {
    crate::panics::log_them();
    VERSION.as_ptr().cast()
}

/// Envoy reads a configuration. Null refuses it.
///
/// # Safety
///
/// The arguments must be those that Envoy passes.
pub unsafe fn config_new<H: Host>(envoy: Opaque, name: Buffer, document: Buffer) -> Opaque {
    // SAFETY: Envoy passes its configuration, and uses it alone on this thread while the hook runs.
    let mut configuration = unsafe { NewConfiguration::of(envoy) };
    // SAFETY: both buffers are Envoy's, and valid until the hook returns.
    let (name, document) = unsafe { (bytes(name.ptr, name.length), bytes(document.ptr, document.length)) };
    let plugin = catch_unwind(AssertUnwindSafe(|| Plugin::<H>::new(&mut configuration, name, document)));
    plugin.ok().flatten().map_or(ptr::null(), |plugin| Box::into_raw(Box::new(plugin)).cast_const().cast())
}

/// Envoy has no more use for a configuration.
///
/// # Safety
///
/// `plugin` must be what [`config_new`] returned, and no stream of it may be left.
pub unsafe fn config_destroy<H: Host>(plugin: Opaque) {
    // SAFETY: `config_new` made it of a box, and Envoy destroys it once, after all of its streams.
    let plugin = unsafe { Box::from_raw(plugin.cast::<Plugin<H>>().cast_mut()) };
    catch_unwind(AssertUnwindSafe(|| drop(plugin))).ok();
}

/// A stream begins.
///
/// # Safety
///
/// `plugin` must be what [`config_new`] returned, and outlive the stream.
pub unsafe fn filter_new<H: Host>(plugin: Opaque, _: Opaque) -> Opaque {
    // SAFETY: Envoy keeps a configuration as long as a stream of it is left.
    let plugin: &'static Plugin<H> = unsafe { &*plugin.cast::<Plugin<H>>() };
    let request = catch_unwind(AssertUnwindSafe(|| Box::new(Request::new(plugin))));
    request.map_or(ptr::null(), |request| Box::into_raw(request).cast_const().cast())
}

/// A stream is over.
///
/// # Safety
///
/// `request` must be what [`filter_new`] returned.
pub unsafe fn filter_destroy<H: Host>(request: Opaque) {
    // SAFETY: `filter_new` made it of a box, and Envoy destroys it once, after its last hook.
    let request = unsafe { Box::from_raw(request.cast::<Request<H>>().cast_mut()) };
    catch_unwind(AssertUnwindSafe(|| drop(request))).ok();
}

/// The headers of a request are there.
///
/// # Safety
///
/// The arguments must be those that Envoy passes.
pub unsafe fn request_headers<H: Host>(envoy: Opaque, request: Opaque, _: bool) -> Status {
    // SAFETY: Envoy passes what `filter_new` returned.
    let status = unsafe { with(envoy, request, Request::<H>::on_request_headers) };
    // SAFETY: as above.
    status.unwrap_or_else(|| unsafe { answer_for_a_panic::<H>(envoy, request) })
}

/// The trailers of a request are there.
///
/// # Safety
///
/// The arguments must be those that Envoy passes.
pub unsafe fn request_trailers<H: Host>(envoy: Opaque, request: Opaque) -> Status {
    // SAFETY: Envoy passes what `filter_new` returned.
    let done = unsafe { with(envoy, request, |_: &Request<H>, stream| on_request_trailers(stream)) };
    match done {
        Some(()) => Status::Continue,
        // Forged identities could be left in the trailers.
        // SAFETY: as above.
        None => unsafe { answer_for_a_panic::<H>(envoy, request) },
    }
}

/// The headers of a response are there. It goes on after a panic, because the upstream has done its work.
///
/// # Safety
///
/// The arguments must be those that Envoy passes.
pub unsafe fn response_headers<H: Host>(envoy: Opaque, request: Opaque, _: bool) -> Status {
    // SAFETY: Envoy passes what `filter_new` returned.
    unsafe {
        if with(envoy, request, Request::<H>::on_response_headers).is_none() {
            with(envoy, request, Request::<H>::count_panic);
        }
    }
    Status::Continue
}

/// Answers a request whose hook panicked.
///
/// # Safety
///
/// The arguments must be those that Envoy passes.
unsafe fn answer_for_a_panic<H: Host>(envoy: Opaque, request: Opaque) -> Status {
    // SAFETY: the caller says so.
    unsafe {
        with(envoy, request, Request::<H>::count_panic);
        with(envoy, request, Request::<H>::answer_for_a_panic);
    }
    Status::Stop
}

/// Does what a hook for a stream is for; `None` when that panicked.
///
/// # Safety
///
/// `request` must be what [`filter_new`] returned for the stream that `envoy` stands for.
unsafe fn with<H: Host, R>(
    envoy: Opaque,
    request: Opaque,
    hook: impl FnOnce(&Request<H>, &mut Stream<'_>) -> R,
) -> Option<R> {
    // SAFETY: the caller says so.
    let mut stream = unsafe { Stream::of(envoy) };
    // SAFETY: the caller says so. It is not borrowed mutably, because Envoy could call a hook while another
    // one calls Envoy.
    let request = unsafe { &*request.cast::<Request<H>>() };
    catch_unwind(AssertUnwindSafe(|| hook(request, &mut stream))).ok()
}
