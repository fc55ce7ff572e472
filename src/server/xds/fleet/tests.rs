//! A fleet with Envoys that behave as real ones do: what equals the last thing they tried, they accept
//! untried.

use std::thread;

use usage_plan_manage::publish::ValidDocument;
use usage_plan_manage::render::FilterOptions;

use super::*;
use crate::xds::message::{EXTENSION_CONFIG, Node, RESOURCE, Status};

const TIMEOUT: Duration = Duration::from_secs(60);

fn offer(key: &str) -> Offer {
    let text = format!(r#"{{"keys": [{{"secret_id": "{key}", "secret_key": "secret-key-0001"}}]}}"#);
    let document = ValidDocument::parse(text.as_bytes()).expect("valid");
    Offer::new(&document, &FilterOptions::default()).expect("an offer")
}

/// An Envoy, which lives longer than its streams.
#[derive(Default)]
struct Envoy {
    name: &'static str,
    /// What it refuses: documents with one of these texts.
    refuses: Vec<&'static str>,
    in_force: Option<String>,
    tried: Option<Vec<u8>>,
    version: String,
}

impl Envoy {
    fn named(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    fn refusing(name: &'static str, refuses: &[&'static str]) -> Self {
        Self { name, refuses: refuses.to_vec(), ..Self::default() }
    }

    fn request(&self) -> DiscoveryRequest {
        DiscoveryRequest {
            version_info: self.version.clone(),
            node: Some(Node { id: self.name.to_owned(), cluster: "gateways".to_owned() }),
            resource_names: vec![RESOURCE.to_owned()],
            type_url: EXTENSION_CONFIG.to_owned(),
            ..DiscoveryRequest::default()
        }
    }

    fn connect(&self, fleet: &Arc<Fleet>) -> Place {
        let place = fleet.join("127.0.0.1:1".parse().expect("an address"));
        place.hear(self.request());
        place
    }

    /// Takes what it is given until there is nothing left to take.
    fn take(&mut self, place: &Place) -> usize {
        std::iter::from_fn(|| place.next()).map(|response| self.try_one(place, response)).count()
    }

    fn try_one(&mut self, place: &Place, response: DiscoveryResponse) {
        let bytes = response.resources[0].value.to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let is_refused = self.refuses.iter().any(|refused| text.contains(refused));
        let is_tried = self.tried.replace(bytes) != self.tried;
        let refusal = is_tried && is_refused;
        if is_tried && !is_refused {
            self.in_force = Some(text);
        }
        if !refusal {
            self.version = response.version_info;
        }
        let message = format!("{} does not like it", self.name);
        let error_detail = refusal.then_some(Status { code: 13, message });
        place.hear(DiscoveryRequest { response_nonce: response.nonce, error_detail, ..self.request() });
    }

    fn has(&self, key: &str) -> bool {
        self.in_force.as_ref().is_some_and(|text| text.contains(key))
    }
}

/// Publishes while the Envoys take what they are given.
fn publish(fleet: &Arc<Fleet>, key: &str, envoys: &mut [(&mut Envoy, &Place)]) -> (Vec<Taken>, bool) {
    let publisher = {
        let (fleet, offer) = (Arc::clone(fleet), offer(key));
        thread::spawn(move || fleet.publish(offer, TIMEOUT))
    };
    while !publisher.is_finished() {
        for (envoy, place) in &mut *envoys {
            envoy.take(place);
        }
        thread::yield_now();
    }
    let (answers, is_put_back) = publisher.join().expect("published");
    (answers.into_iter().map(|answer| answer.taken).collect(), is_put_back)
}

fn refused(envoy: &str) -> Taken {
    Taken::Refused(format!("{envoy} does not like it"))
}

#[test]
fn an_edit_is_answered_when_all_have_it_and_an_envoy_that_comes_gets_it_too() {
    let fleet = Arc::new(Fleet::new(None));
    let (mut one, mut two) = (Envoy::named("one"), Envoy::named("two"));
    let places = [one.connect(&fleet), two.connect(&fleet)];
    let (taken, _) = publish(&fleet, "AKIDone00001", &mut [(&mut one, &places[0]), (&mut two, &places[1])]);
    assert!(matches!(taken[..], [Taken::InForce(_), Taken::InForce(_)]), "{taken:?}");
    assert!(one.has("AKIDone00001") && two.has("AKIDone00001"));
    assert_eq!(fleet.accepted().expect("accepted").version(), offer("AKIDone00001").version());
    let mut three = Envoy::named("three");
    let place = three.connect(&fleet);
    three.take(&place);
    assert!(three.has("AKIDone00001"));
    let seen = fleet.subscribers();
    assert_eq!(seen.iter().map(|seen| seen.node.as_str()).collect::<Vec<_>>(), ["one", "two", "three"]);
    assert!(seen.iter().all(|seen| seen.in_force.is_some() && !seen.is_asked));
    drop(place);
    assert_eq!(fleet.subscribers().len(), 2);
}

#[test]
fn what_every_envoy_refuses_is_given_to_none_that_comes_and_its_reason_is_kept() {
    let fleet = Arc::new(Fleet::new(None));
    let mut one = Envoy::refusing("one", &["AKIDbad00001"]);
    let place = one.connect(&fleet);
    publish(&fleet, "AKIDgood0001", &mut [(&mut one, &place)]);
    let (taken, is_put_back) = publish(&fleet, "AKIDbad00001", &mut [(&mut one, &place)]);
    assert_eq!((taken, is_put_back), (vec![refused("one")], true));
    assert!(one.has("AKIDgood0001"), "what was in force still is");
    let seen = fleet.subscribers().remove(0);
    assert_eq!(seen.refused.expect("a refusal").reason, "one does not like it");
    assert_eq!(seen.in_force.expect("a version").0, offer("AKIDgood0001").version());
    let mut two = Envoy::named("two");
    let place_of_two = two.connect(&fleet);
    two.take(&place_of_two);
    assert!(two.has("AKIDgood0001"), "the last accepted one, though it would take the other one");
    // The same again is refused again, and never looks accepted.
    let mut both = [(&mut one, &place), (&mut two, &place_of_two)];
    publish(&fleet, "AKIDgood0001", &mut both);
    let (taken, is_put_back) = publish(&fleet, "AKIDbad00001", &mut both);
    assert!(matches!(&taken[..], [Taken::Refused(_), Taken::InForce(_)]), "{taken:?}");
    assert!(!is_put_back, "one of them has it in force");
}

#[test]
fn an_envoy_that_accepts_untried_what_it_has_refused_is_not_believed() {
    let fleet = Arc::new(Fleet::new(None));
    let mut one = Envoy::refusing("one", &["AKIDbad00001"]);
    let place = one.connect(&fleet);
    publish(&fleet, "AKIDgood0001", &mut [(&mut one, &place)]);
    publish(&fleet, "AKIDbad00001", &mut [(&mut one, &place)]);
    // The server starts again, and knows nothing of what this Envoy has tried.
    let fleet = Arc::new(Fleet::new(Some(offer("AKIDgood0001"))));
    fleet.publish(offer("AKIDbad00001"), TIMEOUT);
    for _ in 0..3 {
        let place = one.connect(&fleet);
        one.take(&place);
        assert!(one.has("AKIDgood0001"));
        let seen = fleet.subscribers().remove(0);
        assert_eq!(
            seen.in_force.map(|(version, _)| version).as_deref(),
            Some(offer("AKIDgood0001").version())
        );
        assert_eq!(fleet.accepted().expect("accepted").version(), offer("AKIDgood0001").version());
    }
}

#[test]
fn an_envoy_that_never_had_anything_in_force_is_not_believed_either() {
    let mut one = Envoy::refusing("one", &["AKIDbad00001"]);
    for _ in 0..4 {
        let fleet = Arc::new(Fleet::new(None));
        fleet.publish(offer("AKIDbad00001"), TIMEOUT);
        let place = one.connect(&fleet);
        assert!(one.take(&place) <= 2);
        assert_eq!(one.in_force, None);
        assert_eq!(fleet.subscribers().remove(0).in_force, None);
        assert!(fleet.accepted().is_none());
    }
}

#[test]
fn after_a_restart_of_the_server_an_envoy_with_the_same_document_is_given_nothing() {
    let fleet = Arc::new(Fleet::new(None));
    let mut one = Envoy::named("one");
    let place = one.connect(&fleet);
    publish(&fleet, "AKIDgood0001", &mut [(&mut one, &place)]);
    let fleet = Arc::new(Fleet::new(Some(offer("AKIDgood0001"))));
    fleet.publish(offer("AKIDgood0001"), TIMEOUT);
    let place = one.connect(&fleet);
    assert_eq!(one.take(&place), 0);
    let seen = fleet.subscribers().remove(0);
    assert_eq!(seen.in_force.expect("in force").0, offer("AKIDgood0001").version());
}

#[test]
fn who_does_not_answer_or_leaves_holds_nobody_up() {
    let fleet = Arc::new(Fleet::new(None));
    let (mut one, two) = (Envoy::named("one"), Envoy::named("two"));
    let (place, silent) = (one.connect(&fleet), two.connect(&fleet));
    fleet.offer(offer("AKIDgood0001"));
    assert!(silent.next().is_some() && silent.next().is_none(), "it is given one thing at a time");
    one.take(&place);
    let waited = |timeout| {
        let state = fleet.state();
        let waited = fleet.answered.wait_timeout_while(state, timeout, |state| state.is_open());
        waited.expect("no panic").0.conclude(timeout).0
    };
    let answers = waited(Duration::from_millis(20));
    assert!(matches!(answers[0].taken, Taken::InForce(_)));
    assert_eq!(answers[1].taken, Taken::Silent("no answer for 20ms".to_owned()));
    fleet.offer(offer("AKIDgood0002"));
    one.take(&place);
    drop(silent);
    assert_eq!(waited(TIMEOUT)[1].taken, Taken::Silent("it disconnected".to_owned()));
}

#[test]
fn other_types_and_other_names_are_given_nothing() {
    let fleet = Arc::new(Fleet::new(None));
    fleet.publish(offer("AKIDgood0001"), TIMEOUT);
    let envoy = Envoy::named("one");
    for (type_url, name) in [("type.googleapis.com/envoy.config.cluster.v3.Cluster", RESOURCE), ("", "other")]
    {
        let place = fleet.join("127.0.0.1:1".parse().expect("an address"));
        let resource_names = vec![name.to_owned()];
        place.hear(DiscoveryRequest { type_url: type_url.to_owned(), resource_names, ..envoy.request() });
        assert!(place.next().is_none());
        assert!(fleet.subscribers().is_empty());
    }
}
