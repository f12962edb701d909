//! `benhan audit export`: the trail as JSON lines, for `benhan verify` and for keeping elsewhere. `benhan audit verify`:
//! the trail where it lies, while the server runs.

mod fhir;
mod heads;
mod syslog;

use crate::cli::Place;
use crate::{config, say};
use base64::Engine;
use benhan_bucket::CancellationToken;
use benhan_domain::time::Instant;
use benhan_store::audit::Row;
use benhan_store::{Conn, Db, audit, chains, dialect, places};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{self, Duration};

#[derive(clap::Subcommand)]
pub enum What {
    /// Write every chain, row by row; with its signed heads, or as a collector of logs takes it
    #[command(after_help = "Example: benhan audit export --data-dir data --format fhir > audit.ndjson")]
    Export {
        #[command(flatten)]
        place: Place,
        /// jsonl: with the signed heads, for `benhan verify`; fhir: AuditEvent resources (R4), one a line; syslog: RFC 5424
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Check every link of every chain where it lies, and that no chain is gone
    #[command(after_help = "Example: benhan audit verify --data-dir /var/lib/benhan
         benhan audit verify --heads /mnt/worm/benhan-heads --trust ca.pem
Who signed the heads in the record itself: benhan audit export, then benhan verify.")]
    Verify {
        #[command(flatten)]
        place: Place,
        /// A folder or s3:// of audit.heads_to: does the trail still say what it said when those heads left?
        #[arg(long)]
        heads: Option<PathBuf>,
        /// Certificates of the authorities to believe, PEM: who signed those heads
        #[arg(long, visible_alias = "ca", requires = "heads")]
        trust: Option<PathBuf>,
        /// Print the answer as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
pub enum Format {
    #[default]
    Jsonl,
    Fhir,
    Syslog,
}

const PAGE: i64 = 1_000;

/// Between two signs of life on a terminal.
const SILENCE: Duration = Duration::from_secs(2);

pub fn run(what: What) -> anyhow::Result<()> {
    match what {
        What::Export { place, format } => export(&place, format),
        What::Verify { place, heads, trust, json } => verify(&place, heads.as_deref(), trust.as_deref(), json),
    }
}

fn export(place: &Place, format: Format) -> anyhow::Result<()> {
    let config = config::read(place)?;
    let url = config::existing_database(place, &config)?;
    let mut conn = Db::reader(&url)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    // One snapshot: a head that is signed meanwhile would name rows that are not in the file.
    let rows = dialect::snapshot(&mut conn, |conn| write(conn, format, &mut out))?;
    out.flush()?;
    let at = Instant::from(jiff::Timestamp::now()).rfc3339();
    say::error(&format!("{rows} rows exported at {at}"));
    Ok(())
}

fn verify(place: &Place, heads: Option<&Path>, trust: Option<&Path>, json: bool) -> anyhow::Result<()> {
    let config = config::read(place)?;
    let mut conn = Db::reader(&config::existing_database(place, &config)?)?;
    let (begin, watched) = (time::Instant::now(), std::io::stderr().is_terminal());
    let mut said = begin;
    let rows = dialect::snapshot(&mut conn, |conn| {
        chains::check_telling(conn, |rows| {
            if watched && said.elapsed() > SILENCE {
                said = time::Instant::now();
                say::error(&format!("{rows} rows so far"));
            }
        })
    })?;
    let kept = heads.map(|from| -> anyhow::Result<usize> {
        let kept = match config::meant(from)? {
            Some(at) => heads::Kept::Stored(config.buckets(place, CancellationToken::new())?.open(&at)?),
            None => heads::Kept::Folder(from.to_owned()),
        };
        heads::compare(&mut conn, &kept, trust)
    });
    let kept = kept.transpose()?;
    let seconds = begin.elapsed().as_secs_f64();
    let mut text = format!("{rows} audit rows, every chain intact ({seconds:.1} s)");
    if let Some(kept) = kept {
        text += &format!("\n{kept} heads that were kept elsewhere say the same");
    }
    super::answer(json, &json!({ "rows": rows, "seconds": seconds, "heads": kept }), &text);
    Ok(())
}

fn write(conn: &mut Conn, format: Format, out: &mut impl Write) -> anyhow::Result<u64> {
    let facility = places::facility(conn)?.map(|f| f.code).unwrap_or_default();
    if matches!(format, Format::Jsonl) {
        writeln!(out, "{}", json!({ "format": "benhan-audit-export", "version": 1, "facility": facility }))?;
    }
    let mut rows: u64 = 0;
    let mut chains: Vec<String> = audit::heads(conn, i64::MAX)?.into_iter().map(|h| h.chain).collect();
    chains.sort();
    for chain in chains {
        let mut after = 0;
        loop {
            let page = audit::rows_after(conn, &chain, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for row in &page {
                write_row(row, format, &facility, out)?;
                rows += 1;
            }
        }
    }
    if matches!(format, Format::Jsonl) {
        for (_, _, body, cms) in audit::signed_heads(conn)? {
            let cms = base64::engine::general_purpose::STANDARD.encode(&cms);
            writeln!(out, "{}", json!({ "head": { "body": body, "cms": cms } }))?;
        }
    }
    Ok(rows)
}

fn write_row(row: &Row, format: Format, facility: &str, out: &mut impl Write) -> std::io::Result<()> {
    match format {
        Format::Jsonl => {
            let (chain, seq, prev) = (&row.chain_id, row.seq, &row.prev_hash);
            let linked = json!({ "chain": chain, "seq": seq, "prev": prev, "body": row.body, "hash": row.hash });
            writeln!(out, "{}", json!({ "row": linked }))
        }
        Format::Fhir => writeln!(out, "{}", fhir::event(row, facility)),
        Format::Syslog => writeln!(out, "{}", syslog::line(row, facility)),
    }
}
