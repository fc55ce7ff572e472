//! Finds the service that answers on a host (`docs/rules.md#routing`). Domains match as those of Envoy's
//! virtual hosts do: exact, then the longest `*.suffix`, then `*`. The port and the case are ignored.

use std::borrow::Cow;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::service::ServiceIndex;

/// An index from domains to services. A look-up takes as long with thousands of domains as with one.
#[derive(Clone, Debug, Default)]
pub(super) struct Domains {
    /// The keys are hosts such as `a.example.com`, suffixes such as `.example.com`, and the empty string for
    /// `*`.
    services: HashMap<String, ServiceIndex>,
}

// === impl Domains ===

impl Domains {
    /// Lets `service` answer on `domain`.
    ///
    /// # Errors
    ///
    /// A different service already answers on the domain; its index.
    pub(super) fn insert(&mut self, domain: &str, service: ServiceIndex) -> Result<(), ServiceIndex> {
        let key = domain.strip_prefix('*').unwrap_or(domain);
        match self.services.entry(key.to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(service);
                Ok(())
            }
            Entry::Occupied(entry) => Err(*entry.get()),
        }
    }

    /// The service that answers on `authority`, a host with or without a port.
    pub(super) fn find(&self, authority: &[u8]) -> Option<ServiceIndex> {
        let host = host(authority)?;
        candidates(&host).find_map(|key| self.services.get(key)).copied()
    }

    /// The domain that matches `authority` in [`find`](Self::find), in lower case.
    pub(super) fn matching(&self, authority: &[u8]) -> Option<String> {
        let host = host(authority)?;
        let key = candidates(&host).find(|key| self.services.contains_key(*key))?;
        let any = if key.is_empty() || key.starts_with('.') { "*" } else { "" };
        Some(format!("{any}{key}"))
    }
}

/// The host of `authority` in lower case; `None` when it is not UTF-8.
fn host(authority: &[u8]) -> Option<Cow<'_, str>> {
    Some(lower_case(without_port(std::str::from_utf8(authority).ok()?)))
}

/// The index keys of all domains that could match a host, the closest match first.
fn candidates(host: &str) -> impl Iterator<Item = &str> {
    let suffixes = host.match_indices('.').filter(|(dot, _)| *dot > 0).filter_map(|(dot, _)| host.get(dot..));
    std::iter::once(host)
        .filter(|host| !host.is_empty() && !host.starts_with('.'))
        .chain(suffixes)
        .chain(std::iter::once(""))
}

/// Removes the port: `[::1]:80` becomes `[::1]`, and `example.com:80` becomes `example.com`.
fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            let inside_brackets = host.starts_with('[') && !host.ends_with(']');
            if inside_brackets { authority } else { host }
        }
        _ => authority,
    }
}

fn lower_case(host: &str) -> Cow<'_, str> {
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Service, Table};
    use super::*;

    /// An index in which each domain belongs to a different service.
    fn domains(domains: &[&str]) -> Domains {
        let mut index = Domains::default();
        for (service, domain) in domains.iter().copied().collect::<Table<Service, &str>>().enumerate() {
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
        let index = domains(&["*", "*.example.com", "a.example.com"]);
        for (host, expected) in
            [("A.example.com:80", "a.example.com"), ("b.example.com", "*.example.com"), ("b", "*")]
        {
            assert_eq!(index.matching(host.as_bytes()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn an_exact_domain_precedes_the_longest_suffix_and_that_precedes_any_host() {
        let index = domains(&["*", "*.example.com", "*.eu.example.com", "a.eu.example.com"]);
        assert_eq!(find(&index, b"a.eu.example.com"), Some(3));
        assert_eq!(find(&index, b"b.eu.example.com"), Some(2));
        assert_eq!(find(&index, b"x.y.example.com"), Some(1));
        assert_eq!(find(&index, b"example.com"), Some(0));
        assert_eq!(find(&index, b""), Some(0));
    }

    #[test]
    fn a_suffix_matches_neither_its_bare_domain_nor_an_empty_label() {
        let index = domains(&["*.example.com"]);
        assert_eq!(find(&index, b"example.com"), None);
        assert_eq!(find(&index, b".example.com"), None);
        assert_eq!(find(&index, b"notexample.com"), None);
    }

    #[test]
    fn port_and_case_are_ignored() {
        let index = domains(&["orders.example.com", "[::1]", "10.0.0.1"]);
        for host in ["orders.example.com:8080", "ORDERS.Example.com", "orders.example.com:"] {
            assert_eq!(find(&index, host.as_bytes()), Some(0), "{host}");
        }
        assert_eq!(find(&index, b"[::1]:80"), Some(1));
        assert_eq!(find(&index, b"[::1]"), Some(1));
        assert_eq!(find(&index, b"10.0.0.1:10000"), Some(2));
        assert_eq!(find(&index, b"orders.example.com:80a"), None);
    }

    #[test]
    fn a_host_that_is_not_utf8_matches_nothing() {
        assert_eq!(find(&domains(&["*"]), b"\xff.example.com"), None);
    }
}
