//! The ports that an Envoy listens on.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// The three ports of the configurations in `envoy/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The listener for callers.
    pub ingress: u16,
    /// The admin interface.
    pub admin: u16,
    /// The service behind Envoy.
    pub upstream: u16,
}

impl Ports {
    /// The ports in the files of `envoy/`.
    pub const SHIPPED: Self = Self { ingress: 10000, admin: 9901, upstream: 10001 };

    /// Three ports that nobody listens on.
    ///
    /// # Errors
    /// The system has no free port.
    pub fn free() -> Result<Self> {
        let [ingress, admin, upstream] = free_ports()?;
        Ok(Self { ingress, admin, upstream })
    }

    /// The port that replaces `shipped`, a port of the files, and the name of its variable.
    pub(crate) fn instead_of(self, shipped: u64) -> Option<(&'static str, u16)> {
        let ports = [
            (Self::SHIPPED.ingress, INGRESS, self.ingress),
            (Self::SHIPPED.admin, ADMIN, self.admin),
            (Self::SHIPPED.upstream, UPSTREAM, self.upstream),
        ];
        let found = ports.iter().find(|(from, _, _)| u64::from(*from) == shipped);
        found.map(|&(_, variable, port)| (variable, port))
    }

    /// Checks that all of `used` (variables and ports, which may repeat) are free.
    pub(crate) fn check(used: &[(&'static str, u16)]) -> Result<()> {
        let mut held = Vec::new();
        let mut occupied = Vec::new();
        for variable in [INGRESS, ADMIN, UPSTREAM] {
            let Some(&(_, port)) = used.iter().find(|(other, _)| *other == variable) else { continue };
            match TcpListener::bind(local(port)) {
                Ok(listener) => held.push(listener),
                Err(_) => occupied.push(format!("port {port} is in use: choose another with {variable}=…")),
            }
        }
        if occupied.is_empty() { Ok(()) } else { Err(Error::new(occupied.join("\n"))) }
    }
}

/// The variable that a user sets to choose [`Ports::ingress`].
pub const INGRESS: &str = "INGRESS_PORT";

/// The variable that a user sets to choose [`Ports::admin`].
pub const ADMIN: &str = "ADMIN_PORT";

/// The variable that a user sets to choose [`Ports::upstream`].
pub const UPSTREAM: &str = "UPSTREAM_PORT";

/// Where free ports are looked for: below the ports that Linux gives to outgoing connections, or one of these
/// could take a port between the time it is found free and the time Envoy listens on it.
const RANGE: Range<u16> = 20_000..32_768;

/// How many ports a process takes at a time. It listens on the first of them until it ends, so no other
/// process that looks for ports here takes any of them.
const BLOCK: u16 = 64;

/// The blocks of this process.
#[derive(Default)]
struct Blocks {
    /// The first port of each block.
    held: Vec<TcpListener>,
    /// The ports that were not given out yet.
    left: Range<u16>,
}

/// `N` ports that nobody listens on. No port is returned twice in the same process, or in another one as long
/// as this process runs.
///
/// # Errors
/// The system has no free port.
pub fn free_ports<const N: usize>() -> Result<[u16; N]> {
    static BLOCKS: Mutex<Option<Blocks>> = Mutex::new(None);
    let mut blocks = BLOCKS.lock().unwrap_or_else(PoisonError::into_inner);
    let blocks = blocks.get_or_insert_default();
    let mut ports = [0; N];
    for port in &mut ports {
        *port = blocks.next()?;
    }
    Ok(ports)
}

// === impl Blocks ===

impl Blocks {
    fn next(&mut self) -> Result<u16> {
        loop {
            if let Some(port) = self.left.find(|port| TcpListener::bind(local(*port)).is_ok()) {
                return Ok(port);
            }
            self.take()?;
        }
    }

    /// Takes a block that no process has.
    fn take(&mut self) -> Result<()> {
        // Each process begins somewhere else, because the first blocks would be looked at in vain.
        let number = (RANGE.end - RANGE.start) / BLOCK;
        let random = RandomState::new().hash_one(std::process::id()) % u64::from(number);
        let random = u16::try_from(random).unwrap_or_default();
        let mut firsts = (random..number).chain(0..random).map(|block| RANGE.start + block * BLOCK);
        let block = firsts.find_map(|first| Some((first, TcpListener::bind(local(first)).ok()?)));
        let (first, listener) =
            block.ok_or_else(|| Error::new(format!("no {BLOCK} ports of {RANGE:?} are free")))?;
        self.held.push(listener);
        self.left = first + 1..first + BLOCK;
        Ok(())
    }
}

/// `port` on loopback.
pub fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn free_ports_differ_and_can_be_bound() {
        let ports: [u16; 2 * BLOCK as usize] = free_ports().expect("free ports");
        assert_eq!(ports.iter().collect::<HashSet<_>>().len(), ports.len());
        for port in ports {
            TcpListener::bind(local(port)).expect("nobody listens there");
        }
    }

    #[test]
    fn a_block_of_another_process_is_not_taken() {
        let [mut one, mut other] = [Blocks::default(), Blocks::default()];
        for blocks in [&mut one, &mut other] {
            blocks.take().expect("a block");
        }
        let [taken, free] = [one, other].map(|blocks| blocks.left);
        assert!(taken.end < free.start || free.end < taken.start, "{taken:?} {free:?}");
    }

    #[test]
    fn an_occupied_port_is_reported_with_its_variable() {
        let occupied = TcpListener::bind(local(0)).expect("a free port");
        let port = occupied.local_addr().expect("bound").port();
        let message = format!("port {port} is in use: choose another with INGRESS_PORT=…");
        assert_eq!(Ports::check(&[(INGRESS, port)]), Err(Error::new(message)));
    }

    #[test]
    fn a_port_for_two_purposes_is_in_use_and_one_for_the_same_purpose_twice_is_not() {
        let [port] = free_ports().expect("a free port");
        let message = format!("port {port} is in use: choose another with ADMIN_PORT=…");
        assert_eq!(Ports::check(&[(INGRESS, port), (ADMIN, port)]), Err(Error::new(message)));
        assert_eq!(Ports::check(&[(UPSTREAM, port), (UPSTREAM, port)]), Ok(()));
    }
}
