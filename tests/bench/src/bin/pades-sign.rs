//! How fast a PDF is signed, and nothing else: no typesetting, no time stamp, no database. One thread, one key, and the
//! allocator of the product.

use anyhow::{Context, ensure};
use benhan_sign::{Authority, Evidence, KeyKind, Signer, SigningKey, Subject, pades};
use clap::Parser;
use mimalloc::MiMalloc;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[derive(Parser)]
struct Args {
    /// The PDF to sign again and again
    #[arg(long)]
    pdf: PathBuf,
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    ensure!((0.1..=600.0).contains(&args.seconds), "a tenth of a second to ten minutes");
    let pdf = std::fs::read(&args.pdf).with_context(|| format!("no PDF at {}", args.pdf.display()))?;
    let now = jiff::Timestamp::now().as_microsecond();
    let mut authority = Authority::create("Bench", KeyKind::P256, now)?;
    let key = SigningKey::generate(KeyKind::P256)?;
    let certificate = authority.issue_person(&Subject::named("Bác sĩ"), &key, now, 30)?;
    let lists = authority.crls(now)?;
    let issuing = [authority.issuing().clone()];
    let evidence = Evidence::gather(&certificate, &issuing, &lists, &authority.anchors(), now);
    let evidence = evidence.map_err(|problem| anyhow::anyhow!(problem.english()))?;
    let signer = Signer::new(&key, &certificate, &evidence).map_err(|problem| anyhow::anyhow!(problem.english()))?;
    let request = pades::PdfSignature {
        signing_time: now,
        reason: None,
        location: None,
        name: Some("Bác sĩ"),
        room_for_time_stamp: 0,
    };
    let (begin, limit) = (Instant::now(), Duration::from_secs_f64(args.seconds));
    let mut done = 0_u32;
    while begin.elapsed() < limit {
        pades::sign(&pdf, &signer, &request)?;
        done = done.saturating_add(1);
    }
    println!("{}", json!({ "signed": done, "per_second": f64::from(done) / begin.elapsed().as_secs_f64() }));
    Ok(())
}
