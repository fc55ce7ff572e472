//! Who edits a document.

/// Who edits a document, from where, and by what, as the log says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The user or the operator.
    pub who: String,
    /// The machine and the terminal, or the server and the address of its client.
    pub from: String,
    /// The command or the action, without secrets.
    pub what: String,
}
