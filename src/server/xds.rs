//! Gives the document to Envoys that subscribe to it: Envoy's extension config discovery (ECDS) over gRPC.
//!
//! | module | |
//! |---|---|
//! | [`message`] | the messages of the protocol |
//! | `extension` | the filter with the document in it, as a message |
//! | [`offer`] | a document that is offered |
//! | [`fleet`] | the subscribers: what each has in force, and what it refused, why |
//! | `seat` | one subscriber: what it said, and what it is to be given next |
//! | [`service`] | the streams |
//! | `frame` | a response as a stream sends it |

mod extension;
pub mod fleet;
mod frame;
pub mod message;
pub mod offer;
mod seat;
pub mod service;
