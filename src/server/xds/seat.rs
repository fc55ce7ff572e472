//! One subscriber: what it said, and what it is to be given next.
//!
//! Envoy does not try a configuration that equals the last one it tried, and accepts it even if it has
//! refused that one. So what was tried last must be known, and at the beginning of a stream it is not: then
//! the document is given in one spelling and, once that is accepted, in the other. Envoy has tried at least
//! the second. Only the plain spelling, which comes second, is believed when an Envoy comes back and says
//! that it has it in force.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use usage_plan_core::timestamp::Timestamp;

use super::message::{Any, DiscoveryRequest, DiscoveryResponse, EXTENSION_CONFIG, RESOURCE};
use super::offer::Offer;

/// The longest reason of a refusal that is kept, in characters.
const MAX_REASON: usize = 2000;

/// The documents that can be given.
#[derive(Default)]
pub(super) struct Offers {
    /// The last one.
    pub(super) latest: Option<Arc<Offer>>,
    /// Whether an Envoy has refused the last one.
    pub(super) latest_is_refused: bool,
    /// The last one that Envoys have accepted.
    pub(super) accepted: Option<Arc<Offer>>,
}

/// An Envoy that subscribes, as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    /// The id of its node; empty when it says none.
    pub node: String,
    /// The cluster of its node.
    pub cluster: String,
    /// Where it comes from.
    pub address: SocketAddr,
    /// Since when it is connected.
    pub since: Timestamp,
    /// The version that it has in force, and since when, as far as this server knows.
    pub in_force: Option<(String, Timestamp)>,
    /// What it refused last, unless it has accepted something since.
    pub refused: Option<Refused>,
    /// Whether it was given something that it has not answered.
    pub is_asked: bool,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The version that was refused.
    pub version: String,
    /// Why, in Envoy's words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// A subscriber, as long as its stream lasts.
pub(super) struct Seat {
    pub(super) seen: Subscriber,
    /// Whether it asks for what there is here.
    pub(super) is_subscribed: bool,
    /// The offer that is in force.
    pub(super) has: Option<u64>,
    /// The offers that it refused.
    pub(super) refuses: BTreeSet<u64>,
    /// What it has to answer.
    sent: Option<Sent>,
    /// The version that it tried last.
    tried: Option<String>,
    /// Whether it may have tried something before this stream.
    is_doubtful: bool,
    nonces: u64,
}

/// A response that is not answered.
struct Sent {
    nonce: String,
    version: String,
    serial: u64,
}

/// What a subscriber said about an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It has the offer with this serial in force.
    Accepts(u64),
    /// It refuses that one.
    Refuses(u64),
    /// Nothing that decides.
    Nothing,
}

// === impl Offers ===

impl Offers {
    fn iter(&self) -> impl Iterator<Item = &Arc<Offer>> {
        self.latest.iter().chain(&self.accepted)
    }

    pub(super) fn latest_serial(&self) -> Option<u64> {
        self.latest.as_ref().map(|latest| latest.serial)
    }
}

// === impl Seat ===

impl Seat {
    pub(super) fn new(address: SocketAddr, now: Timestamp) -> Self {
        let seen = Subscriber {
            node: String::new(),
            cluster: String::new(),
            address,
            since: now,
            in_force: None,
            refused: None,
            is_asked: false,
        };
        Self {
            seen,
            is_subscribed: false,
            has: None,
            refuses: BTreeSet::new(),
            sent: None,
            tried: None,
            is_doubtful: true,
            nonces: 0,
        }
    }

    /// What people call the Envoy.
    pub(super) fn name(&self) -> String {
        match self.seen.node.as_str() {
            "" => self.seen.address.to_string(),
            node => node.to_owned(),
        }
    }

    /// Takes in a request.
    pub(super) fn hear(&mut self, request: DiscoveryRequest, offers: &Offers, now: Timestamp) -> Said {
        if let Some(node) = request.node {
            self.seen.node = node.id;
            self.seen.cluster = node.cluster;
        }
        if request.type_url != EXTENSION_CONFIG && !request.type_url.is_empty() {
            return Said::Nothing;
        }
        self.is_subscribed = request.resource_names.iter().any(|name| name == RESOURCE);
        if request.response_nonce.is_empty() {
            return self.begin(&request.version_info, offers, now);
        }
        let Some(sent) = self.sent.take_if(|sent| sent.nonce == request.response_nonce) else {
            return Said::Nothing;
        };
        self.seen.is_asked = false;
        if let Some(error) = request.error_detail {
            let reason = error.message.chars().take(MAX_REASON).collect();
            self.seen.refused = Some(Refused { version: sent.version, reason, at: now });
            self.refuses.insert(sent.serial);
            self.is_doubtful = false;
            return Said::Refuses(sent.serial);
        }
        if std::mem::take(&mut self.is_doubtful) {
            return Said::Nothing;
        }
        self.accept(sent.serial, sent.version, now)
    }

    /// Takes in which version is in force at the beginning of a stream.
    fn begin(&mut self, version: &str, offers: &Offers, now: Timestamp) -> Said {
        match offers.iter().find(|offer| offer.version() == version) {
            Some(offer) if self.has.is_none() && self.sent.is_none() => {
                self.accept(offer.serial, version.to_owned(), now)
            }
            _ => Said::Nothing,
        }
    }

    fn accept(&mut self, serial: u64, version: String, now: Timestamp) -> Said {
        self.has = Some(serial);
        self.seen.in_force = Some((version, now));
        self.seen.refused = None;
        self.refuses.remove(&serial);
        Said::Accepts(serial)
    }

    /// What to give it now, if there is anything.
    ///
    /// Who has nothing is given what others have accepted, and then what is newer.
    pub(super) fn next(&mut self, offers: &Offers) -> Option<DiscoveryResponse> {
        if !self.is_subscribed || self.sent.is_some() {
            return None;
        }
        let serials: Vec<u64> = offers.iter().map(|offer| offer.serial).collect();
        self.refuses.retain(|serial| serials.contains(serial));
        let latest = offers.latest.as_ref();
        if self.has.is_some() && self.has == offers.latest_serial() {
            return None;
        }
        let latest = latest.filter(|_| !offers.latest_is_refused);
        let accepted = offers.accepted.as_ref();
        let order = if self.has.is_none() { [accepted, latest] } else { [latest, accepted] };
        let is_open =
            |offer: &&Arc<Offer>| self.has != Some(offer.serial) && !self.refuses.contains(&offer.serial);
        let offer = order.into_iter().flatten().find(is_open).cloned()?;
        Some(self.give(&offer))
    }

    fn give(&mut self, offer: &Offer) -> DiscoveryResponse {
        let [plain, other] = &offer.spellings;
        let is_other = self.is_doubtful || self.tried.as_ref() == Some(&plain.version);
        let spelling = if is_other { other } else { plain };
        self.nonces = self.nonces.saturating_add(1);
        let (nonce, version) = (self.nonces.to_string(), spelling.version.clone());
        self.tried = Some(version.clone());
        self.sent = Some(Sent { nonce: nonce.clone(), version: version.clone(), serial: offer.serial });
        self.seen.is_asked = true;
        let resource = Any { type_url: EXTENSION_CONFIG.to_owned(), value: spelling.resource.clone() };
        let type_url = EXTENSION_CONFIG.to_owned();
        DiscoveryResponse { version_info: version, resources: vec![resource], type_url, nonce }
    }
}
