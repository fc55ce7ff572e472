//! What Envoy and the module pass each other by pointers.

use std::ffi::c_void;
use std::marker::PhantomData;
use std::slice;

/// Bytes that one side lends the other for the duration of a call.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Buffer {
    pub(super) start: *const u8,
    length: usize,
}

// === impl Buffer ===

impl Buffer {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { start: bytes.as_ptr(), length: bytes.len() }
    }

    pub(super) fn bytes(&self) -> &[u8] {
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
    pub(super) name: Buffer,
    pub(super) value: Buffer,
}

/// Several values that the module lends for the duration of a call.
#[repr(C)]
pub(super) struct Many<T>(*const T);

impl<T> Many<T> {
    pub(super) fn slice(&self, length: usize) -> &[T] {
        if length == 0 {
            return &[];
        }
        // SAFETY: only the module calls these functions, with pointer and length of one of its slices.
        unsafe { slice::from_raw_parts(self.0, length) }
    }
}

/// What the module got as Envoy's pointer, to a configuration or to a stream.
#[repr(transparent)]
pub(super) struct Envoy<T>(*mut c_void, PhantomData<T>);

impl<T> Envoy<T> {
    pub(super) fn get(&mut self) -> &mut T {
        // SAFETY: the module got a pointer to a value of this type, which nothing else uses while it runs.
        unsafe { &mut *self.0.cast::<T>() }
    }
}
