//! The head of the hospital, or whom they authorised, confirms what staff signed (xác nhận của người đứng đầu cơ sở:
//! Circular 46/2018, Art. 13.2). One PIN for many records; each is a sheet of its own that lists every signature with its
//! hash, signed (PAdES), and a transaction of its own.

use super::{Batch, Pen, open_pen, rules, stamp};
use crate::app::accounts::Caller;
use crate::app::certificates::still_good;
use crate::app::confirmations::authority_of;
use crate::app::lookups::permit_on;
use crate::app::{AppError, life, trail};
use crate::hub::Event;
use crate::state::App;
use crate::view_record::{Confirmed, ConfirmedRecord, UnconfirmedRecord};
use benhan_domain::access::{ConfirmSignatures, Place, decide, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::EncounterId;
use benhan_sign::pades;
use benhan_store::documents::{self, NewDocument, NewVersion};
use benhan_store::records::Part;
use benhan_store::signatures::{self, NewSignature, SubjectKind};
use benhan_store::{Tx, authorities::Authority, blobs, confirmations};
use futures_util::StreamExt;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;

mod statement;
use statement::{Statement, gather};

/// Its document in each record; a record has one, with a version for each time that it was confirmed.
pub const FORM: &str = "xac-nhan-cua-co-so";
const TITLE: &str = "Xác nhận của người đứng đầu cơ sở";

/// Records that one PIN confirms.
const MOST: usize = 200;
/// Signatures on one: over the statement, and over the sheet that shows it.
const FOR_A_RECORD: usize = 2;
/// Sheets in the making at one time, so that the wards chart on meanwhile.
const AT_ONCE: usize = 2;

pub async fn confirm(app: &App, caller: &Caller, stays: Vec<EncounterId>, pin: String) -> Result<Confirmed, AppError> {
    if stays.is_empty() || stays.len() > MOST {
        return Err(AppError::invalid("encounterIds", format!("Chọn từ 1 đến {MOST} hồ sơ để xác nhận")));
    }
    let (reader, now) = (caller.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        decide::<ConfirmSignatures>(&reader.actor, Place::Facility)?;
        authority_of(conn, reader.user.id, now)
    });
    let authority = read.await?;
    let batch = Batch::of(stays.len().saturating_mul(FOR_A_RECORD), "Xác nhận của cơ sở");
    let pen = Arc::new(open_pen(app, caller, pin, batch).await?);
    let one = |stay: EncounterId| {
        let (pen, authority) = (Arc::clone(&pen), authority.clone());
        async move { (stay, confirm_one(app, caller, &pen, authority, stay).await) }
    };
    let mut answers = futures_util::stream::iter(stays.into_iter().map(one)).buffered(AT_ONCE);
    let mut done = Confirmed { confirmed: Vec::new(), failed: Vec::new() };
    while let Some((stay, answer)) = answers.next().await {
        let encounter_id = stay.to_string();
        match answer {
            Ok(confirmed) => done.confirmed.push(confirmed),
            Err(AppError::Refused(no)) => {
                done.failed.push(UnconfirmedRecord { encounter_id, code: no.code.into(), detail: no.detail });
            }
            Err(error) => {
                tracing::error!(%error, encounter = %stay, "what staff signed could not be confirmed");
                let detail = "Máy chủ chưa xác nhận được hồ sơ này: thử lại sau giây lát.".to_owned();
                done.failed.push(UnconfirmedRecord { encounter_id, code: "internal".into(), detail });
            }
        }
    }
    Ok(done)
}

/// What the pen wrote for one record, before it is kept.
struct Written {
    statement: Statement,
    body: String,
    pdf: Vec<u8>,
}

async fn confirm_one(
    app: &App,
    caller: &Caller,
    pen: &Arc<Pen>,
    authority: Authority,
    stay: EncounterId,
) -> Result<ConfirmedRecord, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| gather(conn, &reader, authority, stay));
    let statement = read.await?;
    let (app2, pen2, me, at) = (app.clone(), Arc::clone(pen), caller.user.clone(), app.db.now().0);
    let work = tokio::task::spawn_blocking(move || {
        let signer = pen2.signer()?;
        let body = statement.body(&app2, &me, &pen2, at)?;
        let cms = pen2.writes(&signer, body.as_bytes(), at)?;
        let pdf = statement.render(&app2, &me, &pen2, (&body, cms), at)?;
        let request = pades::PdfSignature {
            signing_time: at,
            reason: Some(&pen2.reason(TITLE)),
            location: Some(&app2.facility.name),
            name: Some(&me.name),
            room_for_time_stamp: 8_000,
        };
        let pdf = pades::sign(&pdf, &signer, &request)?;
        let pdf = stamp::lasting(&app2.trust, pdf, &pen2.evidence, app2.db.now().0);
        Ok::<_, AppError>(Written { statement, body, pdf })
    });
    let written = work.await.map_err(|_| AppError::Internal("signing was cut off".into()))??;
    let (caller, app2, pen) = (caller.clone(), app.clone(), Arc::clone(pen));
    let confirmed = app.db.write(move |tx| keep(tx, &app2, &caller, &pen, &written)).await?;
    metrics::counter!("benhan_signatures_total", "kind" => "confirmation").increment(1);
    Ok(confirmed)
}

/// Document, signature and what it confirms, or nothing.
fn keep(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    pen: &Pen,
    written: &Written,
) -> Result<ConfirmedRecord, AppError> {
    let Written { statement, body, pdf } = written;
    let (of, me, now) = (&statement.stay, caller.user.id, tx.now());
    let permit = permit_on::<ConfirmSignatures>(tx.conn(), &caller.actor, of.id)?;
    let view = shown_after(&permit);
    // The words that were signed name the paper: it must be the one that holds now.
    if authority_of(tx.conn(), me, now)?.id != statement.authority.id {
        return Err(AppError::stale());
    }
    let pdf_sha256 = blobs::keep(tx, of.id, "application/pdf", pdf)?;
    let version = NewVersion {
        status: "signed".into(),
        effective_at: now.0,
        author: me,
        reason_code: None,
        reason: None,
        body: body.clone(),
        pdf_sha256: Some(pdf_sha256.clone()),
    };
    // A colleague may have confirmed it between: then the record's sheet has a newer version.
    match documents::of_stay(tx.conn(), &view, Some(FORM))?.pop() {
        None if statement.version == 1 => {
            let head = NewDocument {
                document: statement.document,
                encounter: of.id,
                form_code: FORM.into(),
                form_version: 1,
                title: TITLE.into(),
            };
            documents::open(tx, &permit, &head, &version)?;
        }
        Some(before) if before.version.saturating_add(1) == statement.version => {
            if !documents::amend(tx, &permit, &before, &version)? {
                return Err(AppError::stale());
            }
        }
        _ => return Err(AppError::stale()),
    }
    let place = (statement.document, statement.version);
    if !confirmations::confirm(tx, &permit, &statement.signatures(), place)? {
        return Err(AppError::stale());
    }
    still_good(tx.conn(), pen.row)?;
    rules::still(tx.conn(), app, now, pen.rules.as_ref())?;
    let evidence = serde_json::to_string(&pen.evidence).map_err(|e| AppError::Internal(e.to_string()))?;
    let proven = hex::encode(Sha256::digest(&evidence));
    let new = NewSignature {
        kind: SubjectKind::Document,
        subject_id: statement.document.to_string(),
        subject_version: statement.version,
        encounter: of.id,
        signer: me,
        certificate: pen.row,
        format: "pades",
        sha256: pdf_sha256.clone(),
        value: pdf_sha256.into_bytes(),
        evidence,
        rules: pen.rules_id(),
    };
    let given = signatures::add(tx, &permit, &new)?;
    let count = statement.lines.len();
    let detail = json!({
        "subject": statement.document, "version": statement.version, "format": "pades", "confirms": count,
        "capacity": statement.authority.capacity, "authority": statement.authority.id, "certificate": pen.serial,
        "evidenceSha256": proven, "rules": new.rules,
    });
    trail::on_chart(tx, Some(me), Act::Sign, ("signature", given.to_string()), (of.patient.id, of.id), detail)?;
    life::supplement(tx, app, of, Some(me), Part::Document(statement.document))?;
    let (hub, ward, encounter) = (Arc::clone(&app.hub), of.ward, of.id);
    tx.after_commit(move || hub.publish(Event::Chart { ward, encounter, what: "record" }));
    Ok(ConfirmedRecord {
        encounter_id: of.id.to_string(),
        document_id: statement.document.to_string(),
        version: statement.version,
        signatures: i64::try_from(count).unwrap_or(i64::MAX),
    })
}
