//! The hostcalls after which something happens later: queues, ticks, calls of gRPC, and what is done to
//! another context than that which is called.

use super::{Proxy, text};
use crate::abi::{Answer, Status};
use crate::grpc::{self, DEADLINE_EXCEEDED, GrpcAnswer, GrpcCall};
use crate::pending::{Deferred, Event, PendingCall};
use crate::queues::Owner;

const REQUEST: u32 = 0;

// === impl Proxy ===

impl Proxy {
    pub(crate) fn register_queue(&mut self, name: &[u8]) -> Answer<u32> {
        self.shared.enter("proxy_register_shared_queue")?;
        let owner = Owner { vm: self.vm, context: self.effective };
        Ok(self.shared.queues().register(owner, text(name)?))
    }

    pub(crate) fn enqueue(&mut self, queue: u32, item: &[u8]) -> Answer {
        self.shared.enter("proxy_enqueue_shared_queue")?;
        self.shared.queues().enqueue(queue, item)
    }

    pub(crate) fn dequeue(&mut self, queue: u32) -> Answer<Vec<u8>> {
        self.shared.enter("proxy_dequeue_shared_queue")?;
        self.shared.queues().dequeue(queue)
    }

    pub(crate) fn set_tick_period(&mut self, milliseconds: u32) -> Answer {
        self.shared.enter("proxy_set_tick_period_milliseconds")?;
        if milliseconds == 0 {
            self.ticking.remove(&self.effective);
        } else {
            self.ticking.insert(self.effective);
        }
        Ok(())
    }

    /// Makes the hostcalls of this callback for another context from now on.
    pub(crate) fn set_effective_context(&mut self, id: u32) -> Answer {
        self.shared.enter("proxy_set_effective_context")?;
        if !self.contexts.contains(&id) {
            return Err(Status::BadArgument);
        }
        self.effective = id;
        Ok(())
    }

    /// Lets the request of the effective context go on. Envoy answers "ok" for a context without a request,
    /// too.
    pub(crate) fn continue_stream(&mut self, kind: u32) -> Answer {
        self.shared.enter("proxy_continue_stream")?;
        if kind != REQUEST {
            return self.not_emulated("to continue a response");
        }
        match self.streams.get_mut(&self.effective) {
            Some(stream) if stream.has_reply() => {
                self.misuse.push("a request that was answered is resumed".to_owned());
            }
            Some(stream) if !stream.paused => {
                self.misuse.push("a request that is not paused is resumed".to_owned());
            }
            Some(stream) => {
                stream.paused = false;
                self.deferred.push_back(Deferred::Resume(self.effective));
            }
            None => {}
        }
        Ok(())
    }

    pub(crate) fn grpc_call(
        &mut self,
        upstream: &[u8],
        service: &[u8],
        method: &[u8],
        message: &[u8],
        timeout: u32,
    ) -> Answer<u32> {
        self.shared.enter("proxy_grpc_call")?;
        let cluster = grpc::cluster(upstream).map_err(|misuse| {
            self.misuse.push(misuse);
            Status::BadArgument
        })?;
        let (service, method) = (text(service)?.to_owned(), text(method)?.to_owned());
        let call = GrpcCall { cluster, service, method, message: message.to_vec(), timeout };
        let answer = self.shared.ask_grpc(call);
        if answer == GrpcAnswer::NotMade {
            return Err(Status::InternalFailure);
        }
        let deadline = self.shared.clock().now() + u64::from(timeout) * 1_000_000;
        self.last_call += 1;
        self.calls.insert(self.last_call, PendingCall { context: self.effective, answer, deadline });
        Ok(self.last_call)
    }

    /// Forgets a context, with its ticks. Its calls of gRPC are never answered.
    pub(crate) fn forget(&mut self, context: u32) {
        self.contexts.remove(&context);
        self.ticking.remove(&context);
        self.calls.retain(|_, call| call.context != context);
    }

    /// Takes the next thing that has happened.
    pub(crate) fn next_event(&mut self) -> Option<Event> {
        let ready = std::iter::from_fn(|| self.shared.queues().next_ready(self.vm));
        let queue = { ready }.find(|(id, _)| self.contexts.contains(id));
        if let Some((id, queue)) = queue {
            return Some(Event::QueueReady { id, queue });
        }
        let now = self.shared.clock().now();
        let is_over = |call: &PendingCall| match call.answer {
            GrpcAnswer::Lost => false,
            GrpcAnswer::Mute => now >= call.deadline,
            _ => true,
        };
        let call = *self.calls.iter().find(|(_, call)| is_over(call))?.0;
        let PendingCall { context: id, answer, .. } = self.calls.remove(&call)?;
        Some(match answer {
            GrpcAnswer::Message(message) => Event::Message { id, call, message },
            GrpcAnswer::Status(status) => Event::Closed { id, call, status },
            GrpcAnswer::Mute | GrpcAnswer::Lost | GrpcAnswer::NotMade => {
                Event::Closed { id, call, status: DEADLINE_EXCEEDED }
            }
        })
    }
}
