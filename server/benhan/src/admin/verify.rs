//! `benhan verify`: proof without us. Trusts only the anchors that it is given.

mod record;

use crate::say;
use anyhow::Context;
use benhan_sign::{Anchors, verify_file};
use serde::Serialize;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// A record package, a signed PDF or XML file, an audit export; or a data folder or a backup, on the machine that has it
    file: PathBuf,
    /// Certificates of the authorities to believe, PEM
    #[arg(long, visible_alias = "ca")]
    trust: Vec<PathBuf>,
    /// For a backup: the folder secrets/ that is kept apart from it, to open what is encrypted
    #[arg(long)]
    secrets: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// More than any sheet or a year's audit export of a district hospital. A package is read piece by piece.
const MAX: u64 = 1 << 30;

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut anchors = Vec::new();
    for path in &args.trust {
        anchors.extend(std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
        anchors.push(b'\n');
    }
    if args.file.is_dir() {
        return record::check(&args.file, args.secrets.as_deref(), &anchors, args.json);
    }
    let unread = || format!("cannot read {}", args.file.display());
    let mut file = File::open(&args.file).with_context(unread)?;
    let now = jiff::Timestamp::now().as_microsecond();
    let mut first = Vec::new();
    file.by_ref().take(4).read_to_end(&mut first).with_context(unread)?;
    file.seek(SeekFrom::Start(0)).with_context(unread)?;
    if benhan_package::is_zip(&first) {
        let nobody = anchors.trim_ascii().is_empty();
        let anchors = if nobody { Anchors::default() } else { Anchors::from_pem(&anchors).context("--trust")? };
        let report = benhan_package::verify(BufReader::new(file), &anchors, now);
        say(args.json, &report, &report.to_text())?;
        return Ok(ExitCode::from(report.exit_code()));
    }
    let mut bytes = Vec::new();
    file.take(MAX).read_to_end(&mut bytes)?;
    let report = verify_file(&bytes, &anchors, now).context("--trust")?;
    say(args.json, &report, &report.to_text())?;
    Ok(ExitCode::from(report.exit_code()))
}

fn say(json: bool, report: &impl Serialize, text: &str) -> anyhow::Result<()> {
    let json = json.then(|| serde_json::to_string_pretty(report)).transpose()?;
    say::line(json.as_deref().unwrap_or(text));
    Ok(())
}
