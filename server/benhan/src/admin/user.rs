//! `benhan user`: accounts from the machine itself, as when the only administrator forgot the password.

use super::{password, plainly};
use crate::cli::Place;
use crate::data_dir::DataDir;
use crate::{config, identity};
use anyhow::Context;
use benhan_domain::access::Role;
use benhan_domain::certificate::RevocationReason;
use benhan_domain::id::WardId;
use benhan_domain::password::Rules;
use benhan_domain::time::Instant;
use benhan_server::app::accounts::Invitation;
use benhan_server::app::accounts::operator;
use benhan_server::app::certificates::{revoke_from_machine, to_list};
use benhan_store::{Conn, Db, StoreError, places, users};
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct Whose {
    /// Login name
    username: String,
    #[command(flatten)]
    place: Place,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Subcommand)]
pub enum What {
    /// Add an account; its initial password must be changed at the first login
    #[command(
        after_help = "Example: benhan user add lan --name 'Hoàng Thị Lan' --role nurse --ward NOI --password-file p.txt"
    )]
    Add {
        #[command(flatten)]
        whose: Whose,
        /// The person's name, as forms show it
        #[arg(long)]
        name: String,
        /// nurse, head-nurse, doctor, lab-technician, radiologist, record-room, director, administrator or auditor
        #[arg(long, value_parser = role)]
        role: Role,
        /// Code of a ward that the person works on, the own one first
        #[arg(long)]
        ward: Vec<String>,
        #[command(flatten)]
        password: password::InitialPassword,
    },
    /// Give a new initial password, open a locked account, end its sessions
    #[command(after_help = "Example: benhan user passwd quantri")]
    Passwd {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        password: password::InitialPassword,
    },
    /// Shut an account and end its sessions
    #[command(after_help = "Example: benhan user disable lan")]
    Disable {
        #[command(flatten)]
        whose: Whose,
    },
    /// Open an account that was shut, by a person or because nobody used it
    #[command(after_help = "Example: benhan user enable quantri --any-hour")]
    Enable {
        #[command(flatten)]
        whose: Whose,
        /// Let it in at every hour, whatever hours are set for its role
        #[arg(long)]
        any_hour: bool,
    },
    /// Take a person's certificate back: nothing is signed with it any more, what it signed stays good
    #[command(after_help = "Example: benhan user revoke-certificate lan --reason lost")]
    RevokeCertificate {
        #[command(flatten)]
        whose: Whose,
        /// lost, suspected, left or changed
        #[arg(long, value_parser = reason)]
        reason: RevocationReason,
        /// More, for the trail
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Take the second factor of a person away whose phone is lost; a new one is set up at the next login
    #[command(after_help = "Example: benhan user reset-second-factor quantri --reason 'phone lost on 12 March'")]
    ResetSecondFactor {
        #[command(flatten)]
        whose: Whose,
        /// Why, for the trail
        #[arg(long)]
        reason: String,
    },
    /// List the accounts
    #[command(after_help = "Example: benhan user list --json")]
    List {
        #[command(flatten)]
        place: Place,
        /// Print the answer as JSON
        #[arg(long)]
        json: bool,
    },
}

fn role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.map(Role::as_str).join(", ");
    Role::parse(text).ok_or_else(|| format!("known roles: {}", known()))
}

pub(super) fn reason(text: &str) -> Result<RevocationReason, String> {
    let known = || RevocationReason::ALL.map(RevocationReason::as_str).join(", ");
    RevocationReason::parse(text).ok_or_else(|| format!("known reasons: {}", known()))
}

pub fn run(what: What) -> anyhow::Result<()> {
    match what {
        What::Add { whose, name, role, ward, password } => {
            let initial = password.read(&whose.username)?;
            let username = whose.username.clone();
            whose.act("added", async move |db, pepper, rules| {
                let wards = db.read(move |conn| wards_named(conn, &ward)).await?;
                let new = Invitation { username, name, role, wards, password: initial };
                operator::create(db, pepper, rules, new).await.map(drop).map_err(plainly)
            })
        }
        What::Passwd { whose, password } => {
            let (initial, username) = (password.read(&whose.username)?, whose.username.clone());
            whose.act("has a new initial password", async move |db, pepper, rules| {
                operator::set_password(db, pepper, rules, &username, initial).await.map_err(plainly)
            })
        }
        What::Disable { whose } => {
            let username = whose.username.clone();
            whose.act("disabled", async move |db, _, _| operator::disable(db, &username).await.map_err(plainly))
        }
        What::Enable { whose, any_hour } => {
            let username = whose.username.clone();
            whose.act("enabled", async move |db, _, _| operator::enable(db, &username, any_hour).await.map_err(plainly))
        }
        What::ResetSecondFactor { whose, reason } => {
            let username = whose.username.clone();
            whose.act("second factor taken away", async move |db, _, _| {
                operator::reset_second_factor(db, &username, &reason).await.map_err(plainly)
            })
        }
        What::RevokeCertificate { whose, reason, note } => {
            let (username, dir) = (whose.username.clone(), whose.place.data_dir.clone());
            whose.act("certificate revoked", async move |db, _, _| {
                revoke_from_machine(db, &username, reason, &note).await.map_err(plainly)?;
                // A running server sees the row at once and makes its own list within half a minute.
                let revoked = db.read::<_, StoreError, _>(to_list).await?;
                identity::lists(&DataDir::open(&dir)?, db.now().0, &revoked).map(drop)
            })
        }
        What::List { place, json } => list(&place, json),
    }
}

impl Whose {
    fn act(self, done: &str, work: impl AsyncFnOnce(&Db, [u8; 32], Rules) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let config = config::read(&self.place)?;
        let url = config::existing_database(&self.place, &config)?;
        let dir = DataDir::open(&self.place.data_dir)?;
        let pepper = dir.secrets()?.server_key;
        let rules = config.server.passwords();
        super::wait(async move {
            let db = super::open(&dir, url)?;
            let outcome = work(&db, pepper, rules).await;
            db.close();
            outcome
        })?;
        let value = json!({ "username": self.username, "done": done });
        super::answer(self.json, &value, &format!("{}: {done}", self.username));
        Ok(())
    }
}

fn wards_named(conn: &mut Conn, codes: &[String]) -> anyhow::Result<Vec<WardId>> {
    let known = places::wards(conn)?;
    let of = |code: &String| known.iter().find(|w| w.code == *code).map(|w| w.id);
    codes.iter().map(|code| of(code).with_context(|| format!("no ward has the code {code}"))).collect()
}

fn list(place: &Place, json: bool) -> anyhow::Result<()> {
    let config = config::read(place)?;
    let mut conn = Db::reader(&config::existing_database(place, &config)?)?;
    let accounts = users::all(&mut conn, 10_000)?;
    let state = |u: &users::User| match (u.disabled, u.must_change_password) {
        (true, _) => "disabled",
        (_, true) => "initial-password",
        _ => "active",
    };
    let value: Vec<Value> = accounts
        .iter()
        .map(|u| {
            let last = u.last_login_at.map(|t| Instant(t).rfc3339());
            json!({ "username": u.username, "name": u.name, "role": u.role, "state": state(u), "lastLoginAt": last })
        })
        .collect();
    let lines: Vec<String> = accounts
        .iter()
        .map(|u| format!("{:<20} {:<15} {:<17} {}", u.username, u.role.as_str(), state(u), u.name))
        .collect();
    super::answer(json, &Value::Array(value), &lines.join("\n"));
    Ok(())
}
