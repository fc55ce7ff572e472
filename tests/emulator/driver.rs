//! The calls Envoy makes into a VM, in Envoy's order, for either binding.

use testbed::Request;

use crate::exchange::Exchange;
use crate::hostcalls::Proxy;
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
            Self::Log { .. } => "proxy_on_log",
            Self::Done { .. } => "proxy_on_done",
            Self::Delete { .. } => "proxy_on_delete",
        }
    }
}

const CONTINUE: u32 = 0;

/// A VM and the root context in force in it.
pub(crate) struct Driver<V: Vm> {
    pub(crate) vm: V,
    root: Option<u32>,
    last_id: u32,
    death: Option<Failure>,
}

impl<V: Vm> Driver<V> {
    pub(crate) fn new(vm: V) -> Self {
        Self { vm, root: None, last_id: 0, death: None }
    }

    /// Envoy calls `on_vm_start` on each new root context, also in a VM that is already running, and ends the
    /// previous root context once the new one is configured.
    pub(crate) fn configure(&mut self, document: &[u8]) -> Result<bool, Failure> {
        let id = self.next_id();
        self.vm.with_proxy(|proxy| proxy.document = Some(document.to_vec()));
        self.call(Callback::ContextCreate { id, root: 0 })?;
        let accepted = self.call(Callback::VmStart { id, size: 0 })? != Some(0)
            && self.call(Callback::Configure { id, size: document.len() })? != Some(0);
        self.vm.with_proxy(|proxy| proxy.document = None);
        let gone = if accepted { self.root.replace(id) } else { Some(id) };
        gone.map_or(Ok(()), |id| self.end_context(id))?;
        Ok(accepted)
    }

    /// Envoy calls `on_response_headers` also for the filter's own reply, and `on_log` before `on_done`.
    pub(crate) fn request(&mut self, request: &Request) -> Result<Exchange, Failure> {
        let id = self.next_id();
        let Some(root) = self.root else {
            return Err(self
                .death
                .clone()
                .unwrap_or_else(|| Failure::Misused("no document is in force".into())));
        };
        self.vm.take_fuel();
        let stream = Stream::new(request, self.vm.with_proxy(|proxy| proxy.shared.upstream_answer()));
        let (count, end) = stream.request_size();
        self.vm.with_proxy(|proxy| proxy.stream = Some(stream));
        let exchange = self.run(id, root, count, end);
        let stream = self.vm.with_proxy(|proxy| proxy.stream.take());
        exchange?;
        let stream = stream.expect("only this function takes the stream away");
        Ok(stream.into_exchange(self.vm.take_fuel()))
    }

    fn run(&mut self, id: u32, root: u32, count: usize, end: bool) -> Result<(), Failure> {
        self.call(Callback::ContextCreate { id, root })?;
        let action = self.call(Callback::RequestHeaders { id, count, end })?;
        // Envoy stops a request that the filter has answered, whatever the callback returns.
        if action.unwrap_or(CONTINUE) != CONTINUE && !self.with_stream(|stream| stream.has_reply()) {
            return Err(Failure::Misused("the request is paused, and nothing here resumes it".into()));
        }
        if let Some(count) = self.with_stream(Stream::end_headers) {
            let action = self.call(Callback::RequestTrailers { id, count })?;
            if action.unwrap_or(CONTINUE) != CONTINUE {
                return Err(Failure::Misused(
                    "the trailers are paused, and nothing here resumes them".into(),
                ));
            }
        }
        let (count, end) = self.with_stream(Stream::respond);
        let action = self.call(Callback::ResponseHeaders { id, count, end })?;
        if action.unwrap_or(CONTINUE) != CONTINUE {
            return Err(Failure::Misused("the response is paused, and nothing here resumes it".into()));
        }
        self.with_stream(Stream::finish);
        self.call(Callback::Log { id })?;
        self.end_context(id)
    }

    /// Ends the root context, as the end of its worker does.
    pub(crate) fn shut_down(&mut self) -> Result<(), Failure> {
        self.root.take().map_or(Ok(()), |id| self.end_context(id))
    }

    fn end_context(&mut self, id: u32) -> Result<(), Failure> {
        if self.call(Callback::Done { id })? == Some(0) {
            return Err(Failure::Misused(
                "on_done delays the end of the context, which is not emulated".into(),
            ));
        }
        self.call(Callback::Delete { id }).map(drop)
    }

    fn call(&mut self, callback: Callback) -> Result<Option<u32>, Failure> {
        if let Some(death) = &self.death {
            return Err(death.clone());
        }
        let result = self.vm.call(callback).map_err(|trap| {
            let last_words = self.vm.with_proxy(|proxy| proxy.last_words.join("\n"));
            let death = Failure::Died(format!("in {}: {trap}\n{last_words}", callback.name()));
            self.death.insert(death).clone()
        })?;
        let misuse = self.vm.with_proxy(|proxy| std::mem::take(&mut proxy.misuse));
        if misuse.is_empty() { Ok(result) } else { Err(Failure::Misused(misuse.join("; "))) }
    }

    fn with_stream<R>(&mut self, f: impl FnOnce(&mut Stream) -> R) -> R {
        self.vm.with_proxy(|proxy| f(proxy.stream.as_mut().expect("a request is in progress")))
    }

    fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }
}
