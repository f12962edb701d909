//! A stored set as a screen sees it: values from the signed bytes, names, score, signature.

use super::people_of;
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::late;
use crate::app::lookups::{People, permit_on_entry};
use crate::app::signing::departments_of;
use crate::view::{SignatureRef, VitalSet, VitalValueView};
use crate::view_late::LateMark;
use benhan_domain::access::{Action, Permit, ViewChart};
use benhan_domain::id::ObservationSetId;
use benhan_domain::news2::{self, Subject};
use benhan_domain::person::age_years;
use benhan_domain::time::Instant;
use benhan_domain::update_limit::EntryKind;
use benhan_domain::vitals::{Outside, VitalValue};
use benhan_store::encounters::{self, Encounter};
use benhan_store::observations::{self, SetVersion};
use benhan_store::signatures::{self, Signature, SubjectKind};
use benhan_store::{Conn, certificates, devices, house_decisions};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

#[derive(Deserialize)]
struct Body {
    values: Vec<Cell>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cell {
    code: benhan_domain::vitals::VitalCode,
    value: Option<String>,
    text: Option<String>,
    not_measured: Option<benhan_domain::vitals::NotMeasured>,
    provenance: benhan_domain::vitals::Provenance,
    out_of_range_reason: Option<String>,
}

/// The values of a version, from the very bytes that are signed.
pub fn parse_values(body: &str) -> Result<Vec<VitalValue>, AppError> {
    let broken = || AppError::Internal("a stored vital-sign version cannot be read".into());
    let body: Body = serde_json::from_str(body).map_err(|_| broken())?;
    body.values
        .into_iter()
        .map(|c| {
            let value = c.value.map(|v| v.parse::<f64>()).transpose().map_err(|_| broken())?;
            Ok(VitalValue {
                code: c.code,
                value,
                text: c.text,
                not_measured: c.not_measured,
                provenance: c.provenance,
                out_of_range_reason: c.out_of_range_reason,
            })
        })
        .collect()
}

/// Whom a score is for, at the time of the measurement.
pub fn subject_of(stay: &Encounter, at: i64) -> Subject {
    let age = stay.patient.who.birth_date.map(|birth| age_years(birth, Instant(at).day()));
    Subject { age_years: age, pregnant: stay.pregnant }
}

/// What a page of sets needs beside them, read in a few queries.
pub struct Shown {
    people: People,
    devices: HashMap<String, String>,
    signatures: Signatures,
    late: HashMap<String, LateMark>,
}

impl Shown {
    pub fn read<A: Action>(conn: &mut Conn, permit: &Permit<A>, sets: &[SetVersion]) -> Result<Self, AppError> {
        let mut device_ids: Vec<String> = sets.iter().filter_map(|s| s.device).map(|d| d.to_string()).collect();
        device_ids.sort();
        device_ids.dedup();
        let subjects: Vec<String> = sets.iter().map(|s| s.set.to_string()).collect();
        Ok(Self {
            people: people_of(conn, sets)?,
            devices: devices::names(conn, &device_ids)?,
            signatures: Signatures::read(conn, permit, SubjectKind::ObservationSet, &subjects)?,
            late: marks(conn, permit, sets)?,
        })
    }

    pub fn signed(&self, set: &SetVersion) -> bool {
        self.signatures.on(&set.set.to_string(), set.version).next().is_some()
    }

    pub fn view(&self, caller: &Caller, stay: &Encounter, set: &SetVersion) -> Result<VitalSet, AppError> {
        let values = parse_values(&set.body)?;
        let signature = self.signatures.on(&set.set.to_string(), set.version).next();
        Ok(VitalSet {
            id: set.set.to_string(),
            encounter_id: set.encounter.to_string(),
            version: set.version,
            status: set.status,
            source: if set.from_device { "device" } else { "manual" }.into(),
            device: set.device.and_then(|d| self.devices.get(&d.to_string()).cloned()),
            effective_at: Instant(set.effective_at).rfc3339(),
            recorded_at: Instant(set.recorded_at).rfc3339(),
            author: set.author.and_then(|a| self.people.of(a)),
            news2: news2::score(subject_of(stay, set.effective_at), &values),
            values: values.into_iter().map(cell).collect(),
            reason: set.reason.clone(),
            signature,
            mine: set.author == Some(caller.user.id),
            versions: set.current_version,
            late: self.late.get(&set.set.to_string()).cloned(),
        })
    }
}

fn cell(v: VitalValue) -> VitalValueView {
    let flag = v.outside().map(|o| if o == Outside::Low { "low" } else { "high" }.to_owned());
    VitalValueView {
        code: v.code,
        value: v.value,
        unit: v.code.kind().unit.to_owned(),
        text: v.text,
        not_measured: v.not_measured,
        provenance: v.provenance,
        flag,
        out_of_range_reason: v.out_of_range_reason,
    }
}

/// Signatures of a page of subjects, with the certificates' words.
pub struct Signatures {
    rows: Vec<Signature>,
    people: People,
    certificates: HashMap<String, certificates::Certificate>,
    /// Number and date of the signing rules, by id.
    rules: HashMap<String, String>,
    /// Departments, by the certificates of their seals.
    departments: HashMap<String, String>,
}

impl Signatures {
    fn none() -> Self {
        Self {
            rows: Vec::new(),
            people: People::default(),
            certificates: HashMap::new(),
            rules: HashMap::new(),
            departments: HashMap::new(),
        }
    }

    pub fn read<A: Action>(
        conn: &mut Conn,
        permit: &Permit<A>,
        kind: SubjectKind,
        subjects: &[String],
    ) -> Result<Self, AppError> {
        let rows = signatures::on(conn, permit, kind, subjects)?;
        let people = People::read(conn, rows.iter().map(|s| s.signer))?;
        let ids: Vec<String> = rows.iter().map(|s| s.certificate.to_string()).collect();
        let certificates = certificates::by_ids(conn, &ids)?;
        let departments = departments_of(conn, &certificates)?;
        let certificates = certificates.into_iter().map(|c| (c.id.to_string(), c)).collect();
        let named: BTreeSet<String> = rows.iter().filter_map(|s| s.rules).map(|of| of.to_string()).collect();
        let rules = house_decisions::named(conn, &Vec::from_iter(named))?;
        Ok(Self { rows, people, certificates, rules, departments })
    }

    /// In the order of signing.
    pub fn on<'a>(&'a self, subject: &'a str, version: i64) -> impl Iterator<Item = SignatureRef> + 'a {
        let mine = self.rows.iter().filter(move |s| s.subject_id == subject && s.subject_version == version);
        mine.filter_map(|s| {
            let certificate = self.certificates.get(&s.certificate.to_string())?;
            Some(SignatureRef {
                id: s.id.to_string(),
                signer: self.people.of(s.signer)?,
                signed_at: Instant(s.signed_at).rfc3339(),
                subject: certificate.subject.clone(),
                issuer: certificate.issuer.clone(),
                serial: certificate.serial.clone(),
                algorithm: s.format.clone(),
                // Checked against chain and revocation before it was made; the evidence is kept with it.
                state: "valid".into(),
                rules: s.rules.and_then(|of| self.rules.get(&of.to_string()).cloned()),
                seal_of: self.departments.get(&s.certificate.to_string()).cloned(),
            })
        })
    }
}

pub fn show<A: Action>(
    conn: &mut Conn,
    caller: &Caller,
    permit: &Permit<A>,
    stays: &[&Encounter],
    sets: Vec<SetVersion>,
) -> Result<Vec<VitalSet>, AppError> {
    let shown = Shown::read(conn, permit, &sets)?;
    sets.iter()
        .filter_map(|set| stays.iter().find(|s| s.id == set.encounter).map(|stay| shown.view(caller, stay, set)))
        .collect()
}

fn marks<A: Action>(
    conn: &mut Conn,
    permit: &Permit<A>,
    sets: &[SetVersion],
) -> Result<HashMap<String, LateMark>, AppError> {
    let times = sets.iter().map(|set| (set.set, set.effective_at, set.recorded_at));
    late::marks(conn, permit, EntryKind::Vitals, times)
}

/// A version that the caller has just written: known to be hers and unsigned, so only a device's name is read, and the
/// mark of a late one.
pub fn written<A: Action>(
    conn: &mut Conn,
    permit: &Permit<A>,
    caller: &Caller,
    stay: &Encounter,
    set: &SetVersion,
) -> Result<VitalSet, AppError> {
    let devices = match set.device {
        Some(device) => devices::names(conn, &[device.to_string()])?,
        None => HashMap::new(),
    };
    let late = marks(conn, permit, std::slice::from_ref(set))?;
    let shown = Shown { people: People::only(&caller.user), devices, signatures: Signatures::none(), late };
    shown.view(caller, stay, set)
}

/// The current version of one set.
pub fn one(conn: &mut Conn, caller: &Caller, set: ObservationSetId) -> Result<VitalSet, AppError> {
    let missing = || AppError::not_found("lượt đo");
    let (stay, author) = observations::written_by(conn, set)?.ok_or_else(missing)?;
    let permit = permit_on_entry::<ViewChart>(conn, &caller.actor, stay, author)?;
    let stay = encounters::read(conn, &permit, stay)?.ok_or_else(missing)?;
    let current = observations::current(conn, &permit, set)?.ok_or_else(missing)?;
    show(conn, caller, &permit, &[&stay], vec![current])?.pop().ok_or_else(missing)
}
