//! The gate: whether a copy of a record may go to somebody who needs the patient's will (Law 91/2025/QH15 on health data).

use super::shown::newest;
use crate::app::AppError;
use crate::state::App;
use benhan_domain::access::{Action, Permit, SearchPatients, system_search};
use benhan_domain::id::{ConsentAnswerId, EncounterId, PatientId};
use benhan_domain::personal_data::standing;
use benhan_domain::record::Requester;
use benhan_domain::time::Instant;
use benhan_store::requests::PatientsWill;
use benhan_store::{Conn, consents, encounters, patients};

fn refused(requester: Requester) -> AppError {
    let detail = format!(
        "Không cung cấp hồ sơ cho «{}» khi người bệnh chưa đồng ý: ghi yêu cầu bằng văn bản của chính người bệnh, hoặc hỏi \
         người bệnh ở «Dữ liệu cá nhân» rồi làm lại.",
        requester.vietnamese()
    );
    AppError::conflict("no-consent", detail)
}

/// On what a grant to this requester rests: the patient's own paper, or a consent that stands now.
pub fn granted_by<A: Action>(
    conn: &mut Conn,
    app: &App,
    permit: &Permit<A>,
    (requester, stay): (Requester, EncounterId),
    paper: Option<String>,
    now: Instant,
) -> Result<Option<PatientsWill>, AppError> {
    if !requester.needs_the_patients_will() {
        return Ok(None);
    }
    if let Some(paper) = paper {
        return Ok(Some(PatientsWill::Paper(paper)));
    }
    let consent = standing_for(conn, app, permit, (requester, stay), now)?;
    consent.map(|of| Some(PatientsWill::Consent(of))).ok_or_else(|| refused(requester))
}

/// Whether what a grant rests on still carries: a consent that was withdrawn since does not.
pub fn is_opened_by<A: Action>(
    conn: &mut Conn,
    app: &App,
    permit: &Permit<A>,
    (requester, stay): (Requester, EncounterId),
    will: Option<&PatientsWill>,
    now: Instant,
) -> Result<(), AppError> {
    match will {
        _ if !requester.needs_the_patients_will() => Ok(()),
        Some(PatientsWill::Paper(_)) => Ok(()),
        // Granted before this gate was there, or by a consent: it must stand now.
        Some(PatientsWill::Consent(_)) | None => {
            let consent = standing_for(conn, app, permit, (requester, stay), now)?;
            consent.map(drop).ok_or_else(|| refused(requester))
        }
    }
}

fn standing_for<A: Action>(
    conn: &mut Conn,
    app: &App,
    permit: &Permit<A>,
    (requester, stay): (Requester, EncounterId),
    now: Instant,
) -> Result<Option<ConsentAnswerId>, AppError> {
    let search: Permit<SearchPatients> = system_search();
    let owner: Option<PatientId> = encounters::owner(conn, stay)?;
    let owner = owner.map(|of| patients::read(conn, &search, of)).transpose()?.flatten();
    let Some(patient) = owner else { return Err(AppError::not_found("người bệnh")) };
    let given = consents::of_patient(conn, permit, patient.id)?;
    let day = now.day();
    let opening = app.renderer.purposes(day).into_iter().filter(|purpose| purpose.opens.contains(&requester));
    let stands = opening.filter_map(|purpose| {
        let last = given.iter().find(|one| one.purpose == purpose.code)?;
        let now = standing(Some(newest(last)), purpose.version, patient.who.birth_date, day);
        now.stands().then_some(last.id)
    });
    Ok(stands.into_iter().next())
}
