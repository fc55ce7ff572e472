//! Failed tries to get in: after too many of them, an address is refused unheard for a while.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// How many tries may fail at once.
const BURST: u64 = 100;
/// How many addresses are remembered.
const MAX: usize = 4096;

/// The failed tries of each address. One of them is forgiven each second.
#[derive(Debug, Default)]
pub struct Tries(Mutex<HashMap<IpAddr, Failed>>);

/// The tries of an address that are not forgiven yet.
#[derive(Clone, Copy, Debug)]
struct Failed {
    count: u64,
    /// The second in which they were counted.
    at: u64,
}

// === impl Tries ===

impl Tries {
    /// For how many seconds `address` is refused at the second `now`; `None` if it may try.
    pub fn wait(&self, address: IpAddr, now: u64) -> Option<u64> {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = tries.get(&whose(address))?.left(now);
        (left >= BURST).then(|| left - BURST + 1)
    }

    /// Counts a try that failed.
    pub fn failed(&self, address: IpAddr, now: u64) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let address = whose(address);
        if tries.len() >= MAX && !tries.contains_key(&address) {
            tries.retain(|_, failed| failed.left(now) > 0);
            // The address with the fewest makes room: nobody forgets his own by using others.
            let fewest = tries.iter().min_by_key(|(_, failed)| failed.left(now)).map(|(address, _)| *address);
            if let Some(fewest) = fewest.filter(|_| tries.len() >= MAX) {
                tries.remove(&fewest);
            }
        }
        let failed = tries.entry(address).or_insert(Failed { count: 0, at: now });
        *failed = Failed { count: (failed.left(now) + 1).min(BURST), at: now };
    }
}

// === impl Failed ===

impl Failed {
    fn left(&self, now: u64) -> u64 {
        self.count.saturating_sub(now.saturating_sub(self.at))
    }
}

/// The address, or the network that one subscriber has of IPv6.
fn whose(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6
            .to_ipv4_mapped()
            .map_or_else(|| IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()), IpAddr::V4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_is_refused_after_too_many_failures_until_they_are_forgiven() {
        let tries = Tries::default();
        let (ada, eve) = (address("192.0.2.1"), address("192.0.2.2"));
        for _ in 0..BURST {
            assert_eq!(tries.wait(eve, 10), None);
            tries.failed(eve, 10);
        }
        assert_eq!(tries.wait(eve, 10), Some(1));
        assert_eq!(tries.wait(ada, 10), None, "another address may try");
        assert_eq!(tries.wait(eve, 11), None);
        tries.failed(eve, 11);
        assert_eq!(tries.wait(eve, 11), Some(1));
    }

    #[test]
    fn addresses_of_one_subscriber_are_one_and_the_memory_is_bounded() {
        let tries = Tries::default();
        for _ in 0..BURST {
            tries.failed(address("2001:db8::1"), 0);
        }
        assert!(tries.wait(address("2001:db8::2"), 0).is_some());
        assert!(tries.wait(address("2001:db8:0:1::1"), 0).is_none());
        for number in 0..2 * u32::try_from(MAX).expect("small") {
            tries.failed(IpAddr::V4(number.into()), 0);
        }
        assert_eq!(tries.0.lock().expect("a lock").len(), MAX);
        assert!(tries.wait(address("2001:db8::1"), 0).is_some(), "it is not forgotten for others");
    }
}
