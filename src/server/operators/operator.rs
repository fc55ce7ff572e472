//! An operator.

use usage_plan_core::auth::mac::{KeyedMac, mac};
use usage_plan_core::document::{Algorithm, Secret};

/// What is hashed with two secrets to compare them: a comparison of hashes tells nothing by its time.
const COMPARED: &[u8] = b"usage-plan operator";

/// What an operator may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Admin,
    /// Read everything but secrets.
    Viewer,
}

/// Somebody who may use the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    pub(super) id: String,
    pub(super) secret: Secret,
    pub(super) role: Role,
}

// === impl Operator ===

impl Operator {
    /// By which the operator is known, in requests and in the log.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the operator may do.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The secret, to make a MAC with.
    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether `secret` is the operator's. The time that it takes does not depend on what is equal.
    pub(super) fn has(&self, secret: &str) -> bool {
        let given = mac(&Secret::new(secret), Algorithm::HmacSha256, COMPARED);
        KeyedMac::default().verify(&self.secret, Algorithm::HmacSha256, COMPARED, &given)
    }
}
