//! The door between the peers and a hospital that comes and goes, and when each may pass it.

use super::account::Account;
use benhan_tests::TestHospital;
use benhan_tests::process::Ports;
use reqwest::Client;
use tokio::sync::watch;

/// Whether the hospital can be reached, and where.
#[derive(Clone)]
pub enum Access {
    Closed,
    Open {
        ports: Ports,
        http: Client,
        base: String,
    },
    /// As the one inside, but whoever has finished what is in hand goes home.
    LastOne(Box<Access>),
}

impl Access {
    pub fn to(hospital: &TestHospital) -> Self {
        Self::Open { ports: hospital.ports(), http: hospital.browser(), base: hospital.base() }
    }
}

/// Pieces of work that a peer may be ahead of each sheet: typesetting takes long, and the others would meanwhile fill
/// the machine and the charts.
const AHEAD: usize = 8;

/// A peer's view of the door, and of the sheets that the nurses hold.
#[derive(Clone)]
pub struct Door {
    access: watch::Receiver<Access>,
    sheets: watch::Receiver<usize>,
}

impl Door {
    pub fn new(access: &watch::Receiver<Access>, account: &Account) -> Self {
        Self { access: access.clone(), sheets: account.sheets_in_hand() }
    }

    /// Waits until the hospital can be reached.
    pub async fn open(&mut self) -> (Ports, Client, String) {
        let open = self.access.wait_for(|access| !matches!(access, Access::Closed)).await.expect("the story goes on");
        let open = if let Access::LastOne(inner) = &*open { (**inner).clone() } else { open.clone() };
        let Access::Open { ports, http, base } = open else { panic!("waited for") };
        (ports, http, base)
    }

    pub fn is_last(&self) -> bool {
        matches!(*self.access.borrow(), Access::LastOne(_))
    }

    /// After so many pieces of work: waits while this peer is too far ahead, then says whether it goes home.
    pub async fn goes_home(&mut self, done: usize) -> bool {
        tokio::select! {
            signed = self.sheets.wait_for(|sheets| done < AHEAD * (sheets + 1)) => drop(signed.expect("the story goes on")),
            last = self.access.wait_for(|access| matches!(access, Access::LastOne(_))) => drop(last),
        }
        self.is_last()
    }
}
