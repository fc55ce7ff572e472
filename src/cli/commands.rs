//! The commands, one file or folder each.

pub(crate) mod publish;
pub(crate) mod render;
pub(crate) mod schema;
pub(crate) mod usage;
