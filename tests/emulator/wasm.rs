//! The wasm binding: a `.wasm` file in an interpreter that counts fuel.

mod calls;
mod events;
mod guest;
mod wasi;

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use testbed::Request;
use wasmi::{CompilationMode, Config, Engine, Instance, Linker, Module, Store, Val};

use crate::driver::{Callback, Driver, Vm};
use crate::exchange::Exchange;
use crate::hostcalls::Proxy;
use crate::shared::Shared;
use crate::worker::{Failure, Filter, ProxyWasm, Worker};

/// The fuel that a callback may use before it counts as one that never ends. The start of a VM with a large
/// document needs more.
const FUEL: u64 = 200_000_000;
const FUEL_TO_START: u64 = 100_000_000_000;

/// A worker whose filter is the module at [`Filter::module`]. When it dies, see [`Failure::Died`].
pub struct Wasm<F>(Driver<WasmVm>, PhantomData<fn() -> F>);

impl<F: Filter> Worker for Wasm<F> {
    fn boot(shared: &Arc<Shared>) -> Self {
        Self(Driver::new(WasmVm::boot(&F::module(), Arc::clone(shared))), PhantomData)
    }

    fn try_configure(&mut self, document: &[u8]) -> Result<bool, Failure> {
        self.0.configure(document)
    }

    fn try_request(&mut self, request: &Request) -> Result<Exchange, Failure> {
        self.0.request(request)
    }
}

impl<F: Filter> ProxyWasm for Wasm<F> {
    fn try_begin(&mut self, request: &Request) -> Result<u32, Failure> {
        self.0.begin(request)
    }

    fn take(&mut self, id: u32) -> Option<Exchange> {
        self.0.take(id)
    }

    fn try_step(&mut self) -> Result<bool, Failure> {
        self.0.step()
    }

    fn try_tick(&mut self) -> Result<(), Failure> {
        self.0.tick()
    }

    fn try_hang_up(&mut self, id: u32) -> Result<(), Failure> {
        self.0.hang_up(id)
    }
}

impl<F: Filter> Wasm<F> {
    /// The size of the module's memory now, in pages of 64 KiB. It never shrinks.
    ///
    /// # Panics
    /// The module exports no memory.
    pub fn memory_pages(&self) -> u64 {
        let vm = &self.0.vm;
        vm.instance.get_memory(&vm.store, "memory").expect("the module exports its memory").size(&vm.store)
    }

    /// The fuel that a document costs that the filter accepts.
    ///
    /// # Panics
    /// The filter refuses it.
    pub fn configure_fuel(&mut self, document: impl AsRef<[u8]>) -> u64 {
        self.0.vm.take_fuel();
        assert!(self.configure(document), "the document is refused");
        self.0.vm.take_fuel().expect("the interpreter counts fuel")
    }

    /// What the module imports, as `module.name`, sorted.
    pub fn imports() -> Vec<String> {
        let module = loaded(&F::module());
        let mut names: Vec<_> =
            module.imports().map(|import| format!("{}.{}", import.module(), import.name())).collect();
        names.sort_unstable();
        names
    }
}

/// The module of that file, which is read and compiled once per process.
fn loaded(path: &Path) -> Module {
    static MODULES: Mutex<BTreeMap<PathBuf, Module>> = Mutex::new(BTreeMap::new());
    let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
    let compile = || {
        let bytes = std::fs::read(path).unwrap_or_else(|error| {
            panic!("{}: {error}: run `make build fixtures`", path.display());
        });
        let mut config = Config::default();
        // Compiled before it runs; otherwise the first request would pay for the compilation in fuel.
        config.consume_fuel(true).compilation_mode(CompilationMode::Eager);
        Module::new(&Engine::new(&config), bytes)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    modules.entry(path.to_owned()).or_insert_with(compile).clone()
}

struct WasmVm {
    store: Store<Proxy>,
    instance: Instance,
    used_fuel: u64,
}

impl WasmVm {
    fn boot(path: &Path, shared: Arc<Shared>) -> Self {
        let module = loaded(path);
        let mut store = Store::new(module.engine(), Proxy::new(shared));
        let mut linker = Linker::new(module.engine());
        calls::link(&mut linker, &module)
            .and_then(|()| wasi::link(&mut linker))
            .expect("each import is defined once");
        store.set_fuel(FUEL_TO_START).expect("fuel is counted");
        let instance = linker
            .instantiate_and_start(&mut store, &module)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut vm = Self { store, instance, used_fuel: 0 };
        vm.call_export("_initialize", &[], FUEL_TO_START)
            .unwrap_or_else(|trap| panic!("_initialize: {trap}\n{}", vm.store.data().last_words.join("\n")));
        vm
    }

    fn call_export(&mut self, name: &str, arguments: &[u32], fuel: u64) -> Result<Option<u32>, String> {
        let Some(function) = self.instance.get_func(&self.store, name) else { return Ok(None) };
        let arguments: Vec<_> = arguments.iter().map(|&argument| Val::I32(argument.cast_signed())).collect();
        let mut results = vec![Val::I32(0); function.ty(&self.store).results().len()];
        self.store.set_fuel(fuel).expect("fuel is counted");
        let outcome = function.call(&mut self.store, &arguments, &mut results);
        self.used_fuel += fuel - self.store.get_fuel().expect("fuel is counted");
        outcome.map_err(|trap| trap.to_string())?;
        Ok(results.first().and_then(Val::i32).map(i32::cast_unsigned))
    }
}

impl Vm for WasmVm {
    fn call(&mut self, callback: Callback) -> Result<Option<u32>, String> {
        let size = |size: usize| u32::try_from(size).expect("a size that wasm32 can hold");
        let name = callback.name();
        match callback {
            Callback::ContextCreate { id, root } => self.call_export(name, &[id, root], FUEL),
            Callback::VmStart { id, size: n } | Callback::Configure { id, size: n } => {
                self.call_export(name, &[id, size(n)], FUEL_TO_START)
            }
            Callback::RequestHeaders { id, count, end } | Callback::ResponseHeaders { id, count, end } => {
                self.call_export(name, &[id, size(count), end.into()], FUEL)
            }
            Callback::RequestTrailers { id, count } => self.call_export(name, &[id, size(count)], FUEL),
            Callback::QueueReady { id, queue } => self.call_export(name, &[id, queue], FUEL),
            Callback::GrpcReceive { id, call, size: n } => self.call_export(name, &[id, call, size(n)], FUEL),
            Callback::GrpcClose { id, call, status } => self.call_export(name, &[id, call, status], FUEL),
            Callback::Tick { id }
            | Callback::Log { id }
            | Callback::Done { id }
            | Callback::Delete { id } => self.call_export(name, &[id], FUEL),
        }
    }

    fn with_proxy<R>(&mut self, f: impl FnOnce(&mut Proxy) -> R) -> R {
        f(self.store.data_mut())
    }

    fn take_fuel(&mut self) -> Option<u64> {
        Some(std::mem::take(&mut self.used_fuel))
    }
}
