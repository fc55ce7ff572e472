//! What a process has only one of, for the bindings that share one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::shared::Shared;

static PROCESS: Mutex<()> = Mutex::new(());

/// Guards what a process has only one of: the environment, the logger, the panic hook.
pub(crate) fn process() -> MutexGuard<'static, ()> {
    PROCESS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One worker's variables in the process's environment, for as long as that worker's filter reads them. No
/// other worker has its turn meanwhile.
pub(crate) struct Environment {
    names: Vec<String>,
    _process: MutexGuard<'static, ()>,
}

impl Environment {
    pub(crate) fn of(shared: &Shared) -> Self {
        let _process = process();
        let variables = shared.environment();
        for (name, value) in &variables {
            assert!(std::env::var_os(name).is_none(), "{name} is in the test's own environment");
            // SAFETY: this process reads its environment through `std` only, which guards it with a lock.
            unsafe { std::env::set_var(name, value) };
        }
        Self { names: variables.into_keys().collect(), _process }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        for name in &self.names {
            // SAFETY: as in `of`.
            unsafe { std::env::remove_var(name) };
        }
    }
}
