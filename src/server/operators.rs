//! Operators: who may use the server, with which secret and in which role.
//!
//! They are in a file of their own. A key of the document is a caller's, and lets nobody in here.

mod file;
mod operator;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use self::operator::{Operator, Role};
use crate::stamp::Stamp;

/// The operators in a file, which is read anew when it changes.
#[derive(Debug)]
pub struct Operators {
    path: PathBuf,
    last: Mutex<Option<(Stamp, Arc<[Operator]>)>>,
}

/// Why the operators are not known.
#[derive(Debug)]
pub enum Error {
    /// The file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// The file is not what it has to be: the place in it, and the rule.
    Wrong(PathBuf, String),
}

// === impl Operators ===

impl Operators {
    /// The operators in the file `path`.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not what it has to be.
    pub fn open(path: PathBuf) -> Result<Self, Error> {
        let operators = Self { path, last: Mutex::default() };
        operators.all()?;
        Ok(operators)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether others than the file's owner may read it.
    pub fn is_readable_by_others(&self) -> bool {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(&self.path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }

    /// The operator with this id. It blocks for as long as the file is read.
    ///
    /// # Errors
    ///
    /// The file has changed, and cannot be used as it is now. Then nobody is let in: whoever was taken out of
    /// it would be, too.
    pub fn find(&self, id: &str) -> Result<Option<Operator>, Error> {
        Ok(self.all()?.iter().find(|operator| operator.id() == id).cloned())
    }

    /// The operator with this id and this secret.
    ///
    /// # Errors
    ///
    /// Those of [`find`](Self::find).
    pub fn verify(&self, id: &str, secret: &str) -> Result<Option<Operator>, Error> {
        Ok(self.find(id)?.filter(|operator| operator.has(secret)))
    }

    fn all(&self) -> Result<Arc<[Operator]>, Error> {
        let unreadable = |error| Error::Unreadable(self.path.clone(), error);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Stamp::of(&self.path).map_err(unreadable)?;
        if let Some((read, operators)) = last.as_ref()
            && *read == stamp
        {
            return Ok(Arc::clone(operators));
        }
        let text = std::fs::read(&self.path).map_err(unreadable)?;
        let operators = file::read(&text).map_err(|why| Error::Wrong(self.path.clone(), why))?;
        let operators: Arc<[Operator]> = operators.into();
        *last = Some((stamp, Arc::clone(&operators)));
        Ok(operators)
    }
}

// === impl Error ===

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Wrong(path, why) => write!(f, "{}: {why}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = r#"{"operators": [
        {"secret_id": "ada", "secret_key": "ada-secret-key-0001", "role": "admin"},
        {"secret_id": "eve", "secret_key": "eve-secret-key-0001", "role": "viewer"}]}"#;

    fn operators(directory: &tempfile::TempDir) -> Operators {
        let path = directory.path().join("operators.json");
        std::fs::write(&path, ADA).expect("a file");
        Operators::open(path).expect("operators")
    }

    #[test]
    fn an_operator_is_known_by_id_and_secret() {
        let directory = tempfile::tempdir().expect("a directory");
        let operators = operators(&directory);
        let verify = |id, secret| operators.verify(id, secret).expect("readable").map(|found| found.role());
        assert_eq!(verify("ada", "ada-secret-key-0001"), Some(Role::Admin));
        assert_eq!(verify("eve", "eve-secret-key-0001"), Some(Role::Viewer));
        assert_eq!(verify("ada", "eve-secret-key-0001"), None);
        assert_eq!(verify("ada", "ada-secret-key-000"), None);
        assert_eq!(verify("bob", "ada-secret-key-0001"), None);
        assert!(!format!("{operators:?}").contains("secret-key"), "a secret is not printed");
    }

    #[test]
    fn the_file_is_read_anew_and_a_wrong_one_lets_nobody_in() {
        let directory = tempfile::tempdir().expect("a directory");
        let operators = operators(&directory);
        std::fs::write(operators.path(), ADA.replace("\"eve\"", "\"barbara\"")).expect("a file");
        assert!(operators.find("eve").expect("readable").is_none());
        std::fs::write(operators.path(), "{").expect("a file");
        assert!(matches!(operators.find("ada"), Err(Error::Wrong(..))));
        std::fs::remove_file(operators.path()).expect("a file");
        assert!(matches!(operators.find("ada"), Err(Error::Unreadable(..))));
    }

    #[test]
    fn a_file_that_others_may_read_is_noticed() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let operators = operators(&directory);
        for (mode, expected) in [(0o600, false), (0o640, true), (0o604, true)] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(operators.path(), permissions).expect("a file");
            assert_eq!(operators.is_readable_by_others(), expected, "{mode:o}");
        }
    }
}
