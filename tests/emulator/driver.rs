//! The calls Envoy makes into a VM, in Envoy's order, for either binding.

mod events;

use std::collections::BTreeMap;

use testbed::Request;

use crate::exchange::Exchange;
use crate::hostcalls::Proxy;
use crate::pending::Deferred;
use crate::stream::Stream;
use crate::worker::Failure;

/// A VM, as a binding provides it.
pub(crate) trait Vm {
    /// Calls the filter. Returns `None` when the module does not export the callback, or the callback returns
    /// nothing.
    fn call(&mut self, callback: Callback) -> Result<Option<u32>, String>;

    /// The proxy's side, between two callbacks.
    fn with_proxy<R>(&mut self, f: impl FnOnce(&mut Proxy) -> R) -> R;

    /// The fuel used since the last time this was asked.
    fn take_fuel(&mut self) -> Option<u64>;
}

/// A callback of the ABI with its arguments; the first is always the context's id.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Callback {
    ContextCreate { id: u32, root: u32 },
    VmStart { id: u32, size: usize },
    Configure { id: u32, size: usize },
    RequestHeaders { id: u32, count: usize, end: bool },
    RequestTrailers { id: u32, count: usize },
    ResponseHeaders { id: u32, count: usize, end: bool },
    QueueReady { id: u32, queue: u32 },
    Tick { id: u32 },
    GrpcReceive { id: u32, call: u32, size: usize },
    GrpcClose { id: u32, call: u32, status: u32 },
    Log { id: u32 },
    Done { id: u32 },
    Delete { id: u32 },
}

impl Callback {
    /// The name of the module's export.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ContextCreate { .. } => "proxy_on_context_create",
            Self::VmStart { .. } => "proxy_on_vm_start",
            Self::Configure { .. } => "proxy_on_configure",
            Self::RequestHeaders { .. } => "proxy_on_request_headers",
            Self::RequestTrailers { .. } => "proxy_on_request_trailers",
            Self::ResponseHeaders { .. } => "proxy_on_response_headers",
            Self::QueueReady { .. } => "proxy_on_queue_ready",
            Self::Tick { .. } => "proxy_on_tick",
            Self::GrpcReceive { .. } => "proxy_on_grpc_receive",
            Self::GrpcClose { .. } => "proxy_on_grpc_close",
            Self::Log { .. } => "proxy_on_log",
            Self::Done { .. } => "proxy_on_done",
            Self::Delete { .. } => "proxy_on_delete",
        }
    }

    /// The context that is called.
    fn context(self) -> u32 {
        match self {
            Self::ContextCreate { id, .. }
            | Self::VmStart { id, .. }
            | Self::Configure { id, .. }
            | Self::RequestHeaders { id, .. }
            | Self::RequestTrailers { id, .. }
            | Self::ResponseHeaders { id, .. }
            | Self::QueueReady { id, .. }
            | Self::Tick { id }
            | Self::GrpcReceive { id, .. }
            | Self::GrpcClose { id, .. }
            | Self::Log { id }
            | Self::Done { id }
            | Self::Delete { id } => id,
        }
    }
}

const CONTINUE: u32 = 0;

/// How many callbacks there may be within the ends of others, as observed: the next one finds no stack.
const NESTED: u32 = 272;

/// A VM and the root contexts in it.
pub(crate) struct Driver<V: Vm> {
    pub(crate) vm: V,
    /// The root context in force.
    root: Option<u32>,
    /// The requests that are not over, with the root contexts that they began under.
    open: BTreeMap<u32, u32>,
    /// The exchanges that are over and that nobody has asked for.
    over: BTreeMap<u32, Exchange>,
    last_id: u32,
    nested: u32,
    death: Option<Failure>,
}

impl<V: Vm> Driver<V> {
    pub(crate) fn new(vm: V) -> Self {
        let (open, over) = (BTreeMap::new(), BTreeMap::new());
        Self { vm, root: None, open, over, last_id: 0, nested: 0, death: None }
    }

    /// Envoy calls `on_vm_start` on each new root context, also in a VM that is already running, and ends the
    /// previous root context once the new one is configured and the last request of the previous one is over.
    pub(crate) fn configure(&mut self, document: &[u8]) -> Result<bool, Failure> {
        let id = self.next_id();
        self.vm.with_proxy(|proxy| proxy.document = Some(document.to_vec()));
        self.create_context(id, 0)?;
        let accepted = self.call(Callback::VmStart { id, size: 0 })? != Some(0)
            && self.call(Callback::Configure { id, size: document.len() })? != Some(0);
        self.vm.with_proxy(|proxy| proxy.document = None);
        let gone = if accepted { self.root.replace(id) } else { Some(id) };
        gone.map_or(Ok(()), |id| self.end_root(id))?;
        Ok(accepted)
    }

    /// Sends a request and lets everything happen until it is over.
    pub(crate) fn request(&mut self, request: &Request) -> Result<Exchange, Failure> {
        self.vm.take_fuel();
        let id = self.begin(request)?;
        while !self.over.contains_key(&id) && self.step()? {}
        let fuel = self.vm.take_fuel();
        let exchange = self.over.remove(&id);
        let paused = || Failure::Misused("the request is paused, and nothing here resumes it".into());
        exchange.map(|exchange| Exchange { fuel, ..exchange }).ok_or_else(paused)
    }

    /// Sends a request, which the filter may pause. Returns its context.
    pub(crate) fn begin(&mut self, request: &Request) -> Result<u32, Failure> {
        let id = self.next_id();
        let Some(root) = self.root else {
            return Err(self
                .death
                .clone()
                .unwrap_or_else(|| Failure::Misused("no document is in force".into())));
        };
        let stream = Stream::new(request, self.vm.with_proxy(|proxy| proxy.shared.upstream_answer()));
        let (count, end) = stream.request_size();
        self.vm.with_proxy(|proxy| proxy.streams.insert(id, stream));
        self.open.insert(id, root);
        self.create_context(id, root)?;
        let action = self.call(Callback::RequestHeaders { id, count, end })?;
        // Envoy stops a request that the filter has answered, whatever the callback returns. It is over now.
        if self.open.contains_key(&id) {
            if action.unwrap_or(CONTINUE) == CONTINUE {
                self.go_on(id)?;
            } else {
                self.with_stream(id, |stream| stream.paused = true);
            }
        }
        Ok(id)
    }

    /// Lets a request go upstream, and the response back.
    fn go_on(&mut self, id: u32) -> Result<(), Failure> {
        if let Some(count) = self.with_stream(id, Stream::end_headers) {
            let action = self.call(Callback::RequestTrailers { id, count })?;
            if action.unwrap_or(CONTINUE) != CONTINUE {
                return Err(Failure::Misused(
                    "the trailers are paused, and nothing here resumes them".into(),
                ));
            }
        }
        self.respond(id)
    }

    /// Envoy calls `on_response_headers` also for the filter's own reply, and `on_log` before `on_done`.
    fn respond(&mut self, id: u32) -> Result<(), Failure> {
        let (count, end) = self.with_stream(id, Stream::respond);
        let action = self.call(Callback::ResponseHeaders { id, count, end })?;
        if action.unwrap_or(CONTINUE) != CONTINUE {
            return Err(Failure::Misused("the response is paused, and nothing here resumes it".into()));
        }
        self.with_stream(id, Stream::finish);
        let exchange = self.end_stream(id)?.into_exchange(None);
        self.over.insert(id, exchange);
        Ok(())
    }

    /// Ends the context of a request. The last one of a root context that is not in force ends that, too.
    fn end_stream(&mut self, id: u32) -> Result<Stream, Failure> {
        self.call(Callback::Log { id })?;
        self.end_context(id)?;
        let stream = self.vm.with_proxy(|proxy| proxy.streams.remove(&id)).expect("the request was not over");
        let root = self.open.remove(&id).expect("the request was not over");
        if Some(root) != self.root {
            self.end_root(root)?;
        }
        Ok(stream)
    }

    /// Ends the root context and what is left of requests, as the end of its worker does.
    pub(crate) fn shut_down(&mut self) -> Result<(), Failure> {
        if self.death.is_some() {
            return Ok(());
        }
        let open: Vec<_> = self.open.keys().copied().collect();
        open.into_iter().try_for_each(|id| self.hang_up(id))?;
        self.root.take().map_or(Ok(()), |id| self.end_root(id))
    }

    /// Ends a root context, unless requests of it are left.
    fn end_root(&mut self, id: u32) -> Result<(), Failure> {
        if self.open.values().any(|root| *root == id) { Ok(()) } else { self.end_context(id) }
    }

    fn create_context(&mut self, id: u32, root: u32) -> Result<(), Failure> {
        self.vm.with_proxy(|proxy| proxy.contexts.insert(id));
        self.call(Callback::ContextCreate { id, root }).map(drop)
    }

    fn end_context(&mut self, id: u32) -> Result<(), Failure> {
        if self.call(Callback::Done { id })? == Some(0) {
            return Err(Failure::Misused(
                "on_done delays the end of the context, which is not emulated".into(),
            ));
        }
        self.vm.with_proxy(|proxy| proxy.forget(id));
        self.call(Callback::Delete { id }).map(drop)
    }

    /// Calls the filter. What it has put off happens at the end of the call, and what that puts off at the
    /// end of those calls: each is deeper in the stack than the one before.
    fn call(&mut self, callback: Callback) -> Result<Option<u32>, Failure> {
        if let Some(death) = &self.death {
            return Err(death.clone());
        }
        self.vm.with_proxy(|proxy| proxy.effective = callback.context());
        let result = match self.nested {
            NESTED.. => Err("RangeError: Maximum call stack size exceeded".to_owned()),
            _ => self.vm.call(callback),
        };
        let result = result.map_err(|trap| {
            let last_words = self.vm.with_proxy(|proxy| proxy.last_words.join("\n"));
            let death = Failure::Died(format!("in {}: {trap}\n{last_words}", callback.name()));
            self.death.insert(death).clone()
        })?;
        let misuse = self.vm.with_proxy(|proxy| std::mem::take(&mut proxy.misuse));
        if !misuse.is_empty() {
            return Err(Failure::Misused(misuse.join("; ")));
        }
        self.nested += 1;
        while let Some(deferred) = self.vm.with_proxy(|proxy| proxy.deferred.pop_front()) {
            match deferred {
                Deferred::Reply(id) => self.respond(id)?,
                Deferred::Resume(id) => self.go_on(id)?,
            }
        }
        self.nested -= 1;
        Ok(result)
    }

    fn with_stream<R>(&mut self, id: u32, f: impl FnOnce(&mut Stream) -> R) -> R {
        self.vm.with_proxy(|proxy| f(proxy.streams.get_mut(&id).expect("the request is in progress")))
    }

    fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }
}
