//! The link that is printed at the start, which signs in once.

use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use usage_plan_core::document::Secret;
use usage_plan_manage::{Error, random};

/// A link that signs in whoever opens it first.
#[derive(Debug, Default)]
pub(super) struct OneTimeLink(Mutex<Option<[u8; 32]>>);

// === impl OneTimeLink ===

impl OneTimeLink {
    /// Makes the link's secret part, which replaces an earlier one.
    pub(super) fn renew(&self) -> Result<Secret, Error> {
        let token = random::secret()?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(digest(token.expose()));
        Ok(token)
    }

    /// Whether this is the link's secret part. It is so once.
    pub(super) fn open(&self, token: &str) -> bool {
        let mut link = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_right = *link == Some(digest(token));
        if is_right {
            *link = None;
        }
        is_right
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_once() {
        let link = OneTimeLink::default();
        assert!(!link.open(""), "there is none yet");
        let token = link.renew().expect("a token");
        assert!(!link.open("another"));
        assert!(link.open(token.expose()));
        assert!(!link.open(token.expose()));
    }
}
