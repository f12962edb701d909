//! A department gets its certificate: from the hospital's own CA, with the key wrapped on the server, or from a provider,
//! with the key on a token or module or with a signing service. It is taken back as a person's is.

use super::{department, noted, shown};
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::certificates::{ToBind, cleaned_note, examine_for, publish};
use crate::holders::Holders;
use crate::state::App;
use crate::trust::Trust;
use crate::view::CertificateFound;
use crate::view_record::DepartmentSeals;
use benhan_domain::access::{KeepDepartmentCertificates, Place, decide};
use benhan_domain::audit::Act;
use benhan_domain::certificate::{KeyPlace, RevocationReason};
use benhan_domain::id::{DepartmentId, UserId};
use benhan_domain::time::Instant;
use benhan_sign::{Authority, Certificate, KeyKind, ServerKey, SigningKey, Subject, WrappedKey};
use benhan_store::certificates::{self, NewCertificate, Owner};
use benhan_store::places::{self, Department, Facility};
use benhan_store::{Conn, Db, Tx, revocations};
use serde_json::json;
use sha2::{Digest, Sha256};

/// As a person's: three years.
const CERTIFICATE_DAYS: i64 = 3 * 365;

/// A certificate with its key, before it is kept.
pub struct Made {
    certificate: Certificate,
    wrapped: String,
}

impl Made {
    /// By the hospital's own CA, with the department's name in the subject.
    fn by(
        authority: &Authority,
        facility: &Facility,
        of: &Department,
        server_key: &[u8; 32],
        now: i64,
    ) -> Result<Self, AppError> {
        let broken = |what: String| AppError::Internal(format!("the own CA: {what}"));
        let key = SigningKey::generate(KeyKind::P256).map_err(|e| broken(e.to_string()))?;
        let subject = Subject {
            organization: Some(facility.name.clone()),
            organizational_unit: Some(of.name.clone()),
            ..Subject::named(&of.name)
        };
        let certificate =
            authority.issue_person(&subject, &key, now, CERTIFICATE_DAYS).map_err(|e| broken(e.to_string()))?;
        let phrase = phrase(server_key, certificate.der());
        let wrapped =
            WrappedKey::wrap(&key, &phrase, &ServerKey::from_bytes(*server_key)).map_err(|e| broken(e.to_string()))?;
        let wrapped = serde_json::to_string(&wrapped).map_err(|e| broken(e.to_string()))?;
        Ok(Self { certificate, wrapped })
    }
}

/// What opens a department's key on the server. No person knows it: whoever puts the seal shows their own PIN first.
pub(in crate::app) fn phrase(server_key: &[u8; 32], certificate: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"benhan/department-seal/1");
    hash.update(server_key);
    hash.update(Sha256::digest(certificate));
    hex::encode(hash.finalize())
}

/// By an administrator. The certificate before it is retired. 409 `no-own-ca`.
pub async fn issue(app: &App, caller: &Caller, of: DepartmentId) -> Result<DepartmentSeals, AppError> {
    let actor = caller.actor.clone();
    let read = app.db.read::<_, AppError, _>(move |conn| {
        decide::<KeepDepartmentCertificates>(&actor, Place::Facility)?;
        department(conn, of)
    });
    let (unit, app2, now) = (read.await?, app.clone(), app.db.now().0);
    let work = tokio::task::spawn_blocking(move || {
        let authority = app2.trust.authority().ok_or_else(no_own_ca)?;
        Made::by(authority, &app2.facility, &unit, &app2.secrets.server_key, now)
    });
    let made = work.await.map_err(|_| AppError::Internal("making a key was cut off".into()))??;
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        decide::<KeepDepartmentCertificates>(&caller.actor, Place::Facility)?;
        keep(tx, Some(caller.user.id), of, (&made.certificate, Some(made.wrapped), KeyPlace::Software))?;
        shown::all(tx.conn(), &caller)
    });
    write.await
}

fn no_own_ca() -> AppError {
    let detail = "Bệnh viện không có CA nội bộ: gắn chứng thư của nhà cung cấp bằng lệnh «benhan certificate department \
                  bind».";
    AppError::conflict("no-own-ca", detail)
}

/// From the machine that holds the record, by the department's code.
pub async fn issue_from_machine(
    db: &Db,
    authority: Option<Authority>,
    server_key: [u8; 32],
    code: &str,
) -> Result<CertificateFound, AppError> {
    let (code, now) = (code.to_owned(), db.now().0);
    let read = db.read::<_, AppError, _>(move |conn| {
        let facility = places::facility(conn)?.ok_or_else(|| AppError::not_found("bệnh viện"))?;
        Ok((facility, by_code(conn, &code)?))
    });
    let (facility, unit) = read.await?;
    let authority = authority.ok_or_else(no_own_ca)?;
    let of = unit.id;
    let work = tokio::task::spawn_blocking(move || Made::by(&authority, &facility, &unit, &server_key, now));
    let made = work.await.map_err(|_| AppError::Internal("making a key was cut off".into()))??;
    let shown = told(&made.certificate);
    let write = db.write::<_, AppError, _>(move |tx| {
        keep(tx, None, of, (&made.certificate, Some(made.wrapped), KeyPlace::Software))
    });
    write.await?;
    Ok(shown)
}

/// What is brought to a department from a provider.
#[derive(Debug)]
pub struct Brought {
    pub code: String,
    pub what: ToBind,
}

/// A provider's certificate, whose key is elsewhere, looked at as a person's is.
pub async fn bind_from_machine(
    db: &Db,
    (trust, holders): (Trust, Holders),
    brought: Brought,
) -> Result<CertificateFound, AppError> {
    let place = brought.what.key.clone();
    let (found, certificate) = examine_for(db, trust, holders, brought.what).await?;
    let write = db.write::<_, AppError, _>(move |tx| {
        let of = by_code(tx.conn(), &brought.code)?.id;
        keep(tx, None, of, (&certificate, None, place))
    });
    write.await?;
    Ok(found)
}

fn by_code(conn: &mut Conn, code: &str) -> Result<Department, AppError> {
    let found = places::all_departments(conn)?.into_iter().find(|one| one.code == code);
    found.ok_or_else(|| AppError::not_found("khoa, phòng có mã này"))
}

fn keep(
    tx: &mut Tx<'_>,
    by: Option<UserId>,
    of: DepartmentId,
    (certificate, wrapped_key, key): (&Certificate, Option<String>, KeyPlace),
) -> Result<(), AppError> {
    department(tx.conn(), of)?;
    let (issuer, serial) = (certificate.issuer(), certificate.serial());
    let owner = certificates::owner(tx.conn(), &issuer, &serial)?;
    if owner.is_some_and(|owner| owner != Owner::Department(of)) {
        let detail = "Chứng thư này đang gắn với một người hoặc một khoa, phòng khác: kiểm tra lại.";
        return Err(AppError::conflict("certificate-taken", detail));
    }
    let earlier = certificates::of_department(tx.conn(), of)?;
    certificates::retire_department(tx, of)?;
    let new = NewCertificate {
        user: None,
        department: Some(of),
        subject: certificate.subject(),
        issuer: issuer.clone(),
        serial: serial.clone(),
        not_before: certificate.valid_from(),
        not_after: certificate.valid_until(),
        der: certificate.der().to_vec(),
        wrapped_key,
        key: key.clone(),
    };
    let given = certificates::add(tx, new)?;
    let detail = json!({
        "certificate": serial, "id": given, "issuer": issuer, "keyHolder": key.holder(),
        "keyReference": key.reference(), "retired": earlier.map(|c| c.serial),
    });
    noted(tx, by, Act::Edit, of, detail)
}

/// By an administrator. The hospital's own CA lists it at once.
pub async fn revoke(
    app: &App,
    caller: &Caller,
    of: DepartmentId,
    (reason, note): (RevocationReason, &str),
) -> Result<DepartmentSeals, AppError> {
    let (caller, note) = (caller.clone(), cleaned_note(note)?);
    let write = app.db.write(move |tx| {
        decide::<KeepDepartmentCertificates>(&caller.actor, Place::Facility)?;
        take_back(tx, Some(caller.user.id), of, (reason, &note))?;
        shown::all(tx.conn(), &caller)
    });
    let shown = write.await?;
    // The row is what refuses. A list that could not be made is made by the next round.
    if let Err(error) = publish(app).await {
        tracing::error!(%error, "the revocation lists could not be renewed");
    }
    Ok(shown)
}

/// From the machine that holds the record.
pub async fn revoke_from_machine(db: &Db, code: &str, reason: RevocationReason, note: &str) -> Result<(), AppError> {
    let (code, note) = (code.to_owned(), cleaned_note(note)?);
    let write = db.write(move |tx| {
        let of = by_code(tx.conn(), &code)?.id;
        take_back(tx, None, of, (reason, &note))
    });
    write.await
}

fn take_back(
    tx: &mut Tx<'_>,
    by: Option<UserId>,
    of: DepartmentId,
    (reason, note): (RevocationReason, &str),
) -> Result<(), AppError> {
    let none = || AppError::conflict("no-certificate", "Khoa, phòng này không có chứng thư số đang dùng.");
    let held = certificates::of_department(tx.conn(), of)?.ok_or_else(none)?;
    revocations::add(tx, (held.id, &held.serial), by, reason, note).map_err(|error| match error {
        e if e.is_taken("certificate_revocation") => {
            AppError::conflict("already-revoked", "Chứng thư số của khoa, phòng này đã bị thu hồi.")
        }
        e => e.into(),
    })?;
    let detail = json!({ "certificate": held.serial, "revoked": reason.as_str(), "note": note });
    noted(tx, by, Act::Cancel, of, detail)
}

fn told(of: &Certificate) -> CertificateFound {
    CertificateFound {
        subject: of.subject(),
        name: of.common_name(),
        issuer: of.issuer(),
        serial: of.serial(),
        algorithm: of.key_algorithm().map(|a| a.to_string()).unwrap_or_default(),
        not_before: Instant(of.valid_from()).rfc3339(),
        not_after: Instant(of.valid_until()).rfc3339(),
        path: vec![of.common_name(), of.issuer()],
        proof: "signed".into(),
    }
}
