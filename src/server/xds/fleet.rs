//! The Envoys that subscribe: what is offered to them, and what they say of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use usage_plan_manage::dates::now;

use super::message::{DiscoveryRequest, DiscoveryResponse};
use super::offer::Offer;
use super::seat::{Offers, Said, Seat};
pub use super::seat::{Refused, Subscriber};
use crate::delivery::{Answer, Taken};

/// The Envoys that subscribe.
pub struct Fleet {
    state: Mutex<State>,
    /// Whether somebody has answered, or has left.
    answered: Condvar,
    /// Counts the offers, for the streams; none any more when all are to end.
    offered: watch::Sender<Option<u64>>,
}

#[derive(Default)]
struct State {
    offers: Offers,
    seats: BTreeMap<u64, Seat>,
    joined: u64,
    /// The publication that somebody waits for.
    publication: Option<Publication>,
}

/// An offer that somebody waits for.
struct Publication {
    since: Instant,
    /// Who subscribed when it began, by its name then.
    asked: BTreeMap<u64, String>,
    /// Who has it in force, after how long.
    accepted: BTreeMap<u64, Duration>,
    refused: BTreeSet<u64>,
}

/// A place among the subscribers, as long as a stream lasts.
pub(super) struct Place {
    fleet: Arc<Fleet>,
    id: u64,
}

// === impl Fleet ===

impl Fleet {
    /// A fleet that is given `accepted`, which Envoys have accepted before, until something is offered.
    pub fn new(accepted: Option<Offer>) -> Self {
        let mut state = State::default();
        state.offers.accepted = accepted.map(Arc::new);
        Self { state: Mutex::new(state), answered: Condvar::new(), offered: watch::channel(Some(0)).0 }
    }

    /// Each Envoy that subscribes, with what it has in force and what it refused.
    pub fn subscribers(&self) -> Vec<Subscriber> {
        self.state().seats.values().filter(|seat| seat.is_subscribed).map(|seat| seat.seen.clone()).collect()
    }

    /// The last document that Envoys have accepted.
    pub fn accepted(&self) -> Option<Arc<Offer>> {
        self.state().offers.accepted.clone()
    }

    /// Offers a document to all, and waits until each Envoy that subscribes now has answered, or for
    /// `timeout`. Whether Envoys that come now get the document before it.
    pub fn publish(&self, offer: Offer, timeout: Duration) -> (Vec<Answer>, bool) {
        self.offer(offer);
        let state = self.state();
        let is_open = |state: &mut State| state.is_open();
        let waited = self.answered.wait_timeout_while(state, timeout, is_open);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.conclude(timeout)
    }

    fn offer(&self, mut offer: Offer) {
        let mut state = self.state();
        let known = state.offers.latest.iter().chain(&state.offers.accepted);
        let known: Vec<(String, u64)> =
            known.map(|known| (known.version().to_owned(), known.serial)).collect();
        let same = known.iter().find(|(version, _)| version == offer.version());
        let is_again = state.offers.latest.as_ref().is_some_and(|latest| latest.version() == offer.version());
        let next = self.offered.borrow().unwrap_or_default().saturating_add(1);
        offer.serial = same.map_or(next, |(_, serial)| *serial);
        let subscribed = state.seats.iter().filter(|(_, seat)| seat.is_subscribed);
        let asked = subscribed.map(|(id, seat)| (*id, seat.name())).collect();
        let (accepted, refused) = (BTreeMap::new(), BTreeSet::new());
        let mut publication = Publication { since: Instant::now(), asked, accepted, refused };
        for (id, seat) in &mut state.seats {
            if !is_again {
                seat.refuses.remove(&offer.serial);
            }
            if seat.refuses.contains(&offer.serial) {
                publication.refused.insert(*id);
            } else if seat.has == Some(offer.serial) {
                publication.accepted.insert(*id, Duration::ZERO);
            }
        }
        state.publication = Some(publication);
        state.offers.latest = Some(Arc::new(offer));
        state.offers.latest_is_refused = false;
        drop(state);
        self.offered.send_modify(|offered| *offered = offered.map(|_| next));
    }

    /// Ends all streams. Envoys keep what they have in force.
    pub fn close(&self) {
        self.offered.send_replace(None);
    }

    /// Counts the offers; none when the streams are to end.
    pub(super) fn offered(&self) -> watch::Receiver<Option<u64>> {
        self.offered.subscribe()
    }

    /// A place for an Envoy that comes from `address`.
    pub(super) fn join(self: &Arc<Self>, address: SocketAddr) -> Place {
        let mut state = self.state();
        state.joined = state.joined.saturating_add(1);
        let id = state.joined;
        state.seats.insert(id, Seat::new(address, now()));
        Place { fleet: Arc::clone(self), id }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    fn hear(&mut self, id: u64, request: DiscoveryRequest) {
        let Self { offers, seats, publication, .. } = self;
        let Some(seat) = seats.get_mut(&id) else { return };
        let said = seat.hear(request, offers, now());
        let is_latest = |serial| offers.latest_serial() == Some(serial);
        match (said, publication) {
            (Said::Accepts(serial), Some(publication)) if is_latest(serial) => {
                publication.accepted.insert(id, publication.since.elapsed());
            }
            (Said::Refuses(serial), Some(publication)) if is_latest(serial) => {
                publication.refused.insert(id);
            }
            (Said::Accepts(serial), None) if is_latest(serial) && !offers.latest_is_refused => {
                offers.accepted.clone_from(&offers.latest);
            }
            (Said::Refuses(serial), None)
                if is_latest(serial)
                    && offers.accepted.as_ref().map(|accepted| accepted.serial) != Some(serial) =>
            {
                offers.latest_is_refused = true;
            }
            _ => {}
        }
    }

    /// Whether an Envoy that was asked has still to answer.
    fn is_open(&self) -> bool {
        self.publication.as_ref().is_some_and(|publication| {
            let has_answered = |id| publication.accepted.contains_key(id) || publication.refused.contains(id);
            publication.asked.keys().any(|id| self.seats.contains_key(id) && !has_answered(id))
        })
    }

    /// The answers to the publication, after which nobody waits any more.
    fn conclude(&mut self, timeout: Duration) -> (Vec<Answer>, bool) {
        let Some(publication) = self.publication.take() else { return (Vec::new(), false) };
        let Publication { asked, accepted, refused, .. } = publication;
        if refused.is_empty() && !accepted.is_empty() {
            self.offers.accepted.clone_from(&self.offers.latest);
        }
        self.offers.latest_is_refused = !refused.is_empty();
        let is_put_back = !refused.is_empty() && accepted.is_empty() && self.offers.accepted.is_some();
        let answer = |(id, envoy): (u64, String)| {
            let seat = self.seats.get(&id);
            let reason =
                seat.and_then(|seat| seat.seen.refused.as_ref()).map(|refused| refused.reason.clone());
            let taken = match accepted.get(&id) {
                Some(after) => Taken::InForce(*after),
                None if refused.contains(&id) => Taken::Refused(reason.unwrap_or_default()),
                None if seat.is_none() => Taken::Silent("it disconnected".to_owned()),
                None => Taken::Silent(format!("no answer for {timeout:?}")),
            };
            Answer { envoy, taken }
        };
        (asked.into_iter().map(answer).collect(), is_put_back)
    }
}

// === impl Place ===

impl Place {
    /// Takes in what the Envoy says.
    pub(super) fn hear(&self, request: DiscoveryRequest) {
        self.fleet.state().hear(self.id, request);
        self.fleet.answered.notify_all();
    }

    /// What to give it now, if there is anything.
    pub(super) fn next(&self) -> Option<DiscoveryResponse> {
        let mut state = self.fleet.state();
        let State { offers, seats, .. } = &mut *state;
        seats.get_mut(&self.id)?.next(offers)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.fleet.state().seats.remove(&self.id);
        self.fleet.answered.notify_all();
    }
}

#[cfg(test)]
mod tests;
