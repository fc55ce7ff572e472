//! Secrets and whole documents as fingerprints, for the log.
//!
//! A plain digest of a secret, or of a document with secrets, could be guessed by whoever reads the log.
//! These are MACs under a random key, which is not in the log: it lies in a file beside the document, and
//! whoever can read that file can read the document.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde_json::{Map, Value};
use tempfile::Builder;
use usage_plan_core::auth::mac::mac;
use usage_plan_core::document::{Algorithm, SECRET_MEMBERS, Secret};

use crate::draft::KEYS;
use crate::random;

/// The bits of a mode that the log and its key take from the document: users outside its group get none.
const OWNER_AND_GROUP: u32 = 0o660;

/// What the owner may always do.
const OWNER: u32 = 0o600;

/// How the fingerprint of a secret begins. No secret begins so.
const BEGINNING: &str = "(secret ";

/// The length of a fingerprint, in hexadecimal digits: 40 bits tell two secrets apart.
const LENGTH: usize = 10;

/// The length of a document's fingerprint, in hexadecimal digits.
const DOCUMENT_LENGTH: usize = 32;

/// Makes fingerprints under the key of one log.
#[derive(Clone, Debug)]
pub struct Mask(Secret);

// === impl Mask ===

impl Mask {
    /// The mask whose key lies beside the document; `None` when there is no key.
    pub(super) fn find(document: &Path) -> io::Result<Option<Self>> {
        let path = key_path(document);
        let flags = OFlags::NOFOLLOW.bits().cast_signed();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(&path);
        match file.and_then(io::read_to_string) {
            Ok(key) if key.len() == random::SECRET_LENGTH => Ok(Some(Self(Secret::new(key)))),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io::Error::new(error.kind(), format!("its key {}: {error}", path.display()))),
        }
    }

    /// Makes a key beside the document.
    pub(super) fn create(document: &Path) -> io::Result<Self> {
        let key = random::secret().map_err(io::Error::other)?;
        let path = key_path(document);
        // As the remains of the document itself are, so that a crash leaves nothing for ever.
        let prefix = format!(".{}.", name_of(document));
        let directory = document.parent().unwrap_or(Path::new(""));
        let mut file = Builder::new().prefix(&prefix).suffix(".tmp").tempfile_in(directory)?;
        file.write_all(key.expose().as_bytes())?;
        give_access_of(document, file.path());
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(Self(key))
    }

    /// The fingerprint of a document.
    pub(super) fn of_document(&self, text: &[u8]) -> String {
        self.hexadecimal("document", text, DOCUMENT_LENGTH)
    }

    /// The fingerprint of a secret.
    pub(super) fn of_secret(&self, secret: &str) -> String {
        format!("{BEGINNING}{})", self.hexadecimal("secret", secret.as_bytes(), LENGTH))
    }

    /// A document without its secrets: each is its fingerprint.
    pub(super) fn tree(&self, tree: &Map<String, Value>) -> Map<String, Value> {
        let mut tree = tree.clone();
        for secret in secrets_in(&mut tree) {
            // Of a value that is no text, too: an editor may have written anything.
            let text = secret.as_str().map_or_else(|| secret.to_string(), str::to_owned);
            *secret = self.of_secret(&text).into();
        }
        tree
    }

    fn hexadecimal(&self, kind: &str, bytes: &[u8], length: usize) -> String {
        let message = [kind.as_bytes(), b"\0", bytes].concat();
        let mac = mac(&self.0, Algorithm::HmacSha256, &message);
        let mut text: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        text.truncate(length);
        text
    }
}

/// Whether a value of the log stands for a secret.
pub(super) fn is_masked(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with(BEGINNING))
}

/// The secrets in a document.
pub(super) fn secrets_in(tree: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    let keys = tree.get_mut(KEYS.list).and_then(Value::as_array_mut).into_iter().flatten();
    let members = keys.filter_map(Value::as_object_mut).flat_map(|key| key.iter_mut());
    members.filter(|(name, _)| SECRET_MEMBERS.contains(&name.as_str())).map(|(_, secret)| secret)
}

/// The mode of a new file beside the document: whoever may not edit the document gains nothing by it.
pub(super) fn mode_like(document: &Path) -> u32 {
    let mode = document.metadata().map_or(0, |metadata| metadata.mode());
    OWNER | mode & OWNER_AND_GROUP
}

/// Gives a new file the mode, the owner and the group that the document has, as far as the system allows.
pub(super) fn give_access_of(document: &Path, path: &Path) {
    let mut mode = mode_like(document);
    if let Ok(metadata) = document.metadata() {
        let keeps_owner = chown(path, Some(metadata.uid()), Some(metadata.gid())).is_ok();
        if !keeps_owner && chown(path, None, Some(metadata.gid())).is_err() {
            mode &= OWNER;
        }
    }
    // It was made with less.
    let _ = fs::set_permissions(path, Permissions::from_mode(mode));
}

/// The document's name.
pub(super) fn name_of(document: &Path) -> String {
    document.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn key_path(document: &Path) -> PathBuf {
    document.with_file_name(format!(".{}.log-key", name_of(document)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fingerprint_tells_secrets_apart_and_depends_on_the_key() {
        let directory = tempfile::tempdir().expect("a directory");
        let paths = ["a.json", "b.json"].map(|name| directory.path().join(name));
        let [one, other] = paths.each_ref().map(|path| Mask::create(path).expect("made"));
        assert_ne!(one.of_secret("secret-0001"), one.of_secret("secret-0002"));
        assert_ne!(one.of_secret("secret-0001"), other.of_secret("secret-0001"));
        assert_ne!(one.of_document(b"{}"), other.of_document(b"{}"));
        let found = Mask::find(&paths[0]).expect("read").expect("there");
        assert_eq!(one.of_secret("secret-0001"), found.of_secret("secret-0001"));
        let mode = key_path(&paths[0]).metadata().expect("there").mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(is_masked(&one.of_secret("x").into()));
    }

    #[test]
    fn every_secret_of_a_document_is_masked_and_nothing_else() {
        let directory = tempfile::tempdir().expect("a directory");
        let mask = Mask::create(&directory.path().join("a.json")).expect("made");
        let key = json!({"secret_id": "AKIDacme0001", "secret_key": "one", "previous_secret_key": "two"});
        let tree = json!({"keys": [key, {"secret_id": "AKIDbeta0001", "secret_key_env": "BETA"}, 1]});
        let masked = mask.tree(tree.as_object().expect("an object"));
        let key = &masked["keys"][0];
        assert!(is_masked(&key["secret_key"]) && is_masked(&key["previous_secret_key"]), "{key}");
        assert_ne!(key["secret_key"], key["previous_secret_key"]);
        assert_eq!((&masked["keys"][1], &masked["keys"][2]), (&tree["keys"][1], &tree["keys"][2]));
    }

    #[test]
    fn a_key_that_is_missing_or_not_whole_is_none() {
        let directory = tempfile::tempdir().expect("a directory");
        let document = directory.path().join("a.json");
        assert!(Mask::find(&document).expect("read").is_none());
        fs::write(key_path(&document), "half").expect("written");
        assert!(Mask::find(&document).expect("read").is_none());
        // One that cannot be read is not replaced, because it is somebody's.
        fs::remove_file(key_path(&document)).expect("removed");
        fs::create_dir(key_path(&document)).expect("made");
        let error = Mask::find(&document).expect_err("a directory").to_string();
        assert!(error.starts_with("its key ") && error.contains(".a.json.log-key: "), "{error}");
    }
}
