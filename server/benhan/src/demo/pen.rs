//! A demo nurse's opened key: signs the sets of rounds long over, each by CMS as in any round. Their sheets are typeset
//! when somebody closes the chart again, and embed these signatures.

use super::STAFF;
use anyhow::Context;
use benhan_domain::access::{Place, SignRecord, ViewChart, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{CertificateId, EncounterId, ObservationSetId, PatientId};
use benhan_domain::record::RecordState;
use benhan_server::App;
use benhan_server::app::accounts::Caller;
use benhan_server::app::{AppError, lookups, trail};
use benhan_sign::{Certificate, Evidence, ServerKey, Signer, SigningKey, WrappedKey, cms};
use benhan_store::observations::{self, SetVersion};
use benhan_store::signatures::{self, NewSignature, SubjectKind};
use benhan_store::{Tx, certificates, confirmations, encounters};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;

pub struct Pen {
    inner: Arc<Inner>,
}

struct Inner {
    key: SigningKey,
    certificate: Certificate,
    row: CertificateId,
    serial: String,
}

/// A set with its owner and its signature.
struct Signed {
    version: SetVersion,
    patient: PatientId,
    cms: Vec<u8>,
}

impl Pen {
    pub async fn open(app: &App, who: &Caller) -> anyhow::Result<Self> {
        let user = who.user.id;
        let row = app.db.read::<_, AppError, _>(move |conn| Ok(certificates::current(conn, user)?)).await?;
        let row = row.context("a demo nurse without a certificate")?;
        let pin = STAFF.iter().find(|s| s.username == who.user.username).map_or("", |s| s.pin);
        let server_key = ServerKey::from_bytes(app.secrets.server_key);
        let opened = tokio::task::spawn_blocking(move || -> anyhow::Result<Inner> {
            let wrapped: WrappedKey = serde_json::from_str(&row.wrapped_key.context("no key")?)?;
            let key = wrapped.unwrap(pin, &server_key)?;
            Ok(Inner { key, certificate: Certificate::from_der(&row.der)?, row: row.id, serial: row.serial })
        });
        Ok(Self { inner: Arc::new(opened.await??) })
    }

    pub async fn sign(
        &self,
        app: &App,
        who: &Caller,
        sets: Vec<(EncounterId, ObservationSetId)>,
    ) -> anyhow::Result<()> {
        let (at, actor) = (app.db.now(), who.actor.clone());
        let read = app.db.read::<_, AppError, _>(move |conn| {
            let mut found = Vec::new();
            for (stay, set) in sets {
                let view = lookups::permit_on::<ViewChart>(conn, &actor, stay)?;
                let of = encounters::read(conn, &view, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
                let version = observations::current(conn, &view, set)?.ok_or_else(|| AppError::not_found("lượt đo"))?;
                found.push((version, of.patient.id, of.ward));
            }
            Ok(found)
        });
        let (found, pen, app2) = (read.await?, Arc::clone(&self.inner), app.clone());
        let work = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
            let evidence = app2.trust.check(&pen.certificate, at.0)?;
            let signer = Signer::new(&pen.key, &pen.certificate, &evidence)?;
            let mut signed = Vec::new();
            for (version, patient, ward) in found {
                let cms = cms::sign_detached(version.body.as_bytes(), &signer, at.0)?;
                signed.push((Signed { version, patient, cms }, ward));
            }
            Ok((evidence, signed))
        });
        let (evidence, signed) = work.await??;
        let (pen, who) = (Arc::clone(&self.inner), who.clone());
        let write = app.db.write::<_, AppError, _>(move |tx| {
            for (one, ward) in &signed {
                let (encounter, record) = (one.version.encounter, RecordState::Active);
                let permit = decide::<SignRecord>(&who.actor, Place::Encounter { encounter, ward: *ward, record })?;
                keep(tx, &permit, &who, &pen, &evidence, one)?;
            }
            Ok(())
        });
        Ok(write.await?)
    }
}

fn keep(
    tx: &mut Tx<'_>,
    permit: &benhan_domain::access::Permit<SignRecord>,
    who: &Caller,
    pen: &Inner,
    evidence: &Evidence,
    one: &Signed,
) -> Result<(), AppError> {
    let new = NewSignature {
        kind: SubjectKind::ObservationSet,
        subject_id: one.version.set.to_string(),
        subject_version: one.version.version,
        encounter: one.version.encounter,
        signer: who.user.id,
        certificate: pen.row,
        format: "cms",
        sha256: hex::encode(Sha256::digest(one.version.body.as_bytes())),
        value: one.cms.clone(),
        evidence: serde_json::to_string(evidence).map_err(|e| AppError::Internal(e.to_string()))?,
        rules: None, // rounds of before the house decided anything
    };
    let given = signatures::add(tx, permit, &new)?;
    confirmations::await_one(tx, permit, given)?;
    let detail = json!({
        "subject": new.subject_id, "version": new.subject_version, "format": "cms", "certificate": pen.serial,
        "evidenceSha256": hex::encode(Sha256::digest(&new.evidence)),
    });
    let owner = (one.patient, one.version.encounter);
    trail::on_chart(tx, Some(who.user.id), Act::Sign, ("signature", given.to_string()), owner, detail)
}
