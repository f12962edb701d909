//! What posting an observation costs without HTTP: the same rows, through the record's own group commit, into the
//! same database. No TLS, no session, no permit read, no answer to build: what is left is what SQLite and the disk take.

use anyhow::{Context, ensure};
use benhan_bench::keys::keys_beside;
use benhan_bench::latency::Latencies;
use benhan_domain::access::{Actor, ChartVitals, DoctorsReach, Place, ViewWard, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::ObservationSetId;
use benhan_domain::observation::Status;
use benhan_domain::record::RecordState;
use benhan_store::encounters::Encounter;
use benhan_store::observations::{NewSet, NewVersion};
use benhan_store::{Db, DbUrl, StoreError, Tx, audit, encounters, idempotency, observations, users};
use clap::Parser;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

#[derive(Clone, Parser)]
struct Args {
    /// The record of a hospital whose server is stopped; rows are added to it
    #[arg(long)]
    record: PathBuf,
    #[arg(long)]
    user: String,
    /// Callers at one time
    #[arg(long, default_value_t = 64)]
    connections: usize,
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    ensure!((1..=1024).contains(&args.connections), "1 to 1024 callers");
    ensure!((0.1..=3_600.0).contains(&args.seconds), "a tenth of a second to an hour");
    ensure!(args.record.exists(), "no record at {}", args.record.display());
    let keys = keys_beside(&args.record)?;
    let db = Db::open(DbUrl::Sqlite(args.record), keys, || benhan_domain::time::Instant::from(jiff::Timestamp::now()))?;
    let user = args.user;
    let (actor, stays) = db.read::<_, anyhow::Error, _>(move |conn| ward(conn, &user)).await?;
    let (actor, stays) = (Arc::new(actor), Arc::new(stays));
    let begin = Instant::now() + Duration::from_secs_f64(args.warm_up.max(0.0));
    let end = begin + Duration::from_secs_f64(args.seconds);
    let callers: Vec<_> = (0..args.connections)
        .map(|n| tokio::spawn(write_on(db.clone(), Arc::clone(&actor), Arc::clone(&stays), n, begin, end)))
        .collect();
    let mut all = Latencies::default();
    for caller in callers {
        all.join(caller.await??);
    }
    db.close();
    all.figures(args.connections, end - begin).print()
}

fn ward(conn: &mut benhan_store::Conn, username: &str) -> anyhow::Result<(Actor, Vec<Encounter>)> {
    let user = users::by_username(conn, username)?.context("nobody has this name")?;
    let actor = users::actor(conn, &user, 0, DoctorsReach::WholeHouse)?;
    let ward = *actor.wards.first().context("the user has no ward")?;
    let permit = decide::<ViewWard>(&actor, Place::Ward(ward))?;
    let stays = encounters::on_ward(conn, &permit, ward)?;
    ensure!(!stays.is_empty(), "nobody lies on the ward");
    Ok((actor, stays))
}

async fn write_on(
    db: Db,
    actor: Arc<Actor>,
    stays: Arc<Vec<Encounter>>,
    n: usize,
    begin: Instant,
    end: Instant,
) -> anyhow::Result<Latencies> {
    let stay = stays.iter().cycle().nth(n).context("no stay")?;
    let mut taken = Latencies::default();
    for pulse in (60_u32..100).cycle() {
        let asked = Instant::now();
        if asked >= end {
            break;
        }
        let rows = Rows::prepare(&actor, stay, f64::from(pulse))?;
        let permit = decide::<ChartVitals>(
            &actor,
            Place::Encounter { encounter: stay.id, ward: stay.ward, record: RecordState::Active },
        )?;
        db.write::<_, StoreError, _>(move |tx| {
            observations::open(tx, &permit, &rows.set, &rows.first)?;
            rows.note(tx)
        })
        .await?;
        let answered = Instant::now();
        if asked >= begin && answered <= end {
            taken.add(answered - asked);
        }
    }
    Ok(taken)
}

/// What one posted observation leaves behind: set, sealed version, audit row, kept answer.
struct Rows {
    set: NewSet,
    first: NewVersion,
    entry: audit::Entry,
    key: String,
}

impl Rows {
    fn prepare(actor: &Actor, stay: &Encounter, pulse: f64) -> anyhow::Result<Self> {
        let set = ObservationSetId(Uuid::now_v7());
        let now = benhan_domain::time::Instant::from(jiff::Timestamp::now());
        let body = audit::canonical(&json!({
            "format": "benhan/vital-signs/1", "set": set, "version": 1, "encounter": stay.number,
            "patient": stay.patient.code, "status": Status::Final, "effectiveAt": now.rfc3339(),
            "recordedAt": now.rfc3339(), "author": actor.user, "reasonCode": Value::Null, "reason": Value::Null,
            "values": [{
                "code": "pulse", "loinc": "8867-4", "unit": "/min", "value": format!("{pulse:.0}"), "text": Value::Null,
                "notMeasured": Value::Null, "provenance": "manual", "outOfRangeReason": Value::Null,
            }],
        }))?;
        let first = NewVersion {
            status: Status::Final,
            effective_at: now.0,
            author: Some(actor.user),
            reason_code: None,
            reason: None,
            body,
        };
        let entry = audit::Entry {
            actor: Some(actor.user),
            act: Act::Create,
            subject_kind: "observation-set",
            subject_id: set.to_string(),
            patient: Some(stay.patient.id),
            encounter: Some(stay.id),
            detail: json!({}),
        };
        let set = NewSet { set, encounter: stay.id, device: None, inbox: None, slot_key: None };
        Ok(Self { set, first, entry, key: Uuid::now_v7().to_string() })
    }

    fn note(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let (user, set) = (self.entry.actor, self.set.set.to_string());
        audit::append(tx, self.entry)?;
        let Some(user) = user else { return Ok(()) };
        idempotency::keep(tx, user, &self.key, &"0".repeat(64), &set)
    }
}
