//! What a kit says of a ward, read in one snapshot as the board, the chart and the orders have it.

use crate::app::lookups::People;
use crate::app::{AppError, board, forms, letterhead, orders};
use crate::state::App;
use crate::view::{LastVitals, Occupant};
use benhan_domain::access::{Permit, ViewChart, ViewWard, system, system_kit};
use benhan_domain::form::Prefill;
use benhan_domain::lab::{Flag, ResultStatus};
use benhan_domain::news2::{Band, News2};
use benhan_domain::order::{OrderKind, OrderState};
use benhan_domain::time::{HOUR, Instant};
use benhan_render::{KitOrder, KitPatient, KitResult, KitScore};
use benhan_store::documents::{self, DocumentVersion};
use benhan_store::encounters::Encounter;
use benhan_store::orders::{self as kept, Filter, Order};
use benhan_store::places::Ward;
use benhan_store::results::{self, ResultVersion};
use benhan_store::signatures::SubjectKind;
use benhan_store::{Conn, dialect};
use serde_json::Value;

/// Open orders of one ward: beyond it nobody reads them on paper.
const MOST_ORDERS: i64 = 2_000;
const TREATMENT_SHEET: &str = "to-dieu-tri";
/// Lines of the treatment sheet, and results, that are printed of each patient.
const LINES: usize = 4;
const RESULTS: usize = 12;

/// Everybody on the ward, in the order of its beds.
pub fn read(conn: &mut Conn, app: &App, ward: &Ward) -> Result<Vec<KitPatient>, AppError> {
    dialect::snapshot(conn, |conn| {
        let permit = system_kit(ward.id);
        let census = board::census(conn, &permit, app, ward.id)?;
        let open = open_orders(conn, &permit)?;
        let people = People::read(conn, open.iter().map(|order| order.ordered_by))?;
        census.iter().map(|(stay, card)| patient(conn, app, (stay, card), (&open, &people))).collect()
    })
}

/// Oldest first: what waits longest is done first.
fn open_orders(conn: &mut Conn, permit: &Permit<ViewWard>) -> Result<Vec<Order>, AppError> {
    let mut open = Vec::new();
    for state in [OrderState::Ordered, OrderState::Collected, OrderState::InProgress] {
        open.extend(kept::list(conn, permit, Filter { state: Some(state), ..Filter::default() }, MOST_ORDERS)?);
    }
    open.sort_by_key(|order| order.ordered_at);
    Ok(open)
}

fn patient(
    conn: &mut Conn,
    app: &App,
    (stay, card): (&Encounter, &Occupant),
    (open, people): (&[Order], &People),
) -> Result<KitPatient, AppError> {
    let (chart, now) = (system::<ViewChart>(stay.id), app.db.now());
    let mut written = documents::of_stay(conn, &chart, None)?;
    written.retain(|document| document.status != forms::WITHDRAWN);
    let authors = People::read(conn, written.iter().map(|document| document.author))?;
    let title = |people: &People, of| people.of(of).map(|p| format!("{} {}", p.role.title(), p.name));
    let mine: Vec<&Order> = open.iter().filter(|order| order.encounter == stay.id).collect();
    let mut who = letterhead::patient(stay, now.0);
    if who.bed.is_empty() {
        "chưa xếp".clone_into(&mut who.bed);
    }
    let treatment = treatment(conn, &chart, &written, &authors)?;
    let last_doctor = mine.last().and_then(|order| title(people, order.ordered_by));
    let due = card.vitals_due_at.as_deref().and_then(Instant::parse);
    // A kit lies about on a ward: of a restricted record it says who, where and which tubes, and nothing more.
    if card.restricted {
        "Hạn chế xem: hỏi bác sĩ điều trị".clone_into(&mut who.diagnosis);
    }
    Ok(KitPatient {
        attending: treatment.first().map(|line| line.by.clone()).or(last_doctor).unwrap_or_default(),
        who,
        same_name: card.same_name,
        pregnant: stay.pregnant,
        days: now.since(Instant(stay.admitted_at)).max(0) / (24 * HOUR) + 1,
        allergies: allergies(app, stay, &written)?,
        news2: score(card.news2.as_ref()),
        vitals: vitals(&card.last_vitals),
        vitals_at: card.vitals_at.as_deref().and_then(Instant::parse).map(told).unwrap_or_default(),
        due: due.map(told).unwrap_or_default(),
        overdue: due.is_some_and(|due| due < now),
        orders: mine
            .into_iter()
            .map(|order| ordered(order, card.restricted, title(people, order.ordered_by)))
            .collect(),
        treatment: if card.restricted { Vec::new() } else { treatment },
        results: if card.restricted { Vec::new() } else { abnormal(conn, &chart)? },
    })
}

/// `08:30 29/11`: the year of a kit is never in doubt.
fn told(at: Instant) -> String {
    at.in_vietnam().strftime("%H:%M %d/%m").to_string()
}

/// What the patient's card says, and what somebody wrote into a form in its place.
fn allergies(app: &App, stay: &Encounter, written: &[DocumentVersion]) -> Result<Vec<String>, AppError> {
    let card = &stay.patient.who.allergies;
    let (mut said, known) = (card.clone(), card.join("\n"));
    for document in written {
        let version = u32::try_from(document.form_version).unwrap_or_default();
        let Some(form) = app.renderer.version_of(&document.form_code, version).filter(|form| form.is_filled()) else {
            continue;
        };
        let mut asked = form.sections.iter().flat_map(|s| &s.fields).filter(|f| f.prefill == Some(Prefill::Allergies));
        let Some(field) = asked.next() else { continue };
        let values = forms::values_of(&document.body)?;
        let text = values.get(&field.name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        if text.is_empty() || text == known || said.iter().any(|one| one == text) {
            continue;
        }
        said.push(format!("{text} (theo {})", document.title));
    }
    Ok(said)
}

fn score(news2: Option<&News2>) -> KitScore {
    let total = news2.and_then(|score| score.total);
    let band = news2.and_then(|score| score.band).map(|band| match band {
        Band::None => "none",
        Band::Watch => "watch",
        Band::Urgent => "urgent",
        Band::Emergency => "emergency",
    });
    KitScore { total: total.map(|total| total.to_string()).unwrap_or_default(), band: band.unwrap_or_default().into() }
}

/// `M 104 · T° 38,2 · HA 134/82 · NT 22 · SpO₂ 91`
fn vitals(last: &LastVitals) -> String {
    let whole = |value: f64| format!("{value:.0}");
    let mut parts = Vec::new();
    parts.extend(last.pulse.map(|v| format!("M {}", whole(v))));
    parts.extend(last.temp.map(|v| format!("T° {v:.1}").replace('.', ",")));
    parts.extend(last.sbp.zip(last.dbp).map(|(s, d)| format!("HA {}/{}", whole(s), whole(d))));
    parts.extend(last.resp.map(|v| format!("NT {}", whole(v))));
    parts.extend(last.spo2.map(|v| format!("SpO₂ {}", whole(v))));
    parts.join(" · ")
}

fn ordered(order: &Order, restricted: bool, by: Option<String>) -> KitOrder {
    let name = if restricted { orders::UNNAMED } else { &order.name };
    let what = match (order.kind, &order.barcode) {
        (OrderKind::Lab, Some(barcode)) => format!("{name} (ống {barcode})"),
        _ => name.to_owned(),
    };
    let state = match (order.state, order.kind) {
        (OrderState::Collected, _) => "đã lấy mẫu, chờ kết quả",
        (OrderState::InProgress, OrderKind::Lab) => "đang làm, chờ kết quả",
        (OrderState::InProgress, OrderKind::Imaging) => "đang chụp",
        (_, OrderKind::Lab) => "chưa lấy mẫu",
        (_, OrderKind::Imaging) => "chưa chụp",
    };
    KitOrder { what, state: state.into(), at: told(Instant(order.ordered_at)), by: by.unwrap_or_default() }
}

/// The last lines that order something, newest first. What nobody signed is said to be so.
fn treatment(
    conn: &mut Conn,
    chart: &Permit<ViewChart>,
    written: &[DocumentVersion],
    authors: &People,
) -> Result<Vec<KitOrder>, AppError> {
    let sheets: Vec<&DocumentVersion> = written.iter().filter(|d| d.form_code == TREATMENT_SHEET).collect();
    let ids: Vec<String> = sheets.iter().map(|d| d.document.to_string()).collect();
    let signatures = crate::app::charting::Signatures::read(conn, chart, SubjectKind::Document, &ids)?;
    let mut lines = Vec::new();
    for sheet in sheets {
        let signed = signatures.on(&sheet.document.to_string(), sheet.version).next().is_some();
        let by = authors.of(sheet.author).map(|p| format!("{} {}", p.role.title(), p.name)).unwrap_or_default();
        let values = forms::values_of(&sheet.body)?;
        for entry in values.get("entries").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
            if text("orders").is_empty() {
                continue;
            }
            let at = Instant::parse(text("at")).unwrap_or(Instant(sheet.effective_at));
            let state = if signed { "" } else { "chưa ký: hỏi lại bác sĩ" };
            lines.push((
                at,
                KitOrder { what: text("orders").into(), state: state.into(), at: told(at), by: by.clone() },
            ));
        }
    }
    lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(lines.into_iter().take(LINES).map(|(_, line)| line).collect())
}

/// Released ones alone: what no technician has looked at is no result yet.
fn abnormal(conn: &mut Conn, chart: &Permit<ViewChart>) -> Result<Vec<KitResult>, AppError> {
    let released = |r: &ResultVersion| matches!(r.status, ResultStatus::Final | ResultStatus::Corrected);
    let found = results::of_stay(conn, chart, i64::MIN, 2_000)?;
    let odd = found.into_iter().filter(|r| released(r) && (r.value.critical || r.value.flag.is_some()));
    Ok(odd.take(RESULTS).map(result).collect())
}

fn result(r: ResultVersion) -> KitResult {
    let value = if r.value.number.is_some() { r.value.value.replace('.', ",") } else { r.value.value.clone() };
    let flag = match r.value.flag {
        Some(Flag::L | Flag::LL) => "↓",
        Some(Flag::H | Flag::HH) => "↑",
        Some(Flag::A) => "bất thường",
        None => "",
    };
    KitResult {
        name: r.head.name,
        value: format!("{value} {}", r.value.unit).trim().to_owned(),
        range: r.value.reference_range,
        flag: flag.into(),
        critical: r.value.critical,
        at: told(Instant(r.value.effective_at)),
    }
}
