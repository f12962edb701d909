//! Departments with their certificates and who puts their seals, as the screen and the command line see them.

use super::{belongs, signs};
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::lookups::People;
use crate::state::App;
use crate::view::PersonRef;
use crate::view_record::{
    DepartmentCertificate, DepartmentRef, DepartmentSeal, DepartmentSeals, HouseDecisionEnd, SealKeeper,
};
use benhan_domain::access::{KeepDepartmentCertificates, NameSealKeeper, Place, ViewDepartmentSeals, decide};
use benhan_domain::time::Instant;
use benhan_store::seal_keepers::{self, Keeper};
use benhan_store::{Conn, Db, certificates, places, revocations, users};

/// Staff who are asked about, at most.
const MOST: i64 = 2_000;

pub async fn list(app: &App, caller: &Caller) -> Result<DepartmentSeals, AppError> {
    let reader = caller.clone();
    app.db.read(move |conn| all(conn, &reader)).await
}

/// From the machine that holds the record.
pub async fn list_from_machine(db: &Db) -> Result<Vec<DepartmentSeal>, AppError> {
    db.read(|conn| departments(conn, false)).await
}

pub(super) fn all(conn: &mut Conn, reader: &Caller) -> Result<DepartmentSeals, AppError> {
    decide::<ViewDepartmentSeals>(&reader.actor, Place::Facility)?;
    let may_name = decide::<NameSealKeeper>(&reader.actor, Place::Facility).is_ok();
    Ok(DepartmentSeals {
        departments: departments(conn, may_name)?,
        may_name,
        may_issue: decide::<KeepDepartmentCertificates>(&reader.actor, Place::Facility).is_ok(),
    })
}

fn departments(conn: &mut Conn, with_candidates: bool) -> Result<Vec<DepartmentSeal>, AppError> {
    let keepers = seal_keepers::all(conn)?;
    let named = keepers.iter().flat_map(|k| [Some(k.user), Some(k.given_by), k.ended.as_ref().map(|end| end.by)]);
    let people = People::read(conn, named.flatten())?;
    let mut staff = Vec::new();
    if with_candidates {
        for user in users::all(conn, MOST)?.into_iter().filter(|user| !user.disabled && signs(user.role)) {
            let wards = users::wards_of(conn, user.id)?;
            staff.push((PersonRef { id: user.id.to_string(), name: user.name, role: user.role }, wards));
        }
    }
    let mut found = Vec::new();
    for one in places::all_departments(conn)? {
        let of_it: Vec<&Keeper> = keepers.iter().filter(|k| k.department == one.id).collect();
        let wards = places::wards_of(conn, one.id)?;
        let is_keeper = |who: &PersonRef| of_it.iter().any(|k| k.ended.is_none() && k.user.to_string() == who.id);
        let candidates = staff.iter().filter(|(who, own)| belongs(own, &wards) && !is_keeper(who));
        found.push(DepartmentSeal {
            certificate: certificate(conn, one.id)?,
            candidates: candidates.map(|(who, _)| who.clone()).collect(),
            keepers: of_it.iter().map(|k| keeper(k, &people)).collect::<Result<_, _>>()?,
            department: DepartmentRef { id: one.id.to_string(), code: one.code, name: one.name },
        });
    }
    Ok(found)
}

fn certificate(
    conn: &mut Conn,
    of: benhan_domain::id::DepartmentId,
) -> Result<Option<DepartmentCertificate>, AppError> {
    let Some(held) = certificates::of_department(conn, of)? else { return Ok(None) };
    let revoked = revocations::of(conn, held.id)?;
    Ok(Some(DepartmentCertificate {
        subject: held.subject,
        issuer: held.issuer,
        serial: held.serial,
        not_after: Instant(held.not_after).rfc3339(),
        revoked_at: revoked.map(|one| Instant(one.at).rfc3339()),
        key_holder: held.key.holder().into(),
        key_reference: held.key.reference(),
    }))
}

fn keeper(of: &Keeper, people: &People) -> Result<SealKeeper, AppError> {
    let ended = of.ended.as_ref().map(|end| {
        Ok::<_, AppError>(HouseDecisionEnd {
            by: people.must(end.by)?,
            at: Instant(end.at).rfc3339(),
            reason: end.reason.clone(),
        })
    });
    Ok(SealKeeper {
        user: people.must(of.user)?,
        given_by: people.must(of.given_by)?,
        given_at: Instant(of.given_at).rfc3339(),
        ended: ended.transpose()?,
    })
}
