//! The thread that looks at the document's file, publishes it, and waits for Envoys.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::watch;
use usage_plan_manage::file::LockedDirectory;
use usage_plan_manage::publish::{self, EnvoyAnswer, Published, Publisher, ValidDocument, Watched};

use super::ways::{Directory, Report, Ways};
use crate::delivery::{Answer, Delivery, Taken};
use crate::xds::fleet::Fleet;
use crate::xds::offer::Offer;

/// The time between two looks at the file, when nobody asks for one.
const POLL: Duration = Duration::from_millis(200);

/// What the name of the file ends in that holds the document which Envoys accepted last.
const ACCEPTED: &str = ".accepted";

/// Brings the document to Envoys.
pub(super) struct Courier {
    path: PathBuf,
    ways: Ways,
    watched: Watched,
    fleet: Option<Arc<Fleet>>,
    /// The version of the document that is kept as accepted.
    kept: Option<String>,
    last: Arc<Delivery>,
    report: Report,
}

// === impl Courier ===

impl Courier {
    pub(super) fn new(path: PathBuf, ways: Ways, report: Report) -> Self {
        let accepted = if ways.xds { read_accepted(&path, &ways) } else { None };
        let kept = accepted.as_ref().map(|offer| offer.version().to_owned());
        let fleet = ways.xds.then(|| Arc::new(Fleet::new(accepted)));
        let watched = Watched::new(path.clone(), ways.resolve);
        Self { path, ways, watched, fleet, kept, last: Arc::default(), report }
    }

    pub(super) fn fleet(&self) -> Option<&Arc<Fleet>> {
        self.fleet.as_ref()
    }

    /// Publishes at the first order, then at each order and at each change, until nobody can order any more.
    pub(super) fn run(mut self, orders: &Receiver<u64>, done: &watch::Sender<(u64, Arc<Delivery>)>) {
        let Ok(mut number) = orders.recv() else { return };
        let mut is_ordered = true;
        loop {
            self.look(is_ordered);
            self.keep_accepted();
            let is_new = |done: &(u64, Arc<Delivery>)| done.0 != number || !Arc::ptr_eq(&done.1, &self.last);
            done.send_if_modified(|done| {
                let is_new = is_new(done);
                *done = (number, Arc::clone(&self.last));
                is_new
            });
            is_ordered = match orders.recv_timeout(POLL) {
                Ok(ordered) => {
                    number = orders.try_iter().last().unwrap_or(ordered);
                    true
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => return,
            };
        }
    }

    /// Publishes the document if it has changed.
    fn look(&mut self, is_ordered: bool) {
        let found = if is_ordered { self.watched.look_now() } else { self.watched.look() };
        let delivery = match found {
            None => return,
            Some(Ok(document)) => self.publish(&document),
            Some(Err(why)) => Delivery { problem: Some(why.to_string()), ..Delivery::default() },
        };
        let is_known = delivery.problem.is_some() && delivery == *self.last;
        self.last = Arc::new(delivery);
        if !is_known {
            (self.report)(&self.last);
        }
    }

    /// Publishes a document by all ways at a time.
    fn publish(&mut self, document: &ValidDocument) -> Delivery {
        let offer = self.fleet.as_ref().map(|_| Offer::new(document, &self.ways.options));
        let (offer, problem) = match offer.transpose() {
            Ok(offer) => (offer, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let version = offer.as_ref().map(|offer| offer.version().to_owned());
        let mut delivery = Delivery { version, problem, ..Delivery::default() };
        let Self { ways, fleet, .. } = self;
        std::thread::scope(|scope| {
            let subscribed = fleet.as_ref().zip(offer).map(|(fleet, offer)| {
                let timeout = ways.timeout;
                scope.spawn(move || fleet.publish(offer, timeout))
            });
            if let Some(directory) = &ways.directory {
                match publish_to(directory, ways, document) {
                    Ok(published) => delivery.add(published),
                    Err(error) => delivery.problem = Some(error.to_string()),
                }
            }
            if let Some(Ok((answers, is_put_back))) = subscribed.map(std::thread::ScopedJoinHandle::join) {
                delivery.envoys.extend(answers);
                delivery.is_put_back |= is_put_back;
            }
        });
        if delivery.problem.is_some() {
            // The next time may be better.
            self.watched.look_again();
        }
        delivery
    }

    /// Keeps the document that Envoys accepted last, for those that come after a restart of this server.
    fn keep_accepted(&mut self) {
        let Some(accepted) = self.fleet.as_ref().and_then(|fleet| fleet.accepted()) else { return };
        if self.kept.as_deref() != Some(accepted.version())
            && write_accepted(&self.path, accepted.text()).is_ok()
        {
            self.kept = Some(accepted.version().to_owned());
        }
    }
}

/// Replaces the file that Envoys watch, and asks those whose admin interfaces are known.
fn publish_to(
    directory: &Directory,
    ways: &Ways,
    document: &ValidDocument,
) -> Result<Published, publish::Error> {
    let Directory { path, mode, admins } = directory;
    let publisher = Publisher {
        directory: path,
        mode: *mode,
        resolve: ways.resolve,
        options: ways.options.clone(),
        admins,
        timeout: ways.timeout,
        // What was begun is finished: it is bounded.
        stop: &AtomicBool::new(false),
    };
    publisher.publish(document)
}

// === impl Delivery ===

impl Delivery {
    /// Takes in what was published to a directory.
    fn add(&mut self, published: Published) {
        let Published { version, envoys, put_back, .. } = published;
        self.version = Some(version);
        self.is_put_back |= put_back.is_some();
        self.envoys.extend(envoys.into_iter().map(|(admin, answer)| {
            let taken = match answer {
                EnvoyAnswer::InForce(after) => Taken::InForce(after.unwrap_or_default()),
                EnvoyAnswer::Refused { .. } => {
                    Taken::Refused("its log says why, its admin interface does not".to_owned())
                }
                EnvoyAnswer::Silent(error) => Taken::Silent(error.to_string()),
            };
            Answer { envoy: admin.address().to_string(), taken }
        }));
    }
}

/// The file beside the document that holds the one which Envoys accepted last.
fn accepted_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ACCEPTED);
    name.into()
}

/// The document that Envoys accepted last, as the filter's options make it now.
fn read_accepted(path: &Path, ways: &Ways) -> Option<Offer> {
    let text = fs::read(accepted_path(path)).ok()?;
    let document = ValidDocument::parse(&text).ok()?;
    Offer::new(&document, &ways.options).ok()
}

fn write_accepted(path: &Path, text: &str) -> std::io::Result<()> {
    let path = accepted_path(path);
    let (directory, name) = (path.parent().unwrap_or(Path::new("")), path.file_name());
    let name = name.and_then(|name| name.to_str()).ok_or(std::io::ErrorKind::InvalidFilename)?;
    LockedDirectory::lock(directory)?.replace(name, text.as_bytes(), 0o600)
}
