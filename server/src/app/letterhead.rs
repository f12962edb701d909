//! The head of every sheet: who issues it and whom it is about, as paper has it.

use crate::state::App;
use benhan_domain::person::age_text;
use benhan_domain::time::Instant;
use benhan_render::{Letterhead, Patient};
use benhan_store::encounters::Encounter;

pub fn of_ward(app: &App, ward: &str) -> Letterhead {
    Letterhead {
        authority: app.facility.authority.clone(),
        code: app.facility.code.clone(),
        facility: app.facility.name.clone(),
        department: ward.to_owned(),
    }
}

/// The patient line as it stands at `at`.
pub fn patient(stay: &Encounter, at: i64) -> Patient {
    let who = &stay.patient.who;
    Patient {
        code: stay.patient.code.clone(),
        admission: stay.number.clone(),
        name: who.name.clone(),
        birth: who.birth_date.map_or_else(|| "không rõ".into(), |d| d.strftime("%d/%m/%Y").to_string()),
        age: who.birth_date.map_or_else(String::new, |d| age_words(&age_text(d, Instant(at).day()))),
        sex: who.sex.vietnamese().into(),
        room: stay.bed.as_ref().map(|b| b.room.clone()).unwrap_or_default(),
        bed: stay.bed.as_ref().map(|b| b.label.clone()).unwrap_or_default(),
        diagnosis: stay.diagnosis.clone(),
    }
}

/// `24t` on a card is `24 tuổi` on paper.
fn age_words(short: &str) -> String {
    match short.rsplit_once(' ') {
        Some((n, "th")) => format!("{n} tháng"),
        Some((n, "ng")) => format!("{n} ngày"),
        _ => format!("{} tuổi", short.trim_end_matches('t')),
    }
}
