//! Where a secret key is: in the document, in a variable, or in a file.

use super::super::names;
use super::super::reader::{Fields, Node};
use super::super::rules;
use super::super::secret::Secret;

/// The members of a key's secret: for a secret in the document, in a variable and in a file.
pub const SECRET: [&str; 3] = ["secret_key", "secret_key_env", "secret_key_file"];

/// The members of its previous secret, in the same order.
pub const PREVIOUS_SECRET: [&str; 3] =
    ["previous_secret_key", "previous_secret_key_env", "previous_secret_key_file"];

/// The source of a secret key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// The document has the secret key itself.
    Document(Secret),
    /// The environment of the filter's VM has it, in the variable of this name.
    Environment(String),
    /// The file of this path has it. The filter reads no files, so whoever publishes the document puts the
    /// secret in its place.
    File(String),
}

// === impl SecretSource ===

impl SecretSource {
    /// Reads the secret that is given in one of `members`. Several are an error, and none is none.
    pub(super) fn read(fields: &mut Fields<'_>, members: [&'static str; 3]) -> Given {
        let [secret, variable, file] = members.map(|member| (member, fields.optional(member)));
        let given = [secret, variable, file].into_iter().filter(|(_, node)| node.is_some());
        let names: Vec<&str> = given.map(|(member, _)| member).collect();
        match names[..] {
            [] => return Given::Nothing,
            [_] => {}
            [one, two] => fields.error(rules::BOTH_SECRETS.put(one).put(two)),
            _ => fields.error(rules::ALL_SECRETS.put(names.join(", "))),
        }
        if names.len() > 1 {
            return Given::Something(None);
        }
        let in_document = |node: Node<'_>| node.name(&names::SECRET_KEY).map(Secret::new).map(Self::Document);
        let in_variable =
            |node: Node<'_>| node.text(names::is_variable, rules::VARIABLE.into()).map(Self::Environment);
        let in_file = |node: Node<'_>| node.text(names::is_path, rules::FILE.into()).map(Self::File);
        let source = secret.1.and_then(in_document);
        let source = source.or_else(|| variable.1.and_then(in_variable)).or_else(|| file.1.and_then(in_file));
        Given::Something(source)
    }

    /// The member that this source is written as, and its value. The argument names the members for a secret,
    /// a variable and a file.
    pub fn member<'m>(&self, [secret, variable, file]: [&'m str; 3]) -> (&'m str, &str) {
        match self {
            Self::Document(value) => (secret, value.expose()),
            Self::Environment(name) => (variable, name),
            Self::File(path) => (file, path),
        }
    }
}

/// What an object says of a secret.
pub(super) enum Given {
    /// It has none of the members.
    Nothing,
    /// It has one; `None` when it could not be read.
    Something(Option<SecretSource>),
}
