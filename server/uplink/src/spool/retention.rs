//! Let go of what the server has had for long enough. What waits, is held or is dead never goes by age.

use super::schema::receipt;
use super::{KeepError, Spool};
use crate::config::UplinkConfig;
use benhan_contract::Micros;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel::sqlite::Sqlite;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Rows removed in one transaction, so that a device never waits long behind it.
const AT_ONCE: i64 = 500;
const EVERY: Duration = Duration::from_secs(3600);

/// The oldest that the server had before then. Literal, so that the partial index receipt_settled serves it.
fn settled(before: Micros) -> receipt::BoxedQuery<'static, Sqlite, BigInt> {
    receipt::table
        .filter(sql::<Bool>("state = 'delivered'"))
        .filter(receipt::settled_at.lt(before))
        .order(receipt::settled_at)
        .limit(AT_ONCE)
        .select(receipt::id)
        .into_boxed()
}

impl Spool {
    /// Removes messages that the server committed before `before`; returns how many.
    ///
    /// # Errors
    /// When the spool cannot be written.
    pub async fn prune(&self, before: Micros) -> Result<usize, KeepError> {
        let mut removed = 0;
        loop {
            let now_removed = self
                .writer
                .write(move |connection| {
                    let old: Vec<i64> = settled(before).load(connection)?;
                    diesel::delete(receipt::table.filter(receipt::id.eq_any(old))).execute(connection)
                })
                .await?;
            removed += now_removed;
            if now_removed == 0 {
                return Ok(removed);
            }
        }
    }

    /// Prunes now and every hour until `shutdown`.
    pub async fn keep_pruned(self, config: UplinkConfig, shutdown: CancellationToken) {
        let age = Micros::try_from(config.keep_delivered().as_micros()).unwrap_or(Micros::MAX);
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = shutdown.cancelled() => return,
            }
            match self.prune(self.surroundings.now().saturating_sub(age)).await {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "delivered messages left the spool by age"),
                Err(cause) => tracing::error!(%cause, "the spool could not be pruned"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan_of;
    use super::*;

    #[test]
    fn what_may_go_is_found_without_reading_what_stays() {
        let plan = plan_of(&settled(1));
        assert!(plan.contains("receipt_settled"), "{plan}");
    }
}
