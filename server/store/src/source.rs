//! Where a request came from, for the trail: bound to the task that serves it.
//!
//! Handed through every use case it could be forgotten in one of them; bound to the task it is on every row that the
//! request writes. What the program does by itself came from nowhere.

use std::future::Future;
use std::net::IpAddr;

tokio::task_local! {
    static ASKED_FROM: IpAddr;
}

/// Runs `work` as asked from `address`.
pub async fn asked_from<T>(address: Option<IpAddr>, work: impl Future<Output = T>) -> T {
    match address {
        // `::ffff:10.0.0.5` on a socket for both families is 10.0.0.5.
        Some(address) => ASKED_FROM.scope(address.to_canonical(), work).await,
        None => work.await,
    }
}

/// The address that is being served.
pub fn current() -> Option<IpAddr> {
    ASKED_FROM.try_with(|address| *address).ok()
}
