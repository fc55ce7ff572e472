//! How often an address may try to sign in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use usage_plan_core::timestamp::Timestamp;

/// How many tries may fail one after the other.
const TRIES: u32 = 5;
/// How long an address waits after them.
const PAUSE: Duration = Duration::from_secs(60);
/// How many addresses are remembered.
const MAX_ADDRESSES: usize = 10_000;

/// The tries that failed, by the address that they came from.
#[derive(Debug, Default)]
pub(super) struct Tries(Mutex<HashMap<IpAddr, Failed>>);

/// What failed from one address.
#[derive(Clone, Copy, Debug)]
struct Failed {
    times: u32,
    last: Timestamp,
}

// === impl Tries ===

impl Tries {
    /// How many tries an address has left; 0 while it has to wait. One of them is taken at once, so that
    /// nobody has more tries by making them at the same time.
    pub(super) fn take(&self, address: IpAddr, now: Timestamp) -> u32 {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= MAX_ADDRESSES {
            failed.retain(|_, failed| now.saturating_since(failed.last) < PAUSE);
        }
        let address = network(address);
        if failed.len() >= MAX_ADDRESSES && !failed.contains_key(&address) {
            return 0;
        }
        let entry = failed.entry(address).or_insert(Failed { times: 0, last: now });
        if now.saturating_since(entry.last) >= PAUSE {
            entry.times = 0;
        }
        if entry.times >= TRIES {
            return 0;
        }
        let left = TRIES - entry.times;
        *entry = Failed { times: entry.times + 1, last: now };
        left
    }

    /// A try from an address succeeded, so that it starts afresh.
    pub(super) fn succeeded(&self, address: IpAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&network(address));
    }
}

/// Whoever has an IPv6 address has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.into(),
            None => {
                let [a, b, c, d, ..] = address.segments();
                std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        },
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_nanos(seconds * 1_000_000_000)
    }

    #[test]
    fn five_tries_fail_and_then_an_address_waits_a_minute() {
        let tries = Tries::default();
        let [here, there] = ["2001:db8::1", "192.0.2.1"].map(|text| text.parse().expect("an address"));
        let left: Vec<u32> = (0..7).map(|second| tries.take(here, at(100 + second))).collect();
        assert_eq!(left, [5, 4, 3, 2, 1, 0, 0]);
        assert_eq!(tries.take(there, at(106)), 5, "another address is not concerned");
        let neighbour = "2001:db8::2:3".parse().expect("an address");
        assert_eq!(tries.take(neighbour, at(106)), 0, "the same network");
        assert_eq!(tries.take(here, at(163)), 0, "59 seconds after the last one");
        assert_eq!(tries.take(here, at(164)), 5);
        tries.succeeded(here);
        assert_eq!(tries.take(here, at(165)), 5);
    }
}
