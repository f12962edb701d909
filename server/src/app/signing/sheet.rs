//! The vital-sign chart as a sheet: every set with its corrections and signatures, put before the typesetter.

use crate::app::AppError;
use crate::app::charting::{Signatures, parse_values, subject_of};
use crate::app::letterhead;
use crate::app::lookups::People;
use crate::state::App;
use crate::view::DocumentRef;
use benhan_domain::access::{Permit, ViewChart};
use benhan_domain::id::{DocumentId, EncounterId};
use benhan_domain::news2;
use benhan_domain::observation::Status;
use benhan_domain::time::Instant;
use benhan_domain::vitals::{VitalCode, VitalValue};
use benhan_render::{
    Attachment, DocumentRef as SheetRef, Readings, RenderError, SignatureMark, Source, VitalChart, VitalCorrection,
    VitalItem, VitalSet,
};
use benhan_store::documents;
use benhan_store::encounters::{self, Encounter};
use benhan_store::observations::{self, SetVersion};
use benhan_store::signatures::{self, Signature, SubjectKind};
use benhan_store::users::User;
use benhan_store::{Conn, audit, certificates, devices, places};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::Uuid;

pub const FORM: &str = "theo-doi-chuc-nang-song";

/// As many versions as one sheet may have, the newest: nine months of six rounds a day.
const MOST_VERSIONS: i64 = 10_000;

/// Everything that the sheet shows, read before the PIN's key is used.
pub struct ChartFacts {
    pub stay: Encounter,
    pub document: DocumentId,
    pub next_version: i64,
    ward: places::Ward,
    versions: Vec<SetVersion>,
    signatures: Vec<Signature>,
    serials: HashMap<String, String>,
    people: People,
    devices: HashMap<String, String>,
}

pub fn gather(
    conn: &mut Conn,
    _app: &App,
    permit: &Permit<ViewChart>,
    stay: EncounterId,
) -> Result<ChartFacts, AppError> {
    let stay = encounters::read(conn, permit, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    let versions = observations::chart_versions(conn, permit, MOST_VERSIONS)?;
    let mut sets: Vec<String> = versions.iter().map(|v| v.set.to_string()).collect();
    sets.dedup();
    let signatures = signatures::on(conn, permit, SubjectKind::ObservationSet, &sets)?;
    let ids: Vec<String> = signatures.iter().map(|s| s.certificate.to_string()).collect();
    let serials = certificates::by_ids(conn, &ids)?.into_iter().map(|c| (c.id.to_string(), c.serial)).collect();
    let people =
        People::read(conn, versions.iter().filter_map(|v| v.author).chain(signatures.iter().map(|s| s.signer)))?;
    let device_ids: Vec<String> = versions.iter().filter_map(|v| v.device).map(|d| d.to_string()).collect();
    let earlier = documents::of_stay(conn, permit, Some(FORM))?.pop();
    Ok(ChartFacts {
        document: earlier.as_ref().map_or_else(|| DocumentId(Uuid::now_v7()), |d| d.document),
        next_version: earlier.map_or(1, |d| d.version.saturating_add(1)),
        ward: places::ward(conn, stay.ward)?.ok_or_else(|| AppError::not_found("khoa"))?,
        devices: devices::names(conn, &device_ids)?,
        stay,
        versions,
        signatures,
        serials,
        people,
    })
}

impl ChartFacts {
    /// The sheet has this very version on it.
    pub fn shows(&self, set: &SetVersion) -> bool {
        self.versions.iter().any(|v| v.set == set.set && v.version == set.version)
    }

    /// What the sheet's own version is: the sets that it shows, by hash, and the PDF.
    pub fn manifest(&self, now: &[(SetVersion, Vec<u8>)], pdf: &[u8]) -> Result<String, AppError> {
        let sets: Vec<_> =
            now.iter().map(|(s, _)| json!({ "set": s.set, "version": s.version, "sha256": s.sha256 })).collect();
        Ok(audit::canonical(&json!({
            "format": "benhan/vital-chart/1", "document": self.document, "version": self.next_version,
            "encounter": self.stay.number, "patient": self.stay.patient.code, "signedNow": sets,
            "pdfSha256": hex::encode(Sha256::digest(pdf)),
        }))?)
    }
}

/// The file that carries a set's signed bytes inside the PDF.
fn file_name(set: &SetVersion) -> String {
    format!("sinh-hieu-{}-v{}.json", set.set, set.version)
}

pub fn render(
    app: &App,
    facts: &ChartFacts,
    signer: &User,
    serial: &str,
    now: &[(SetVersion, Vec<u8>)],
    at: i64,
) -> Result<Vec<u8>, AppError> {
    let (mut sets, mut attached) = (Vec::new(), Vec::new());
    let mut from = 0;
    while let Some(first) = facts.versions.get(from) {
        let upto = facts.versions.iter().skip(from).take_while(|v| v.set == first.set).count();
        let history: Vec<&SetVersion> = facts.versions.iter().skip(from).take(upto).collect();
        from += upto;
        if let Some(set) = shown(facts, &history, signer, serial, now, at, &mut attached)? {
            sets.push(set);
        }
    }
    let chart = VitalChart {
        letterhead: letterhead::of_ward(app, &facts.ward.name),
        patient: letterhead::patient(&facts.stay, at),
        document: SheetRef {
            id: facts.document.to_string(),
            version: u32::try_from(facts.next_version).unwrap_or(u32::MAX),
        },
        since: facts.stay.admitted_at,
        sets,
    };
    let pdf = app.renderer.vital_chart(&chart, &attached, at);
    pdf.map(|p| p.bytes).map_err(not_printed)
}

/// What the author can mend is told to the author; the rest is ours.
pub(super) fn not_printed(error: RenderError) -> AppError {
    match error {
        RenderError::Uncovered { characters, .. } => {
            let which: String = characters.into_iter().take(8).map(|c| format!("«{c}» ")).collect();
            AppError::conflict(
                "not-printable",
                format!("Phiếu có ký tự không in được: {which}. Sửa ghi chú rồi ký lại."),
            )
        }
        RenderError::TooLarge { .. } => AppError::conflict("too-long", "Phiếu quá dài để in một tệp: báo quản trị."),
        other => AppError::Internal(other.to_string()),
    }
}

/// One set with all that happened to it; `None` for what never stood on the chart.
fn shown(
    facts: &ChartFacts,
    history: &[&SetVersion],
    signer: &User,
    serial: &str,
    now: &[(SetVersion, Vec<u8>)],
    at: i64,
    attached: &mut Vec<Attachment>,
) -> Result<Option<VitalSet>, AppError> {
    let Some(last) = history.last() else { return Ok(None) };
    let stood: Vec<&&SetVersion> = history.iter().filter(|v| v.status.stands()).collect();
    let Some(current) = stood.last() else { return Ok(None) };
    let values = parse_values(&current.body)?;
    let name_of = |v: &SetVersion| v.author.and_then(|a| facts.people.of(a)).map(|p| p.name).unwrap_or_default();
    let mut corrections = Vec::new();
    for (before, after) in stood.iter().zip(stood.iter().skip(1)) {
        let (old, new) = (parse_values(&before.body)?, parse_values(&after.body)?);
        let reason = after.reason.clone().unwrap_or_default();
        let version = u32::try_from(after.version).unwrap_or(u32::MAX);
        corrections.extend(differences(&old, &new).into_iter().map(|(item, before, now)| VitalCorrection {
            item,
            before,
            after: now,
            reason: reason.clone(),
            by: name_of(after),
            at: after.recorded_at,
            version,
        }));
    }
    let mut signature = None;
    for v in &stood {
        let key = v.set.to_string();
        let kept = facts.signatures.iter().find(|s| s.subject_id == key && s.subject_version == v.version);
        let fresh = now.iter().find(|(s, _)| s.set == v.set && s.version == v.version);
        let (cms, mark) = match (kept, fresh) {
            (Some(s), _) => (s.value.clone(), mark_of(facts, s)),
            (None, Some((_, cms))) => {
                (cms.clone(), Some((signer.name.clone(), signer.role.title(), at, serial.to_owned())))
            }
            (None, None) => continue,
        };
        let name = file_name(v);
        attached.push(Attachment::json(name.clone(), v.body.clone().into_bytes()));
        attached.push(Attachment::signature(format!("{name}.p7s"), cms));
        if v.version == current.version {
            signature = mark.map(|(name, title, signed_at, certificate)| SignatureMark {
                name,
                title: title.into(),
                signed_at,
                certificate,
                attachment: Some(format!("{}.p7s", file_name(v))),
                department: None,
            });
        }
    }
    let withdrawn = (last.status == Status::EnteredInError).then(|| last.reason.clone().unwrap_or_default());
    let device = last.device.and_then(|d| facts.devices.get(&d.to_string()).cloned());
    Ok(Some(VitalSet {
        effective_at: current.effective_at,
        version: u32::try_from(current.version).unwrap_or(u32::MAX),
        news2: news2::score(subject_of(&facts.stay, current.effective_at), &values).total,
        readings: readings(&values),
        note: values.iter().filter_map(|v| v.out_of_range_reason.as_deref()).collect::<Vec<_>>().join("; "),
        author: name_of(current),
        source: device.map_or(Source::Entered, Source::Device),
        corrections,
        withdrawn,
        signature,
    }))
}

type Mark = (String, &'static str, i64, String);

fn mark_of(facts: &ChartFacts, s: &Signature) -> Option<Mark> {
    let person = facts.people.of(s.signer)?;
    let serial = facts.serials.get(&s.certificate.to_string()).cloned().unwrap_or_default();
    Some((person.name, person.role.title(), s.signed_at, serial))
}

fn readings(values: &[VitalValue]) -> Readings {
    let number = |code| values.iter().find(|v| v.code == code).and_then(|v| v.value);
    Readings {
        pulse: number(VitalCode::Pulse),
        temperature: number(VitalCode::Temp),
        systolic: number(VitalCode::Sbp),
        diastolic: number(VitalCode::Dbp),
        respiration: number(VitalCode::Resp),
        spo2: number(VitalCode::Spo2),
        oxygen: values.iter().find(|v| v.code == VitalCode::Oxygen).map(printed),
        consciousness: values.iter().find(|v| v.code == VitalCode::Acvpu).and_then(|v| v.text.clone()),
        pain: number(VitalCode::Pain),
        weight: number(VitalCode::Weight),
    }
}

/// A value as paper has it: decimal comma, words for oxygen.
fn printed(v: &VitalValue) -> String {
    match (v.code, v.value, &v.text) {
        (VitalCode::Oxygen, Some(0.0), _) => "khí trời".into(),
        (VitalCode::Oxygen, Some(_), text) => text.clone().unwrap_or_else(|| "thở oxy".into()),
        (_, Some(n), _) => format!("{n:.*}", v.code.kind().decimals).replace('.', ","),
        (_, None, Some(text)) => text.clone(),
        (_, None, None) => String::new(),
    }
}

fn differences(old: &[VitalValue], new: &[VitalValue]) -> Vec<(VitalItem, String, String)> {
    let text = |of: &[VitalValue], codes: &[VitalCode]| {
        let parts = codes.iter().map(|c| of.iter().find(|v| v.code == *c).map(printed).unwrap_or_default());
        parts.collect::<Vec<_>>().join("/").trim_matches('/').to_owned()
    };
    const ITEMS: [(VitalItem, &[VitalCode]); 9] = [
        (VitalItem::Pulse, &[VitalCode::Pulse]),
        (VitalItem::Temperature, &[VitalCode::Temp]),
        (VitalItem::BloodPressure, &[VitalCode::Sbp, VitalCode::Dbp]),
        (VitalItem::Respiration, &[VitalCode::Resp]),
        (VitalItem::Spo2, &[VitalCode::Spo2]),
        (VitalItem::Oxygen, &[VitalCode::Oxygen]),
        (VitalItem::Consciousness, &[VitalCode::Acvpu]),
        (VitalItem::Pain, &[VitalCode::Pain]),
        (VitalItem::Weight, &[VitalCode::Weight]),
    ];
    let pairs = ITEMS.into_iter().map(|(item, codes)| (item, text(old, codes), text(new, codes)));
    pairs.filter(|(_, before, after)| before != after).collect()
}

/// A stay's documents other than notes, newest version each.
pub fn list(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<DocumentRef>, AppError> {
    let mut found = documents::of_stay(conn, permit, None)?;
    found.retain(|d| d.pdf_sha256.is_some());
    let people = People::read(conn, found.iter().map(|d| d.author))?;
    let ids: Vec<String> = found.iter().map(|d| d.document.to_string()).collect();
    let signatures = Signatures::read(conn, permit, SubjectKind::Document, &ids)?;
    let listed = found.into_iter().map(|d| {
        let id = d.document.to_string();
        let on_it: Vec<_> = signatures.on(&id, d.version).collect();
        Ok(DocumentRef {
            encounter_id: d.encounter.to_string(),
            form_code: d.form_code,
            title: d.title,
            version: d.version,
            versions: d.current_version,
            created_at: Instant(d.recorded_at).rfc3339(),
            author: people.must(d.author)?,
            state: if on_it.is_empty() { "draft" } else { "signed" }.into(),
            signatures: on_it,
            pdf_url: Some(format!("/api/v1/documents/{id}/versions/{}/pdf", d.version)),
            id,
        })
    });
    listed.collect()
}
