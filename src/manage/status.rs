//! What is in force in running Envoys, and what is wrong there.

mod envoy;
mod here;
mod snapshot;

pub use self::envoy::{EnvoyStatus, InForce, Problem, Question, Refused};
pub use self::here::Here;
pub use self::snapshot::{Snapshot, VmReloads};
