//! What running Envoys say of themselves and of the filter in them.

mod snapshot;

pub use self::snapshot::{Snapshot, VmReloads};
