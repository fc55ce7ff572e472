//! Who is signed in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use maud::Markup;
use sha2::{Digest, Sha256};
use usage_plan_core::document::Secret;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::{Error, random};

/// How long a session lasts.
const LASTS: Duration = Duration::from_secs(8 * 3600);
/// How many sessions there may be.
const MAX_SESSIONS: usize = 1_000;
/// How many messages wait for their page in a session.
const MAX_FLASHES: usize = 8;

/// The sessions, by the digest of their ids: what is in memory opens none.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<[u8; 32], Arc<Session>>>);

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The operator with this id. What they may do, their file says.
    Operator(String),
    /// Whoever opened the link that was printed on this machine.
    Local,
}

/// Somebody who is signed in.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) who: Who,
    until: Timestamp,
    /// Messages for the page that comes after a change, each by its number and shown once.
    flashes: Mutex<(u64, Vec<(u64, Flash)>)>,
    /// A document that waits for the answer to a question. It has secrets, so that no page has it.
    document: Mutex<Option<String>>,
}

/// A message about a change that was made.
#[derive(Debug)]
pub(super) enum Flash {
    /// It is done.
    Done(Markup),
    /// It is done, and a secret is shown that is never shown again.
    Secret(NewSecret),
}

/// A secret that is shown once.
#[derive(Debug)]
pub(super) struct NewSecret {
    pub(super) title: String,
    pub(super) secret_id: String,
    pub(super) secret_key: Secret,
    /// Where it is in force.
    pub(super) in_force: Markup,
}

// === impl Who ===

impl Who {
    /// How pages and the log name them.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Operator(id) => id,
            Self::Local => "local",
        }
    }
}

// === impl Sessions ===

impl Sessions {
    /// Starts a session and returns its id, which is new: an id that somebody brings is never used.
    pub(super) fn start(&self, who: Who, now: Timestamp) -> Result<Secret, Error> {
        let id = random::secret()?;
        let session = Session {
            who,
            until: now.saturating_add(LASTS),
            flashes: Mutex::default(),
            document: Mutex::default(),
        };
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| now < session.until);
        if sessions.len() >= MAX_SESSIONS
            && let Some(oldest) = sessions.iter().min_by_key(|(_, session)| session.until).map(|(id, _)| *id)
        {
            sessions.remove(&oldest);
        }
        sessions.insert(digest(id.expose()), Arc::new(session));
        Ok(id)
    }

    /// The session with this id.
    pub(super) fn find(&self, id: &str, now: Timestamp) -> Option<Arc<Session>> {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(&digest(id)).filter(|session| now < session.until).cloned()
    }

    /// Ends the session with this id.
    pub(super) fn end(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest(id));
    }
}

fn digest(id: &str) -> [u8; 32] {
    Sha256::digest(id.as_bytes()).into()
}

// === impl Session ===

impl Session {
    /// Keeps a message for the page that comes next, and returns the number by which that page asks for it.
    pub(super) fn leave(&self, flash: Flash) -> u64 {
        let mut flashes = self.flashes.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, waiting) = &mut *flashes;
        *number += 1;
        if waiting.len() >= MAX_FLASHES {
            waiting.remove(0);
        }
        waiting.push((*number, flash));
        *number
    }

    /// Keeps a document until the question about it is answered.
    pub(super) fn keep(&self, document: String) {
        *self.document.lock().unwrap_or_else(PoisonError::into_inner) = Some(document);
    }

    /// Takes the document that was kept.
    pub(super) fn kept(&self) -> Option<String> {
        self.document.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Takes the message with this number, which nobody can take again.
    pub(super) fn take(&self, number: u64) -> Option<Flash> {
        let mut flashes = self.flashes.lock().unwrap_or_else(PoisonError::into_inner);
        let index = flashes.1.iter().position(|(other, _)| *other == number)?;
        Some(flashes.1.remove(index).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: u64) -> Timestamp {
        Timestamp::from_nanos(hours * 3_600_000_000_000)
    }

    fn operator() -> Who {
        Who::Operator("ada".to_owned())
    }

    #[test]
    fn a_session_ends_by_time_and_by_signing_out() {
        let sessions = Sessions::default();
        let [a, b] = [(); 2].map(|()| sessions.start(operator(), at(1)).expect("a session"));
        assert_ne!(a.expose(), b.expose());
        assert!(sessions.find(a.expose(), at(8)).is_some());
        assert!(sessions.find(a.expose(), at(9)).is_none(), "after eight hours");
        sessions.end(b.expose());
        assert!(sessions.find(b.expose(), at(1)).is_none());
        assert!(sessions.find("", at(1)).is_none());
    }

    #[test]
    fn there_are_no_more_sessions_than_there_is_room_for() {
        let sessions = Sessions::default();
        let first = sessions.start(operator(), at(1)).expect("a session");
        for _ in 0..MAX_SESSIONS {
            sessions.start(operator(), at(2)).expect("a session");
        }
        assert!(sessions.find(first.expose(), at(2)).is_none(), "the oldest one made room");
    }

    #[test]
    fn a_message_is_shown_once() {
        let sessions = Sessions::default();
        let id = sessions.start(operator(), at(1)).expect("a session");
        let session = sessions.find(id.expose(), at(1)).expect("a session");
        let number = session.leave(Flash::Done(maud::html! { "done" }));
        assert!(session.take(number + 1).is_none());
        assert!(matches!(session.take(number), Some(Flash::Done(_))));
        assert!(session.take(number).is_none());
    }
}
