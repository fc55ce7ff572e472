//! Who calls: key pair authentication (`docs/rules.md#signature`).
//!
//! [`Authenticator::authenticate`] checks in the order of `docs/rules.md#refusals`: whether the request has a
//! credential, whether it is well formed, whether it signs a date, whether every signed header is present
//! exactly once, whether the date is near the clock, whether the key has a plan in the environment, and
//! whether the signature matches. Each check is a separate function.

mod authenticator;
mod caller;
mod checks;
pub mod credential;
pub mod date;
mod date_name;
mod failure;
mod last_verified;
pub mod mac;
pub mod signed_names;
pub mod string_to_sign;

pub use self::authenticator::Authenticator;
pub use self::caller::{Caller, Claimed, SecretUsed, Unproven};
pub use self::checks::{Authorization, allowed_algorithm, check_signed_names, find_caller};
pub use self::date_name::DateName;
pub use self::failure::Failure;

#[cfg(test)]
mod tests;
