//! Brings the document to Envoys: each edit, and each change of the file from outside.

use std::sync::Arc;

use tokio::sync::watch;

use crate::delivery::Delivery;

/// How the document is brought to Envoys.
#[derive(Debug)]
pub struct Publishing {
    last: watch::Receiver<Arc<Delivery>>,
}

// === impl Publishing ===

impl Publishing {
    /// The document is brought nowhere.
    pub fn nowhere() -> Self {
        Self { last: watch::channel(Arc::default()).1 }
    }

    /// Publishes the document as it is in the file, and waits for what Envoys do with it. Who waits at the same
    /// time shares one publication.
    pub async fn publish(&self) -> Arc<Delivery> {
        self.last()
    }

    /// What Envoys did with the last document.
    pub fn last(&self) -> Arc<Delivery> {
        Arc::clone(&self.last.borrow())
    }
}
