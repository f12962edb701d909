//! Lengthens the trail of a hospital whose server is stopped, as years of looks at charts would: through the record's own
//! writer, one chain. One patient of the hospital is looked at every so often; the others are nobody's.

use anyhow::{Context, ensure};
use benhan_bench::keys::keys_beside;
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, PatientId};
use benhan_store::{Db, DbUrl, StoreError, Tx, audit, users};
use clap::Parser;
use serde_json::json;
use std::path::PathBuf;
use uuid::Uuid;

#[derive(Parser)]
struct Args {
    /// The record of a hospital whose server is stopped; rows are added to it
    #[arg(long)]
    record: PathBuf,
    /// Who looks
    #[arg(long)]
    user: String,
    /// Whom the question will be about
    #[arg(long)]
    patient: Uuid,
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
}

/// Rows of one transaction.
const AT_ONCE: u64 = 10_000;
/// One row in so many is about the named patient.
const SELDOM: u64 = 2_000;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the figure is what this program is for")]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    ensure!(args.record.exists(), "no record at {}", args.record.display());
    let keys = keys_beside(&args.record)?;
    let db = Db::open(DbUrl::Sqlite(args.record), keys, || benhan_domain::time::Instant::from(jiff::Timestamp::now()))?;
    let user = args.user;
    let actor = db.read::<_, StoreError, _>(move |conn| users::by_username(conn, &user)).await?;
    let (actor, patient) = (actor.context("nobody has this name")?.id, PatientId(args.patient));
    let mut written = 0;
    while written < args.rows {
        let rows = AT_ONCE.min(args.rows - written);
        db.write::<_, StoreError, _>(move |tx: &mut Tx<'_>| {
            (written..written + rows).try_for_each(|n| {
                let about = if n % SELDOM == 0 { patient } else { PatientId(Uuid::from_u128(u128::from(n % 50_000))) };
                let look = audit::Entry {
                    actor: Some(actor),
                    act: Act::View,
                    subject_kind: "chart",
                    subject_id: Uuid::from_u128(u128::from(n)).to_string(),
                    patient: Some(about),
                    encounter: Some(EncounterId(about.0)),
                    detail: json!({ "part": "vital-signs" }),
                };
                audit::append(tx, look)
            })
        })
        .await?;
        written += rows;
    }
    db.close();
    println!("{}", json!({ "rows": written }));
    Ok(())
}
