//! Who did what: the log of the edits to a document, and how one of them is taken back.
//!
//! The log is a file of JSON lines that is only appended to, under the lock of the document's directory. An
//! edit's line is on the disk before the document is replaced, and says how the document is before and after
//! it. So a process may end at any moment: whoever comes next sees by the document whether the edit happened,
//! and appends a line that says so when it did not.
//!
//! A document that is not as the last line leaves it was changed outside: by an editor, or by a command
//! without a log. What changed is appended as an entry of its own.
//!
//! | file | |
//! |---|---|
//! | `author`, `place` | who edits a document; where its log is |
//! | `mask` | secrets and documents as fingerprints, whose key lies beside the document |
//! | `change` | how two documents differ, object by object; changing one by that |
//! | `entry` | a line of the log |
//! | `lines` | the file of lines: appended to, read from its end, read as a whole |
//! | `history` | all that the log says, and what of it stands |
//! | `record` | the lines that an edit appends |
//! | `phrases` | what objects are called |
//! | `undo` | a new edit that takes an old one back |

mod author;
mod change;
mod entry;
mod history;
mod lines;
mod mask;
pub mod phrases;
mod place;
mod record;
mod undo;

pub use self::author::Author;
pub use self::change::{Change, Member, What, difference};
pub use self::entry::{Entry, Kind};
pub use self::history::{History, Recorded, Unknown};
pub use self::mask::Mask;
pub use self::place::Place;
pub(crate) use self::record::Record;
pub use self::undo::{Later, Obstacle, UndoError, Undone, undo};
