//! Connections at one time: so many in all, and so many of one address, that nobody takes the others' places.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub(crate) struct Seats {
    most: usize,
    most_of_one: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// Given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    of: Arc<Seats>,
    address: IpAddr,
}

impl Seats {
    pub(crate) fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self { most, most_of_one, taken: Mutex::default() })
    }

    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.values().sum::<usize>() >= self.most {
            return None;
        }
        let own = taken.entry(address).or_default();
        if *own >= self.most_of_one {
            return None;
        }
        *own += 1;
        Some(Seat { of: Arc::clone(self), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_never_takes_all() {
        let seats = Seats::new(3, 2);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let first = seats.take(address("10.0.0.1"));
        let _second = seats.take(address("10.0.0.1")).unwrap();
        assert!(first.is_some() && seats.take(address("10.0.0.1")).is_none());
        let _other = seats.take(address("10.0.0.2")).unwrap();
        assert!(seats.take(address("10.0.0.3")).is_none(), "three in all");
        drop(first);
        assert!(seats.take(address("10.0.0.3")).is_some());
    }
}
