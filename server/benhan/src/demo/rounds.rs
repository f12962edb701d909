//! The rounds of the last week: who measured, and what of it is signed. Every earlier shift signed before it went home;
//! of the round that has just ended, the nurse on duty has closed some charts and still owes the rest.

use super::STAFF;
use super::pen::Pen;
use super::people::vitals;
use super::seed::{Admitted, House};
use crate::data_dir::DataDir;
use crate::identity;
use benhan_domain::id::{EncounterId, ObservationSetId};
use benhan_domain::time::{HOUR, Instant, MINUTE};
use benhan_server::App;
use benhan_server::app::charting::{self, Entry};
use benhan_server::app::signing;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};

/// Rounds are eight hours apart; the last ended 40 minutes ago.
const STEP: i64 = 8 * HOUR;
const ROUNDS: i64 = 21;
/// Charts of each ward that the nurse on duty has closed with a signed sheet.
const CLOSED: i64 = 3;
/// Patients of each ward whose last round she measured herself; a colleague took the others, and signed.
const HERS: i64 = 10;

/// Who measures: the nurses of a ward take turns, and share the round that is on.
fn nurse(ward: usize, step: i64, n: i64) -> &'static str {
    let first = if step == 0 { n < HERS } else { step % 2 == 1 };
    match (ward, first) {
        (0, true) => "ha",
        (0, false) => "lan",
        (_, true) => "tuan",
        (_, false) => "nga",
    }
}

/// A set that was entered, and what is to be signed with it.
struct Measured {
    nurse: &'static str,
    stay: EncounterId,
    set: ObservationSetId,
    owed: bool,
}

pub async fn walk(
    app: &App,
    house: &House,
    admitted: &[Admitted],
    now: i64,
    clock: &AtomicI64,
    dir: &DataDir,
) -> anyhow::Result<()> {
    let mut pens = HashMap::new();
    for step in (0..ROUNDS).rev() {
        let at = now.saturating_sub(step * STEP + 40 * MINUTE);
        clock.store(at, Ordering::Relaxed);
        let measured = measure(app, house, admitted, at, step).await?;
        clock.store(at.saturating_add(10 * MINUTE), Ordering::Relaxed);
        app.trust.renew(identity::lists(dir, at.saturating_sub(HOUR), &[])?);
        for who in STAFF.iter().map(|s| s.username) {
            let sets: Vec<_> = measured.iter().filter(|m| m.nurse == who && !m.owed).map(|m| (m.stay, m.set)).collect();
            if sets.is_empty() {
                continue;
            }
            let caller = house.caller(who)?;
            if !pens.contains_key(who) {
                pens.insert(who, Pen::open(app, &caller).await?);
            }
            if let Some(pen) = pens.get(who) {
                pen.sign(app, &caller, sets).await?;
            }
        }
    }
    Ok(())
}

async fn measure(app: &App, house: &House, admitted: &[Admitted], at: i64, step: i64) -> anyhow::Result<Vec<Measured>> {
    let mut round = Vec::new();
    // A few were not reached in the last round, so that something is overdue.
    for a in admitted.iter().filter(|a| step < a.days * 3 && !(step == 0 && a.n % 5 == 4)) {
        let nurse = nurse(a.ward, step, a.n);
        let who = house.caller(nurse)?;
        let values = vitals(a.severity, a.n + 100 * i64::try_from(a.ward).unwrap_or(0), step);
        let entry = Entry { effective_at: Instant(at.saturating_add(a.n * 20_000_000 / 4)), values, based_on: None };
        let (app, stay, owed) = (app.clone(), a.stay, step == 0 && a.n < HERS);
        round.push(tokio::spawn(async move {
            let set = charting::enter(&app, &who, stay, entry, None).await?;
            anyhow::Ok(Measured { nurse, stay, set: set.id.parse()?, owed })
        }));
    }
    let mut measured = Vec::new();
    for one in round {
        measured.push(one.await??);
    }
    Ok(measured)
}

/// The nurses on duty close the first charts of their wards: each gets its sheet, signed as on any evening.
pub async fn close(
    app: &App,
    house: &House,
    admitted: &[Admitted],
    now: i64,
    clock: &AtomicI64,
    dir: &DataDir,
) -> anyhow::Result<()> {
    clock.store(now.saturating_sub(25 * MINUTE), Ordering::Relaxed);
    app.trust.renew(identity::lists(dir, now.saturating_sub(HOUR), &[])?);
    for (ward, (ward_id, _)) in house.wards.iter().enumerate() {
        let username = nurse(ward, 0, 0);
        let who = house.caller(username)?;
        let mut sets: Vec<ObservationSetId> = Vec::new();
        for a in admitted.iter().filter(|a| a.ward == ward && a.n < CLOSED) {
            let chart = charting::chart(app, &who, a.stay, now.saturating_sub(2 * HOUR), now).await?;
            let open = chart.iter().filter(|s| s.mine && s.signature.is_none());
            sets.extend(open.filter_map(|s| s.id.parse::<ObservationSetId>().ok()));
        }
        let pin = STAFF.iter().find(|s| s.username == username).map(|s| s.pin.to_owned()).unwrap_or_default();
        let signed = signing::sign_round(app, &who, *ward_id, sets, pin).await?;
        anyhow::ensure!(
            signed.failed.is_empty(),
            "the demo's round could not be signed: {:?}",
            signed.failed.first().map(|f| &f.code)
        );
    }
    Ok(())
}
