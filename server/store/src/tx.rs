//! A transaction as a use case sees it: one connection, one instant, one place in the audit chain.

use crate::writer::Undo;
use crate::{Conn, Engine, StoreError};
use benhan_domain::id::ChainId;
use benhan_domain::time::Instant;
use std::net::IpAddr;
use uuid::Uuid;

type AfterCommit = Box<dyn FnOnce() + Send>;

/// Only the writer makes one; a function that takes it is a write.
pub struct Tx<'c> {
    pub(crate) conn: &'c mut Conn,
    pub(crate) chain: ChainId,
    now: Instant,
    source: Option<IpAddr>,
    after: Vec<AfterCommit>,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(conn: &'c mut Conn, chain: ChainId, now: Instant) -> Self {
        Self { conn, chain, now, source: None, after: Vec::new() }
    }

    /// Asked for from this address.
    pub(crate) fn come_from(&mut self, source: Option<IpAddr>) {
        self.source = source;
    }

    /// The address that asked; `None` when the program itself acts.
    pub fn source(&self) -> Option<IpAddr> {
        self.source
    }

    /// For reads inside the transaction.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// What queries run on.
    pub(crate) fn db(&mut self) -> &mut Engine {
        self.conn.db()
    }

    /// The one instant at which everything in this transaction is recorded.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// A new UUIDv7.
    pub fn fresh<T: From<Uuid>>(&self) -> T {
        T::from(Uuid::now_v7())
    }

    /// Runs once the commit is durable, and never otherwise: how terminals and jobs are woken.
    pub fn after_commit(&mut self, act: impl FnOnce() + Send + 'static) {
        self.after.push(Box::new(act));
    }

    /// Runs `act` so that its failure takes back what it did and nothing else.
    pub fn savepoint<T, E>(&mut self, act: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let (chain, now, source) = (self.chain, self.now, self.source);
        let mut after = Vec::new();
        let ran = self.conn.transaction(|conn| {
            let mut inner = Tx::new(conn, chain, now);
            inner.come_from(source);
            let value = act(&mut inner).map_err(Undo::Caller)?;
            after = inner.into_after();
            Ok(value)
        });
        match ran {
            Ok(value) => {
                self.after.append(&mut after);
                Ok(value)
            }
            Err(Undo::Caller(error)) => Err(error),
            Err(Undo::Diesel(error)) => Err(StoreError::from(error).into()),
        }
    }

    pub(crate) fn into_after(self) -> Vec<AfterCommit> {
        self.after
    }
}
