//! A certificate whose key is elsewhere, given to a person: on a token, or with a signing service.
//!
//! An administrator brings the certificate and says where its key is. Nothing is believed of either: the path must lead to
//! an authority that this hospital trusts, and the holder must show, or better prove by a signature, that the key is the
//! certificate's. Where neither can be seen yet, the first signature is refused if it is not.

use crate::app::AppError;
use crate::app::accounts::{Caller, about_user};
use crate::app::error::Kind;
use crate::app::signing::not_opened;
use crate::holders::{Holders, NoKey};
use crate::state::App;
use crate::trust::Trust;
use crate::view::CertificateFound;
use benhan_domain::access::{Action, ConfirmSignatures, ManageUsers, Place, Reach, SignRecord, decide};
use benhan_domain::audit::Act;
use benhan_domain::certificate::KeyPlace;
use benhan_domain::id::UserId;
use benhan_domain::time::Instant;
use benhan_holders::{SecretString, Shown};
use benhan_sign::path::Purpose;
use benhan_sign::{Certificate, KeyError, Trouble};
use benhan_store::certificates::{self, NewCertificate, Owner};
use benhan_store::{Db, Tx, audit, users};
use serde_json::json;
use std::sync::Arc;

/// A certificate with its chain.
const LONGEST_PEM: usize = 64 << 10;

/// What is to be bound.
#[derive(Debug)]
pub struct ToBind {
    /// The person's certificate first; more of its path may follow and is not needed.
    pub pem: String,
    pub key: KeyPlace,
    /// The owner's PIN, typed by the owner: the key then proves itself by a signature.
    pub pin: Option<String>,
}

/// How far the key has shown itself to be the certificate's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It signed.
    Signed,
    /// Its holder shows the same public key.
    Shown,
    /// Not seen yet: the first signature will tell.
    NotYet,
}

impl Proof {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Shown => "shown",
            Self::NotYet => "not-yet",
        }
    }
}

/// What was found out about a certificate and its key.
struct Found {
    certificate: Certificate,
    /// Names from the signer's to the anchor's.
    path: Vec<String>,
    proof: Proof,
}

/// Looks at certificate and key and binds nothing.
pub async fn look(app: &App, caller: &Caller, user: UserId, what: ToBind) -> Result<CertificateFound, AppError> {
    let actor = caller.actor.clone();
    let read = app.db.read::<_, AppError, _>(move |conn| {
        decide::<ManageUsers>(&actor, Place::Facility)?;
        users::by_id(conn, user)?.map(drop).ok_or_else(|| AppError::not_found("người dùng"))
    });
    read.await?;
    let found = examine(&app.db, Arc::clone(&app.trust), Arc::clone(&app.holders), &what.key.clone(), what).await?;
    Ok(view(&found))
}

/// By an administrator. The certificate that the person had is retired; what it signed stays as it is.
pub async fn bind(app: &App, caller: &Caller, user: UserId, what: ToBind) -> Result<CertificateFound, AppError> {
    let (actor, place) = (caller.actor.clone(), what.key.clone());
    let reader = actor.clone();
    app.db.read::<_, AppError, _>(move |_| Ok(decide::<ManageUsers>(&reader, Place::Facility).map(drop)?)).await?;
    let found = examine(&app.db, Arc::clone(&app.trust), Arc::clone(&app.holders), &place, what).await?;
    let shown = view(&found);
    let write = app.db.write(move |tx| {
        decide::<ManageUsers>(&actor, Place::Facility)?;
        keep(tx, Some(actor.user), user, place, &found)
    });
    write.await?;
    Ok(shown)
}

/// From the machine that holds the record.
pub async fn bind_from_machine(
    db: &Db,
    (trust, holders): (Trust, Holders),
    username: &str,
    what: ToBind,
) -> Result<CertificateFound, AppError> {
    let (username, place) = (username.to_owned(), what.key.clone());
    let found = examine(db, Arc::new(trust), Arc::new(holders), &place, what).await?;
    let shown = view(&found);
    let write = db.write(move |tx| {
        let user = users::by_username(tx.conn(), &username)?.ok_or_else(|| AppError::not_found("người dùng"))?;
        keep(tx, None, user.id, place, &found)
    });
    write.await?;
    Ok(shown)
}

/// For a department: looked at, and kept by the caller.
pub(in crate::app) async fn examine_for(
    db: &Db,
    trust: Trust,
    holders: Holders,
    what: ToBind,
) -> Result<(CertificateFound, Certificate), AppError> {
    let place = what.key.clone();
    let found = examine(db, Arc::new(trust), Arc::new(holders), &place, what).await?;
    Ok((view(&found), found.certificate))
}

fn view(found: &Found) -> CertificateFound {
    CertificateFound {
        subject: found.certificate.subject(),
        name: found.certificate.common_name(),
        issuer: found.certificate.issuer(),
        serial: found.certificate.serial(),
        algorithm: found.certificate.key_algorithm().map(|a| a.to_string()).unwrap_or_default(),
        not_before: Instant(found.certificate.valid_from()).rfc3339(),
        not_after: Instant(found.certificate.valid_until()).rfc3339(),
        path: found.path.clone(),
        proof: found.proof.as_str().into(),
    }
}

async fn examine(
    db: &Db,
    trust: Arc<Trust>,
    holders: Arc<Holders>,
    place: &KeyPlace,
    what: ToBind,
) -> Result<Found, AppError> {
    let (place, now) = (place.clone(), db.now().0);
    let certificate = read(&what.pem)?;
    // A public authority may answer for its certificates at its responder alone.
    trust.ask(Purpose::Documents, &certificate, now).await;
    let work = tokio::task::spawn_blocking(move || {
        let path = trusted(&trust, &certificate, now)?;
        let proof = proven(&holders, &place, &certificate, what.pin)?;
        Ok(Found { certificate, path, proof })
    });
    work.await.map_err(|_| AppError::Internal("examining a certificate was cut off".into()))?
}

fn read(pem: &str) -> Result<Certificate, AppError> {
    let unreadable = || {
        AppError::invalid(
            "pem",
            "Không đọc được chứng thư: dán nội dung tệp PEM, bắt đầu bằng -----BEGIN CERTIFICATE-----",
        )
    };
    if pem.len() > LONGEST_PEM {
        return Err(unreadable());
    }
    Certificate::from_pem(pem.as_bytes()).map_err(|_| unreadable())
}

/// Names from the signer's to the anchor's.
fn trusted(trust: &Trust, certificate: &Certificate, now: i64) -> Result<Vec<String>, AppError> {
    let evidence = trust
        .check(certificate, now)
        .map_err(|problem| AppError::refused(Kind::Conflict, "certificate-refused", problem.vietnamese()))?;
    let named = |der: &Vec<u8>| Certificate::from_der(der).map(|c| c.common_name()).unwrap_or_default();
    Ok(evidence.certificates.iter().map(named).collect())
}

fn proven(
    holders: &Holders,
    place: &KeyPlace,
    certificate: &Certificate,
    pin: Option<String>,
) -> Result<Proof, AppError> {
    if *place == KeyPlace::Software {
        let detail = "Khoá do máy chủ giữ được cấp khi người dùng tự đặt mã PIN: không gắn chứng thư cho khoá đó.";
        return Err(AppError::invalid("keyHolder", detail));
    }
    let other = || {
        let detail = "Khoá ở nơi này không phải khoá của chứng thư: chọn đúng khoá, hoặc đúng tệp chứng thư.";
        AppError::conflict("other-key", detail)
    };
    let said = |no: NoKey| not_opened(no, place);
    let shown = holders.shown(place, certificate).map_err(said)?;
    if shown == Shown::Other {
        return Err(other());
    }
    if let Some(pin) = pin.filter(|pin| !pin.is_empty()) {
        let key = holders.open(place, certificate, SecretString::from(pin), 1).map_err(said)?;
        key.prove().map_err(|error| match error {
            KeyError::Held { trouble: Trouble::BadSignature, .. } => other(),
            error => error.into(),
        })?;
        return Ok(Proof::Signed);
    }
    Ok(if shown == Shown::Same { Proof::Shown } else { Proof::NotYet })
}

fn keep(tx: &mut Tx<'_>, by: Option<UserId>, user: UserId, key: KeyPlace, found: &Found) -> Result<(), AppError> {
    let person = users::by_id(tx.conn(), user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
    if SignRecord::reach(person.role) == Reach::Nowhere && ConfirmSignatures::reach(person.role) == Reach::Nowhere {
        let detail = "Người này không ký hồ sơ bệnh án theo bảng quyền: không gắn chứng thư.";
        return Err(AppError::conflict("signs-nothing", detail));
    }
    let certificate = &found.certificate;
    let (issuer, serial) = (certificate.issuer(), certificate.serial());
    let owner = certificates::owner(tx.conn(), &issuer, &serial)?;
    if owner.is_some_and(|owner| owner != Owner::Person(user)) {
        let detail = "Chứng thư này đang gắn với người khác hoặc với một khoa, phòng: kiểm tra lại.";
        return Err(AppError::conflict("certificate-taken", detail));
    }
    let earlier = certificates::current(tx.conn(), user)?;
    certificates::retire(tx, user)?;
    let new = NewCertificate {
        user: Some(user),
        department: None,
        subject: certificate.subject(),
        issuer,
        serial: serial.clone(),
        not_before: certificate.valid_from(),
        not_after: certificate.valid_until(),
        der: certificate.der().to_vec(),
        wrapped_key: None,
        key: key.clone(),
    };
    let given = certificates::add(tx, new)?;
    let detail = json!({
        "certificate": serial, "id": given, "issuer": found.certificate.issuer(), "keyHolder": key.holder(),
        "keyReference": key.reference(), "proof": found.proof.as_str(), "retired": earlier.map(|c| c.serial),
    });
    Ok(audit::append(tx, about_user(by, Act::Edit, user, detail))?)
}
