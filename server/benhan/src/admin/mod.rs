//! Commands of the hospital's IT person, one a file.

pub mod audit;
pub mod backup;
pub mod certificate;
pub mod config;
pub mod decode_worker;
pub mod device;
pub mod dossier;
pub mod downtime;
pub mod drill;
pub mod export;
pub mod export_all;
pub mod forget_target;
pub mod forms;
pub mod house;
pub mod import_all;
pub mod init;
pub mod migrate;
pub mod moving;
mod password;
pub mod policy;
pub mod profile;
mod progress;
pub mod restore;
pub mod rules;
pub mod simulate;
pub mod trust;
pub mod user;
pub mod verify;

use crate::data_dir::DataDir;
use crate::say;
use benhan_domain::audit::Act;
use benhan_domain::time::Instant;
use benhan_server::app::AppError;
use benhan_store::audit::{Entry, append};
use benhan_store::{Db, DbUrl, StoreError};
use serde_json::Value;

/// The record beside a running server, for a command that writes: its acts are in the trail.
fn open(dir: &DataDir, url: DbUrl) -> anyhow::Result<Db> {
    Ok(Db::open(url, dir.record_keys()?, || Instant::from(jiff::Timestamp::now()))?)
}

/// On the trail, of the record as a whole, by whoever has the machine.
async fn note(db: &Db, act: Act, of: &str, detail: Value) -> anyhow::Result<()> {
    let entry = Entry {
        actor: None,
        act,
        subject_kind: "database",
        subject_id: of.to_owned(),
        patient: None,
        encounter: None,
        detail,
    };
    Ok(db.write::<_, StoreError, _>(move |tx| append(tx, entry)).await?)
}

/// Runs one command's asynchronous part.
fn wait<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(work)
}

/// A refusal in the words that the screens would use.
fn plainly(error: AppError) -> anyhow::Error {
    match error {
        AppError::Refused(no) => anyhow::anyhow!("{}", no.detail),
        other => other.into(),
    }
}

/// One answer, for a person or for a program.
fn answer(json: bool, value: &Value, text: &str) {
    say::line(&if json { value.to_string() } else { text.to_owned() });
}
