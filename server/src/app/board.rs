//! The ward at a glance: the board, one card of it, and the round sheet.

use super::charting::{Shown, before_the_nurse, parse_values, subject_of};
use super::lookups::{hidden_from, permit_in, ward_ref};
use super::matching::waiting_count;
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view::{BoardBed, LastVitals, Occupant, WaitingCounts, WardBed, WardBoard, WardRef};
use benhan_domain::access::{Actor, Permit, ViewWard, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, WardId};
use benhan_domain::news2::{self, Band, News2};
use benhan_domain::observation::Status;
use benhan_domain::person::{age_text, age_years};
use benhan_domain::text;
use benhan_domain::time::{HOUR, Instant, MINUTE};
use benhan_domain::vitals::VitalCode;
use benhan_store::encounters::{self, Encounter};
use benhan_store::observations::{self, SetVersion};
use benhan_store::{Conn, places};
use serde_json::json;
use std::collections::HashMap;

mod round;
pub use round::round;

/// How far back the board looks for a patient's last set.
const LOOK_BACK: i64 = 24 * HOUR;
/// Sets of one ward within that time: a monitor in every bed, every ten minutes, is a quarter of it.
const MOST_SETS: i64 = 20_000;

/// Wards that the caller may open, own ward first.
pub async fn wards(app: &App, caller: &Caller) -> Result<Vec<WardRef>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let mut wards = places::wards(conn)?;
        wards.retain(|w| decide::<ViewWard>(&caller.actor, benhan_domain::access::Place::Ward(w.id)).is_ok());
        let rank = |id: WardId| caller.actor.wards.iter().position(|w| *w == id).unwrap_or(usize::MAX);
        wards.sort_by_key(|w| rank(w.id));
        Ok(wards.into_iter().map(|w| WardRef { id: w.id.to_string(), code: w.code, name: w.name }).collect())
    });
    read.await
}

pub async fn beds(app: &App, caller: &Caller, ward: WardId) -> Result<Vec<WardBed>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = permit_in::<ViewWard>(&caller.actor, ward)?;
        let taken: Vec<_> =
            encounters::on_ward(conn, &permit, ward)?.into_iter().filter_map(|e| e.bed).map(|b| b.id).collect();
        let beds = places::beds(conn, ward)?.into_iter();
        Ok(beds
            .map(|b| WardBed { free: !taken.contains(&b.id), id: b.id.to_string(), label: b.label, room: b.room })
            .collect())
    });
    read.await
}

/// The whole board. Opening it is audited once; the deltas that follow are not.
pub async fn board(app: &App, caller: &Caller, ward: WardId) -> Result<WardBoard, AppError> {
    let (app2, user) = (app.clone(), caller.clone());
    let read = app.db.read(move |conn| {
        let permit = permit_in::<ViewWard>(&user.actor, ward)?;
        let cards = Cards::of_ward(conn, &permit, (&app2, Some(&user.actor)), ward)?;
        let mut beds: Vec<BoardBed> = places::beds(conn, ward)?
            .into_iter()
            .map(|b| BoardBed { bed_id: b.id.to_string(), label: b.label, position: b.position, occupants: Vec::new() })
            .collect();
        for stay in &cards.stays {
            let Some(bed) = &stay.bed else { continue };
            let id = bed.id.to_string();
            if let Some(at) = beds.iter_mut().find(|b| b.bed_id == id) {
                at.occupants.push(cards.card(stay)?);
            }
        }
        let waiting = WaitingCounts {
            inbox: waiting_count(conn, &user)?,
            studies: benhan_store::studies::unmatched_count(conn)?,
        };
        let now = cards.now.rfc3339();
        Ok::<_, AppError>(WardBoard { ward: ward_ref(conn, ward)?, cursor: now.clone(), now, beds, waiting })
    });
    let board = read.await?;
    let user = caller.user.id;
    app.db.note(trail::about(user, Act::View, "ward-board", ward.to_string(), json!({}))).await?;
    Ok(board)
}

/// Everybody on a ward with their card, in the order of the beds; whoever has no bed yet comes last.
pub fn census(
    conn: &mut Conn,
    permit: &Permit<ViewWard>,
    app: &App,
    ward: WardId,
) -> Result<Vec<(Encounter, Occupant)>, AppError> {
    let cards = Cards::of_ward(conn, permit, (app, None), ward)?;
    let beds = places::beds(conn, ward)?;
    let place = |stay: &Encounter| {
        let at = stay.bed.as_ref().and_then(|mine| beds.iter().position(|bed| bed.id == mine.id));
        (at.unwrap_or(usize::MAX), stay.bed.as_ref().map(|bed| bed.slot), stay.admitted_at)
    };
    let mut stays: Vec<&Encounter> = cards.stays.iter().collect();
    stays.sort_by_key(|stay| place(stay));
    stays.into_iter().map(|stay| Ok((stay.clone(), cards.card(stay)?))).collect()
}

/// One patient's card, for the delta after a change. No audit row: the board session has one.
pub async fn occupant(
    app: &App,
    caller: &Caller,
    ward: WardId,
    stay: EncounterId,
) -> Result<Option<Occupant>, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let read = app.db.read(move |conn| {
        let permit = permit_in::<ViewWard>(&caller.actor, ward)?;
        let mut there = encounters::of_ids(conn, &permit, &[stay])?;
        there.retain(|s| s.state.takes_entries() && s.bed.is_some());
        let cards = Cards::of_stays(conn, &permit, (&app2, Some(&caller.actor)), there)?;
        cards.stays.first().map(|stay| cards.card(stay)).transpose()
    });
    read.await
}

/// The score of the last standing set of a stay.
pub fn last_score(
    conn: &mut Conn,
    app: &App,
    permit: &Permit<ViewWard>,
    stay: &Encounter,
) -> Result<Option<News2>, AppError> {
    let since = app.db.now().0.saturating_sub(LOOK_BACK);
    let sets = observations::recent_of(conn, permit, &[stay.id], since, MOST_SETS)?;
    let last = sets.iter().rfind(|s| s.status.stands());
    last.map(|s| Ok(news2::score(subject_of(stay, s.effective_at), &parse_values(&s.body)?))).transpose()
}

struct Cards<'a> {
    app: &'a App,
    /// Whom they are for; nobody: paper that leaves the screens, on which restricted records show nothing.
    reader: Option<&'a Actor>,
    now: Instant,
    stays: Vec<Encounter>,
    sets: HashMap<EncounterId, Vec<SetVersion>>,
    shown: Shown,
    same: HashMap<String, i64>,
    results: HashMap<EncounterId, (i64, Option<crate::view::Critical>)>,
}

impl<'a> Cards<'a> {
    fn of_ward(
        conn: &mut Conn,
        permit: &Permit<ViewWard>,
        of: (&'a App, Option<&'a Actor>),
        ward: WardId,
    ) -> Result<Self, AppError> {
        let stays = encounters::on_ward(conn, permit, ward)?;
        Self::of_stays(conn, permit, of, stays)
    }

    fn of_stays(
        conn: &mut Conn,
        permit: &Permit<ViewWard>,
        (app, reader): (&'a App, Option<&'a Actor>),
        stays: Vec<Encounter>,
    ) -> Result<Self, AppError> {
        let now = app.db.now();
        let ids: Vec<EncounterId> = stays.iter().map(|s| s.id).collect();
        let recent = observations::recent_of(conn, permit, &ids, now.0.saturating_sub(LOOK_BACK), MOST_SETS)?;
        let shown = Shown::read(conn, permit, &recent)?;
        let keys: Vec<String> = stays.iter().map(|s| text::fold(&s.patient.who.name)).collect();
        let same = encounters::same_names(conn, &keys)?;
        let results = super::results::unseen(conn, permit, &ids)?;
        let mut sets: HashMap<EncounterId, Vec<SetVersion>> = HashMap::new();
        for set in recent {
            sets.entry(set.encounter).or_default().push(set);
        }
        Ok(Self { app, reader, now, stays, sets, shown, same, results })
    }

    fn sets(&self, stay: EncounterId) -> &[SetVersion] {
        self.sets.get(&stay).map_or(&[], Vec::as_slice)
    }

    fn same_name(&self, stay: &Encounter) -> bool {
        self.same.get(&text::fold(&stay.patient.who.name)).is_some_and(|n| *n > 1)
    }

    fn hidden(&self, stay: &Encounter) -> bool {
        stay.restricted && self.reader.is_none_or(|reader| hidden_from(reader, stay))
    }

    fn card(&self, stay: &Encounter) -> Result<Occupant, AppError> {
        let (who, today) = (&stay.patient.who, self.now.day());
        let sets = self.sets(stay.id);
        let last = sets.iter().rfind(|s| s.status.stands());
        let values = last.map(|s| parse_values(&s.body)).transpose()?.unwrap_or_default();
        let score = last.map(|s| news2::score(subject_of(stay, s.effective_at), &values));
        let of = |code| values.iter().find(|v| v.code == code).and_then(|v| v.value);
        let hidden = self.hidden(stay);
        let results = self.results.get(&stay.id).filter(|_| !hidden);
        let (new_results, critical) = results.cloned().unwrap_or_default();
        let unsigned = sets.iter().filter(|s| s.status.stands() && !self.shown.signed(s)).count();
        Ok(Occupant {
            encounter_id: stay.id.to_string(),
            patient_id: stay.patient.id.to_string(),
            patient_code: stay.patient.code.clone(),
            name: who.name.clone(),
            sex: who.sex,
            age_years: who.birth_date.map_or(0, |b| age_years(b, today)),
            age_text: who.birth_date.map_or_else(|| "?".into(), |b| age_text(b, today)),
            diagnosis: if hidden { String::new() } else { stay.diagnosis.clone() },
            restricted: stay.restricted,
            same_name: self.same_name(stay),
            allergies: who.allergies.clone(),
            pregnant: stay.pregnant,
            vitals_at: last.map(|s| Instant(s.effective_at).rfc3339()),
            vitals_due_at: Some(due(stay, last, score.as_ref()).rfc3339()),
            news2: score,
            last_vitals: LastVitals {
                pulse: of(VitalCode::Pulse),
                spo2: of(VitalCode::Spo2),
                sbp: of(VitalCode::Sbp),
                dbp: of(VitalCode::Dbp),
                temp: of(VitalCode::Temp),
                resp: of(VitalCode::Resp),
            },
            live: self.app.hub.shown(stay.id, self.now),
            new_results,
            critical,
            unsigned: i64::try_from(unsigned).unwrap_or(0),
            proposed: i64::try_from(proposals(self.app, self.now, sets).count()).unwrap_or(0),
        })
    }
}

/// Device sets that may still be accepted, oldest first.
fn proposals<'s>(app: &App, now: Instant, sets: &'s [SetVersion]) -> impl Iterator<Item = &'s SetVersion> {
    let oldest = now.0.saturating_sub(app.settings.accept_within_minutes.saturating_mul(MINUTE));
    sets.iter().filter(move |s| s.status == Status::Preliminary && before_the_nurse(s) >= oldest)
}

/// When the next set is due, after RCP 2017: 12 h at zero, 4 h below five, hourly from five or a single three,
/// half-hourly at seven where the paper says continuous. Without a score: 4 h.
fn due(stay: &Encounter, last: Option<&SetVersion>, score: Option<&News2>) -> Instant {
    let Some(last) = last else { return Instant(stay.admitted_at) };
    let wait = match score.and_then(|s| s.band) {
        Some(Band::None) => 12 * HOUR,
        Some(Band::Watch) | None => 4 * HOUR,
        Some(Band::Urgent) => HOUR,
        Some(Band::Emergency) => 30 * MINUTE,
    };
    Instant(last.effective_at).plus(wait)
}
