//! Which service answers on a host.

use proptest::prelude::*;

use super::super::{Service, Table};
use super::*;

/// An index in which each domain belongs to a different service.
fn domains(domains: &[impl AsRef<str>]) -> Domains {
    let mut index = Domains::default();
    let domains = domains.iter().map(|domain| domain.as_ref().to_owned());
    for (service, domain) in domains.collect::<Table<Service, String>>().enumerate() {
        index.insert(domain, service).expect("no domain twice");
    }
    index
}

/// The list position of the service that answers on `authority`.
fn find(index: &Domains, authority: &[u8]) -> Option<usize> {
    index.find(authority).map(ServiceIndex::position)
}

#[test]
fn the_matching_domain_is_returned_as_the_document_has_it() {
    let index = domains(&["*", "*.example.com", "a.example.com", "[::1]"]);
    for (host, expected) in [
        ("A.example.com:80", "a.example.com"),
        ("b.example.com.", "*.example.com"),
        ("b", "*"),
        ("[0::1]:80", "[::1]"),
    ] {
        assert_eq!(index.matching(host.as_bytes()).as_deref(), Some(expected));
    }
    assert_eq!(index.matching(b"u@h"), None);
}

#[test]
fn an_exact_domain_precedes_the_longest_suffix_and_that_precedes_any_host() {
    let index = domains(&["*", "*.example.com", "*.eu.example.com", "a.eu.example.com"]);
    for (host, service) in [
        ("a.eu.example.com", 3),
        ("A.EU.example.com.:80", 3),
        ("b.eu.example.com", 2),
        ("b.a.eu.example.com", 2),
        ("eu.example.com", 1),
        ("x.y.example.com", 1),
        ("example.com", 0),
        ("[::1]", 0),
    ] {
        assert_eq!(find(&index, host.as_bytes()), Some(service), "{host}");
    }
}

#[test]
fn a_suffix_matches_whole_labels_and_not_its_bare_domain() {
    let index = domains(&["*.example.com", "*.0.1"]);
    for host in ["example.com", ".example.com", "notexample.com", "com", "0.1", "[::1]"] {
        assert_eq!(find(&index, host.as_bytes()), None, "{host}");
    }
    assert_eq!(find(&index, b"10.0.0.1"), Some(1));
}

#[test]
fn a_domain_belongs_to_one_service() {
    let mut index = domains(&["*", "*.a.b", "a.b"]);
    let (first, _) = ["x"].into_iter().collect::<Table<Service, &str>>().enumerate().next().expect("one");
    for (position, taken) in ["*", "*.a.b", "a.b"].into_iter().enumerate() {
        assert_eq!(index.insert(taken, first).map_err(ServiceIndex::position), Err(position), "{taken}");
    }
    assert!(index.insert("*.b", first).is_ok());
}

/// A spelling of an authority that upstreams may read as a host of the document must not reach the service of
/// `*` in its place.
#[test]
fn what_is_no_host_matches_nothing_and_other_spellings_of_a_host_match_its_domain() {
    let index = domains(&["orders.example.com", "*"]);
    for host in [
        "orders.example.com",
        "orders.example.com.",
        "ORDERS.example.com.:80",
        "orders.example.com:",
        "orders.example.com:0000000000000000000000000000000000000080",
    ] {
        assert_eq!(find(&index, host.as_bytes()), Some(0), "{host}");
    }
    for host in [
        "orders.example.com:8x",
        "orders.example.com:80:80",
        "orders.example.com::80",
        "orders.example.com..",
        "u@orders.example.com",
        "orders%2eexample.com",
        "",
    ] {
        assert_eq!(find(&index, host.as_bytes()), None, "{host}");
    }
}

/// The service of `host` by definition: the domain itself, then each suffix of whole labels, then `*`.
fn find_by_definition(domains: &[String], host: &str) -> Option<usize> {
    let dots = host.match_indices('.').map(|(dot, _)| format!("*{}", &host[dot..]));
    let candidates = std::iter::once(host.to_owned()).chain(dots).chain(["*".to_owned()]);
    candidates.filter_map(|candidate| domains.iter().position(|domain| *domain == candidate)).next()
}

proptest! {
    #[test]
    fn a_host_has_the_service_of_its_closest_domain(
        set in prop::collection::hash_set("(\\*|(\\*\\.)?[ab](\\.[ab]){0,4})", 0..12),
        host in "[ab](\\.[ab]){0,6}",
        port in "(:[0-9]{0,3})?",
    ) {
        let set: Vec<String> = set.into_iter().collect();
        let index = domains(&set);
        let expected = find_by_definition(&set, &host);
        prop_assert_eq!(find(&index, format!("{host}{port}").as_bytes()), expected);
        prop_assert_eq!(find(&index, format!("{}.{port}", host.to_uppercase()).as_bytes()), expected);
        let domain = index.matching(host.as_bytes());
        prop_assert_eq!(domain, expected.map(|position| set[position].clone()));
    }
}
