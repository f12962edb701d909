//! The first answers of a form, from what the record knows: nobody writes a patient's name twice. An answer is an offer;
//! it counts when somebody signs the sheet.

use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::charting::parse_values;
use crate::app::lookups::{permit_on, ward_ref};
use benhan_domain::access::ViewChart;
use benhan_domain::form::values::Values;
use benhan_domain::form::{Field, FieldKind, FormDefinition, Prefill};
use benhan_domain::person::Sex;
use benhan_domain::time::{Instant, day_of_stay};
use benhan_domain::vitals::{VitalCode, VitalValue};
use benhan_store::encounters::Encounter;
use benhan_store::{Conn, observations, results};
use serde_json::{Value, json};

/// Results and sets that are looked through, the newest.
const LATEST: i64 = 200;

/// `at` is the time of the sheet; what was measured or found after it is not offered.
pub fn values(
    conn: &mut Conn,
    caller: &Caller,
    stay: &Encounter,
    form: &FormDefinition,
    (at, now): (Instant, Instant),
) -> Result<Values, AppError> {
    let asked: Vec<(&Field, Prefill)> = form.fields().filter_map(|field| Some((field, field.prefill?))).collect();
    let wants = |some: &[Prefill]| asked.iter().any(|(_, prefill)| some.contains(prefill));
    let permit = permit_on::<ViewChart>(conn, &caller.actor, stay.id)?;
    let measured = match wants(&VITALS) {
        true => measured(conn, &permit, stay, at)?,
        false => Vec::new(),
    };
    let abnormal = match wants(&[Prefill::AbnormalResults]) {
        true => abnormal(conn, &permit, at)?,
        false => String::new(),
    };
    let ward = ward_ref(conn, stay.ward)?.name;
    let mut offered = Values::new();
    for (field, prefill) in asked {
        let answer = match prefill {
            Prefill::AbnormalResults => json!(abnormal),
            Prefill::Ward => json!(ward),
            Prefill::Now => json!(now.rfc3339()),
            other => of_stay(stay, other, now).or_else(|| of_vitals(&measured, other)).unwrap_or(Value::Null),
        };
        offered.insert(field.name.clone(), shaped(field.kind, answer));
    }
    Ok(offered)
}

/// The same answer in the shape of the field that asks for it.
fn shaped(kind: FieldKind, answer: Value) -> Value {
    let text = answer.as_str().unwrap_or_default();
    match kind {
        FieldKind::Date => Instant::parse(text).map_or_else(|| answer.clone(), |at| json!(at.day().to_string())),
        FieldKind::Line | FieldKind::Text => match (&answer, Sex::parse(text)) {
            (Value::Object(parts), _) => parts.get("text").cloned().unwrap_or_default(),
            (_, Some(sex)) => json!(sex.vietnamese()),
            _ => answer,
        },
        _ => answer,
    }
}

const VITALS: [Prefill; 7] = [
    Prefill::Pulse,
    Prefill::Temperature,
    Prefill::BloodPressure,
    Prefill::Respiration,
    Prefill::Spo2,
    Prefill::Weight,
    Prefill::Height,
];

fn of_stay(stay: &Encounter, prefill: Prefill, now: Instant) -> Option<Value> {
    let who = &stay.patient.who;
    let answer = match prefill {
        Prefill::PatientName => json!(who.name),
        Prefill::PatientBirthDate => json!(who.birth_date?.to_string()),
        Prefill::PatientSex => json!(who.sex.code()),
        Prefill::PatientAddress => json!(who.address),
        Prefill::PatientPhone => json!(who.phone),
        Prefill::NationalId => json!(who.national_id.as_ref()?),
        Prefill::InsuranceCard => json!(who.insurance_card.as_ref()?),
        Prefill::Allergies => json!(who.allergies.join("\n")),
        Prefill::AdmittedAt => json!(Instant(stay.admitted_at).rfc3339()),
        Prefill::DischargedAt => json!(Instant(stay.discharged_at?).rfc3339()),
        Prefill::Diagnosis => json!({ "text": stay.diagnosis, "code": stay.icd10.clone().unwrap_or_default() }),
        Prefill::DaysOfStay => {
            json!(day_of_stay(Instant(stay.admitted_at), stay.discharged_at.map_or(now, Instant)))
        }
        _ => return None,
    };
    Some(answer)
}

/// Of each vital sign the newest value that somebody answers for.
fn measured(
    conn: &mut Conn,
    permit: &benhan_domain::access::Permit<ViewChart>,
    stay: &Encounter,
    at: Instant,
) -> Result<Vec<VitalValue>, AppError> {
    let sets = observations::chart(conn, permit, stay.admitted_at, at.0.saturating_add(1), LATEST)?;
    let mut found: Vec<VitalValue> = Vec::new();
    let mut standing: Vec<_> = sets.into_iter().filter(|set| set.status.stands()).collect();
    standing.sort_by_key(|set| std::cmp::Reverse(set.effective_at));
    for set in standing {
        for value in parse_values(&set.body)? {
            if value.value.is_some() && found.iter().all(|known| known.code != value.code) {
                found.push(value);
            }
        }
    }
    Ok(found)
}

fn of_vitals(measured: &[VitalValue], prefill: Prefill) -> Option<Value> {
    let of = |code| measured.iter().find(|v: &&VitalValue| v.code == code).and_then(|v| v.value);
    let code = match prefill {
        Prefill::Pulse => VitalCode::Pulse,
        Prefill::Temperature => VitalCode::Temp,
        Prefill::Respiration => VitalCode::Resp,
        Prefill::Spo2 => VitalCode::Spo2,
        Prefill::Weight => VitalCode::Weight,
        Prefill::Height => VitalCode::Height,
        Prefill::BloodPressure => {
            return Some(json!({ "systolic": of(VitalCode::Sbp)?, "diastolic": of(VitalCode::Dbp)? }));
        }
        _ => return None,
    };
    of(code).map(|value| json!(value))
}

/// Released results out of their range, the newest of each, one a line: `Kali 6,8 mmol/L (cao)`.
fn abnormal(
    conn: &mut Conn,
    permit: &benhan_domain::access::Permit<ViewChart>,
    at: Instant,
) -> Result<String, AppError> {
    let found = results::of_stay(conn, permit, i64::MIN, LATEST)?;
    let mut lines: Vec<(String, String)> = Vec::new();
    for result in found.iter().filter(|r| r.status.stands() && r.value.effective_at <= at.0) {
        if lines.iter().any(|(code, _)| *code == result.head.code) {
            continue;
        }
        let said = result.value.flag.map(|flag| match flag.as_str() {
            "L" | "LL" => "thấp",
            "H" | "HH" => "cao",
            _ => "bất thường",
        });
        let value = result.value.value.replace('.', ",");
        let line = said.map(|said| format!("{} {value} {} ({said})", result.head.name, result.value.unit));
        lines.push((result.head.code.clone(), line.unwrap_or_default()));
    }
    Ok(lines.into_iter().map(|(_, line)| line).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
}
