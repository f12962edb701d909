//! From a question to what the worklist knows of it.

use super::order;
use crate::normalise::Reader;
use crate::worklist::List;
use benhan_device_codec::query::{About, Found, Query};
use jiff::tz::TimeZone;

/// Specimens in one answer to a device that asks for all; the newest.
const MOST_ORDERS: usize = 64;

/// Would asking the server bring no more?
pub fn knows(list: &List, about: &About) -> bool {
    match about {
        About::Specimens(asked) => asked.iter().all(|one| list.specimen(&one.id).is_some()),
        // The list is some seconds old at most, or the server is away.
        About::AllOpen | About::Patient(_) | About::TakenBack => true,
    }
}

pub fn found(list: &List, query: &Query, reader: &Reader, zone: &TimeZone) -> Found {
    let order = |specimen| order::of(specimen, list, reader, zone);
    match &query.about {
        About::Specimens(asked) => {
            let mut orders = Vec::new();
            for one in asked {
                // The device's own spelling, by which it knows its tube again.
                let known = list.specimen(&one.id).and_then(order);
                orders.extend(known.map(|known| order::Order { specimen: one.id.clone(), ..known }));
            }
            if orders.is_empty() { Found::Nothing } else { Found::Orders(orders) }
        }
        About::AllOpen => {
            let orders: Vec<_> = list.held.specimens.iter().filter_map(order).take(MOST_ORDERS).collect();
            if orders.is_empty() { Found::Nothing } else { Found::Orders(orders) }
        }
        About::Patient(who) => {
            let people: Vec<_> = list.people(who).into_iter().map(order::person).collect();
            if people.is_empty() { Found::Nothing } else { Found::People(people) }
        }
        About::TakenBack => Found::Nothing,
    }
}
