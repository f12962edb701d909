//! The signing side of an installation: whom it trusts, its seal, its clock, and the revocation lists as they stand.

use crate::config::{Config, SealPlace};
use crate::data_dir::DataDir;
use anyhow::Context;
use benhan_domain::time::MINUTE;
use benhan_server::app::sealing::SealKey;
use benhan_server::holders::Holders;
use benhan_server::trust::{Clock, Fetched, Outside, OutsideClock, Responders, Trust};
use benhan_sign::authority::Revoked;
use benhan_sign::{Authority, Certificate, Crl, KeyKind, SigningKey};
use std::fs;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The certificate of the facility's seal, wherever its key is.
const SEAL: &str = "trust/seal.pem";
const FETCH_PATIENCE: Duration = Duration::from_secs(60);
const AUTHORITY: &str = "secrets/signing-authority.json";

/// The hospital's own signing CA, where it has one (the demo does).
pub fn own_authority(dir: &DataDir) -> anyhow::Result<Option<Authority>> {
    let path = dir.path(AUTHORITY);
    if !path.exists() {
        return Ok(None);
    }
    Authority::from_json(&fs::read_to_string(path)?).map(Some).context("the signing authority cannot be read")
}

/// Makes the CA, the facility's seal and the key of its time stamps. `trust/ca.pem` is what `benhan verify --trust` takes.
pub fn create(dir: &DataDir, facility: (&str, &str), now: i64) -> anyhow::Result<Authority> {
    let authority = Authority::create(facility.1, KeyKind::P256, now)?;
    let key = SigningKey::generate(KeyKind::P256)?;
    let seal = authority.issue_seal(facility.0, facility.1, &key, now, 3 * 365)?;
    dir.write_private("secrets/seal.pk8", key.pkcs8())?;
    fs::write(dir.path(SEAL), seal.to_pem())?;
    let key = SigningKey::generate(KeyKind::P256)?;
    let clock = authority.issue_time_stamper(facility.1, &key, now, 3 * 365)?;
    dir.write_private("secrets/timestamp.pk8", key.pkcs8())?;
    fs::write(dir.path("trust/timestamp.pem"), clock.to_pem())?;
    fs::write(dir.path("trust/ca.pem"), authority.root().to_pem())?;
    fs::write(dir.path("trust/issuing.pem"), authority.issuing().to_pem())?;
    keep(dir, &authority)?;
    Ok(authority)
}

fn keep(dir: &DataDir, authority: &Authority) -> anyhow::Result<()> {
    dir.write_private(AUTHORITY, authority.to_json()?.as_bytes())
}

/// Fresh revocation lists of the own CA, kept in `trust/`; without an own CA the files that are there.
pub fn lists(dir: &DataDir, now: i64, revoked: &[Revoked]) -> anyhow::Result<Vec<Crl>> {
    // Read, changed and written: two at once would lose the number of one.
    static ONE: Mutex<()> = Mutex::new(());
    let _turn = ONE.lock();
    let path = dir.path("trust/revoked.pem");
    let kept =
        if path.exists() { Crl::list_from_pem(&fs::read(&path)?).context("trust/revoked.pem")? } else { Vec::new() };
    if let Some(mut authority) = own_authority(dir)? {
        // Lists of an earlier day would let a clock that was set back sign.
        if kept.iter().any(|list| list.this_update() > now.saturating_add(5 * MINUTE)) {
            tracing::error!("the clock is before the revocation lists made last: nobody signs until it is right");
            return Ok(kept);
        }
        authority.revoke_all(revoked);
        let mut lists = authority.crls(now)?;
        keep(dir, &authority)?;
        // Those of other authorities, whose certificates some of the staff sign with, are the administrator's to renew.
        lists.extend(kept.into_iter().filter(|list| !authority.made(list)));
        fs::write(path, lists.iter().map(Crl::to_pem).collect::<String>())?;
        return Ok(lists);
    }
    Ok(kept)
}

pub fn trust(dir: &DataDir, now: i64, revoked: &[Revoked]) -> anyhow::Result<Trust> {
    let lists = lists(dir, now, revoked)?;
    trust_with(dir, lists)
}

/// The same beside a running server, whose files these are: its revocation lists as they are, unless they have ended.
pub fn trust_as_it_stands(dir: &DataDir, now: i64) -> anyhow::Result<Trust> {
    let path = dir.path("trust/revoked.pem");
    let kept =
        if path.exists() { Crl::list_from_pem(&fs::read(path)?).context("trust/revoked.pem")? } else { Vec::new() };
    let good = !kept.is_empty() && kept.iter().all(|list| list.next_update().is_none_or(|until| until > now));
    let lists = if good { kept } else { lists(dir, now, &[])? };
    trust_with(dir, lists)
}

fn trust_with(dir: &DataDir, lists: Vec<Crl>) -> anyhow::Result<Trust> {
    let read = |name: &str| -> anyhow::Result<Vec<Certificate>> {
        let path = dir.path(name);
        if !path.exists() {
            return Ok(Vec::new());
        }
        Certificate::list_from_pem(&fs::read(&path)?).with_context(|| path.display().to_string())
    };
    let trust = Trust::new(read("trust/ca.pem")?, read("trust/issuing.pem")?, lists);
    Ok(trust.with_authority(own_authority(dir)?).with_clock(clock(dir)?))
}

/// The same with what reaches out of the house: responders, a time-stamp service; and who renews the own clock.
pub fn outward(dir: &DataDir, trust: Trust, config: &Config) -> anyhow::Result<Trust> {
    let said = anyhow::Error::msg;
    let responders =
        Responders::new(Outside::new(config.revocation.patience()).map_err(said)?, config.revocation.clone());
    let clock = OutsideClock::new(config.timestamp.clone()).map_err(said)?;
    let of = dir.clone();
    let clockmaker = Arc::new(move |now| renew_clock(&of, now).map_err(|e| format!("{e:#}")));
    // A list is larger than an answer, and nobody waits for it.
    let fetched = config.revocation.fetch.then(|| Outside::new(FETCH_PATIENCE)).transpose().map_err(said)?;
    let fetched = fetched.map(|outside| Fetched::open(outside, dir.path("trust/fetched")));
    let trust = trust.with_responders(responders).with_fetched(fetched);
    Ok(trust.with_outside_clock(clock).with_clockmaker(clockmaker))
}

/// A new key and certificate for the own clock. The key is there before the certificate that names it takes its place, so a
/// kill between leaves the old pair.
fn renew_clock(dir: &DataDir, now: i64) -> anyhow::Result<Clock> {
    let authority = own_authority(dir)?.context("this hospital has no authority of its own")?;
    let old = Certificate::from_pem(&fs::read(dir.path(CLOCK.1))?).context(CLOCK.1)?;
    let key = SigningKey::generate(KeyKind::P256)?;
    let certificate = authority.issue_time_stamper(&old.common_name(), &key, now, 3 * 365)?;
    dir.write_private(&key_of(&certificate), key.pkcs8())?;
    let part = dir.path("trust/timestamp.pem.part");
    let mut file = fs::File::create(&part)?;
    file.write_all(certificate.to_pem().as_bytes())?;
    file.sync_all()?;
    fs::rename(part, dir.path(CLOCK.1))?;
    fs::File::open(dir.path("trust"))?.sync_all()?;
    Ok(Clock { key, certificate })
}

/// Where the key of a renewed clock is.
fn key_of(certificate: &Certificate) -> String {
    let name = hex::encode(certificate.fingerprint());
    format!("secrets/timestamp-{}.pk8", name.get(..16).unwrap_or_default())
}

const CLOCK: (&str, &str) = ("secrets/timestamp.pk8", "trust/timestamp.pem");

/// The facility's sealing key, if it was given one: in a token or module, or in a file.
pub fn seal(dir: &DataDir, holders: &Holders, place: &SealPlace) -> anyhow::Result<Option<SealKey>> {
    let SealPlace::Token(key, pin) = place else {
        let found = pair(dir, "secrets/seal.pk8", SEAL)?;
        return Ok(found.map(|(key, certificate)| SealKey { key, certificate }));
    };
    let tokens = holders.tokens.as_ref().context("seal.pkcs11 needs pkcs11.module")?;
    let certificate = Certificate::from_pem(&fs::read(dir.path(SEAL)).context(SEAL)?).context(SEAL)?;
    let holder = tokens.standing(key.clone(), certificate.clone(), pin.clone());
    let key = SigningKey::held(&certificate, holder).context("seal.pkcs11")?;
    Ok(Some(SealKey { key, certificate }))
}

/// The key of the facility's own time stamps, if it was given one.
fn clock(dir: &DataDir) -> anyhow::Result<Option<Clock>> {
    if !dir.path(CLOCK.1).exists() {
        return Ok(None);
    }
    let certificate = Certificate::from_pem(&fs::read(dir.path(CLOCK.1))?).context(CLOCK.1)?;
    let renewed = dir.path(&key_of(&certificate));
    if renewed.exists() {
        return Ok(Some(Clock { key: SigningKey::from_pkcs8(&fs::read(renewed)?)?, certificate }));
    }
    let found = pair(dir, CLOCK.0, CLOCK.1)?;
    Ok(found.map(|(key, certificate)| Clock { key, certificate }))
}

fn pair(dir: &DataDir, key: &'static str, pem: &'static str) -> anyhow::Result<Option<(SigningKey, Certificate)>> {
    let (of_key, of_pem) = (dir.path(key), dir.path(pem));
    if !of_key.exists() || !of_pem.exists() {
        return Ok(None);
    }
    let opened = SigningKey::from_pkcs8(&fs::read(of_key)?).context(key)?;
    Ok(Some((opened, Certificate::from_pem(&fs::read(of_pem)?).context(pem)?)))
}
