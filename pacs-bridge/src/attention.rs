//! What waits at this bridge for a person, in the words of the server's list, and what becomes of their choice.

use crate::admission::{ELSEWHERE, UNKNOWN, WRONG_CALLED};
use crate::bridge::Bridge;
use crate::library::{
    JournalConnection, JournalError, KeptApart, Open, TurnedAway, files_of, forget, kept_apart, remove_files,
    set_apart, tell_anew,
};
use benhan_contract::{AttentionChoice, AttentionItem, MOST_ATTENTION, STUDY_KEY};
use benhan_uplink::outbox::{self, Apart};
use benhan_uplink::{Keeper, OpenItems};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const INSTANCE: &str = "instance:";
const PEER: &str = "peer:";

/// The bridge as the one who keeps things.
pub(crate) struct Held(pub(crate) Arc<Bridge>);

impl Keeper for Held {
    async fn open_items(&self) -> Result<OpenItems, String> {
        let limit = i64::try_from(MOST_ATTENTION).unwrap_or(i64::MAX);
        let read = self.0.journal.read(move |connection| Open::read(connection, limit)).await;
        let open = read.map_err(|cause| cause.to_string())?;
        let items = open.studies.into_iter().map(study).chain(open.instances.into_iter().map(instance));
        Ok(OpenItems::newest(items.chain(open.peers.into_iter().map(peer)).collect(), open.total))
    }

    async fn perform(&self, key: &str, choice: AttentionChoice) -> Result<(), String> {
        match (choice, key.strip_prefix(STUDY_KEY)) {
            (AttentionChoice::Erase, Some(uid)) => self.erase(uid.to_owned()).await,
            _ => self.carry_out(key, choice).await.map_err(|cause| cause.to_string()),
        }
    }
}

impl Held {
    /// What is no key of ours is gone: nothing to do.
    async fn carry_out(&self, key: &str, choice: AttentionChoice) -> Result<(), JournalError> {
        let (journal, now) = (&self.0.journal, self.0.surroundings.now());
        let own = |prefix: &str| key.strip_prefix(prefix).map(str::to_owned);
        if let Some(uid) = own(STUDY_KEY) {
            return match choice {
                AttentionChoice::Again => self.tell_again(uid).await,
                AttentionChoice::Seen => {
                    journal.write(move |connection| outbox::mark_seen(connection, &uid, now)).await
                }
                AttentionChoice::Erase => Ok(()),
            };
        }
        // Bytes that were kept apart, and peers that were turned away, have nowhere to be sent to.
        if choice != AttentionChoice::Seen {
            return Ok(());
        }
        if let Some(sha256) = own(INSTANCE) {
            return journal.write(move |connection| KeptApart::mark_seen(connection, &sha256, now)).await;
        }
        let key = key.to_owned();
        journal.write(move |connection| TurnedAway::mark_seen(connection, &key, peer_key, now)).await
    }

    /// A study of a record that was destroyed. One that is not here is none: nothing to do.
    async fn erase(&self, uid: String) -> Result<(), String> {
        let (journal, library, study) = (&self.0.journal, Arc::clone(&self.0.library), uid.clone());
        // Whatever of it is being kept at this moment is kept first, and goes with it.
        let _none_is_kept = self.0.library.keys.erasing().await;
        let read = move |connection: &mut JournalConnection| {
            Ok((files_of(connection, &study)?, kept_apart(connection, &study)?))
        };
        let (files, mut apart) = journal.read(read).await.map_err(|e| e.to_string())?;
        apart.retain(|sha256| !files.contains(sha256));
        let (count, at, of) = (files.len(), self.0.surroundings.now(), uid.clone());
        let removing = tokio::task::spawn_blocking(move || {
            set_apart(&library, &apart, at)?;
            remove_files(&library, &of, &files, at)
        })
        .await;
        removing.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
        journal.write(move |connection| forget(connection, &uid)).await.map_err(|e| e.to_string())?;
        tracing::info!(files = count, "the images of a destroyed record were erased");
        Ok(())
    }

    /// The study as it stands now: the refused parcel may be older than its latest images.
    async fn tell_again(&self, uid: String) -> Result<(), JournalError> {
        let study = uid.clone();
        if self.0.journal.write(move |connection| tell_anew(connection, &study)).await? {
            self.0.settler.later(uid);
        }
        Ok(())
    }
}

fn study((apart, station): (Apart, String)) -> AttentionItem {
    AttentionItem {
        key: format!("{STUDY_KEY}{}", apart.subject),
        kind: if apart.refused { "study-refused" } else { "study-held" }.to_owned(),
        at: apart.created_at,
        since: apart.since,
        times: 1,
        sender: station,
        address: String::new(),
        about: apart.subject,
        reason: apart.reason,
        again: true,
    }
}

fn instance(kept: KeptApart) -> AttentionItem {
    AttentionItem {
        key: format!("{INSTANCE}{}", kept.sha256),
        kind: kept.why,
        at: kept.received_at,
        since: kept.received_at,
        times: kept.repeats.saturating_add(1),
        sender: kept.received_from,
        address: String::new(),
        about: kept.sop_uid,
        reason: String::new(),
        again: false,
    }
}

fn peer(away: TurnedAway) -> AttentionItem {
    let kind = match away.reason.as_str() {
        UNKNOWN => "peer-unknown",
        ELSEWHERE => "peer-elsewhere",
        WRONG_CALLED => "peer-called-wrong",
        reason if reason.starts_with("C-STORE ") => "instance-refused",
        _ => "peer-refused",
    };
    AttentionItem {
        key: peer_key(&away),
        kind: kind.to_owned(),
        at: away.first_at,
        since: away.last_at,
        times: away.times,
        sender: away.calling,
        address: away.address,
        about: away.called,
        reason: away.reason,
        again: false,
    }
}

/// Made from what a peer is known by, so that it is the same at the next look.
fn peer_key(away: &TurnedAway) -> String {
    let mut hash = Sha256::new();
    for part in [&away.calling, &away.called, &away.address, &away.reason] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    format!("{PEER}{}", hex::encode(hash.finalize()))
}
