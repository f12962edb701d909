//! `benhan verify`: proof without us. Trusts only the anchors that it is given.

use crate::say;
use anyhow::Context;
use benhan_sign::verify_file;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// A signed PDF or an audit export
    file: PathBuf,
    /// Certificates of the authorities to believe, PEM
    #[arg(long)]
    trust: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// More than any sheet or a year's audit export of a district hospital.
const MAX: u64 = 1 << 30;

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    file.take(MAX).read_to_end(&mut bytes)?;
    let mut anchors = Vec::new();
    for path in &args.trust {
        anchors.extend(std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
        anchors.push(b'\n');
    }
    let report = verify_file(&bytes, &anchors, jiff::Timestamp::now().as_microsecond()).context("--trust")?;
    if args.json {
        say::line(&serde_json::to_string_pretty(&report)?);
    } else {
        say::line(&report.to_text());
    }
    Ok(ExitCode::from(report.exit_code()))
}
