//! Who calls: key pair authentication (`docs/rules.md#signature`).
//!
//! [`Authenticator::authenticate`] checks in the order of `docs/rules.md#refusals`: is there a credential, is
//! it well formed, does it sign a date, is every signed header there once, is the date near, does the key
//! have a plan here, does the signature match. Each check is a function of its own.

mod authenticator;
mod caller;
mod checks;
pub mod credential;
pub mod date;
mod date_name;
mod failure;
pub mod mac;
pub mod string_to_sign;

pub use self::authenticator::Authenticator;
pub use self::caller::{Caller, SecretUsed};
pub use self::checks::{Authorization, allowed_algorithm, check_signed_names, find_caller};
pub use self::date_name::DateName;
pub use self::failure::Failure;

#[cfg(test)]
mod tests;
