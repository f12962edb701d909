//! What waits at this gateway for a person: messages that the server refused or fails on, spools that were damaged,
//! device profiles of the hospital's own that cannot be used.

use crate::normalise::{Readers, sha256_hex};
use crate::profile::Flaw;
use benhan_contract::{AttentionChoice, AttentionItem, DeliveryId, MOST_ATTENTION};
use benhan_uplink::set_aside::{self, SetAside};
use benhan_uplink::{Keeper, OpenItems, SetApart, Spool};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const MESSAGE: &str = "message:";
const SPOOL: &str = "spool:";
const PROFILE: &str = "profile:";

/// The spool, its file's place, and what reads it.
pub struct Held {
    pub spool: Spool,
    pub file: PathBuf,
    pub readers: Arc<Readers>,
    /// Flaws that somebody has seen; told anew after a restart, while the file is as it is.
    pub seen: Mutex<HashSet<String>>,
}

impl Keeper for Held {
    async fn open_items(&self) -> Result<OpenItems, String> {
        let limit = i64::try_from(MOST_ATTENTION).unwrap_or(i64::MAX);
        let (messages, count) = self.spool.set_apart(limit).await.map_err(|cause| cause.to_string())?;
        let files = off_the_threads(&self.file, set_aside::unseen).await?;
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let flaws: Vec<AttentionItem> =
            self.readers.flaws().into_iter().map(flawed).filter(|item| !seen.contains(&item.key)).collect();
        let others = i64::try_from(files.len() + flaws.len()).unwrap_or(i64::MAX);
        let total = count.saturating_add(others);
        let items = messages.into_iter().map(message).chain(files.into_iter().map(damaged)).chain(flaws);
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
        if key.starts_with(PROFILE) && choice == AttentionChoice::Seen {
            // Only what is there, so that nobody fills it.
            if self.readers.flaws().into_iter().any(|flaw| flawed(flaw).key == key) {
                self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned());
            }
            return Ok(());
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

fn flawed(flaw: Flaw) -> AttentionItem {
    AttentionItem {
        // A file's name may be any text, a key may not.
        key: format!("{PROFILE}{}", sha256_hex(format!("{}/{}", flaw.since, flaw.file).as_bytes()).split_off(40)),
        kind: "profile-flawed".to_owned(),
        at: flaw.since,
        since: flaw.since,
        times: 1,
        sender: String::new(),
        address: String::new(),
        about: one_line(&flaw.file, 60),
        reason: one_line(&flaw.problem, 180),
        again: false,
    }
}

fn one_line(text: &str, longest: usize) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(longest).collect()
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
