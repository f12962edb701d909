//! `benhan certificate`: whose key is on a token or with a signing service, from the machine itself; `department` is about
//! those of departments.

mod department;

use super::{password, plainly};
use crate::cli::Place;
use crate::data_dir::DataDir;
use crate::{config, identity};
use anyhow::Context;
use benhan_domain::certificate::{KeyPlace, TokenKey};
use benhan_server::app::certificates::{ToBind, bind_from_machine, tokens_of};
use benhan_server::app::trusting;
use benhan_server::view::CertificateFound;
use serde_json::json;
use std::fs;
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub enum What {
    /// Give a person a certificate whose key is elsewhere; the one before it is retired
    #[command(
        after_help = "Example: benhan certificate bind --user lan --pem lan.pem --pkcs11 2f4b8c1d9e0a7b63:01 --prove"
    )]
    Bind(Box<Bind>),
    /// Certificates of departments: issue, bind, revoke, list
    #[command(subcommand, after_help = "Example: benhan certificate department issue --code KXN")]
    Department(department::What),
    /// List the tokens that are plugged in, and the keys that they show
    #[command(after_help = "Example: benhan certificate tokens")]
    Tokens {
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
    /// Login name of its owner
    #[arg(long)]
    user: String,
    /// The certificate, PEM
    #[arg(long)]
    pem: PathBuf,
    #[command(flatten)]
    key: Key,
    /// Ask for the owner's PIN and let the key sign something, to be sure
    #[arg(long, conflicts_with = "terminal")]
    prove: bool,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Key {
    /// A key on a token or module at the server, SERIAL:ID in hexadecimal; `benhan certificate tokens` lists them
    #[arg(long, value_parser = token_key)]
    pkcs11: Option<TokenKey>,
    /// A key on a token that its owner puts into the terminal, SERIAL:ID
    #[arg(long, value_parser = token_key)]
    terminal: Option<TokenKey>,
    /// A key with the remote signing service, by the service's name for it
    #[arg(long, value_parser = remote)]
    remote: Option<KeyPlace>,
}

fn token_key(text: &str) -> Result<TokenKey, String> {
    TokenKey::parse(text).ok_or_else(|| "a token's key is written SERIAL:ID, the ID in hexadecimal".into())
}

fn remote(text: &str) -> Result<KeyPlace, String> {
    KeyPlace::parse("remote", Some(text)).ok_or_else(|| "not a credential's name".into())
}

impl Key {
    fn place(self) -> Option<KeyPlace> {
        let at_server = self.pkcs11.map(KeyPlace::Pkcs11);
        at_server.or(self.terminal.map(KeyPlace::Terminal)).or(self.remote)
    }
}

pub fn run(what: What) -> anyhow::Result<()> {
    match what {
        What::Bind(bind) => bind.run(),
        What::Department(what) => department::run(what),
        What::Tokens { place, json } => tokens(&place, json),
    }
}

impl Bind {
    fn run(self) -> anyhow::Result<()> {
        let config = config::read(&self.place)?;
        let url = config::existing_database(&self.place, &config)?;
        let dir = DataDir::open(&self.place.data_dir)?;
        let holders = config.holders(&self.place)?;
        let pem = fs::read_to_string(&self.pem).with_context(|| self.pem.display().to_string())?;
        let pin = if self.prove { Some(password::pin(&self.user)?) } else { None };
        let key = self.key.place().context("say where the key is: --pkcs11, --remote or --terminal")?;
        let (user, reference) = (self.user, key.reference());
        let holder = key.holder();
        let found = super::wait(async {
            let db = super::open(&dir, url)?;
            let trust = identity::outward(&dir, identity::trust_as_it_stands(&dir, db.now().0)?, &config)?;
            trusting::take_up(&db, &trust).await.map_err(plainly)?;
            let bound = bind_from_machine(&db, (trust, holders), &user, ToBind { pem, key, pin }).await;
            db.close();
            bound.map_err(plainly)
        })?;
        let value = json!({
            "username": user, "keyHolder": holder, "keyReference": reference, "subject": found.subject,
            "serial": found.serial, "path": found.path, "proof": found.proof,
        });
        super::answer(self.json, &value, &told(&user, &found));
        Ok(())
    }
}

fn told(user: &str, found: &CertificateFound) -> String {
    let proof = match found.proof.as_str() {
        "signed" => "its key has signed",
        "shown" => "its key is there",
        _ => "its key has not been seen yet; the first signature will tell",
    };
    format!("{user}: {}\n  issued by {}\n  path: {}\n  {proof}", found.subject, found.issuer, found.path.join(" < "))
}

fn tokens(place: &Place, json: bool) -> anyhow::Result<()> {
    let config = config::read(place)?;
    let tokens = tokens_of(&config.holders(place)?).map_err(plainly)?;
    let mut lines = Vec::new();
    for token in &tokens {
        let locked = if token.locked { ", locked" } else { "" };
        lines.push(format!("{} ({}, {}{locked})", token.serial, token.label, token.made));
        for key in &token.keys {
            let subject = key.subject.as_deref().unwrap_or("no certificate on the token");
            lines.push(format!("  {}  {}  {subject}", key.key, key.label));
        }
    }
    if lines.is_empty() {
        lines.push("no token is plugged in".into());
    }
    super::answer(json, &serde_json::to_value(&tokens)?, &lines.join("\n"));
    Ok(())
}
