//! `benhan audit export`: the trail as JSON lines, for `benhan verify` and for keeping elsewhere.

use crate::cli::Place;
use crate::{config, say};
use base64::Engine;
use benhan_domain::time::Instant;
use benhan_store::{Conn, Db, audit, dialect, places};
use serde_json::json;
use std::io::Write;

#[derive(clap::Subcommand)]
pub enum What {
    /// Write every chain, row by row, then the signed heads
    Export {
        #[command(flatten)]
        place: Place,
    },
}

const PAGE: i64 = 1_000;

pub fn run(what: What) -> anyhow::Result<()> {
    let What::Export { place } = what;
    let config = config::read(&place)?;
    let url = config::existing_database(&place, &config)?;
    let mut conn = Db::reader(&url)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    // One snapshot: a head that is signed meanwhile would name rows that are not in the file.
    let rows = dialect::snapshot(&mut conn, |conn| write(conn, &mut out))?;
    out.flush()?;
    let at = Instant::from(jiff::Timestamp::now()).rfc3339();
    say::error(&format!("{rows} rows exported at {at}"));
    Ok(())
}

fn write(conn: &mut Conn, out: &mut impl Write) -> anyhow::Result<u64> {
    let facility = places::facility(conn)?.map(|f| f.code).unwrap_or_default();
    writeln!(out, "{}", json!({ "format": "benhan-audit-export", "version": 1, "facility": facility }))?;
    let mut rows: u64 = 0;
    let mut chains: Vec<String> = audit::heads(conn, i64::MAX)?.into_iter().map(|h| h.chain).collect();
    chains.sort();
    for chain in chains {
        let mut after = 0;
        loop {
            let page = audit::rows_after(conn, &chain, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for r in &page {
                let row =
                    json!({ "chain": r.chain_id, "seq": r.seq, "prev": r.prev_hash, "body": r.body, "hash": r.hash });
                writeln!(out, "{}", json!({ "row": row }))?;
                rows += 1;
            }
        }
    }
    for (_, _, body, cms) in audit::signed_heads(conn)? {
        let cms = base64::engine::general_purpose::STANDARD.encode(&cms);
        writeln!(out, "{}", json!({ "head": { "body": body, "cms": cms } }))?;
    }
    Ok(rows)
}
