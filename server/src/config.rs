//! What a hospital may set about the server; every key with its default.

use crate::network::Network;
use benhan_domain::access::{DoctorsReach, Role};
use benhan_domain::password::Rules;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::path::PathBuf;

/// `[server]` of benhan.toml.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct Settings {
    /// A terminal without a request for this long is locked. Seconds.
    pub lock_after_seconds: i64,
    /// A session ends this long after its login. Hours.
    pub session_hours: i64,
    /// Wrong passwords before the account waits, and how long it waits. Count, minutes.
    pub login_tries: i64,
    pub login_wait_minutes: i64,
    /// Wrong PINs before only a password login helps.
    pub pin_tries: i64,
    /// Where `benhan sign-agent` listens on each terminal that has one.
    pub sign_agent_port: u16,
    /// A terminal has this long to bring one signature of its token. Seconds.
    pub sign_agent_seconds: u64,
    /// Characters that a password has at least, and how many kinds of signs (small, capital, digit, other).
    pub password_least: usize,
    pub password_groups: usize,
    /// A new password is none of so many before it.
    pub password_history: i64,
    /// A password is good for so many days; an administrator's for fewer. 0: for ever.
    pub password_days: i64,
    pub password_days_administrator: i64,
    /// An account that nobody uses for so many days is shut. 0: never.
    pub disable_after_days: i64,
    /// A chart opened in an emergency stays open this long. Minutes.
    pub emergency_minutes: i64,
    /// A device whose clock is further off than this waits for a person. Seconds.
    pub max_skew_seconds: i64,
    /// Device values are charted once in this many minutes (each cuff pressure always).
    pub chart_every_minutes: i64,
    /// A device's set older than this can no longer be accepted as it is. Minutes.
    pub accept_within_minutes: i64,
    /// Bytes of one request's body, at most.
    pub max_body: usize,
    /// Which circulars the record is kept under.
    pub regulation_profile: RegulationProfile,
    /// A signature that the head of the hospital has not confirmed after this long is late. Hours.
    pub confirm_within_hours: i64,
    /// With less room on the data folder's volume `/readyz` says no. MiB.
    pub min_free_mib: u64,
}

/// What an entry after its 12 or 24 hours is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegulationProfile {
    /// Against Circular 46/2018, kept beside 13/2025.
    #[serde(rename = "tt46+tt13")]
    Both,
    /// The hospital's own alarm: Circular 13/2025 names no limit.
    #[serde(rename = "tt13")]
    Tt13,
}

impl Settings {
    pub fn passwords(&self) -> Rules {
        Rules { least: self.password_least, groups: self.password_groups }
    }

    /// Days that a password of this role is good for; none: for ever.
    pub fn password_days_of(&self, role: Role) -> Option<i64> {
        let days = if role == Role::Administrator { self.password_days_administrator } else { self.password_days };
        (days > 0).then_some(days)
    }
}

impl Default for Settings {
    fn default() -> Self {
        let passwords = Rules::default();
        Self {
            lock_after_seconds: 300,
            session_hours: 12,
            login_tries: 5,
            login_wait_minutes: 15,
            pin_tries: 5,
            sign_agent_port: 23_443,
            sign_agent_seconds: 60,
            password_least: passwords.least,
            password_groups: passwords.groups,
            password_history: 10,
            password_days: 180,
            password_days_administrator: 60,
            disable_after_days: 45,
            emergency_minutes: 60,
            max_skew_seconds: 120,
            chart_every_minutes: 10,
            accept_within_minutes: 15,
            max_body: 1 << 20,
            regulation_profile: RegulationProfile::Both,
            confirm_within_hours: 24,
            min_free_mib: 512,
        }
    }
}

/// `[signing]` of benhan.toml.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signing {
    /// Nobody signs while no signing rules of the house are in force.
    pub require_rules: bool,
}

/// `[access]` of benhan.toml.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// The hospital's own networks. Empty: nobody comes from outside.
    pub inside: Vec<Network>,
    /// Roles that log in with a second factor from everywhere.
    pub second_factor: Vec<Role>,
    /// Whose charts doctors see: `whole-house`, or `own-patients` (of their wards, of wards that they cover, and where they
    /// are named); anything else then takes an emergency.
    pub doctors: DoctorsReach,
    /// Where browsers open the program, as `https://name:port`: security keys answer there alone. Empty: at the names of
    /// `tls.hosts`, on the server's own port.
    pub origins: Vec<String>,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            inside: Vec::new(),
            second_factor: vec![Role::Administrator],
            doctors: DoctorsReach::WholeHouse,
            origins: Vec::new(),
        }
    }
}

impl Access {
    /// The server itself is inside, whatever the networks are: a wrong list must not shut out who can put it right.
    pub fn is_outside(&self, from: IpAddr) -> bool {
        !self.inside.is_empty() && !from.is_loopback() && !self.inside.iter().any(|network| network.holds(from))
    }
}

/// `[revocation]` of benhan.toml.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Revocation {
    /// Ask the responders that certificates of other CAs name.
    pub ask: bool,
    /// For CAs whose certificates name none, or another.
    pub responder: Vec<Responder>,
    /// An answer is used again within this time, and while it holds.
    pub cache_minutes: i64,
    pub timeout_seconds: u64,
    /// Refuse answers that were made beforehand.
    pub require_nonce: bool,
    /// Fetch the lists of other CAs from where certificates say that they are.
    pub fetch: bool,
}

/// Who answers for a CA.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Responder {
    /// Common name of the CA.
    pub issuer: String,
    pub url: String,
}

impl Default for Revocation {
    fn default() -> Self {
        Self {
            ask: true,
            responder: Vec::new(),
            cache_minutes: 30,
            timeout_seconds: 5,
            require_nonce: false,
            fetch: false,
        }
    }
}

impl Revocation {
    pub fn patience(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.timeout_seconds.clamp(1, 30))
    }
}

/// `[timestamp]` of benhan.toml.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timestamp {
    /// A time-stamp service (RFC 3161). Empty: the hospital's own clock alone.
    pub url: String,
    /// Object identifier of the policy that is asked for. Empty: the service's own.
    pub policy: String,
    pub timeout_seconds: u64,
    /// How often what was signed since is put under an archive stamp.
    pub archive_every_minutes: i64,
    /// An archive stamp that ends within so many months is renewed.
    pub renew_months_before: i64,
    /// The last year in which RSA below 3072 bits proves anything by itself.
    pub rsa_2048_until: i16,
}

impl Default for Timestamp {
    fn default() -> Self {
        Self {
            url: String::new(),
            policy: String::new(),
            timeout_seconds: 3,
            archive_every_minutes: 60,
            renew_months_before: 6,
            rsa_2048_until: 2030,
        }
    }
}

impl Timestamp {
    pub fn patience(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.timeout_seconds.clamp(1, 30))
    }
}

/// `[messages]` of benhan.toml.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Messages {
    /// Where a text message is posted. Empty: none is sent.
    pub url: String,
    /// A file with what the service knows the hospital by (a bearer token). Empty: nothing.
    pub token_file: PathBuf,
    /// JSON, with `{to}` and `{text}` as strings of it.
    pub body: String,
    /// Where the service's number of a message stands in its answer: a JSON pointer. Empty: nowhere.
    pub number_at: String,
    pub timeout_seconds: u64,
}

impl Default for Messages {
    fn default() -> Self {
        let body = r#"{"to":"{to}","text":"{text}"}"#.to_owned();
        Self { url: String::new(), token_file: PathBuf::new(), body, number_at: String::new(), timeout_seconds: 15 }
    }
}

/// `[downtime]` of benhan.toml.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Downtime {
    /// A ward's kit is made anew this often.
    pub every_minutes: i64,
    /// Folders that get a copy of every ward's kit. One that is not there harms no other.
    pub to: Vec<PathBuf>,
    /// Codes of the forms that are printed blank, for each patient and without a name.
    pub forms: Vec<String>,
    /// Sheets without a name, of each form.
    pub copies: usize,
}

impl Default for Downtime {
    fn default() -> Self {
        let forms = ["theo-doi-chuc-nang-song", "phieu-cham-soc", "to-dieu-tri", "phieu-truyen-dich"];
        Self {
            every_minutes: benhan_domain::downtime::EVERY_MINUTES,
            to: Vec::new(),
            forms: forms.map(str::to_owned).to_vec(),
            copies: 2,
        }
    }
}
