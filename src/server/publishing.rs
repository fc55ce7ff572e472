//! Brings the document to Envoys: each edit, and each change of its file from outside.
//!
//! One thread looks at the file, publishes it, and waits for Envoys. Who has edited the document asks it to
//! look now, and waits for the end of the publication that began after that; so edits that come meanwhile
//! share the next one.

mod courier;
mod ways;

use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::watch;
use usage_plan_manage::file::DocumentFile;

use self::courier::Courier;
pub use self::ways::{Directory, Report, Ways};
use crate::delivery::Delivery;
use crate::xds::fleet::{Fleet, Subscriber};

/// How the document is brought to Envoys.
pub struct Publishing {
    /// Asks for a publication, and says its number; none when the document is brought nowhere, or no longer.
    orders: Mutex<Option<Sender<u64>>>,
    ordered: Mutex<u64>,
    /// The last publication: its number, and what came of it.
    done: watch::Receiver<(u64, Arc<Delivery>)>,
    thread: Mutex<Option<JoinHandle<()>>>,
    fleet: Option<Arc<Fleet>>,
}

// === impl Publishing ===

impl Publishing {
    /// The document is brought nowhere.
    pub fn nowhere() -> Self {
        let done = watch::channel((0, Arc::default())).1;
        let (orders, ordered, thread) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { orders, ordered, done, thread, fleet: None }
    }

    /// Brings the document in `file` to Envoys by these `ways`, and tells `report` of each publication: from
    /// the first time that [`begin`](Self::begin) or [`publish`](Self::publish) asks for it, at every change,
    /// until [`end`](Self::end).
    pub fn start(file: &DocumentFile, ways: Ways, report: Report) -> Self {
        if ways.directory.is_none() && !ways.xds {
            return Self::nowhere();
        }
        let (orders, received) = mpsc::channel();
        let (sender, done) = watch::channel((0, Arc::default()));
        let courier = Courier::new(file.path().to_owned(), ways, report);
        let fleet = courier.fleet().cloned();
        let thread = thread::spawn(move || courier.run(&received, &sender));
        let (orders, ordered, thread) =
            (Mutex::new(Some(orders)), Mutex::default(), Mutex::new(Some(thread)));
        Self { orders, ordered, done, thread, fleet }
    }

    /// Asks for the first publication, and does not wait for it.
    pub fn begin(&self) {
        let _ = self.order();
    }

    /// Publishes the document as it is in the file, and waits for what Envoys do with it. Who waits at the
    /// same time shares one publication.
    pub async fn publish(&self) -> Arc<Delivery> {
        let Some(number) = self.order() else { return self.last() };
        let mut done = self.done.clone();
        match done.wait_for(|(last, _)| *last >= number).await {
            Ok(done) => Arc::clone(&done.1),
            Err(_) => self.last(),
        }
    }

    /// What Envoys did with the last document.
    pub fn last(&self) -> Arc<Delivery> {
        Arc::clone(&self.done.borrow().1)
    }

    /// The Envoys that subscribe, if they can.
    pub fn fleet(&self) -> Option<&Arc<Fleet>> {
        self.fleet.as_ref()
    }

    /// Each Envoy that subscribes, with what it has in force and what it refused.
    pub fn subscribers(&self) -> Vec<Subscriber> {
        self.fleet.as_ref().map(|fleet| fleet.subscribers()).unwrap_or_default()
    }

    /// Finishes what was asked for, and publishes no more. It blocks.
    pub fn end(&self) {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A thread that has panicked is gone, too.
        let _ = thread.map(JoinHandle::join);
    }

    /// Asks for a publication, and returns its number.
    fn order(&self) -> Option<u64> {
        let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ordered = self.ordered.lock().unwrap_or_else(PoisonError::into_inner);
        *ordered = ordered.saturating_add(1);
        orders.as_ref()?.send(*ordered).ok()?;
        Some(*ordered)
    }
}

impl std::fmt::Debug for Publishing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publishing").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
