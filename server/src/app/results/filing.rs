//! From an analyzer's message to results on a chart: by specimen barcode alone, or by a technician's hand.
//!
//! A message is filed whole or not at all: one specimen that nobody knows makes all of it wait.

use super::{Verdict, changed, reading};
use crate::app::accounts::Caller;
use crate::app::lookups::permit_on;
use crate::app::matching::contradicts;
use crate::app::{AppError, trail};
use crate::state::App;
use benhan_contract::{DeviceDelivery, Reading, ResultGroup};
use benhan_domain::access::{MatchLab, Permit, ViewChart, shown_after, system, system_search};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, OrderId, SpecimenId, UserId};
use benhan_domain::lab::ResultStatus;
use benhan_domain::order::{OrderKind, OrderState, OrderStep};
use benhan_store::catalog::{self, Analyte};
use benhan_store::encounters::{self, Encounter};
use benhan_store::inbox::Message;
use benhan_store::orders::{self, Order, Specimen};
use benhan_store::results::{self, Head, Recorded, Source, Value};
use benhan_store::{Conn, Tx, records};
use serde_json::json;
use std::collections::HashMap;

/// More values than any analyzer has for a rack: a message like that is looked at first.
const MOST: usize = 2_000;

/// Where values belong.
struct Target<'d> {
    stay: Encounter,
    specimen: Option<SpecimenId>,
    /// Live orders that the values may answer.
    orders: Vec<Order>,
    readings: Vec<&'d Reading>,
}

/// Files a message by its specimen barcodes, or says why a person must look.
pub fn match_lab(
    tx: &mut Tx<'_>,
    app: &App,
    message: &Message,
    delivery: &DeviceDelivery,
) -> Result<Verdict, AppError> {
    let groups: Vec<&ResultGroup> = delivery.groups.iter().filter(|g| !g.readings.is_empty()).collect();
    if groups.is_empty() {
        return Ok(Verdict::SetAside("no-value"));
    }
    if groups.iter().map(|g| g.readings.len()).sum::<usize>() > MOST {
        return Ok(Verdict::Waiting("unreadable"));
    }
    let mut targets: Vec<Target<'_>> = Vec::new();
    for group in &groups {
        let specimen = match specimen_of(tx.conn(), group)? {
            Ok(specimen) => specimen,
            Err(why) => return Ok(Verdict::Waiting(why)),
        };
        match target(tx.conn(), &specimen, delivery)? {
            Ok(target) => add(&mut targets, target, group),
            Err(why) => return Ok(Verdict::Waiting(why)),
        }
    }
    for target in &targets {
        if is_over(tx.conn(), &system::<MatchLab>(target.stay.id), message, target)? {
            return Ok(Verdict::Waiting("already-resulted"));
        }
    }
    let mut filed = Filed::default();
    for target in &targets {
        filed.add(file(tx, app, &system::<MatchLab>(target.stay.id), message, target)?);
    }
    Ok(match targets.first() {
        Some(_) if filed.new == 0 && filed.older > 0 => Verdict::SetAside("older-result"),
        Some(target) => Verdict::Matched(target.stay.id),
        None => Verdict::SetAside("no-value"),
    })
}

/// Every order of the specimen has its result, and the message says something else than they do: a tube that was
/// scanned for another, or a run that nobody asked for. What is said again, and what was still missing, is no question.
fn is_over(
    conn: &mut Conn,
    permit: &Permit<MatchLab>,
    message: &Message,
    target: &Target<'_>,
) -> Result<bool, AppError> {
    if !target.orders.iter().all(|o| o.state == OrderState::Resulted) {
        return Ok(false);
    }
    for Sorted { head, value, asked } in sort(conn, message, target)? {
        match results::stands_as(conn, permit, &head, &value)? {
            Some(true) => {}
            None if asked => {}
            Some(false) | None => return Ok(true),
        }
    }
    Ok(false)
}

/// Groups of one specimen are read together: an analyzer may send a panel each.
fn add<'d>(targets: &mut Vec<Target<'d>>, mut new: Target<'d>, group: &'d ResultGroup) {
    let same = |t: &&mut Target<'d>| t.stay.id == new.stay.id && t.specimen == new.specimen;
    match targets.iter_mut().find(same) {
        Some(target) => target.readings.extend(&group.readings),
        None => {
            new.readings.extend(&group.readings);
            targets.push(new);
        }
    }
}

/// The one specimen that the group's identifiers name: exactly, but for blanks around them and case.
fn specimen_of(conn: &mut Conn, group: &ResultGroup) -> Result<Result<Specimen, &'static str>, AppError> {
    let mut named: Vec<String> = group.specimens.iter().map(|s| s.trim().to_ascii_uppercase()).collect();
    named.retain(|s| !s.is_empty() && s.len() <= 64);
    named.sort();
    named.dedup();
    let mut found: Option<Specimen> = None;
    for barcode in named.iter().take(16) {
        if let Some(specimen) = orders::specimen_by_barcode(conn, &system_search(), barcode)? {
            if found.is_some() {
                return Ok(Err("ambiguous-specimen"));
            }
            found = Some(specimen);
        }
    }
    Ok(found.ok_or(if named.is_empty() { "no-specimen" } else { "unknown-specimen" }))
}

fn target<'d>(
    conn: &mut Conn,
    specimen: &Specimen,
    delivery: &DeviceDelivery,
) -> Result<Result<Target<'d>, &'static str>, AppError> {
    records::written_into(conn, specimen.encounter)?;
    let stay = encounters::read(conn, &system::<ViewChart>(specimen.encounter), specimen.encounter)?;
    let stay = stay.ok_or_else(|| AppError::Internal(format!("specimen {} has no stay", specimen.id)))?;
    // Some analyzers repeat the barcode where the patient's id or name belongs: that says nothing of the patient.
    let barcode = |text: &str| text.trim().eq_ignore_ascii_case(&specimen.barcode);
    let mut delivery = delivery.clone();
    if let Some(sent) = &mut delivery.patient {
        if sent.ids.iter().any(|id| barcode(id)) {
            sent.ids.clear();
        }
        if barcode(&sent.name) {
            sent.name.clear();
        }
    }
    if contradicts(&stay, &delivery) {
        return Ok(Err("patient-mismatch"));
    }
    let orders = live_orders(conn, &system::<MatchLab>(stay.id), specimen.id)?;
    if orders.is_empty() {
        return Ok(Err("order-cancelled"));
    }
    Ok(Ok(Target { stay, specimen: Some(specimen.id), orders, readings: Vec::new() }))
}

fn live_orders(conn: &mut Conn, permit: &Permit<MatchLab>, specimen: SpecimenId) -> Result<Vec<Order>, AppError> {
    let mut orders = orders::of_specimen(conn, permit, specimen)?;
    orders.retain(|o| o.state != OrderState::Cancelled);
    Ok(orders)
}

/// Files a message that a technician matched, and says how many values are new. A group whose barcode is the patient's own keeps its specimen; the
/// others go to the order that was chosen, or stand without one.
pub fn attach(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    message: &Message,
    delivery: &DeviceDelivery,
    stay: &Encounter,
    order: Option<OrderId>,
) -> Result<usize, AppError> {
    let permit = permit_on::<MatchLab>(tx.conn(), &caller.actor, stay.id)?;
    let chosen = order.map(|id| chosen_order(tx.conn(), &permit, id)).transpose()?;
    let groups: Vec<&ResultGroup> = delivery.groups.iter().filter(|g| !g.readings.is_empty()).collect();
    if groups.iter().map(|g| g.readings.len()).sum::<usize>() > MOST {
        return Err(AppError::conflict("too-many-values", "Bản tin có quá nhiều giá trị: nhập tay kết quả cần dùng."));
    }
    let mut targets: Vec<Target<'_>> = Vec::new();
    for group in groups {
        let target = by_hand(tx.conn(), &permit, group, stay, chosen.as_ref())?;
        add(&mut targets, target, group);
    }
    let mut filed = Filed::default();
    for target in &targets {
        filed.add(file(tx, app, &permit, message, target)?);
    }
    Ok(filed.new)
}

fn chosen_order(conn: &mut Conn, permit: &Permit<MatchLab>, id: OrderId) -> Result<Order, AppError> {
    let order = orders::read(conn, permit, id)?.ok_or_else(|| AppError::not_found("chỉ định"))?;
    if order.kind != OrderKind::Lab || order.state == OrderState::Cancelled {
        return Err(AppError::invalid("orderId", "Chọn một chỉ định xét nghiệm còn hiệu lực của người bệnh này"));
    }
    Ok(order)
}

fn by_hand<'d>(
    conn: &mut Conn,
    permit: &Permit<MatchLab>,
    group: &ResultGroup,
    stay: &Encounter,
    chosen: Option<&Order>,
) -> Result<Target<'d>, AppError> {
    let own = specimen_of(conn, group)?.ok();
    let specimen = match (&own, chosen) {
        (Some(own), _) if own.encounter == stay.id => Some(own.id),
        (Some(_), None) => {
            let detail = "Mã vạch trong bản tin thuộc người bệnh khác: kiểm tra ống mẫu, rồi chọn đúng chỉ định.";
            return Err(AppError::conflict("other-patient", detail));
        }
        (_, chosen) => chosen.and_then(|o| o.specimen),
    };
    let mut orders = match specimen {
        Some(specimen) => live_orders(conn, permit, specimen)?,
        None => Vec::new(),
    };
    if orders.is_empty() {
        orders.extend(chosen.cloned());
    }
    Ok(Target { stay: stay.clone(), specimen, orders, readings: Vec::new() })
}

/// Takes back what a hand match put on a chart, while no technician has released it. An earlier value of another
/// message stands again; without one the result was never true.
pub fn detach(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    message: &Message,
    stay: EncounterId,
) -> Result<(), AppError> {
    let permit = permit_on::<MatchLab>(tx.conn(), &caller.actor, stay)?;
    let of =
        encounters::read(tx.conn(), &shown_after(&permit), stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    for result in results::of_message(tx.conn(), &permit, message.id)? {
        match result.status {
            ResultStatus::EnteredInError => continue,
            ResultStatus::Corrected if result.waiting_version == Some(result.version) => {
                if !results::drop_waiting(tx, &permit, &result)? {
                    return Err(AppError::stale());
                }
                let detail = json!({ "step": "detach", "inbox": message.id });
                let subject = ("result", result.id.to_string());
                trail::on_chart(tx, Some(caller.user.id), Act::Cancel, subject, (of.patient.id, stay), detail)?;
                continue;
            }
            ResultStatus::Preliminary => {}
            ResultStatus::Final | ResultStatus::Corrected => {
                return Err(AppError::conflict(
                    "released",
                    "Kết quả đã duyệt: báo bác sĩ điều trị, không bỏ ghép được.",
                ));
            }
        }
        let earlier = results::history(tx.conn(), &shown_after(&permit), result.id)?;
        let reason = Some("bỏ ghép".to_owned());
        let (status, value, source) = match earlier.iter().rfind(|v| v.source.inbox != Some(message.id)) {
            Some(v) => (v.status, &v.value, Source { reason, ..v.source.clone() }),
            None => {
                let source = Source { author: Some(caller.user.id), reason, ..result.source.clone() };
                (ResultStatus::EnteredInError, &result.value, source)
            }
        };
        if !results::amend(tx, &permit, &result, status, value, &source)? {
            return Err(AppError::stale());
        }
        let (subject, detail) = (("result", result.id.to_string()), json!({ "step": "detach", "inbox": message.id }));
        trail::on_chart(tx, Some(caller.user.id), Act::Cancel, subject, (of.patient.id, stay), detail)?;
    }
    changed(tx, app, of.ward, stay);
    Ok(())
}

/// A reading with what it was found to be.
struct Read<'g> {
    reading: &'g Reading,
    analyte: Option<Analyte>,
    code: String,
    name: String,
}

/// A value with its place on the chart.
struct Sorted {
    head: Head,
    value: Value,
    /// One of the orders asks for it.
    asked: bool,
}

fn sort(conn: &mut Conn, message: &Message, target: &Target<'_>) -> Result<Vec<Sorted>, AppError> {
    let items: Vec<String> = target.orders.iter().map(|o| o.code.clone()).collect();
    let ordered = catalog::analytes_of(conn, &items)?;
    let read = target.readings.iter().map(|r| identify(conn, r, &ordered)).collect::<Result<Vec<_>, _>>()?;
    let fallback = message.effective_at.unwrap_or(message.received_at);
    let sorted = apart(read).into_iter().map(|Read { reading, analyte, code, name }| {
        let order = order_of(&target.orders, analyte.as_ref());
        let asked = analyte.as_ref().is_some_and(|a| ordered.iter().any(|o| o.code == a.code));
        let head =
            Head { encounter: target.stay.id, order: order.map(|o| o.id), specimen: target.specimen, code, name };
        let mut value = reading::value(reading, analyte.as_ref(), fallback);
        // Nothing is measured after it came: a clock that runs ahead must not make a value the newest for hours.
        value.effective_at = value.effective_at.min(message.received_at);
        Sorted { head, value, asked }
    });
    Ok(sorted.collect())
}

/// How many values are new in any way, and how many are older than what stands.
#[derive(Clone, Copy, Debug, Default)]
struct Filed {
    new: usize,
    older: usize,
}

impl Filed {
    fn add(&mut self, more: Self) {
        self.new = self.new.saturating_add(more.new);
        self.older = self.older.saturating_add(more.older);
    }
}

fn file(
    tx: &mut Tx<'_>,
    app: &App,
    permit: &Permit<MatchLab>,
    message: &Message,
    target: &Target<'_>,
) -> Result<Filed, AppError> {
    let source = Source { device: Some(message.device), inbox: Some(message.id), ..Source::default() };
    let (mut answered, mut new, mut revised, mut waiting, mut older) = (Vec::new(), 0_usize, 0_usize, 0_usize, 0_usize);
    for Sorted { head, value, .. } in sort(tx.conn(), message, target)? {
        match results::record(tx, permit, &head, &value, &source)? {
            Recorded::New(_) => new += 1,
            Recorded::Revised(_) => revised += 1,
            Recorded::Waiting(_) => waiting += 1,
            Recorded::Older(_) => older += 1,
            Recorded::Unchanged(_) => {}
        }
        answered.extend(head.order);
    }
    let filed = Filed { new: new + revised + waiting, older };
    if filed.new == 0 {
        return Ok(filed); // a resend: nothing to tell anybody
    }
    for order in target.orders.iter().filter(|o| answered.contains(&o.id)) {
        if let Ok(to) = order.state.after(OrderStep::Start)
            && !orders::move_on(tx, permit, order, to, None)?
        {
            return Err(AppError::stale());
        }
    }
    let by: Option<UserId> = permit.holder();
    let detail = json!({
        "inbox": message.id, "specimen": target.specimen, "new": new, "revised": revised, "waiting": waiting,
    });
    let subject = ("results", message.id.to_string());
    trail::on_chart(tx, by, Act::Match, subject, (target.stay.patient.id, target.stay.id), detail)?;
    changed(tx, app, target.stay.ward, target.stay.id);
    Ok(filed)
}

/// Among what was ordered; else by a LOINC code that the catalog has once; else under the device's own code.
fn identify<'g>(conn: &mut Conn, reading: &'g Reading, ordered: &[Analyte]) -> Result<Read<'g>, AppError> {
    let mut analyte = reading::analyte(reading, ordered).cloned();
    if analyte.is_none()
        && let Some(loinc) = &reading.loinc
        && let [sole] = catalog::analytes_by_loinc(conn, loinc)?.as_slice()
    {
        analyte = Some(sole.clone());
    }
    let (code, name) = match &analyte {
        Some(a) => (a.code.clone(), a.name.clone()),
        None => (reading::own_code(reading), reading::own_name(reading)),
    };
    Ok(Read { reading, analyte, code, name })
}

/// Several values under one code in one message (two channels, a rerun) are several results, numbered in the order
/// of the message, so that a resend finds each again and none passes for a correction of another.
fn apart(read: Vec<Read<'_>>) -> Vec<Read<'_>> {
    let mut times: HashMap<String, usize> = HashMap::new();
    for r in &read {
        *times.entry(r.code.clone()).or_default() += 1;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    read.into_iter()
        .map(|mut r| {
            if times.get(&r.code).is_some_and(|n| *n > 1) {
                let at = seen.entry(r.code.clone()).or_default();
                *at += 1;
                (r.name, r.code) = (format!("{} #{at}", r.name), format!("{}#{at}", r.code));
            }
            r
        })
        .collect()
}

/// The order that asked for this analyte, or the only one there is.
fn order_of<'o>(orders: &'o [Order], analyte: Option<&Analyte>) -> Option<&'o Order> {
    let asked = analyte.and_then(|a| orders.iter().find(|o| o.code == a.item_code));
    asked.or_else(|| if orders.len() == 1 { orders.first() } else { None })
}
