//! `benhan certificate department`: a department's certificate, issued by the hospital's own CA or brought from a provider,
//! and taken back. Who may put its seal is said in the program, by the head of the hospital.

use super::{Key, plainly, told};
use crate::admin::password;
use crate::admin::user::reason;
use crate::cli::Place;
use crate::data_dir::DataDir;
use crate::{config, identity};
use anyhow::Context;
use benhan_domain::certificate::RevocationReason;
use benhan_server::app::certificates::{ToBind, to_list};
use benhan_server::app::department_seals::{
    Brought, bind_from_machine, issue_from_machine, list_from_machine, revoke_from_machine,
};
use benhan_server::app::trusting;
use benhan_server::view_record::DepartmentSeal;
use benhan_store::StoreError;
use serde_json::json;
use std::fs;
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub enum What {
    /// Issue one by the hospital's own CA, with the key wrapped on the server; the one before it is retired
    #[command(after_help = "Example: benhan certificate department issue --code KXN")]
    Issue {
        #[command(flatten)]
        place: Place,
        /// Code of the department
        #[arg(long)]
        code: String,
        /// Print the answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Give it a provider's certificate whose key is elsewhere; the one before it is retired
    #[command(
        after_help = "Example: benhan certificate department bind --code KXN --pem kxn.pem --pkcs11 2f4b8c1d9e0a7b63:02"
    )]
    Bind(Box<Bind>),
    /// Take its certificate back: nothing is sealed with it from now on
    #[command(after_help = "Example: benhan certificate department revoke --code KXN --reason lost --note \"Mất thẻ\"")]
    Revoke {
        #[command(flatten)]
        place: Place,
        /// Code of the department
        #[arg(long)]
        code: String,
        /// lost, suspected, left or changed
        #[arg(long, value_parser = reason)]
        reason: RevocationReason,
        /// Stays on the trail
        #[arg(long, default_value = "")]
        note: String,
    },
    /// List the departments with their certificates and who puts their seals
    #[command(after_help = "Example: benhan certificate department list")]
    List {
        #[command(flatten)]
        place: Place,
        /// Print the answer as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(clap::Args)]
pub struct Bind {
    #[command(flatten)]
    place: Place,
    /// Code of the department
    #[arg(long)]
    code: String,
    /// The certificate, PEM
    #[arg(long)]
    pem: PathBuf,
    #[command(flatten)]
    key: Key,
    /// Ask for the key's PIN and let it sign something, to be sure
    #[arg(long, conflicts_with = "terminal")]
    prove: bool,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(what: What) -> anyhow::Result<()> {
    match what {
        What::Issue { place, code, json } => issue(&place, &code, json),
        What::Bind(bind) => bind.run(),
        What::Revoke { place, code, reason, note } => revoke(&place, &code, reason, &note),
        What::List { place, json } => list(&place, json),
    }
}

fn issue(place: &Place, code: &str, json: bool) -> anyhow::Result<()> {
    let config = config::read(place)?;
    let url = config::existing_database(place, &config)?;
    let dir = DataDir::open(&place.data_dir)?;
    let (authority, secrets) = (identity::own_authority(&dir)?, dir.secrets()?);
    let made = crate::admin::wait(async {
        let db = crate::admin::open(&dir, url)?;
        let made = issue_from_machine(&db, authority, secrets.server_key, code).await;
        db.close();
        made.map_err(plainly)
    })?;
    let value =
        json!({ "department": code, "subject": made.subject, "serial": made.serial, "notAfter": made.not_after });
    let text = format!("{code}: {}\n  issued by {}\n  until {}", made.subject, made.issuer, made.not_after);
    crate::admin::answer(json, &value, &text);
    Ok(())
}

impl Bind {
    fn run(self) -> anyhow::Result<()> {
        let config = config::read(&self.place)?;
        let url = config::existing_database(&self.place, &config)?;
        let dir = DataDir::open(&self.place.data_dir)?;
        let holders = config.holders(&self.place)?;
        let pem = fs::read_to_string(&self.pem).with_context(|| self.pem.display().to_string())?;
        let pin = if self.prove { Some(password::pin(&self.code)?) } else { None };
        let key = self.key.place().context("say where the key is: --pkcs11, --remote or --terminal")?;
        let (code, holder, reference) = (self.code, key.holder(), key.reference());
        let found = crate::admin::wait(async {
            let db = crate::admin::open(&dir, url)?;
            let trust = identity::outward(&dir, identity::trust_as_it_stands(&dir, db.now().0)?, &config)?;
            trusting::take_up(&db, &trust).await.map_err(plainly)?;
            let brought = Brought { code: code.clone(), what: ToBind { pem, key, pin } };
            let bound = bind_from_machine(&db, (trust, holders), brought).await;
            db.close();
            bound.map_err(plainly)
        })?;
        let value = json!({
            "department": code, "keyHolder": holder, "keyReference": reference, "subject": found.subject,
            "serial": found.serial, "path": found.path, "proof": found.proof,
        });
        crate::admin::answer(self.json, &value, &told(&code, &found));
        Ok(())
    }
}

fn revoke(place: &Place, code: &str, reason: RevocationReason, note: &str) -> anyhow::Result<()> {
    let config = config::read(place)?;
    let url = config::existing_database(place, &config)?;
    let dir = DataDir::open(&place.data_dir)?;
    crate::admin::wait(async {
        let db = crate::admin::open(&dir, url)?;
        let done = revoke_from_machine(&db, code, reason, note).await.map_err(plainly);
        let revoked = db.read::<_, StoreError, _>(to_list).await;
        let now = db.now().0;
        db.close();
        done?;
        identity::lists(&dir, now, &revoked?).map(drop)
    })?;
    crate::admin::answer(false, &json!({ "department": code }), &format!("{code}: certificate revoked"));
    Ok(())
}

fn list(place: &Place, json: bool) -> anyhow::Result<()> {
    let config = config::read(place)?;
    let url = config::existing_database(place, &config)?;
    let dir = DataDir::open(&place.data_dir)?;
    let found = crate::admin::wait(async {
        let db = crate::admin::open(&dir, url)?;
        let found = list_from_machine(&db).await;
        db.close();
        found.map_err(plainly)
    })?;
    let lines: Vec<String> = found.iter().map(line).collect();
    crate::admin::answer(json, &serde_json::to_value(&found)?, &lines.join("\n"));
    Ok(())
}

fn line(of: &DepartmentSeal) -> String {
    let certificate = match &of.certificate {
        None => "no certificate".to_owned(),
        Some(held) if held.revoked_at.is_some() => format!("{} (revoked)", held.serial),
        Some(held) => format!("{} ({}, until {})", held.serial, held.key_holder, held.not_after),
    };
    let keepers: Vec<&str> =
        of.keepers.iter().filter(|keeper| keeper.ended.is_none()).map(|keeper| keeper.user.name.as_str()).collect();
    let put = if keepers.is_empty() { "nobody puts its seal".to_owned() } else { keepers.join(", ") };
    format!("{}  {}: {certificate}; {put}", of.department.code, of.department.name)
}
