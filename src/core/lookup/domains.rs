//! Finds the service that answers on a host (`docs/rules.md#routing`). Domains match as those of Envoy's
//! virtual hosts do: exact, then the longest `*.suffix`, then `*`.

use std::borrow::Cow;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use memchr::memrchr;

use super::service::ServiceIndex;
use crate::host;

/// An index from domains to services. A look-up takes as long with thousands of domains as with one, and
/// reads a host once.
#[derive(Clone, Debug, Default)]
pub(super) struct Domains {
    /// The services of hosts such as `a.example.com`.
    exact: HashMap<Box<[u8]>, ServiceIndex>,
    /// The services of `*`, which is the suffix without labels, and of `*.suffix`.
    suffixes: Suffix,
}

/// A suffix of hosts, which leads to the suffixes that have one label more.
#[derive(Clone, Debug, Default)]
struct Suffix {
    service: Option<ServiceIndex>,
    /// The longer suffixes, by the label that stands before this one.
    longer: HashMap<Box<[u8]>, Suffix>,
}

// === impl Domains ===

impl Domains {
    /// Lets `service` answer on `domain`, which is spelled as hosts are compared.
    ///
    /// # Errors
    ///
    /// A different service already answers on the domain; its index.
    pub(super) fn insert(&mut self, domain: &str, service: ServiceIndex) -> Result<(), ServiceIndex> {
        let Some(suffix) = domain.strip_prefix('*') else {
            return match self.exact.entry(domain.as_bytes().into()) {
                Entry::Vacant(entry) => {
                    entry.insert(service);
                    Ok(())
                }
                Entry::Occupied(entry) => Err(*entry.get()),
            };
        };
        let labels = suffix.rsplit('.').filter(|label| !label.is_empty());
        let suffix = labels.fold(&mut self.suffixes, Suffix::with_label);
        match suffix.service {
            Some(taken) => Err(taken),
            None => {
                suffix.service = Some(service);
                Ok(())
            }
        }
    }

    /// The service that answers on `authority`, a host with or without a port.
    pub(super) fn find(&self, authority: &[u8]) -> Option<ServiceIndex> {
        let host = host::of_authority(authority)?;
        // Nearly every host is spelled as in the document, and needs no other look.
        if let Some(service) = self.exact.get(host) {
            return Some(*service);
        }
        let host = host::canonical(host)?;
        let respelled = match &host {
            Cow::Owned(host) => self.exact.get(host.as_slice()),
            Cow::Borrowed(_) => None,
        };
        respelled.copied().or_else(|| self.longest_suffix(&host).map(|(service, _)| service))
    }

    /// The domain that matches `authority` in [`find`](Self::find).
    pub(super) fn matching(&self, authority: &[u8]) -> Option<String> {
        let host = host::canonical(host::of_authority(authority)?)?;
        let domain = if self.exact.contains_key(&*host) {
            host.into_owned()
        } else {
            let (_, suffix) = self.longest_suffix(&host)?;
            [b"*", suffix].concat()
        };
        String::from_utf8(domain).ok()
    }

    /// The longest suffix of `host` that has a service: `.example.com`, or nothing for `*`.
    fn longest_suffix<'h>(&self, host: &'h [u8]) -> Option<(ServiceIndex, &'h [u8])> {
        let mut suffix = &self.suffixes;
        let mut found = suffix.service.map(|service| (service, [].as_slice()));
        let mut rest = host;
        while let Some((before, dot_and_label)) =
            memrchr(b'.', rest).and_then(|dot| rest.split_at_checked(dot))
        {
            let label = dot_and_label.strip_prefix(b".").unwrap_or_default();
            let Some(longer) = suffix.longer.get(label) else { break };
            suffix = longer;
            if let Some(service) = suffix.service {
                found = Some((service, host.get(before.len()..).unwrap_or_default()));
            }
            rest = before;
        }
        found
    }
}

// === impl Suffix ===

impl Suffix {
    /// The suffix that has this label before this suffix's own.
    fn with_label(&mut self, label: &str) -> &mut Self {
        self.longer.entry(label.as_bytes().into()).or_default()
    }
}

#[cfg(test)]
mod tests;
