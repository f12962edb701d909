//! What waits at this gateway for a person: messages that the server refused or fails on, spools that were damaged.

use benhan_contract::{AttentionChoice, AttentionItem, DeliveryId, MOST_ATTENTION};
use benhan_uplink::set_aside::{self, SetAside};
use benhan_uplink::{Keeper, OpenItems, SetApart, Spool};
use std::path::{Path, PathBuf};

const MESSAGE: &str = "message:";
const SPOOL: &str = "spool:";

/// The spool and its file's place.
pub struct Held {
    pub spool: Spool,
    pub file: PathBuf,
}

impl Keeper for Held {
    async fn open_items(&self) -> Result<OpenItems, String> {
        let limit = i64::try_from(MOST_ATTENTION).unwrap_or(i64::MAX);
        let (messages, count) = self.spool.set_apart(limit).await.map_err(|cause| cause.to_string())?;
        let files = off_the_threads(&self.file, set_aside::unseen).await?;
        let total = count.saturating_add(i64::try_from(files.len()).unwrap_or(i64::MAX));
        let items = messages.into_iter().map(message).chain(files.into_iter().map(damaged));
        Ok(OpenItems::newest(items.collect(), total))
    }

    async fn perform(&self, key: &str, choice: AttentionChoice) -> Result<(), String> {
        // What is no key of ours, or says nothing that we have, is gone: nothing to do.
        if let Some(id) = key.strip_prefix(MESSAGE).and_then(|id| uuid::Uuid::parse_str(id).ok()).map(DeliveryId) {
            let done = match choice {
                AttentionChoice::Again => self.spool.replay_by_id(id).await,
                AttentionChoice::Seen => self.spool.mark_seen(id).await,
                // Of images alone.
                AttentionChoice::Erase => return Ok(()),
            };
            return done.map(drop).map_err(|cause| cause.to_string());
        }
        match (key.strip_prefix(SPOOL).and_then(|at| at.parse().ok()), choice) {
            (Some(at), AttentionChoice::Seen) => {
                off_the_threads(&self.file, move |spool| set_aside::seen(spool, at)).await
            }
            _ => Ok(()),
        }
    }
}

async fn off_the_threads<T: Send + 'static>(
    spool: &Path,
    work: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
) -> Result<T, String> {
    let spool = spool.to_owned();
    let done = tokio::task::spawn_blocking(move || work(&spool)).await;
    done.map_err(|cause| cause.to_string())?.map_err(|cause| cause.to_string())
}

fn message(apart: SetApart) -> AttentionItem {
    AttentionItem {
        key: format!("{MESSAGE}{}", apart.id.0),
        kind: if apart.refused { "message-refused" } else { "message-held" }.to_owned(),
        at: apart.received_at,
        since: apart.since,
        times: 1,
        sender: apart.channel,
        address: apart.address,
        about: apart.sequence.to_string(),
        reason: apart.reason,
        again: true,
    }
}

fn damaged(file: SetAside) -> AttentionItem {
    AttentionItem {
        key: format!("{SPOOL}{}", file.at),
        kind: "spool-damaged".to_owned(),
        at: file.at,
        since: file.at,
        times: 1,
        sender: String::new(),
        address: String::new(),
        about: file.file,
        reason: String::new(),
        again: false,
    }
}
