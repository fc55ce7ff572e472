//! The wasm binding: a `.wasm` file in an interpreter that counts fuel.

use super::driver::{Callback, Driver, Vm};
use super::exchange::{Exchange, Request};
use super::hostcalls::Host;
use super::shared::Shared;
use super::worker::{Failure, Worker};
use super::{module, wasi, wasm_calls};
use std::sync::{Arc, OnceLock};
use wasmi::{CompilationMode, Config, Engine, ExternType, Instance, Linker, Module, Store, Val};

/// What one callback may burn before it counts as one that never ends; starting a VM with a large document takes longer.
const FUEL: u64 = 200_000_000;
const FUEL_TO_START: u64 = 100_000_000_000;

/// A worker whose filter is the module at [`module`]. The first thing to look at when it dies: [`Failure::Died`].
pub struct Wasm(Driver<WasmVm>);

impl Worker for Wasm {
    fn boot(shared: &Arc<Shared>) -> Self {
        Self(Driver::new(WasmVm::boot(Arc::clone(shared))))
    }

    fn try_configure(&mut self, document: &[u8]) -> Result<bool, Failure> {
        self.0.configure(document)
    }

    fn try_request(&mut self, request: Request) -> Result<Exchange, Failure> {
        self.0.request(request)
    }
}

impl Wasm {
    /// The size of the module's memory now, in pages of 64 KiB. It never shrinks.
    pub fn memory_pages(&self) -> u64 {
        let vm = &self.0.vm;
        vm.instance.get_memory(&vm.store, "memory").expect("the module exports its memory").size(&vm.store)
    }

    /// What the module imports, as `module.name`, sorted.
    pub fn imports() -> Vec<String> {
        sorted(loaded().imports().map(|import| format!("{}.{}", import.module(), import.name())))
    }

    /// The functions the module exports, sorted.
    pub fn exports() -> Vec<String> {
        let functions = loaded().exports().filter(|export| matches!(export.ty(), ExternType::Func(_)));
        sorted(functions.map(|export| export.name().to_owned()))
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

/// The module, read and compiled once a process.
fn loaded() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| {
        let path = module();
        let bytes = std::fs::read(&path)
            .unwrap_or_else(|error| panic!("{}: {error}: run `make build`", path.display()));
        let mut config = Config::default();
        // Compiled before it runs, or the first request would pay for it in fuel.
        config.consume_fuel(true).compilation_mode(CompilationMode::Eager);
        Module::new(&Engine::new(&config), bytes)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    })
}

struct WasmVm {
    store: Store<Host>,
    instance: Instance,
    burned: u64,
}

impl WasmVm {
    fn boot(shared: Arc<Shared>) -> Self {
        let module = loaded();
        let mut store = Store::new(module.engine(), Host::new(shared));
        let mut linker = Linker::new(module.engine());
        wasm_calls::link(&mut linker, module)
            .and_then(|()| wasi::link(&mut linker))
            .expect("each import is defined once");
        store.set_fuel(FUEL_TO_START).expect("fuel is counted");
        let instance = linker
            .instantiate_and_start(&mut store, module)
            .unwrap_or_else(|error| panic!("{}: {error}", super::module().display()));
        let mut vm = Self { store, instance, burned: 0 };
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
        self.burned += fuel - self.store.get_fuel().expect("fuel is counted");
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
            Callback::Log { id } | Callback::Done { id } | Callback::Delete { id } => {
                self.call_export(name, &[id], FUEL)
            }
        }
    }

    fn with_host<R>(&mut self, f: impl FnOnce(&mut Host) -> R) -> R {
        f(self.store.data_mut())
    }

    fn take_fuel(&mut self) -> Option<u64> {
        Some(std::mem::take(&mut self.burned))
    }
}
