//! What doctors order from the laboratory and from radiology, until a specimen is taken or a modality asks.

use super::charting::needed;
use super::lookups::{People, hidden_from, permit_on};
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::hub::Event;
use crate::state::App;
use crate::view::TimelineItem;
use crate::view_orders::{CatalogItem, Order as OrderView};
use benhan_contract::{LabWorklist, Worklist};
use benhan_domain::access::{
    Action, CollectSpecimen, Permit, Place, PlaceOrder, SearchPatients, ViewChart, ViewWard, decide, shown_after,
    system_search,
};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, OrderId, SpecimenId, WardId};
use benhan_domain::identifier::SpecimenBarcode;
use benhan_domain::order::{OrderKind, OrderState, OrderStep};
use benhan_domain::restriction::carries_out_orders;
use benhan_domain::time::Instant;
use benhan_store::catalog::{self, Item};
use benhan_store::encounters::{self, Encounter};
use benhan_store::orders::{self, Filter, NewOrder, Order};
use benhan_store::{Conn, StoreError, Tx, counters, places};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

mod code128;
mod lab_worklist;
mod label;
mod worklist;

/// At most this many items are ordered in one go.
const MOST: usize = 50;

/// Everything that may be ordered.
pub async fn catalog(app: &App) -> Result<Vec<CatalogItem>, AppError> {
    let read = app.db.read(move |conn| {
        let shown = |i: Item| CatalogItem {
            kind: i.kind,
            code: i.code,
            name: i.name,
            modality: i.modality,
            specimen_type: i.specimen_type,
        };
        Ok(catalog::items(conn)?.into_iter().map(shown).collect())
    });
    read.await
}

/// Places orders for a patient who is here. Lab items of one specimen type share one tube.
pub async fn place(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    codes: Vec<String>,
    retry: Option<crate::idempotent::Key>,
) -> Result<Vec<OrderView>, AppError> {
    if codes.is_empty() || codes.len() > MOST {
        return Err(AppError::invalid("items", format!("Chọn từ 1 đến {MOST} dịch vụ")));
    }
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        if let Some(key) = &retry
            && let Some(earlier) = key.earlier(tx, caller.user.id)?
        {
            return shown_again(tx.conn(), &caller, stay, &earlier);
        }
        let permit = permit_on::<PlaceOrder>(tx.conn(), &caller.actor, stay)?;
        let stay = stay_for(tx.conn(), &shown_after(&permit), stay)?;
        if !stay.state.takes_entries() {
            return Err(AppError::conflict("discharged", "Người bệnh đã ra viện: không chỉ định thêm được."));
        }
        let placed = place_all(tx, &permit, &stay, &codes)?;
        for id in &placed {
            let subject = ("order", id.to_string());
            trail::on_chart(tx, Some(caller.user.id), Act::Create, subject, (stay.patient.id, stay.id), json!({}))?;
        }
        if let Some(key) = &retry {
            let ids: Vec<String> = placed.iter().map(|o| o.to_string()).collect();
            key.keep(tx, caller.user.id, &ids.join(" "))?;
        }
        changed(tx, &app2, stay.ward, stay.id);
        let chart = shown_after(&permit);
        let found = placed.iter().map(|id| must_read(tx.conn(), &chart, *id)).collect::<Result<Vec<_>, _>>()?;
        show(tx.conn(), &caller, &[stay], found)
    });
    write.await
}

fn shown_again(conn: &mut Conn, caller: &Caller, stay: EncounterId, ids: &str) -> Result<Vec<OrderView>, AppError> {
    let chart = permit_on::<ViewChart>(conn, &caller.actor, stay)?;
    let of = stay_for(conn, &chart, stay)?;
    let read = |id: &str| {
        let id = id.parse().map_err(|_| AppError::Internal("a kept answer is no id".into()))?;
        must_read(conn, &chart, id)
    };
    let found = ids.split(' ').map(read).collect::<Result<Vec<_>, _>>()?;
    show(conn, caller, &[of], found)
}

fn must_read(conn: &mut Conn, chart: &Permit<ViewChart>, id: OrderId) -> Result<Order, AppError> {
    orders::read(conn, chart, id)?.ok_or_else(|| AppError::not_found("chỉ định"))
}

fn stay_for(conn: &mut Conn, chart: &Permit<ViewChart>, stay: EncounterId) -> Result<Encounter, AppError> {
    encounters::read(conn, chart, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))
}

fn place_all(
    tx: &mut Tx<'_>,
    permit: &Permit<PlaceOrder>,
    stay: &Encounter,
    codes: &[String],
) -> Result<Vec<OrderId>, AppError> {
    let mut wanted = Vec::with_capacity(codes.len());
    for (at, code) in codes.iter().enumerate() {
        if codes.iter().take(at).any(|earlier| earlier == code) {
            return Err(AppError::invalid("items", "Mỗi dịch vụ chỉ chọn một lần"));
        }
        let unknown = || AppError::invalid("items", "Danh mục không có dịch vụ này: tải lại trang");
        if code.chars().any(char::is_control) {
            return Err(unknown());
        }
        wanted.push((at, catalog::item(tx.conn(), code)?.ok_or_else(unknown)?));
    }
    // Barcodes before accessions, whatever was clicked first: two doctors who count up in another order would wait for
    // each other.
    wanted.sort_by_key(|(_, item)| item.kind == OrderKind::Imaging);
    let mut tubes: HashMap<String, SpecimenId> = HashMap::new();
    let mut placed = Vec::with_capacity(wanted.len());
    for (at, item) in &wanted {
        let order = match item.kind {
            OrderKind::Lab => lab(tx, permit, stay.id, item, &mut tubes)?,
            OrderKind::Imaging => imaging(tx, item)?,
        };
        placed.push((*at, orders::place(tx, permit, stay.id, &order)?));
    }
    placed.sort_by_key(|(at, _)| *at);
    Ok(placed.into_iter().map(|(_, order)| order).collect())
}

fn lab(
    tx: &mut Tx<'_>,
    permit: &Permit<PlaceOrder>,
    stay: EncounterId,
    item: &Item,
    tubes: &mut HashMap<String, SpecimenId>,
) -> Result<NewOrder, AppError> {
    let kind = item.specimen_type.clone().unwrap_or_default();
    let tube = match tubes.get(&kind) {
        Some(tube) => *tube,
        None => {
            let barcode = next_barcode(tx)?;
            let tube = orders::add_specimen(tx, permit, stay, &barcode, &kind)?;
            tubes.insert(kind, tube);
            tube
        }
    };
    Ok(order(item, Some(tube), None, None))
}

fn imaging(tx: &mut Tx<'_>, item: &Item) -> Result<NewOrder, AppError> {
    let uid: Uuid = tx.fresh();
    let accession = next_accession(tx)?;
    // A UID derived from a UUID (DICOM PS3.5 §B.2): unique without a registered root.
    Ok(order(item, None, Some(accession), Some(format!("2.25.{}", uid.as_u128()))))
}

fn order(item: &Item, specimen: Option<SpecimenId>, accession: Option<String>, study_uid: Option<String>) -> NewOrder {
    NewOrder {
        kind: item.kind,
        code: item.code.clone(),
        name: item.name.clone(),
        specimen,
        accession,
        study_uid,
        modality: item.modality.clone(),
    }
}

/// Year and running number, `260000417`: digits only, which every analyzer and scanner reads.
pub fn next_barcode(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    let (year, n) = counters::next_of_year(tx, "specimen-barcode")?;
    Ok(format!("{year:02}{n:07}"))
}

/// `CD26000123`: at most 16 characters, DICOM SH.
pub fn next_accession(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    let (year, n) = counters::next_of_year(tx, "accession")?;
    Ok(format!("CD{year:02}{n:06}"))
}

fn changed(tx: &mut Tx<'_>, app: &App, ward: WardId, encounter: EncounterId) {
    let hub = Arc::clone(&app.hub);
    tx.after_commit(move || hub.publish(Event::Chart { ward, encounter, what: "orders" }));
}

/// Says that a specimen is taken: all orders that share it move on together.
pub async fn collect(app: &App, caller: &Caller, id: OrderId) -> Result<OrderView, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let stay = orders::stay_of(tx.conn(), id)?.ok_or_else(|| AppError::not_found("chỉ định"))?;
        let permit = permit_on::<CollectSpecimen>(tx.conn(), &caller.actor, stay)?;
        let asked = orders::read(tx.conn(), &permit, id)?.ok_or_else(|| AppError::not_found("chỉ định"))?;
        let tube = asked.specimen.ok_or_else(|| AppError::invalid("id", "Chỉ định này không có mẫu để lấy"))?;
        asked.state.after(OrderStep::Collect).map_err(|e| AppError::conflict("version-conflict", e.to_string()))?;
        orders::collect(tx, &permit, stay, tube)?;
        for shared in orders::of_specimen(tx.conn(), &permit, tube)? {
            if let Ok(to) = shared.state.after(OrderStep::Collect)
                && !orders::move_on(tx, &permit, &shared, to, None)?
            {
                return Err(AppError::stale());
            }
        }
        let of = stay_for(tx.conn(), &shown_after(&permit), stay)?;
        let detail = json!({ "step": "collect", "specimen": tube });
        trail::on_chart(tx, Some(caller.user.id), Act::Edit, ("order", id.to_string()), (of.patient.id, stay), detail)?;
        changed(tx, &app2, of.ward, stay);
        one(tx.conn(), &caller, &permit, of, id)
    });
    write.await
}

/// Takes an order back before the laboratory or the modality has begun.
pub async fn cancel(app: &App, caller: &Caller, id: OrderId, reason: String) -> Result<OrderView, AppError> {
    let reason = needed(&reason)?;
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let stay = orders::stay_of(tx.conn(), id)?.ok_or_else(|| AppError::not_found("chỉ định"))?;
        let permit = permit_on::<PlaceOrder>(tx.conn(), &caller.actor, stay)?;
        let asked = orders::read(tx.conn(), &permit, id)?.ok_or_else(|| AppError::not_found("chỉ định"))?;
        let to =
            asked.state.after(OrderStep::Cancel).map_err(|e| AppError::conflict("version-conflict", e.to_string()))?;
        if !orders::move_on(tx, &permit, &asked, to, Some(&reason))? {
            return Err(AppError::stale());
        }
        let of = stay_for(tx.conn(), &shown_after(&permit), stay)?;
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Cancel,
            ("order", id.to_string()),
            (of.patient.id, stay),
            json!({}),
        )?;
        changed(tx, &app2, of.ward, stay);
        one(tx.conn(), &caller, &permit, of, id)
    });
    write.await
}

fn one<A: Action>(
    conn: &mut Conn,
    caller: &Caller,
    permit: &Permit<A>,
    of: Encounter,
    id: OrderId,
) -> Result<OrderView, AppError> {
    let found = must_read(conn, &shown_after(permit), id)?;
    show(conn, caller, &[of], vec![found])?.pop().ok_or_else(|| AppError::not_found("chỉ định"))
}

/// Orders of a ward, or of every ward that the caller may open; newest first.
pub async fn list(
    app: &App,
    caller: &Caller,
    ward: Option<WardId>,
    (kind, state): (Option<OrderKind>, Option<OrderState>),
) -> Result<Vec<OrderView>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewWard>(&reader.actor, ward.map_or(Place::Facility, Place::Ward))?;
        let found = orders::list(conn, &permit, Filter { kind, state, since: None }, 500)?;
        let ids: Vec<EncounterId> = found.iter().map(|o| o.encounter).collect();
        let stays = encounters::of_ids(conn, &permit, &ids)?;
        show(conn, &reader, &stays, found)
    });
    let shown = read.await?;
    trail::looked_at(app, caller, "order-list", ward.map(|w| w.to_string()).unwrap_or_default()).await?;
    Ok(shown)
}

pub async fn of_stay(app: &App, caller: &Caller, stay: EncounterId) -> Result<Vec<OrderView>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let chart = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        let of = encounters::read(conn, &chart, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        let found = orders::of_stay(conn, &chart)?;
        show(conn, &reader, &[of], found)
    });
    let shown = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

/// What a restricted record's order says of it, where the reader neither reads the record nor carries it out.
pub const UNNAMED: &str = "Hạn chế xem";

fn show(conn: &mut Conn, caller: &Caller, stays: &[Encounter], found: Vec<Order>) -> Result<Vec<OrderView>, AppError> {
    let unnamed = |stay: &Encounter| hidden_from(&caller.actor, stay) && !carries_out_orders(caller.actor.role);
    let people = People::read(conn, found.iter().map(|o| o.ordered_by))?;
    let by_id: HashMap<EncounterId, &Encounter> = stays.iter().map(|s| (s.id, s)).collect();
    let shown = found.into_iter().filter_map(|o| by_id.get(&o.encounter).map(|stay| (o, *stay))).map(|(o, stay)| {
        Ok(OrderView {
            id: o.id.to_string(),
            encounter_id: o.encounter.to_string(),
            kind: o.kind,
            code: if unnamed(stay) { String::new() } else { o.code },
            name: if unnamed(stay) { UNNAMED.into() } else { o.name },
            state: o.state,
            accession: o.accession,
            barcode: o.barcode,
            modality: o.modality,
            ordered_at: Instant(o.ordered_at).rfc3339(),
            ordered_by: people.must(o.ordered_by)?,
            patient_name: stay.patient.who.name.clone(),
            patient_code: stay.patient.code.clone(),
            bed: stay.bed.as_ref().map(|b| b.label.clone()),
            collected_at: o.collected_at.map(|t| Instant(t).rfc3339()),
            cancel_reason: o.cancel_reason,
        })
    });
    shown.collect()
}

/// What was ordered lately on a chart.
pub fn timeline(conn: &mut Conn, permit: &Permit<ViewChart>, since: i64) -> Result<Vec<TimelineItem>, AppError> {
    let mut found = orders::of_stay(conn, permit)?;
    found.retain(|o| o.ordered_at >= since && o.state != OrderState::Cancelled);
    let people = People::read(conn, found.iter().map(|o| o.ordered_by))?;
    let listed = found.into_iter().map(|o| TimelineItem {
        at: Instant(o.ordered_at).rfc3339(),
        kind: "order".into(),
        title: if o.kind == OrderKind::Lab { "Chỉ định xét nghiệm" } else { "Chỉ định hình ảnh" }.into(),
        text: o.name,
        by: people.of(o.ordered_by).map(|p| format!("{} {}", p.role.title(), p.name)),
        signed: false,
        r#ref: o.id.to_string(),
    });
    Ok(listed.collect())
}

/// The tube's label as SVG, 50 × 25 mm. Printing is audited.
pub async fn label(app: &App, caller: &Caller, barcode: &str) -> Result<String, AppError> {
    let unknown = || AppError::not_found("mẫu");
    let barcode = SpecimenBarcode::parse(barcode).map_err(|_| unknown())?.as_str().to_ascii_uppercase();
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        let search = decide::<SearchPatients>(&caller.actor, Place::Facility)?;
        let tube = orders::specimen_by_barcode(tx.conn(), &search, &barcode)?.ok_or_else(unknown)?;
        let chart = match permit_on::<ViewChart>(tx.conn(), &caller.actor, tube.encounter) {
            // Who takes a specimen labels the tube, also where they read nothing of the record.
            Err(refused) => {
                let takes = permit_on::<CollectSpecimen>(tx.conn(), &caller.actor, tube.encounter);
                shown_after(&takes.map_err(|_| refused)?)
            }
            Ok(chart) => chart,
        };
        let stay = stay_for(tx.conn(), &chart, tube.encounter)?;
        let ward = places::ward(tx.conn(), stay.ward)?.map(|w| w.code).unwrap_or_default();
        let drawn = label::draw(&tube, &stay, &ward, tx.now());
        let subject = ("specimen", tube.id.to_string());
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Print,
            subject,
            (stay.patient.id, stay.id),
            json!({ "label": true }),
        )?;
        Ok(drawn)
    });
    write.await
}

/// What modalities may ask for, as the bridge pulls it. Pulls are not audited: no person looks.
pub async fn worklist(app: &App) -> Result<Worklist, AppError> {
    app.db.read(|conn| worklist::read(conn, &system_search())).await
}

/// What analyzers may ask for, as the gateway pulls it. Not audited, as above.
pub async fn lab_worklist(app: &App) -> Result<LabWorklist, AppError> {
    let now = app.db.now();
    app.db.read(move |conn| lab_worklist::read(conn, &system_search(), now)).await
}
