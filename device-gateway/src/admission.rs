//! Who may connect, and how many at a time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

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
    seats: usize,
    seats_of_one: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A place for one connection, given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    address: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Admission {
    /// # Errors
    /// The entry that is neither an address nor a network.
    pub fn new(peers: &[String], seats: usize, seats_of_one: usize) -> Result<Self, String> {
        let networks =
            peers.iter().map(|peer| Network::parse(peer).ok_or_else(|| peer.clone())).collect::<Result<_, _>>()?;
        Ok(Self { networks, seats, seats_of_one, taken: Arc::default() })
    }

    pub fn is_listed(&self, peer: IpAddr) -> bool {
        self.networks.is_empty() || self.networks.iter().any(|network| network.holds(peer))
    }

    /// Nothing when all seats are taken, or all that one address may have.
    pub fn seat(&self, address: IpAddr) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(&address).copied().unwrap_or(0);
        if taken.values().sum::<usize>() >= self.seats || own >= self.seats_of_one {
            return None;
        }
        taken.insert(address, own + 1);
        Some(Seat { address, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.address) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.remove(&self.address)),
        }
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
        Admission::new(&peers.iter().map(|peer| (*peer).to_owned()).collect::<Vec<_>>(), 3, 2).unwrap()
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
        assert_eq!(Admission::new(&["10.0.9".to_owned()], 1, 1).unwrap_err(), "10.0.9");
    }

    #[test]
    fn a_seat_is_given_back() {
        let door = admission(&[]);
        let [one, two, three] = ["10.0.9.1", "10.0.9.2", "10.0.9.3"].map(|address| address.parse().unwrap());
        let first = door.seat(one);
        let _second = door.seat(one).unwrap();
        assert!(first.is_some() && door.seat(one).is_none(), "one address never takes all");
        let _other = door.seat(two).unwrap();
        assert!(door.seat(three).is_none(), "three in all");
        drop(first);
        assert!(door.seat(three).is_some());
    }
}
