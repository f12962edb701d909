//! What of the journal waits for a person: instances kept apart, peers that were turned away, studies that the server
//! does not take. Nothing of a patient leaves here: UIDs, AE titles, addresses, our own words.

use super::schema::{quarantine, refusal, study};
use benhan_contract::Micros;
use benhan_uplink::outbox::{self, Apart};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::sqlite::SqliteConnection;

/// What a person has seen of a peer stays seen for so long, also while the peer goes on; then it is news again.
const QUIET: Micros = 24 * 3_600 * 1_000_000;
/// Of peers turned away; a scanner that tries a thousand titles must not push images off the list.
const MOST_PEERS: usize = 50;

/// The list of one moment, each part the latest first, and how many there are of all.
#[derive(Debug, Default)]
pub(crate) struct Open {
    pub(crate) studies: Vec<(Apart, String)>,
    pub(crate) instances: Vec<KeptApart>,
    pub(crate) peers: Vec<TurnedAway>,
    pub(crate) total: i64,
}

/// An instance that is in no study until a person decides.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = quarantine)]
pub(crate) struct KeptApart {
    pub(crate) why: String,
    pub(crate) sop_uid: String,
    pub(crate) sha256: String,
    pub(crate) received_from: String,
    pub(crate) received_at: Micros,
    pub(crate) repeats: i64,
}

/// The same refusal of the same peer, however often.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub(crate) struct TurnedAway {
    #[diesel(sql_type = Text)]
    pub(crate) calling: String,
    #[diesel(sql_type = Text)]
    pub(crate) called: String,
    #[diesel(sql_type = Text)]
    pub(crate) address: String,
    #[diesel(sql_type = Text)]
    pub(crate) reason: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) times: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) first_at: Micros,
    #[diesel(sql_type = BigInt)]
    pub(crate) last_at: Micros,
}

/// What was stored with a warning (B…) is in the quarantine, and listed as that.
const PEERS: &str = "SELECT calling, called, address, reason, count(*) AS times, min(at) AS first_at, max(at) AS last_at \
     FROM refusal WHERE seen_at = 0 AND reason NOT LIKE 'C-STORE B%' \
     GROUP BY calling, called, address, reason ORDER BY last_at DESC";

impl Open {
    /// Reads all of it in one snapshot.
    pub(crate) fn read(connection: &mut SqliteConnection, limit: i64) -> QueryResult<Self> {
        connection.transaction(|connection| {
            let (apart, refused) = outbox::open(connection, limit)?;
            let studies = apart.into_iter().map(|one| station(connection, one)).collect::<QueryResult<_>>()?;
            // Literal, so that the partial index quarantine_open serves it.
            let unseen = || quarantine::table.filter(sql::<Bool>("seen_at = 0"));
            let instances =
                unseen().order(quarantine::id.desc()).limit(limit).select(KeptApart::as_select()).load(connection)?;
            let kept: i64 = unseen().count().get_result(connection)?;
            // The table itself is bounded.
            let mut peers: Vec<TurnedAway> = diesel::sql_query(PEERS).load(connection)?;
            let away = i64::try_from(peers.len()).unwrap_or(i64::MAX);
            peers.truncate(MOST_PEERS);
            Ok(Self { studies, instances, peers, total: refused.saturating_add(kept).saturating_add(away) })
        })
    }
}

/// Which modality the study came from.
fn station(connection: &mut SqliteConnection, apart: Apart) -> QueryResult<(Apart, String)> {
    let of = study::table.filter(study::study_uid.eq(&apart.subject)).select(study::station_ae);
    let station: Option<String> = of.first(connection).optional()?;
    Ok((apart, station.unwrap_or_default()))
}

impl KeptApart {
    pub(crate) fn mark_seen(connection: &mut SqliteConnection, sha256: &str, now: Micros) -> QueryResult<()> {
        diesel::update(quarantine::table.filter(quarantine::sha256.eq(sha256).and(quarantine::seen_at.eq(0))))
            .set(quarantine::seen_at.eq(now))
            .execute(connection)
            .map(drop)
    }
}

impl TurnedAway {
    /// Marks the peer whose name is `key`, as `key_of` names them.
    pub(crate) fn mark_seen(
        connection: &mut SqliteConnection,
        key: &str,
        key_of: impl Fn(&Self) -> String,
        now: Micros,
    ) -> QueryResult<()> {
        let peers: Vec<Self> = diesel::sql_query(PEERS).load(connection)?;
        let Some(peer) = peers.into_iter().find(|peer| key_of(peer) == key) else { return Ok(()) };
        diesel::update(refusal::table)
            .filter(refusal::calling.eq(&peer.calling).and(refusal::called.eq(&peer.called)))
            .filter(refusal::address.eq(&peer.address).and(refusal::reason.eq(&peer.reason)))
            .set(refusal::seen_at.eq(now))
            .execute(connection)
            .map(drop)
    }

    /// A new row of a peer that was seen within a day is seen as well.
    pub(super) fn inherit(connection: &mut SqliteConnection, row: i64) -> QueryResult<()> {
        let same = "UPDATE refusal SET seen_at = COALESCE((SELECT max(e.seen_at) FROM refusal AS e \
             WHERE e.calling = refusal.calling AND e.called = refusal.called AND e.address = refusal.address \
             AND e.reason = refusal.reason AND e.seen_at > refusal.at - ?), 0) WHERE id = ?";
        diesel::sql_query(same).bind::<BigInt, _>(QUIET).bind::<BigInt, _>(row).execute(connection).map(drop)
    }
}

/// The study is told anew, whole, and what the server had refused of it is taken back. False when nothing was.
pub(crate) fn tell_anew(connection: &mut SqliteConnection, study_uid: &str) -> QueryResult<bool> {
    if !outbox::take_back(connection, study_uid)? {
        return Ok(false);
    }
    diesel::update(study::table.filter(study::study_uid.eq(study_uid)))
        .set(study::delivered.eq(0))
        .execute(connection)?;
    Ok(true)
}
