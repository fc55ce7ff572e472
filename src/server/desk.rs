//! The desk: the one place where the document is read and edited, whoever asks.
//!
//! An edit is done by an operation of [`usage_plan_manage::operations`] on the draft, under the lock of the
//! file, so that a command line that edits at the same time loses nothing. Then it is published, and answered
//! when Envoys have taken it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Queue;
use tokio::task::spawn_blocking;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::Error;
use usage_plan_manage::audit::{Author, History, UndoError, Undone};
use usage_plan_manage::draft::Draft;
use usage_plan_manage::file::{Beside, Change, DocumentFile, Edited, Missing, Mode};

use crate::delivery::Delivery;
use crate::publishing::Publishing;
use crate::stamp::Stamp;

/// Two writes within a tick of the file system's clock may leave the same stamp. So what was read of a file
/// that is younger is not kept.
const YOUNG: Duration = Duration::from_millis(50);

/// Where the document is read and edited.
#[derive(Debug)]
pub struct Desk {
    file: DocumentFile,
    /// The document as last read. Whoever asks for it shares it until the file changes.
    last: Mutex<Option<Arc<Read>>>,
    /// One edit of this process at a time waits for the lock of the file: it costs a thread.
    queue: Queue<()>,
    publishing: Publishing,
}

/// The document, as it was in the file.
#[derive(Debug)]
pub struct Read {
    /// The document, and its text.
    pub draft: Draft,
    /// By which the file is known not to have changed.
    stamp: Stamp,
}

/// An edit that was made.
#[derive(Debug)]
pub struct Done<T> {
    /// What the operation returned.
    pub value: T,
    /// What happened to the file.
    pub change: Change,
    /// What the Envoys did with the document. [`Delivery::trouble`] says what somebody must know.
    pub delivery: Arc<Delivery>,
}

// === impl Read ===

impl Read {
    /// When the file was written.
    pub(crate) fn modified(&self) -> Timestamp {
        self.stamp.modified().into()
    }
}

// === impl Desk ===

impl Desk {
    /// The desk of the document in `file`, whose edits are brought to Envoys by `publishing`.
    pub fn new(file: DocumentFile, publishing: Publishing) -> Self {
        Self { file, last: Mutex::default(), queue: Queue::default(), publishing }
    }

    /// The path of the document's file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// How the document is brought to Envoys, and what they said last.
    pub fn publishing(&self) -> &Publishing {
        &self.publishing
    }

    /// The document as it is now.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or has no valid document.
    pub async fn read(self: &Arc<Self>) -> Result<Arc<Read>, Error> {
        // To ask for a file's properties takes a microsecond, which is less than another thread does.
        let stamp = self.stamp()?;
        if let Some(read) = self.known(&stamp) {
            return Ok(read);
        }
        let desk = Arc::clone(self);
        blocking(move || desk.read_anew(stamp)).await
    }

    /// The same, for who may block.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read).
    pub(crate) fn read_blocking(&self) -> Result<Arc<Read>, Error> {
        let stamp = self.stamp()?;
        self.known(&stamp).map_or_else(|| self.read_anew(stamp), Ok)
    }

    /// Shows the document as it is under its lock, with the files beside it. It blocks.
    ///
    /// # Errors
    ///
    /// Those of `look`, and those of [`read`](Self::read).
    pub(crate) fn look<T, E: From<Error>>(
        &self,
        look: impl FnOnce(Arc<Read>, &Beside<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.file.beside(|beside| look(self.read_blocking()?, beside))
    }

    /// Edits the document in the name of `author`, publishes it, and waits until Envoys have taken it. An
    /// edit that was begun is finished, also when nobody waits for it any more.
    ///
    /// # Errors
    ///
    /// Those of `edit`, and those of the file and of the rules of a document: nothing was changed. What
    /// Envoys say is no error, because the edit is made then: see [`Done::delivery`].
    pub async fn edit<T, E>(
        self: &Arc<Self>,
        author: Author,
        edit: impl FnOnce(&mut Draft) -> Result<T, E> + Send + 'static,
    ) -> Result<Done<T>, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.edit_beside(author, move |draft, _| edit(draft)).await
    }

    /// The same, and `edit` may write into files beside the document, under its lock.
    ///
    /// # Errors
    ///
    /// Those of [`edit`](Self::edit).
    pub(crate) async fn edit_beside<T, E>(
        self: &Arc<Self>,
        author: Author,
        edit: impl FnOnce(&mut Draft, &Beside<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<Done<T>, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (mode, missing) = (Mode::Write, Missing::IsAnError);
        self.finish(move |file| file.edited_by(author).edit_beside(mode, missing, edit)).await
    }

    /// Takes back an edit that is in the log, the one with this id or the last one, by a new edit.
    ///
    /// # Errors
    ///
    /// It cannot be taken back; nothing was changed.
    pub async fn undo(
        self: &Arc<Self>,
        author: Author,
        id: Option<String>,
    ) -> Result<Done<Undone>, UndoError> {
        self.finish(move |file| file.edited_by(author).undo(Mode::Write, id.as_deref())).await
    }

    /// Replaces the whole text of the document, unless it is not as it was `before`.
    ///
    /// # Errors
    ///
    /// The text is no valid document, or the document was changed meanwhile; nothing was changed.
    pub async fn replace(
        self: &Arc<Self>,
        author: Author,
        before: Vec<u8>,
        text: Vec<u8>,
    ) -> Result<Done<()>, Error> {
        self.finish(move |file| {
            let change = file.edited_by(author).replace_text(&before, &text, false)?;
            Ok(Edited { value: (), change })
        })
        .await
    }

    /// What the log says about the document.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub async fn history(self: &Arc<Self>) -> Result<History, Error> {
        let desk = Arc::clone(self);
        blocking(move || desk.file.history()).await
    }

    /// Makes an edit in its turn, then publishes it.
    async fn finish<T, E>(
        self: &Arc<Self>,
        edit: impl FnOnce(&DocumentFile) -> Result<Edited<T>, E> + Send + 'static,
    ) -> Result<Done<T>, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let turn = self.queue.lock().await;
        let desk = Arc::clone(self);
        let edited = blocking(move || {
            let edited = edit(&desk.file);
            desk.last.lock().unwrap_or_else(PoisonError::into_inner).take();
            edited
        })
        .await;
        drop(turn);
        let Edited { value, change } = edited?;
        let delivery = match change {
            Change::Written { .. } => self.publishing.publish().await,
            Change::None | Change::WouldWrite { .. } => self.publishing.last(),
        };
        Ok(Done { value, change, delivery })
    }

    fn known(&self, stamp: &Stamp) -> Option<Arc<Read>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|read| read.stamp == *stamp).cloned()
    }

    /// Reads the file, which had this `stamp` before. A file that is replaced after that is read anew the
    /// next time.
    fn read_anew(&self, stamp: Stamp) -> Result<Arc<Read>, Error> {
        let read = Arc::new(Read { draft: self.file.read()?, stamp });
        // A time in the future says nothing about the age.
        let is_old = stamp.modified().elapsed().is_ok_and(|age| age > YOUNG);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = is_old.then(|| Arc::clone(&read));
        Ok(read)
    }

    fn stamp(&self) -> Result<Stamp, Error> {
        Stamp::of(self.path()).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::NoDocument { path: self.file.path().to_owned(), error },
            _ => Error::unreachable(self.file.path().display(), error),
        })
    }
}

/// Runs `work` where it may block. It goes on when nobody waits for it.
async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let failed = |error| Err(E::from(Error::unreachable("the document", format!("no answer: {error}"))));
    spawn_blocking(work).await.unwrap_or_else(failed)
}

#[cfg(test)]
mod tests;
