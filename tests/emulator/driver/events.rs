//! What happens between requests: a queue is read, a call of gRPC ends, time passes, a caller hangs up.

use super::{Callback, Driver, Vm};
use crate::exchange::Exchange;
use crate::hostcalls::Proxy;
use crate::pending::Event;
use crate::worker::Failure;

impl<V: Vm> Driver<V> {
    /// Lets the next thing happen; `false` when there is nothing.
    pub(crate) fn step(&mut self) -> Result<bool, Failure> {
        let Some(event) = self.vm.with_proxy(Proxy::next_event) else { return Ok(false) };
        match event {
            Event::QueueReady { id, queue } => self.call(Callback::QueueReady { id, queue })?,
            Event::Message { id, call, message } => {
                let size = message.len();
                self.vm.with_proxy(|proxy| proxy.grpc_message = Some(message));
                let called = self.call(Callback::GrpcReceive { id, call, size });
                self.vm.with_proxy(|proxy| proxy.grpc_message = None);
                called?
            }
            Event::Closed { id, call, status } => self.call(Callback::GrpcClose { id, call, status })?,
        };
        Ok(true)
    }

    /// Ticks, also for a root context that another one has replaced and that has requests left.
    pub(crate) fn tick(&mut self) -> Result<(), Failure> {
        let ticking: Vec<_> = self.vm.with_proxy(|proxy| proxy.ticking.iter().copied().collect());
        for id in ticking {
            // An earlier tick may have ended the last request of an old root context.
            if self.vm.with_proxy(|proxy| proxy.ticking.contains(&id)) {
                self.call(Callback::Tick { id })?;
            }
        }
        Ok(())
    }

    pub(crate) fn take(&mut self, id: u32) -> Option<Exchange> {
        self.over.remove(&id)
    }

    /// The caller of a request goes away.
    pub(crate) fn hang_up(&mut self, id: u32) -> Result<(), Failure> {
        if self.open.contains_key(&id) {
            self.end_stream(id)?;
        }
        Ok(())
    }
}
