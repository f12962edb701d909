//! What is confirmed: every signature that waits, with the hash of what it is over and its own, and how that is printed.

use super::{FORM, Pen};
use crate::app::accounts::Caller;
use crate::app::lookups::{People, permit_on};
use crate::app::{AppError, letterhead};
use crate::state::App;
use benhan_domain::access::{ConfirmSignatures, shown_after};
use benhan_domain::id::{DocumentId, EncounterId, SignatureId};
use benhan_domain::time::Instant;
use benhan_render::{Attachment, RenderError};
use benhan_store::authorities::Authority;
use benhan_store::encounters::{self, Encounter};
use benhan_store::signatures::{self, Kept, SubjectKind};
use benhan_store::users::User;
use benhan_store::{Conn, StoreError, audit, certificates, confirmations, documents, places};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

const FORMAT: &str = "benhan/facility-confirmation/1";
const PAGE: i64 = 500;
/// Of one sheet; what waits beyond them is confirmed by the next.
const MOST_LINES: usize = 5_000;

pub struct Line {
    signature: SignatureId,
    kept: Kept,
    serial: String,
    title: String,
    signer: String,
}

pub struct Statement {
    pub stay: Encounter,
    pub document: DocumentId,
    pub version: i64,
    pub authority: Authority,
    pub lines: Vec<Line>,
    ward: String,
}

pub fn gather(
    conn: &mut Conn,
    caller: &Caller,
    authority: Authority,
    stay: EncounterId,
) -> Result<Statement, AppError> {
    let view = shown_after(&permit_on::<ConfirmSignatures>(conn, &caller.actor, stay)?);
    let of = encounters::read(conn, &view, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    let mut waiting = confirmations::waiting_in(conn, &view)?;
    waiting.truncate(MOST_LINES);
    if waiting.is_empty() {
        return Err(AppError::conflict("nothing-waits", "Hồ sơ này không còn chữ ký nào chờ xác nhận."));
    }
    let wanted: HashSet<String> = waiting.iter().map(ToString::to_string).collect();
    let (mut kept, mut after) = (Vec::new(), String::new());
    loop {
        let page = signatures::of_stay(conn, &view, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id.clone();
        kept.extend(page.into_iter().filter(|signature| wanted.contains(&signature.id)));
    }
    if kept.len() != waiting.len() {
        return Err(StoreError::corrupt("signature_confirmation", "signature_id", &stay.to_string()).into());
    }
    kept.sort_by(|a, b| (a.signed_at, &a.id).cmp(&(b.signed_at, &b.id)));
    let used: HashSet<String> = kept.iter().map(|signature| signature.certificate_id.clone()).collect();
    let serials: HashMap<String, String> = certificates::by_ids(conn, &used.into_iter().collect::<Vec<_>>())?
        .into_iter()
        .map(|c| (c.id.to_string(), c.serial))
        .collect();
    let people = People::read(conn, kept.iter().filter_map(|signature| signature.signer_id.parse().ok()))?;
    let sheets = documents::of_stay(conn, &view, None)?;
    let titles: HashMap<String, String> = sheets.iter().map(|d| (d.document.to_string(), d.title.clone())).collect();
    let earlier = documents::of_stay(conn, &view, Some(FORM))?.pop();
    let lines = kept.into_iter().map(|kept| {
        let is = |kind: SubjectKind| kept.subject_kind == kind.as_str();
        let title = if is(SubjectKind::ObservationSet) {
            "Lượt đo chức năng sống".to_owned()
        } else if is(SubjectKind::PatientSignature) {
            "Làm chứng chữ ký của người bệnh".to_owned()
        } else {
            titles.get(&kept.subject_id).cloned().unwrap_or_default()
        };
        let person = kept.signer_id.parse().ok().and_then(|signer| people.of(signer));
        Ok::<_, AppError>(Line {
            signature: kept.id.parse().map_err(|_| StoreError::corrupt("signature", "id", &kept.id))?,
            serial: serials.get(&kept.certificate_id).cloned().unwrap_or_default(),
            title,
            signer: person.map(|p| format!("{} {}", p.role.title(), p.name)).unwrap_or_default(),
            kept,
        })
    });
    Ok(Statement {
        lines: lines.collect::<Result<_, _>>()?,
        document: earlier.as_ref().map_or_else(|| DocumentId(Uuid::now_v7()), |d| d.document),
        version: earlier.map_or(1, |d| d.version.saturating_add(1)),
        ward: places::ward(conn, of.ward)?.map(|ward| ward.name).unwrap_or_default(),
        authority,
        stay: of,
    })
}

impl Statement {
    pub fn signatures(&self) -> Vec<SignatureId> {
        self.lines.iter().map(|line| line.signature).collect()
    }

    /// Canonical JSON: what is signed.
    pub fn body(&self, app: &App, me: &User, pen: &Pen, at: i64) -> Result<String, AppError> {
        let line = |line: &Line| {
            let of = &line.kept;
            json!({
                "signature": of.id, "subjectKind": of.subject_kind, "subject": of.subject_id,
                "version": of.subject_version, "format": of.format, "sha256": of.sha256,
                "valueSha256": hex::encode(Sha256::digest(&of.value)), "signer": of.signer_id,
                "certificate": line.serial, "signedAt": Instant(of.signed_at).rfc3339(),
            })
        };
        Ok(audit::canonical(&json!({
            "format": FORMAT, "document": self.document, "version": self.version, "facility": app.facility.code,
            "encounter": self.stay.number, "patient": self.stay.patient.code, "confirmedBy": me.id,
            "capacity": self.authority.capacity, "decision": self.authority.decision, "certificate": pen.serial,
            "confirmedAt": Instant(at).rfc3339(), "signatures": self.lines.iter().map(line).collect::<Vec<_>>(),
        }))?)
    }

    /// The sheet: what of each kind by whom, with the statement and its signature inside, named as beside it in a package.
    pub fn render(
        &self,
        app: &App,
        me: &User,
        pen: &Pen,
        (body, cms): (&str, Vec<u8>),
        at: i64,
    ) -> Result<Vec<u8>, AppError> {
        let file = format!("phieu-{}-v{}.json", self.document, self.version);
        let attached = [
            Attachment::json(file.clone(), body.as_bytes().to_vec()),
            Attachment::signature(format!("{file}.p7s"), cms),
        ];
        let values = json!({
            "letterhead": letterhead::of_ward(app, &self.ward), "patient": letterhead::patient(&self.stay, at),
            "document": { "id": self.document.to_string(), "version": self.version },
            "by": format!("{} {}", me.role.title(), me.name), "capacity": self.authority.capacity.vietnamese(),
            "decision": self.authority.decision, "at": when(at), "certificate": pen.serial,
            "issuer": pen.certificate.issuer(), "sha256": hex::encode(Sha256::digest(body)),
            "total": self.lines.len(), "rows": self.rows(),
        });
        let printed = app.renderer.render_sealed(FORM, values, &attached, at);
        printed.map(|pdf| pdf.bytes).map_err(|error| match error {
            RenderError::TooLarge { .. } => {
                AppError::conflict("too-long", "Bảng xác nhận quá dài để in một tệp: báo quản trị.")
            }
            other => AppError::Internal(other.to_string()),
        })
    }

    /// One for each sheet and signer, in the order of the first signature.
    fn rows(&self) -> Vec<Value> {
        let mut groups: Vec<(&str, &str, usize, i64, i64)> = Vec::new();
        for line in &self.lines {
            let at = line.kept.signed_at;
            match groups.iter_mut().find(|group| group.0 == line.title && group.1 == line.signer) {
                Some(group) => {
                    group.2 = group.2.saturating_add(1);
                    group.4 = at;
                }
                None => groups.push((&line.title, &line.signer, 1, at, at)),
            }
        }
        let rows = groups.into_iter().map(|(title, signer, count, first, last)| {
            json!({ "title": title, "signer": signer, "count": count, "first": when(first), "last": when(last) })
        });
        rows.collect()
    }
}

fn when(at: i64) -> String {
    Instant(at).in_vietnam().strftime("%H:%M %d/%m/%Y").to_string()
}
