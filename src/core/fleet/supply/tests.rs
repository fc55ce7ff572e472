//! The supply machine.
