//! `keys`: the callers' key pairs.

mod source;

use serde_json::{Value, json};

use self::source::Given;
pub use self::source::{PREVIOUS_SECRET, SECRET, SecretSource};

use super::names;
use super::reader::{Fields, Node};
use super::rules;
use super::schema::{choice, described, name, object, patterns, timestamp, with};
use super::words::{Words, word};
use super::writer::{Members, Writer};
use crate::timestamp::Timestamp;

/// The words for `status`.
pub const KEY_STATUS: Words<KeyStatus, 2> =
    [("enabled", KeyStatus::Enabled), ("disabled", KeyStatus::Disabled)];

/// The members whose values are secret.
pub const SECRET_MEMBERS: [&str; 2] = ["secret_key", "previous_secret_key"];

/// A caller's key pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// A label that people read. It has no effect on requests.
    pub name: String,
    /// The id that callers send. It is unique among keys.
    pub secret_id: String,
    /// The secret that callers sign with; `None` only when it could not be read.
    pub secret: Option<SecretSource>,
    /// The secret that callers signed with before the key was rotated.
    pub previous: Option<PreviousSecret>,
    /// Before this time the key is refused like an unknown one.
    pub not_before: Option<Timestamp>,
    /// After this time the key is refused like an unknown one.
    pub not_after: Option<Timestamp>,
    /// A disabled key is refused like an unknown one.
    pub status: KeyStatus,
    /// A note for people, of at most [`MAX_REMARK`](Self::MAX_REMARK) characters.
    pub remark: String,
    /// When the key was created. It has no effect on requests.
    pub created_at: Option<Timestamp>,
}

/// A secret key that was replaced, and still verifies for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousSecret {
    /// The secret that callers may still sign with.
    pub secret: SecretSource,
    /// The last time at which the secret verifies.
    pub not_after: Timestamp,
}

/// Whether a key verifies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyStatus {
    /// The key verifies.
    #[default]
    Enabled,
    /// The key is refused like an unknown one.
    Disabled,
}

/// Where a time lies relative to a period of validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Before the period.
    NotYet,
    /// Within the period, its ends included.
    Valid,
    /// After the period.
    Expired,
}

// === impl Key ===

impl Key {
    /// The largest number of characters in a `remark`.
    pub const MAX_REMARK: usize = 200;

    pub(super) fn read(node: Node<'_>) -> Self {
        node.object(|fields| {
            let key = Self {
                name: fields.optional_name("name", &names::KEY_NAME),
                secret_id: fields.required_name("secret_id", &names::SECRET_ID),
                secret: current_secret(fields),
                previous: previous_secret(fields),
                not_before: fields.timestamp("not_before"),
                not_after: fields.timestamp("not_after"),
                status: fields.one_of("status", &KEY_STATUS).unwrap_or_default(),
                remark: fields.optional("remark").and_then(remark).unwrap_or_default(),
                created_at: fields.timestamp("created_at"),
            };
            if key.not_before.zip(key.not_after).is_some_and(|(from, until)| from > until) {
                fields.error(rules::NOT_AFTER);
            }
            key
        })
    }

    /// The key as a JSON object of the document, secrets included.
    pub fn to_json(&self) -> Members {
        let is_disabled = self.status != KeyStatus::default();
        let secret = self.secret.as_ref().map(|secret| secret.member(SECRET));
        let previous = self.previous.as_ref().map(|previous| {
            let member = previous.secret.member(PREVIOUS_SECRET);
            (member, previous.not_after.to_rfc3339())
        });
        let mut writer =
            Writer::default().string("name", &self.name).member("secret_id", self.secret_id.as_str());
        if let Some((name, value)) = secret {
            writer = writer.member(name, value);
        }
        if let Some(((name, value), not_after)) = previous {
            writer = writer.member(name, value).member("previous_secret_key_not_after", not_after);
        }
        writer
            .optional("not_before", self.not_before.map(Timestamp::to_rfc3339))
            .optional("not_after", self.not_after.map(Timestamp::to_rfc3339))
            .optional("status", is_disabled.then(|| word(&KEY_STATUS, self.status)))
            .string("remark", &self.remark)
            .optional("created_at", self.created_at.map(Timestamp::to_rfc3339))
            .finish()
    }

    pub(super) fn schema() -> Value {
        let secret = || name(&names::SECRET_KEY);
        let variable = || json!({"type": "string", "pattern": patterns::VARIABLE});
        let file = || json!({"type": "string", "pattern": patterns::PATH});
        let one_of = |names: [&str; 3]| json!({"oneOf": names.map(|name| json!({"required": [name]}))});
        let key = object(
            &["secret_id"],
            [
                ("name", described(name(&names::KEY_NAME), "For people")),
                ("secret_id", described(name(&names::SECRET_ID), "Unique among keys; callers send it")),
                ("secret_key", described(secret(), "The secret that callers sign with")),
                (
                    "secret_key_env",
                    described(
                        variable(),
                        "Instead of secret_key: the variable of Envoy's environment that holds it",
                    ),
                ),
                (
                    "secret_key_file",
                    described(file(), "Instead of secret_key: the file that holds it when it is published"),
                ),
                (
                    "previous_secret_key",
                    described(secret(), "The secret that callers signed with before the key was rotated"),
                ),
                (
                    "previous_secret_key_env",
                    described(variable(), "Instead of previous_secret_key: the variable that holds it"),
                ),
                (
                    "previous_secret_key_file",
                    described(file(), "Instead of previous_secret_key: the file that holds it"),
                ),
                (
                    "previous_secret_key_not_after",
                    described(timestamp(), "The last time at which the previous secret key verifies"),
                ),
                (
                    "not_before",
                    described(timestamp(), "Before this time the key is refused like an unknown one"),
                ),
                (
                    "not_after",
                    described(timestamp(), "After this time the key is refused like an unknown one"),
                ),
                ("status", described(choice(&KEY_STATUS), "A disabled key is refused like an unknown one")),
                (
                    "remark",
                    described(json!({"type": "string", "maxLength": Self::MAX_REMARK}), "A note for people"),
                ),
                ("created_at", described(timestamp(), "When the key was created, for people")),
            ],
        );
        let not_after = "previous_secret_key_not_after";
        let [in_document, in_variable, in_file] = PREVIOUS_SECRET;
        with(
            with(key, one_of(SECRET)),
            json!({
                "dependentRequired":
                    {in_document: [not_after], in_variable: [not_after], in_file: [not_after]},
                "dependentSchemas": {not_after: one_of(PREVIOUS_SECRET)},
            }),
        )
    }

    /// Where `now` lies relative to the key's validity, whatever its status.
    pub fn validity_at(&self, now: Timestamp) -> Validity {
        Validity::at(now, self.not_before, self.not_after)
    }
}

fn remark(node: Node<'_>) -> Option<String> {
    let rule = rules::CHARACTERS.put(Key::MAX_REMARK);
    node.text(|remark| remark.chars().count() <= Key::MAX_REMARK, rule)
}

/// Reads the key's secret, which must be given exactly once.
fn current_secret(fields: &mut Fields<'_>) -> Option<SecretSource> {
    match SecretSource::read(fields, SECRET) {
        Given::Nothing => {
            fields.error(rules::NO_SECRET);
            None
        }
        Given::Something(source) => source,
    }
}

/// Reads the previous secret and the time until which it verifies; both must be given, or neither.
fn previous_secret(fields: &mut Fields<'_>) -> Option<PreviousSecret> {
    let given = SecretSource::read(fields, PREVIOUS_SECRET);
    let not_after = fields.optional("previous_secret_key_not_after");
    match (given, not_after) {
        (Given::Nothing, None) => None,
        (Given::Nothing, Some(_)) => {
            fields.error(rules::NO_PREVIOUS_SECRET);
            None
        }
        (Given::Something(_), None) => {
            fields.error(rules::NO_PREVIOUS_END);
            None
        }
        (Given::Something(secret), Some(not_after)) => {
            let not_after = not_after.timestamp();
            Some(PreviousSecret { secret: secret?, not_after: not_after? })
        }
    }
}

// === impl PreviousSecret ===

impl PreviousSecret {
    /// Whether the secret still verifies at `now`.
    pub fn verifies_at(&self, now: Timestamp) -> bool {
        Validity::at(now, None, Some(self.not_after)) == Validity::Valid
    }
}

// === impl Validity ===

impl Validity {
    /// Where `now` lies relative to the period, whose ends are inclusive. Without `not_before` the period has
    /// no beginning, without `not_after` no end.
    #[inline]
    pub fn at(now: Timestamp, not_before: Option<Timestamp>, not_after: Option<Timestamp>) -> Self {
        if not_before.is_some_and(|from| now < from) {
            Self::NotYet
        } else if not_after.is_some_and(|until| now > until) {
            Self::Expired
        } else {
            Self::Valid
        }
    }
}
