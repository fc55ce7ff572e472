//! The functions of Envoy that this module calls, as safe methods.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::{ptr, slice};

use usage_plan_core::reply::Header;
use usage_plan_core::request::Field;

use super::callbacks;
use super::types::{
    Buffer, Counter, HeaderField, HeaderType, LabelledCounter, LogLevel, MetricsResult, Opaque,
};

/// How many header fields a request seldom exceeds. For so many there is room on the stack, which costs less.
const USUAL_FIELDS: usize = 40;

/// Writes a line to Envoy's log.
pub fn log(level: LogLevel, message: &str) {
    // SAFETY: the buffer is valid for the call, and Envoy keeps no pointer to it.
    unsafe { callbacks::envoy_dynamic_module_callback_log(level, message.into()) };
}

/// The configuration of a filter while the hook for it runs.
pub struct NewConfiguration<'h> {
    envoy: Opaque,
    /// Metrics can be defined only as long as the hook runs.
    hook: PhantomData<&'h mut ()>,
}

// === impl NewConfiguration ===

impl NewConfiguration<'_> {
    /// The configuration that Envoy stands for with this pointer.
    ///
    /// # Safety
    ///
    /// The pointer must be that of the hook for configurations, which runs as long as the result is used.
    pub(super) unsafe fn of(envoy: Opaque) -> Self {
        Self { envoy, hook: PhantomData }
    }

    /// How many workers Envoy has.
    pub fn workers(&self) -> usize {
        // SAFETY: Envoy calls the hook for configurations on its main thread, where this may be called.
        unsafe { callbacks::envoy_dynamic_module_callback_get_concurrency() as usize }
    }

    /// Defines a counter without labels.
    pub fn define_counter(&mut self, name: &str) -> Option<Counter> {
        self.define(name, &[]).map(Counter)
    }

    /// Defines a counter with labels of these names.
    pub fn define_labelled_counter(&mut self, name: &str, labels: &[&str]) -> Option<LabelledCounter> {
        self.define(name, labels).map(LabelledCounter)
    }

    /// Keeps a counter with labels of these values at what another configuration has counted.
    pub fn take_over(&mut self, counter: LabelledCounter, labels: &[&str]) -> Result<(), MetricsResult> {
        use callbacks::envoy_dynamic_module_callback_http_filter_config_increment_counter as increase;
        let labels: Vec<Buffer> = labels.iter().copied().map(Buffer::from).collect();
        // SAFETY: the buffers are valid for the call, and Envoy copies them.
        let result = unsafe { increase(self.envoy, counter.0, labels.as_ptr(), labels.len(), 0) };
        if result == MetricsResult::Success { Ok(()) } else { Err(result) }
    }

    fn define(&mut self, name: &str, labels: &[&str]) -> Option<usize> {
        let labels: Vec<Buffer> = labels.iter().copied().map(Buffer::from).collect();
        let mut id = 0;
        // SAFETY: the buffers are valid for the call, Envoy copies them, and it writes to `id` only.
        let result = unsafe {
            callbacks::envoy_dynamic_module_callback_http_filter_config_define_counter(
                self.envoy,
                name.into(),
                labels.as_ptr(),
                labels.len(),
                &mut id,
            )
        };
        (result == MetricsResult::Success).then_some(id)
    }

    /// Defines a gauge, and sets it.
    pub fn set_gauge(&mut self, name: &str, value: u64) -> Result<(), MetricsResult> {
        let mut id = 0;
        // SAFETY: the buffers are valid for the calls, Envoy copies them, and it writes to `id` only.
        let result = unsafe {
            let defined = callbacks::envoy_dynamic_module_callback_http_filter_config_define_gauge(
                self.envoy,
                name.into(),
                ptr::null(),
                0,
                &mut id,
            );
            if defined != MetricsResult::Success {
                return Err(defined);
            }
            callbacks::envoy_dynamic_module_callback_http_filter_config_set_gauge(
                self.envoy,
                id,
                ptr::null(),
                0,
                value,
            )
        };
        if result == MetricsResult::Success { Ok(()) } else { Err(result) }
    }
}

/// A stream, as long as a hook for it runs.
///
/// What Envoy returns of its header maps can be used until a map is changed. So a method that changes one
/// borrows the stream mutably.
pub struct Stream<'h> {
    envoy: Opaque,
    hook: PhantomData<&'h mut ()>,
}

// === impl Stream ===

impl Stream<'_> {
    /// The stream that Envoy stands for with this pointer.
    ///
    /// # Safety
    ///
    /// The pointer must be that of a hook for streams, which runs as long as the result is used.
    pub unsafe fn of(envoy: Opaque) -> Self {
        Self { envoy, hook: PhantomData }
    }

    /// The index of the worker that the stream is on.
    pub fn worker(&self) -> usize {
        // SAFETY: `self.envoy` is the pointer that Envoy gave to the hook.
        unsafe { callbacks::envoy_dynamic_module_callback_http_filter_get_worker_index(self.envoy) as usize }
    }

    /// Passes the fields of a header map, in their order, to `read`; none when there is no such map.
    pub fn with_fields<R>(&self, of: HeaderType, read: impl FnOnce(&[Field<'_>]) -> R) -> R {
        // SAFETY: `self.envoy` is the pointer that Envoy gave to the hook.
        let size = unsafe { callbacks::envoy_dynamic_module_callback_http_get_headers_size(self.envoy, of) };
        if size <= USUAL_FIELDS {
            let mut room = [const { MaybeUninit::uninit() }; USUAL_FIELDS];
            let mut fields = [(&[][..], &[][..]); USUAL_FIELDS];
            let read_fields = self.read_fields(of, room.get_mut(..size).unwrap_or_default());
            let filled = fields.iter_mut().zip(read_fields).map(|(slot, field)| *slot = field).count();
            read(fields.get(..filled).unwrap_or_default())
        } else {
            let mut room = vec![MaybeUninit::uninit(); size];
            let fields: Vec<Field<'_>> = self.read_fields(of, &mut room).collect();
            read(&fields)
        }
    }

    /// The fields of a header map, for which there is room.
    fn read_fields<'s>(
        &'s self,
        of: HeaderType,
        room: &'s mut [MaybeUninit<HeaderField>],
    ) -> impl Iterator<Item = Field<'s>> {
        let fields: *mut HeaderField = room.as_mut_ptr().cast();
        // SAFETY: Envoy writes as many fields as it said the map has, for which there is room.
        let written =
            unsafe { callbacks::envoy_dynamic_module_callback_http_get_headers(self.envoy, of, fields) };
        let written = if written { &*room } else { &[] };
        written.iter().map(|field| {
            // SAFETY: Envoy returned that it has written all of them. Its pointers are valid until the map is
            // changed, which needs `&mut self`.
            unsafe {
                let field = field.assume_init_ref();
                (bytes(field.key_ptr, field.key_length), bytes(field.value_ptr, field.value_length))
            }
        })
    }

    /// Adds a header field to a map.
    pub fn add_header(&mut self, to: HeaderType, name: &str, value: impl AsRef<str>) {
        let value = value.as_ref();
        // SAFETY: the buffers are valid for the call, and Envoy copies them.
        unsafe {
            callbacks::envoy_dynamic_module_callback_http_add_header(
                self.envoy,
                to,
                name.into(),
                value.into(),
            )
        };
    }

    /// Sets a header of a map, in place of all fields of this name.
    pub fn set_header(&mut self, of: HeaderType, name: &str, value: &[u8]) {
        // SAFETY: the buffers are valid for the call, and Envoy copies them.
        unsafe {
            callbacks::envoy_dynamic_module_callback_http_set_header(
                self.envoy,
                of,
                name.into(),
                value.into(),
            )
        };
    }

    /// Removes all fields of this name from a map.
    pub fn remove_header(&mut self, from: HeaderType, name: &str) {
        let nothing = Buffer { ptr: ptr::null(), length: 0 };
        // SAFETY: the buffer is valid for the call. A null value removes the header.
        unsafe {
            callbacks::envoy_dynamic_module_callback_http_set_header(self.envoy, from, name.into(), nothing)
        };
    }

    /// Lets Envoy choose the route again, by the headers as they are now.
    pub fn clear_route_cache(&mut self) {
        // SAFETY: `self.envoy` is the pointer that Envoy gave to the hook.
        unsafe { callbacks::envoy_dynamic_module_callback_http_clear_route_cache(self.envoy) };
    }

    /// Answers the request.
    pub fn reply(&mut self, status: u16, headers: &[Header], body: &str, details: &str) {
        let field = |(name, value): &Header| HeaderField {
            key_ptr: name.as_ptr(),
            key_length: name.len(),
            value_ptr: value.as_ptr(),
            value_length: value.len(),
        };
        let fields: Vec<HeaderField> = headers.iter().map(field).collect();
        // SAFETY: the buffers are valid for the call, and Envoy copies them.
        unsafe {
            callbacks::envoy_dynamic_module_callback_http_send_response(
                self.envoy,
                status.into(),
                fields.as_ptr(),
                fields.len(),
                body.into(),
                details.into(),
            );
        }
    }

    /// Sets a value of the stream's filter state, for access logs. Returns whether it was set.
    pub fn set_filter_state(&self, name: &str, value: &str) -> bool {
        // SAFETY: the buffers are valid for the call, and Envoy copies them.
        unsafe {
            callbacks::envoy_dynamic_module_callback_http_set_filter_state_bytes(
                self.envoy,
                name.into(),
                value.into(),
            )
        }
    }

    /// Adds one to a counter.
    pub fn increment(&self, counter: Counter) -> Result<(), MetricsResult> {
        self.increase(counter.0, &[], 1)
    }

    /// Adds to a counter with labels of these values.
    pub fn increase_labelled(
        &self,
        counter: LabelledCounter,
        labels: &[&str],
        by: u64,
    ) -> Result<(), MetricsResult> {
        let labels: Vec<Buffer> = labels.iter().copied().map(Buffer::from).collect();
        self.increase(counter.0, &labels, by)
    }

    fn increase(&self, id: usize, labels: &[Buffer], by: u64) -> Result<(), MetricsResult> {
        // SAFETY: the buffers are valid for the call, and Envoy copies them.
        let result = unsafe {
            callbacks::envoy_dynamic_module_callback_http_filter_increment_counter(
                self.envoy,
                id,
                labels.as_ptr(),
                labels.len(),
                by,
            )
        };
        if result == MetricsResult::Success { Ok(()) } else { Err(result) }
    }
}

/// The bytes at a pointer of Envoy, which is null when there are none.
///
/// # Safety
///
/// The pointer must be valid for reads of that length as long as `'b`.
pub(super) unsafe fn bytes<'b>(ptr: *const u8, length: usize) -> &'b [u8] {
    if ptr.is_null() {
        return &[];
    }
    // SAFETY: the caller says so.
    unsafe { slice::from_raw_parts(ptr, length) }
}
