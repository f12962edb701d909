//! One PIN signs a round: each set by CMS over its canonical bytes, each patient's chart as a PDF/A that embeds
//! those signatures and is PAdES-signed. Only what its owner entered or accepted.
//!
//! The slow work (key, rendering, signing) happens between reading and writing; the write is one transaction
//! a patient and fails for that patient alone when the chart has moved on meanwhile.

use super::certificates::still_good;
use super::error::Kind;
use super::lookups::{hidden_from, permit_in, permit_on, permit_on_entry};
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::hub::Event;
use crate::state::App;
use crate::view::{CareNote, FailedSet, RoundSigned, SignedChart, SignedSet};
use benhan_domain::access::{SignRecord, ViewChart, ViewWard, WriteNote};
use benhan_domain::audit::Act;
use benhan_domain::id::{DocumentId, EncounterId, ObservationSetId, WardId};
use benhan_sign::pades;
use benhan_store::documents::{self, NewDocument, NewVersion};
use benhan_store::encounters;
use benhan_store::observations::{self, SetVersion};
use benhan_store::signatures::{self, NewSignature, SubjectKind};
use benhan_store::{Conn, Tx, blobs};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

mod at_terminal;
mod by_code;
mod confirm;
mod drawn;
mod evidence;
mod form;
mod form_facts;
mod given;
mod page_mark;
mod paper;
mod patient;
mod pen;
mod rules;
mod seal;
mod sheet;
mod stamp;
pub use at_terminal::{address as agent_address, agent, answered, asked, authority};
pub use by_code::{ByCode, patient_confirms, send_code};
pub use confirm::confirm;
pub(super) use drawn::{Drawn, drawn};
pub(super) use evidence::PatientEvidence;
pub use form::{ToSign, preview, sign_form, sign_many};
pub(super) use form_facts::departments_of;
use given::given;
pub use paper::{LARGEST_SCAN, ScannedPaper, SignedPaper, print_for_paper, scan_of, signed_by_scan, signed_on_paper};
pub use patient::{OnTheScreen, patient_draws};
pub(super) use pen::not_opened;
use pen::{Batch, Pen, open_pen};
pub use seal::{put_seal, sign_or_seal};
use sheet::{ChartFacts, FORM as CHART_FORM};
pub(super) use stamp::{asked as asked_here, stamped_xml, with_stamp};

/// What is to be signed on one chart, as it was read.
struct Chart {
    facts: ChartFacts,
    sets: Vec<SetVersion>,
}

/// A set to sign, and which version of it the signer has before them.
#[derive(Clone, Copy, Debug)]
pub struct SetToSign {
    pub set: ObservationSetId,
    pub version: Option<i64>,
}

impl From<ObservationSetId> for SetToSign {
    fn from(set: ObservationSetId) -> Self {
        Self { set, version: None }
    }
}

/// Signs a round from a ward's sheet. Whose patient has been moved on meanwhile is signed with the rest.
pub async fn sign_round(
    app: &App,
    caller: &Caller,
    ward: WardId,
    sets: Vec<impl Into<SetToSign>>,
    pin: String,
) -> Result<RoundSigned, AppError> {
    permit_in::<ViewWard>(&caller.actor, ward)?;
    sign_mine(app, caller, sets, pin).await
}

/// Signs one's own sets, wherever their patients are now. Those that cannot be signed are named with the reason; the
/// rest is signed all the same.
pub async fn sign_mine(
    app: &App,
    caller: &Caller,
    sets: Vec<impl Into<SetToSign>>,
    pin: String,
) -> Result<RoundSigned, AppError> {
    let sets: Vec<SetToSign> = sets.into_iter().map(Into::into).collect();
    if sets.is_empty() || sets.len() > 400 {
        return Err(AppError::invalid("setIds", "Chọn từ 1 đến 400 lượt đo để ký"));
    }
    // Each set, and the chart that shows them.
    let pen = Arc::new(open_pen(app, caller, pin, Batch::of(sets.len().saturating_mul(2), "Ký lượt đo")).await?);
    let (user, app2) = (caller.clone(), app.clone());
    let read = app.db.read(move |conn| gather(conn, &app2, &user, &sets));
    let (charts, mut failed) = read.await?;
    let (mut signed, mut sheets) = (Vec::new(), Vec::new());
    for chart in charts {
        let ids: Vec<String> = chart.sets.iter().map(|s| s.set.to_string()).collect();
        match sign_chart(app, caller, &pen, chart).await {
            Ok((of_sets, sheet)) => {
                signed.extend(of_sets);
                sheets.push(sheet);
            }
            Err(AppError::Refused(no)) => {
                failed.extend(ids.into_iter().map(|set_id| FailedSet {
                    set_id,
                    code: no.code.into(),
                    detail: no.detail.clone(),
                }));
            }
            Err(error) => return Err(error),
        }
    }
    metrics::counter!("benhan_signatures_total", "kind" => "set").increment(u64::try_from(signed.len()).unwrap_or(0));
    metrics::counter!("benhan_signatures_total", "kind" => "chart").increment(u64::try_from(sheets.len()).unwrap_or(0));
    Ok(RoundSigned { signed, charts: sheets, failed })
}

fn gather(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    sets: &[SetToSign],
) -> Result<(Vec<Chart>, Vec<FailedSet>), AppError> {
    let (mut by_stay, mut failed): (BTreeMap<EncounterId, Vec<SetVersion>>, _) = (BTreeMap::new(), Vec::new());
    for set in sets {
        match signable(conn, caller, *set) {
            Ok(version) => by_stay.entry(version.encounter).or_default().push(version),
            Err(AppError::Refused(no)) => {
                failed.push(FailedSet { set_id: set.set.to_string(), code: no.code.into(), detail: no.detail })
            }
            Err(error) => return Err(error),
        }
    }
    let mut charts = Vec::new();
    for (stay, sets) in by_stay {
        let permit = permit_on_entry::<ViewChart>(conn, &caller.actor, stay, Some(caller.user.id))?;
        let facts = sheet::gather(conn, app, &permit, stay)?;
        let (sets, beyond): (Vec<_>, Vec<_>) = sets.into_iter().partition(|s| facts.shows(s));
        failed.extend(beyond.into_iter().map(|s| FailedSet {
            set_id: s.set.to_string(),
            code: "too-long".into(),
            detail: "Phiếu đã quá dài để in lượt đo cũ này: báo quản trị.".into(),
        }));
        if !sets.is_empty() {
            charts.push(Chart { facts, sets });
        }
    }
    Ok((charts, failed))
}

/// Standing, mine, as it was shown, not signed yet.
fn signable(conn: &mut Conn, caller: &Caller, asked: SetToSign) -> Result<SetVersion, AppError> {
    let set = asked.set;
    let missing = || AppError::not_found("lượt đo");
    let (stay, author) = observations::written_by(conn, set)?.ok_or_else(missing)?;
    permit_on_entry::<SignRecord>(conn, &caller.actor, stay, author)?;
    let permit = permit_on_entry::<ViewChart>(conn, &caller.actor, stay, author)?;
    let version = observations::current(conn, &permit, set)?.ok_or_else(missing)?;
    if version.author != Some(caller.user.id) {
        return Err(AppError::refused(Kind::Forbidden, "not-yours", "Chỉ người nhập hoặc nhận lượt đo mới ký được."));
    }
    if !version.status.stands() {
        return Err(AppError::conflict("not-standing", "Lượt đo chưa được nhận hoặc đã huỷ."));
    }
    if asked.version.is_some_and(|shown| shown != version.version) {
        let detail = "Lượt đo đã được sửa sau khi bảng này mở ra: đóng bảng, xem lại rồi ký.";
        return Err(AppError::conflict("version-conflict", detail));
    }
    let signed = signatures::on(conn, &permit, SubjectKind::ObservationSet, &[set.to_string()])?;
    if signed.iter().any(|s| s.subject_version == version.version && s.signer == caller.user.id) {
        return Err(AppError::conflict("already-signed", "Lượt đo này bạn đã ký."));
    }
    Ok(version)
}

/// What the pen wrote for one chart, before it is kept.
struct Written {
    cms: Vec<(SetVersion, Vec<u8>)>,
    pdf: Vec<u8>,
    body: String,
    version: i64,
    document: DocumentId,
}

async fn sign_chart(
    app: &App,
    caller: &Caller,
    pen: &Arc<Pen>,
    chart: Chart,
) -> Result<(Vec<SignedSet>, SignedChart), AppError> {
    let (pen2, app2, user, at) = (Arc::clone(pen), app.clone(), caller.user.clone(), app.db.now().0);
    let write_up = tokio::task::spawn_blocking(move || {
        let signer = pen2.signer()?;
        let mut cms_of = Vec::new();
        for set in chart.sets {
            let cms = pen2.writes(&signer, set.body.as_bytes(), at)?;
            cms_of.push((set, cms));
        }
        let facts = chart.facts;
        let pdf = sheet::render(&app2, &facts, &user, &pen2.serial, &cms_of, at)?;
        let request = pades::PdfSignature {
            signing_time: at,
            reason: Some(&pen2.reason("Ký phiếu theo dõi chức năng sống")),
            location: Some(&app2.facility.name),
            name: Some(&user.name),
            room_for_time_stamp: 8_000,
        };
        let pdf = pades::sign(&pdf, &signer, &request)?;
        let pdf = stamp::lasting(&app2.trust, pdf, &pen2.evidence, app2.db.now().0);
        let body = facts.manifest(&cms_of, &pdf)?;
        Ok::<_, AppError>((
            facts.stay,
            Written { cms: cms_of, pdf, body, version: facts.next_version, document: facts.document },
        ))
    });
    let (stay, written) = write_up.await.map_err(|_| AppError::Internal("signing was cut off".into()))??;
    let (caller, pen, app2) = (caller.clone(), Arc::clone(pen), app.clone());
    let write = app.db.write(move |tx| keep(tx, &app2, &caller, &pen, &stay, &written));
    write.await
}

/// Everything of one chart, or nothing.
fn keep(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    pen: &Pen,
    stay: &encounters::Encounter,
    written: &Written,
) -> Result<(Vec<SignedSet>, SignedChart), AppError> {
    // Every set of it is the caller's own, or the check below says that it moved on.
    let me = Some(caller.user.id);
    let permit = permit_on_entry::<SignRecord>(tx.conn(), &caller.actor, stay.id, me)?;
    let view = permit_on_entry::<ViewChart>(tx.conn(), &caller.actor, stay.id, me)?;
    let evidence = serde_json::to_string(&pen.evidence).map_err(|e| AppError::Internal(e.to_string()))?;
    // No signature covers what was checked before it: the trail does.
    let proven = hex::encode(Sha256::digest(&evidence));
    let sign = |tx: &mut Tx<'_>, kind, subject: String, version, format, bytes: &[u8], value: Vec<u8>| {
        let new = NewSignature {
            kind,
            subject_id: subject.clone(),
            subject_version: version,
            encounter: stay.id,
            signer: caller.user.id,
            certificate: pen.row,
            format,
            sha256: hex::encode(Sha256::digest(bytes)),
            value,
            evidence: evidence.clone(),
            rules: pen.rules_id(),
        };
        let given = given(tx, app, pen, &permit, &new, "Đã được ký từ phiên khác.")?;
        let detail = json!({
            "subject": subject, "version": version, "format": format, "certificate": pen.serial, "evidenceSha256": proven,
            "rules": new.rules,
        });
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Sign,
            ("signature", given.to_string()),
            (stay.patient.id, stay.id),
            detail,
        )
    };
    let mut signed = Vec::new();
    for (set, cms) in &written.cms {
        let still = observations::current(tx.conn(), &view, set.set)?.is_some_and(|now| now.version == set.version);
        if !still {
            return Err(AppError::stale());
        }
        sign(
            tx,
            SubjectKind::ObservationSet,
            set.set.to_string(),
            set.version,
            "cms",
            set.body.as_bytes(),
            cms.clone(),
        )?;
        signed.push(SignedSet { set_id: set.set.to_string(), version: set.version });
    }
    let pdf_sha256 = blobs::keep(tx, stay.id, "application/pdf", &written.pdf)?;
    let version = NewVersion {
        status: "signed".into(),
        effective_at: tx.now().0,
        author: caller.user.id,
        reason_code: None,
        reason: None,
        body: written.body.clone(),
        pdf_sha256: Some(pdf_sha256.clone()),
    };
    let notes = permit_on_entry::<WriteNote>(tx.conn(), &caller.actor, stay.id, me)?;
    let earlier = documents::history(tx.conn(), &view, written.document)?.pop();
    match &earlier {
        // A colleague's first sheet may have come between: a stay has one chart.
        None if written.version == 1 && documents::of_stay(tx.conn(), &view, Some(CHART_FORM))?.is_empty() => {
            let head = NewDocument {
                document: written.document,
                encounter: stay.id,
                form_code: CHART_FORM.into(),
                form_version: 1,
                title: "Phiếu theo dõi chức năng sống".into(),
            };
            documents::open(tx, &notes, &head, &version).map_err(|e| match e {
                e if e.is_taken("document") => AppError::stale(),
                e => e.into(),
            })?;
        }
        Some(of) if of.version.saturating_add(1) == written.version => {
            if !documents::amend(tx, &notes, of, &version)? {
                return Err(AppError::stale());
            }
        }
        _ => return Err(AppError::stale()),
    }
    sign(
        tx,
        SubjectKind::Document,
        written.document.to_string(),
        written.version,
        "pades",
        &written.pdf,
        pdf_sha256.into_bytes(),
    )?;
    let (hub, ward, encounter) = (Arc::clone(&app.hub), stay.ward, stay.id);
    tx.after_commit(move || {
        hub.publish(Event::Occupant { ward, encounter });
        hub.publish(Event::Chart { ward, encounter, what: "vitals" });
        hub.publish(Event::Chart { ward, encounter, what: "documents" });
    });
    let chart = SignedChart {
        encounter_id: stay.id.to_string(),
        document_id: written.document.to_string(),
        version: written.version,
    };
    Ok((signed, chart))
}

/// Signs one's own note: CMS over its canonical bytes.
pub async fn sign_note(app: &App, caller: &Caller, note: DocumentId, pin: String) -> Result<CareNote, AppError> {
    let pen = open_pen(app, caller, pin, Batch::of(1, "Ký phiếu chăm sóc")).await?;
    let user = caller.clone();
    let read = app.db.read(move |conn| {
        let missing = || AppError::not_found("phiếu chăm sóc");
        let (stay, author) = documents::written_by(conn, note)?.ok_or_else(missing)?;
        permit_on_entry::<SignRecord>(conn, &user.actor, stay, Some(author))?;
        let permit = permit_on_entry::<ViewChart>(conn, &user.actor, stay, Some(author))?;
        let version = documents::history(conn, &permit, note)?.pop().ok_or_else(missing)?;
        if version.author != user.user.id {
            return Err(AppError::refused(Kind::Forbidden, "not-yours", "Chỉ người ghi mới ký được phiếu này."));
        }
        if version.status == super::notes::WITHDRAWN {
            return Err(AppError::conflict("withdrawn", "Phiếu này đã huỷ: khôi phục rồi mới ký được."));
        }
        Ok(version)
    });
    let version = read.await?;
    let (body, at) = (version.body.clone(), app.db.now().0);
    let work = tokio::task::spawn_blocking(move || {
        let cms = pen.writes(&pen.signer()?, body.as_bytes(), at)?;
        Ok::<_, AppError>((pen, cms))
    });
    let (pen, cms) = work.await.map_err(|_| AppError::Internal("signing was cut off".into()))??;
    let (caller, app2, hub) = (caller.clone(), app.clone(), Arc::clone(&app.hub));
    let write = app.db.write(move |tx| {
        let me = Some(caller.user.id); // whose note it is was read with it
        let permit = permit_on_entry::<SignRecord>(tx.conn(), &caller.actor, version.encounter, me)?;
        let view = permit_on_entry::<ViewChart>(tx.conn(), &caller.actor, version.encounter, me)?;
        let stay = encounters::read(tx.conn(), &view, version.encounter)?
            .ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        if documents::history(tx.conn(), &view, note)?.pop().is_none_or(|now| now.version != version.version) {
            return Err(AppError::stale());
        }
        let new = NewSignature {
            kind: SubjectKind::Document,
            subject_id: note.to_string(),
            subject_version: version.version,
            encounter: stay.id,
            signer: caller.user.id,
            certificate: pen.row,
            format: "cms",
            sha256: hex::encode(Sha256::digest(&version.body)),
            value: cms,
            evidence: serde_json::to_string(&pen.evidence).map_err(|e| AppError::Internal(e.to_string()))?,
            rules: pen.rules_id(),
        };
        let given = given(tx, &app2, &pen, &permit, &new, "Bạn đã ký phiếu này.")?;
        let detail = json!({
            "subject": note, "version": version.version, "format": "cms", "certificate": pen.serial,
            "evidenceSha256": hex::encode(Sha256::digest(&new.evidence)), "rules": new.rules,
        });
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Sign,
            ("signature", given.to_string()),
            (stay.patient.id, stay.id),
            detail,
        )?;
        let (ward, encounter) = (stay.ward, stay.id);
        tx.after_commit(move || hub.publish(Event::Chart { ward, encounter, what: "notes" }));
        super::notes::one(tx.conn(), &caller, note)
    });
    write.await
}

/// A sheet's PDF, audited as a view.
pub async fn pdf(app: &App, caller: &Caller, document: DocumentId, version: i64) -> Result<Vec<u8>, AppError> {
    let user = caller.clone();
    let read = app.db.read(move |conn| {
        let missing = || AppError::not_found("bản PDF");
        let (stay, author) = documents::written_by(conn, document)?.ok_or_else(missing)?;
        let permit = permit_on_entry::<ViewChart>(conn, &user.actor, stay, Some(author))?;
        let of = encounters::read(conn, &permit, stay)?.ok_or_else(missing)?;
        if hidden_from(&user.actor, &of) {
            // Whoever signed a round drew the whole chart with it, which says more than they wrote.
            permit_on::<ViewChart>(conn, &user.actor, stay)?;
        }
        let owner = of.patient.id;
        let found = documents::history(conn, &permit, document)?.into_iter().find(|v| v.version == version);
        let name = match found.ok_or_else(missing)?.pdf_sha256 {
            None => form::sheet_of(conn, &permit, document, version)?,
            drawn => drawn,
        };
        let name = name.ok_or_else(missing)?;
        Ok::<_, AppError>((owner, stay, blobs::read(conn, &name)?.ok_or_else(missing)?))
    });
    let (owner, stay, bytes) = read.await?;
    let user = caller.user.id;
    let (subject, detail) = (("document", document.to_string()), json!({ "version": version, "pdf": true }));
    app.db.note(trail::about_chart(Some(user), Act::View, subject, (owner, stay), detail)).await?;
    Ok(bytes)
}

/// A stay's sheets with their signatures.
pub async fn sheets(app: &App, caller: &Caller, stay: EncounterId) -> Result<Vec<crate::view::DocumentRef>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        sheet::list(conn, &permit)
    });
    let shown = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}
