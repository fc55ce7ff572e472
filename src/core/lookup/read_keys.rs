//! Makes the keys of a configuration while the document is read. Only what requests need is kept of each, so
//! a document with many keys is never in memory as a whole.

use super::config::Config;
use super::key::{Key, Plans, Times};
use super::keys::Keys;
use super::secrets::{Secrets, from_elsewhere};
use super::table::Table;
use crate::document::{
    self, PREVIOUS_SECRET, Path, PreviousSecret, Report, SECRET, Secret, SecretSource, rules,
};
use crate::timestamp::Timestamp;

/// The keys that were read so far.
pub(super) struct ReadKeys<'s> {
    secrets: Secrets<'s>,
    keys: Keys,
    /// The last time at which the previous secret of any key verifies.
    rotated_until: Option<Timestamp>,
    /// The name of each key, for messages.
    names: Vec<Box<str>>,
    /// Repeated ids come before the other errors, as in the lists of other objects.
    repeated: Report,
    report: Report,
}

// === impl ReadKeys ===

impl<'s> ReadKeys<'s> {
    pub(super) fn new(secrets: Secrets<'s>) -> Self {
        Self {
            secrets,
            keys: Keys::default(),
            rotated_until: None,
            names: Vec::new(),
            repeated: Report::default(),
            report: Report::default(),
        }
    }

    /// Adds the next key of the document.
    pub(super) fn add(&mut self, key: document::Key) {
        let list = Path::Root.member("keys");
        let path = list.item(self.names.len());
        let (secrets, report) = (self.secrets, &self.report);
        let secret = |source: SecretSource, members| match source {
            SecretSource::Document(secret) => secret,
            SecretSource::Environment(_) | SecretSource::File(_) => {
                from_elsewhere(&source, secrets, path.member(source.member(members).0), report)
            }
        };
        // A secret that the document lacks was already reported when the document was read.
        let current = key.secret.map(|source| secret(source, SECRET));
        self.rotated_until = self.rotated_until.max(key.previous.as_ref().map(|previous| previous.not_after));
        let previous =
            |previous: PreviousSecret| (secret(previous.secret, PREVIOUS_SECRET), previous.not_after);
        let times = Times {
            previous: key.previous.map(previous),
            not_before: key.not_before,
            not_after: key.not_after,
        };
        let first = self.keys.add(Key {
            secret_id: key.secret_id.into(),
            secret: current.unwrap_or_else(|| Secret::new("")),
            status: key.status,
            usage_plans: Plans::Nothing,
            times: times.is_any().then(|| Box::new(times)),
        });
        if let Some(first) = first {
            let rule = rules::SECRET_ID_TOO.put(first.position());
            self.repeated.add(path.member("secret_id"), rule);
        }
        self.names.push(key.name.into());
    }

    /// Puts the keys into the configuration and their errors into `report`. Returns the names of the keys.
    pub(super) fn finish(self, config: &mut Config, report: &Report) -> Table<Key, Box<str>> {
        config.keys = self.keys;
        config.rotated_until = self.rotated_until;
        report.append(self.repeated);
        report.append(self.report);
        self.names.into_iter().collect()
    }
}
