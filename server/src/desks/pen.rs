//! A token at a signer's desk as the one port that signing knows.

use super::{Desks, Question, Said};
use crate::hub::Event;
use benhan_domain::id::{SessionId, UserId};
use benhan_sign::{HolderKind, KeyHolder, Trouble};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::oneshot;
use uuid::Uuid;

/// One batch at one desk, which goes with it.
pub(super) struct AtDesk {
    pub desks: Arc<Desks>,
    pub user: UserId,
    pub session: SessionId,
    pub batch: Uuid,
    /// Of who opened it: a PDF is signed on a thread of its own, which knows none.
    pub runtime: Handle,
    pub patience: Duration,
}

impl AtDesk {
    fn ask(&self, digest: [u8; 32]) -> Said {
        let hub = self.desks.hub.subscribe();
        let (tell, told) = oneshot::channel();
        {
            let mut open = self.desks.open();
            let desk = open.get_mut(&self.user).filter(|desk| desk.batch == self.batch).ok_or(Trouble::Spent)?;
            desk.waiting.push(Question { digest, tell });
        }
        self.desks.bell.notify_waiters();
        self.runtime.block_on(self.wait(told, hub))
    }

    async fn wait(&self, told: oneshot::Receiver<Said>, hub: Receiver<Event>) -> Said {
        tokio::select! {
            // Dropped unanswered: a newer desk stands in its place.
            said = told => said.unwrap_or(Err(Trouble::Spent)),
            () = ended(hub, self.session) => Err(Trouble::Spent),
            () = tokio::time::sleep(self.patience) => Err(Trouble::TimedOut),
        }
    }
}

/// Resolves when the session has ended or is locked.
async fn ended(mut hub: Receiver<Event>, mine: SessionId) {
    loop {
        match hub.recv().await {
            Ok(Event::Ended { session, .. }) if session == mine => return,
            // What was missed is caught by the patience.
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl KeyHolder for AtDesk {
    fn kind(&self) -> HolderKind {
        HolderKind::Terminal
    }

    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, Trouble> {
        self.ask(*digest)
    }
}

impl Drop for AtDesk {
    fn drop(&mut self) {
        let mut open = self.desks.open();
        if open.get(&self.user).is_some_and(|desk| desk.batch == self.batch) {
            open.remove(&self.user);
        }
    }
}
