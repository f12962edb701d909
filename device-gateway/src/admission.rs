//! Who may connect, and how many at a time.

use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A listed address or network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    base: IpAddr,
    bits: u32,
}

/// The door of one listener.
#[derive(Clone, Debug)]
pub struct Admission {
    networks: Vec<Network>,
    seats: Arc<Semaphore>,
}

impl Admission {
    /// # Errors
    /// The entry that is neither an address nor a network.
    pub fn new(peers: &[String], seats: usize) -> Result<Self, String> {
        let networks =
            peers.iter().map(|peer| Network::parse(peer).ok_or_else(|| peer.clone())).collect::<Result<_, _>>()?;
        Ok(Self { networks, seats: Arc::new(Semaphore::new(seats)) })
    }

    pub fn is_listed(&self, peer: IpAddr) -> bool {
        self.networks.is_empty() || self.networks.iter().any(|network| network.holds(peer))
    }

    /// A seat for one connection, given back when it is dropped.
    pub fn seat(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.seats).try_acquire_owned().ok()
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let base: IpAddr = address.trim().parse().ok()?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        (bits <= width).then_some(Self { base, bits })
    }

    fn holds(&self, peer: IpAddr) -> bool {
        match (self.base, peer.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(peer)) => {
                let differing = u32::from(base) ^ u32::from(peer);
                differing.checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(base), IpAddr::V6(peer)) => {
                let differing = u128::from(base) ^ u128::from(peer);
                differing.checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(peers: &[&str]) -> Admission {
        Admission::new(&peers.iter().map(|peer| (*peer).to_owned()).collect::<Vec<_>>(), 1).unwrap()
    }

    #[test]
    fn only_listed_peers_are_let_in() {
        let door = admission(&["10.0.9.0/24", "192.168.4.7"]);
        assert!(door.is_listed("10.0.9.200".parse().unwrap()));
        assert!(door.is_listed("::ffff:192.168.4.7".parse().unwrap()));
        assert!(!door.is_listed("10.0.10.1".parse().unwrap()));
        assert!(!door.is_listed("::1".parse().unwrap()));
    }

    #[test]
    fn an_empty_list_lets_everybody_in_and_a_wrong_one_is_an_error() {
        assert!(admission(&[]).is_listed("8.8.8.8".parse().unwrap()));
        assert!(admission(&["0.0.0.0/0"]).is_listed("8.8.8.8".parse().unwrap()));
        assert_eq!(Admission::new(&["10.0.9".to_owned()], 1).unwrap_err(), "10.0.9");
    }

    #[test]
    fn a_seat_is_given_back() {
        let door = admission(&[]);
        let seat = door.seat();
        assert!(seat.is_some() && door.seat().is_none());
        drop(seat);
        assert!(door.seat().is_some());
    }
}
