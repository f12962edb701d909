//! Finding and registering people.

use super::lookups::hidden_from;
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view::{PatientHit, PatientView, Stay};
use benhan_domain::access::{Place, RegisterPatient, SearchPatients, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{FacilityId, PatientId};
use benhan_domain::identifier::{InsuranceCard, NationalId, tail};
use benhan_domain::person::{Name, Sex, age_text};
use benhan_domain::text;
use benhan_domain::time::Instant;
use benhan_store::patients::{self, Demographics, Patient};
use benhan_store::{Conn, StoreError, Tx, audit, counters, encounters, places};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// What a registration form sends.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatientInput {
    pub name: String,
    pub birth_date: Option<String>,
    #[schema(value_type = String)]
    pub sex: Sex,
    pub national_id: Option<String>,
    pub insurance_card: Option<String>,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub allergies: Vec<String>,
}

impl PatientInput {
    /// Every field is read once here; the store trusts the result.
    pub fn check(self, today: Date) -> Result<Demographics, AppError> {
        let given = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let name = Name::parse(&self.name).map_err(|e| AppError::invalid("name", e.to_string()))?;
        let birth_date = given(self.birth_date).map(|d| d.parse::<Date>()).transpose();
        let birth_date = birth_date.map_err(|_| AppError::invalid("birthDate", "Ngày sinh ghi năm-tháng-ngày"))?;
        if birth_date.is_some_and(|d| d > today || d.year() < 1900) {
            return Err(AppError::invalid("birthDate", "Ngày sinh phải từ năm 1900 đến hôm nay"));
        }
        let national_id = given(self.national_id).map(|n| NationalId::parse(&n)).transpose();
        let insurance_card = given(self.insurance_card).map(|n| InsuranceCard::parse(&n.to_uppercase())).transpose();
        let short = |field: &str, value: &str, limit: usize| {
            let value = text::clean(value);
            if value.chars().count() > limit { Err(AppError::invalid(field, "Quá dài")) } else { Ok(value) }
        };
        if self.allergies.len() > 20 {
            return Err(AppError::invalid("allergies", "Ghi tối đa 20 dị ứng: gộp các mục cùng nhóm thuốc"));
        }
        let allergies = self.allergies.iter().map(|a| short("allergies", a, 80)).collect::<Result<Vec<_>, _>>()?;
        Ok(Demographics {
            name: name.as_str().to_owned(),
            birth_date,
            sex: self.sex,
            national_id: national_id.map_err(|e| AppError::invalid("nationalId", e.to_string()))?.map(String::from),
            insurance_card: insurance_card
                .map_err(|e| AppError::invalid("insuranceCard", e.to_string()))?
                .map(String::from),
            phone: short("phone", &self.phone, 20)?,
            address: short("address", &self.address, 200)?,
            allergies: allergies.into_iter().filter(|a| !a.is_empty()).collect(),
        })
    }
}

/// Ranked: in hospital on the caller's wards, in hospital, then the rest.
pub async fn search(app: &App, caller: &Caller, query: String, limit: i64) -> Result<Vec<PatientHit>, AppError> {
    let (user, caller, today) = (caller.user.id, caller.clone(), app.db.now().day());
    let read = app.db.read(move |conn| {
        let permit = decide::<SearchPatients>(&caller.actor, Place::Facility)?;
        let found = patients::search(conn, &permit, &query, limit.clamp(1, 50))?;
        let ids: Vec<PatientId> = found.iter().map(|p| p.id).collect();
        let stays = encounters::active_of(conn, &permit, &ids)?;
        let wards = places::wards(conn)?;
        let keys: Vec<String> = found.iter().map(|p| text::fold(&p.who.name)).collect();
        let same = encounters::same_names(conn, &keys)?;
        let mut hits: Vec<(u8, PatientHit)> = found
            .into_iter()
            .map(|p| {
                let stay = stays.iter().find(|s| s.patient.id == p.id);
                let rank = match stay {
                    Some(s) if caller.actor.wards.contains(&s.ward) => 0,
                    Some(_) => 1,
                    None => 2,
                };
                let ward = stay.and_then(|s| wards.iter().find(|w| w.id == s.ward)).map(|w| w.name.clone());
                let twins = same.get(&text::fold(&p.who.name)).is_some_and(|n| *n > 1);
                (
                    rank,
                    hit(
                        p,
                        stay.map(|s| (s.id.to_string(), s.bed.as_ref().map(|b| b.label.clone()))),
                        ward,
                        twins,
                        today,
                    ),
                )
            })
            .collect();
        hits.sort_by_key(|(rank, _)| *rank);
        Ok::<Vec<_>, AppError>(hits.into_iter().map(|(_, hit)| hit).collect())
    });
    let hits = read.await?;
    if !hits.is_empty() {
        // Who was shown, never what was typed.
        let shown: Vec<String> = hits.iter().map(|h| h.id.clone()).collect();
        let detail = json!({ "shown": shown });
        let noted = app.db.write(move |tx| trail::on(tx, user, Act::View, "patient-list", String::new(), detail));
        noted.await?;
    }
    Ok(hits)
}

fn hit(
    p: Patient,
    stay: Option<(String, Option<String>)>,
    ward: Option<String>,
    same_name: bool,
    today: Date,
) -> PatientHit {
    let (encounter_id, bed) = stay.map_or((None, None), |(id, bed)| (Some(id), bed));
    PatientHit {
        id: p.id.to_string(),
        code: p.code,
        name: p.who.name,
        birth_date: p.who.birth_date.map(|d| d.to_string()),
        sex: p.who.sex,
        age_text: p.who.birth_date.map_or_else(|| "?".into(), |b| age_text(b, today)),
        address: p.who.address,
        national_id_tail: p.who.national_id.as_deref().map(tail),
        insurance_tail: p.who.insurance_card.as_deref().map(tail),
        encounter_id,
        ward,
        bed,
        same_name,
    }
}

/// A number that belongs to somebody else already is refused, whoever was first.
pub fn number_taken(error: StoreError) -> AppError {
    if error.is_taken("patient_identifier") {
        let detail = "Số định danh hoặc thẻ BHYT này đã thuộc người bệnh khác: tìm theo số đó trước khi lập mới.";
        return AppError::conflict("number-taken", detail);
    }
    error.into()
}

/// `26.000.123`: year and running number, one per facility.
pub fn next_code(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    let (year, n) = counters::next_of_year(tx, "patient-code")?;
    Ok(format!("{year:02}.{:03}.{:03}", n / 1000, n % 1000))
}

pub async fn register(
    app: &App,
    caller: &Caller,
    input: PatientInput,
    retry: Option<crate::idempotent::Key>,
) -> Result<PatientView, AppError> {
    let who = input.check(app.db.now().day())?;
    let (caller, facility) = (caller.clone(), app.facility.id);
    let write = app.db.write(move |tx| {
        let permit = decide::<RegisterPatient>(&caller.actor, Place::Facility)?;
        if let Some(key) = &retry
            && let Some(earlier) = key.earlier(tx, caller.user.id)?
        {
            let patient = earlier.parse().map_err(|_| AppError::Internal("a kept answer is no id".into()))?;
            return view(tx.conn(), &caller, patient);
        }
        let patient = add(tx, &permit, facility, &who)?;
        let entry = audit::Entry {
            actor: Some(caller.user.id),
            act: Act::Create,
            subject_kind: "patient",
            subject_id: patient.to_string(),
            patient: Some(patient),
            encounter: None,
            detail: json!({}),
        };
        audit::append(tx, entry)?;
        if let Some(key) = &retry {
            key.keep(tx, caller.user.id, &patient.to_string())?;
        }
        view(tx.conn(), &caller, patient)
    });
    write.await
}

pub fn add(
    tx: &mut Tx<'_>,
    permit: &benhan_domain::access::Permit<RegisterPatient>,
    facility: FacilityId,
    who: &Demographics,
) -> Result<PatientId, AppError> {
    let code = next_code(tx)?;
    patients::register(tx, permit, facility, &code, who).map_err(number_taken)
}

pub async fn read(app: &App, caller: &Caller, patient: PatientId) -> Result<PatientView, AppError> {
    let user = caller.clone();
    let found = app.db.read(move |conn| view(conn, &user, patient)).await?;
    let user = caller.user.id;
    // Under the patient that the id stands for today, so that it is found from there.
    let of = app.db.read::<_, AppError, _>(move |conn| Ok(patients::resolve(conn, patient)?)).await?;
    let entry =
        audit::Entry { patient: of, ..trail::about(user, Act::View, "patient", patient.to_string(), json!({})) };
    app.db.note(entry).await?;
    Ok(found)
}

fn view(conn: &mut Conn, caller: &Caller, patient: PatientId) -> Result<PatientView, AppError> {
    let permit = decide::<SearchPatients>(&caller.actor, Place::Facility)?;
    let p = patients::read(conn, &permit, patient)?.ok_or_else(|| AppError::not_found("người bệnh"))?;
    let wards = places::wards(conn)?;
    let stays = encounters::of_patient(conn, &permit, p.id)?.into_iter().map(|e| Stay {
        id: e.id.to_string(),
        restricted: e.restricted,
        diagnosis: if hidden_from(&caller.actor, &e) { String::new() } else { e.diagnosis },
        number: e.number,
        state: e.state,
        admitted_at: Instant(e.admitted_at).rfc3339(),
        discharged_at: e.discharged_at.map(|t| Instant(t).rfc3339()),
        ward: wards.iter().find(|w| w.id == e.ward).map(|w| w.name.clone()).unwrap_or_default(),
    });
    let today = jiff::Timestamp::now().to_zoned(benhan_domain::time::vietnam()).date();
    Ok(PatientView {
        id: p.id.to_string(),
        code: p.code,
        age_text: p.who.birth_date.map_or_else(|| "?".into(), |b| age_text(b, today)),
        birth_date: p.who.birth_date.map(|d| d.to_string()),
        name: p.who.name,
        sex: p.who.sex,
        national_id: p.who.national_id,
        insurance_card: p.who.insurance_card,
        phone: p.who.phone,
        address: p.who.address,
        allergies: p.who.allergies,
        encounters: stays.collect(),
    })
}
