//! Whether a key verifies at a moment, in one word: what its `status` and its dates say together.

use usage_plan_core::document::{Key, KeyStatus, Validity};
use usage_plan_core::timestamp::Timestamp;

/// Whether a key verifies at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectiveStatus {
    /// It verifies.
    Enabled,
    /// Its `status` refuses it, whatever its dates say.
    Disabled,
    /// Its `not_after` has passed.
    Expired,
    /// Its `not_before` is to come.
    NotYetValid,
}

// === impl EffectiveStatus ===

impl EffectiveStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Enabled, Self::Disabled, Self::Expired, Self::NotYetValid];

    /// The status of `key` at `now`.
    pub fn of(key: &Key, now: Timestamp) -> Self {
        match (key.status, key.validity_at(now)) {
            (KeyStatus::Disabled, _) => Self::Disabled,
            (KeyStatus::Enabled, Validity::Valid) => Self::Enabled,
            (KeyStatus::Enabled, Validity::Expired) => Self::Expired,
            (KeyStatus::Enabled, Validity::NotYet) => Self::NotYetValid,
        }
    }

    /// The word that people and programs read.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::NotYetValid => "not yet valid",
        }
    }
}

/// Until when the secret before the present one of `key` verifies, if it does at `now`.
pub fn rotating_until(key: &Key, now: Timestamp) -> Option<Timestamp> {
    let previous = key.previous.as_ref().filter(|previous| previous.verifies_at(now));
    previous.map(|previous| previous.not_after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft;

    #[test]
    fn a_key_has_one_status_and_that_of_the_document_weighs_more_than_its_dates() {
        let text = br#"{"keys": [
            {"secret_id": "AKIDa", "secret_key": "secret-key-0001", "not_before": "2026-01-01T00:00:00Z",
             "not_after": "2026-12-31T00:00:00Z"},
            {"secret_id": "AKIDb", "secret_key": "secret-key-0001", "status": "disabled",
             "not_after": "2020-01-01T00:00:00Z"}]}"#;
        let document = draft::read(text).expect("valid");
        let words = |time| {
            let now = Timestamp::from_rfc3339(time).expect("a time");
            document.keys.iter().map(|key| EffectiveStatus::of(key, now).word()).collect::<Vec<_>>()
        };
        assert_eq!(words("2025-06-01T00:00:00Z"), ["not yet valid", "disabled"]);
        assert_eq!(words("2026-06-01T00:00:00Z"), ["enabled", "disabled"]);
        assert_eq!(words("2027-06-01T00:00:00Z"), ["expired", "disabled"]);
    }

    #[test]
    fn a_rotation_is_under_way_until_the_old_secret_ends() {
        let text = br#"{"keys": [{"secret_id": "AKIDa", "secret_key": "secret-key-0001",
            "previous_secret_key": "secret-key-0000", "previous_secret_key_not_after": "2026-06-01T00:00:00Z"}]}"#;
        let document = draft::read(text).expect("valid");
        let until = |time| {
            let now = Timestamp::from_rfc3339(time).expect("a time");
            document.keys.iter().find_map(|key| rotating_until(key, now)).map(Timestamp::to_rfc3339)
        };
        assert_eq!(until("2026-05-01T00:00:00Z").as_deref(), Some("2026-06-01T00:00:00Z"));
        assert_eq!(until("2026-07-01T00:00:00Z"), None);
    }
}
