//! `benhan trust`: the authorities that this hospital believes, added and taken away with a reason that stays.

use super::plainly;
use crate::cli::Place;
use crate::config;
use crate::data_dir::DataDir;
use anyhow::Context;
use benhan_domain::certificate::TrustKind;
use benhan_domain::time::Instant;
use benhan_server::app::trusting;
use benhan_sign::Certificate;
use benhan_store::trust_changes::{self, Change};
use benhan_store::{Db, StoreError};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub enum What {
    /// Whom this hospital trusts now; with --all every change since the beginning
    #[command(after_help = "Example: benhan trust list --all")]
    List {
        #[command(flatten)]
        place: Place,
        /// Also what was taken away, and when
        #[arg(long)]
        all: bool,
        /// Print the answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Trust the certificates of a PEM file; a running server does so within half a minute
    #[command(after_help = "Example: benhan trust add neac-root.pem --reason 'CA gốc quốc gia, QĐ 88/QĐ-NEAC'
         benhan trust add tsa-ca.pem --as time-stamps --reason 'Hợp đồng dấu thời gian 12/2026'")]
    Add {
        file: PathBuf,
        #[command(flatten)]
        place: Place,
        /// anchor, issuing or time-stamps; without it a root is an anchor and any other is issuing
        #[arg(long = "as", value_parser = kind)]
        kind: Option<TrustKind>,
        /// Why; it stays on the audit trail
        #[arg(long)]
        reason: String,
    },
    /// Trust a certificate no longer, by its fingerprint; what was signed under it keeps its evidence
    #[command(after_help = "Example: benhan trust remove 3f9a1c --reason 'CA ngừng cung cấp dịch vụ'")]
    Remove {
        fingerprint: String,
        #[command(flatten)]
        place: Place,
        /// Why; it stays on the audit trail
        #[arg(long)]
        reason: String,
    },
}

fn kind(text: &str) -> Result<TrustKind, String> {
    let known = || TrustKind::ALL.map(TrustKind::as_str).join(", ");
    TrustKind::parse(text).ok_or_else(|| format!("known kinds: {}", known()))
}

pub fn run(what: What) -> anyhow::Result<()> {
    match what {
        What::List { place, all, json } => {
            let changes = act(&place, async |db| Ok(db.read::<_, StoreError, _>(trust_changes::all).await?))?;
            let shown: Vec<&Change> = if all { changes.iter().collect() } else { trusting::standing(&changes) };
            let lines: Vec<String> = shown.iter().map(|change| line(change)).collect();
            let none = "nothing noted yet: the server notes what is in trust/ at its next start";
            let text = if lines.is_empty() { none.to_owned() } else { lines.join("\n") };
            super::answer(json, &Value::Array(shown.into_iter().map(value).collect()), &text);
            Ok(())
        }
        What::Add { file, place, kind, reason } => {
            let read = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let certificates = Certificate::list_from_pem(&read).with_context(|| file.display().to_string())?;
            act(&place, async |db| {
                for certificate in certificates {
                    let by_itself = if certificate.is_self_issued() { TrustKind::Anchor } else { TrustKind::Issuing };
                    let (kind, subject) = (kind.unwrap_or(by_itself), certificate.subject());
                    trusting::add(db, certificate, kind, &reason).await.map_err(plainly)?;
                    crate::say::line(&format!("{}: {subject}", kind.as_str()));
                }
                Ok(())
            })
        }
        What::Remove { fingerprint, place, reason } => {
            let subject = act(&place, async |db| trusting::remove(db, &fingerprint, &reason).await.map_err(plainly))?;
            crate::say::line(&format!("no longer trusted: {subject}"));
            Ok(())
        }
    }
}

fn act<T>(place: &Place, what: impl AsyncFnOnce(&Db) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let url = config::existing_database(place, &config::read(place)?)?;
    let dir = DataDir::existing(&place.data_dir)?;
    super::wait(async {
        let db = super::open(&dir, url)?;
        let done = what(&db).await;
        db.close();
        done
    })
}

fn line(of: &Change) -> String {
    let day = Instant(of.at).in_vietnam().strftime("%Y-%m-%d").to_string();
    let name = of.fingerprint.get(..16).unwrap_or(&of.fingerprint);
    format!("{name}  {day}  {:<7}  {:<11}  {}  ({})", of.change.as_str(), of.kind.as_str(), of.subject, of.reason)
}

fn value(of: &Change) -> Value {
    json!({
        "fingerprint": of.fingerprint, "at": Instant(of.at).rfc3339(), "change": of.change, "kind": of.kind,
        "subject": of.subject, "reason": of.reason,
    })
}
