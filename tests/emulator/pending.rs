//! What happens later: once a callback has returned, or between two callbacks.

use crate::grpc::GrpcAnswer;

/// What Envoy does once the callback that asked for it has returned, for the context of a request.
#[derive(Clone, Copy)]
pub(crate) enum Deferred {
    /// Sends the reply of the filter.
    Reply(u32),
    /// Lets a request that was paused go on.
    Resume(u32),
}

/// What happens between two callbacks, and what a context learns of it.
pub(crate) enum Event {
    /// Something was put into its queue.
    QueueReady { id: u32, queue: u32 },
    /// Its call was answered with a message.
    Message { id: u32, call: u32, message: Vec<u8> },
    /// Its call ended with a status and no message.
    Closed { id: u32, call: u32, status: u32 },
}

/// A call of gRPC that is not over.
pub(crate) struct PendingCall {
    pub(crate) context: u32,
    pub(crate) answer: GrpcAnswer,
    /// When it is over at the latest, in nanoseconds since 1970.
    pub(crate) deadline: u64,
}
