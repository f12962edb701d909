//! The waiting-to-match list (hàng chờ ghép): ranked proposals, and what a person decides.

use super::{Search, contradicts, delivery_of, propose};
use crate::app::accounts::Caller;
use crate::app::{AppError, results, trail};
use crate::hub::Event;
use crate::state::App;
use crate::view::{Proposal, SenderPatientView, WaitingItem, WaitingReading};
use benhan_contract::{Comparator, DeviceDelivery, ReadingValue};
use benhan_domain::access::{MatchLab, MatchVitals, Place, SearchPatients, ViewChart, ViewDevices, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, InboxId, OrderId};
use benhan_domain::text;
use benhan_domain::time::{Instant, SECOND};
use benhan_store::encounters::{self, Encounter};
use benhan_store::inbox::{self, Message, State};
use benhan_store::{Conn, Tx, devices, observations, patients, places};
use serde_json::json;
use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

/// Why a message waits, in the ward's words.
fn words(reason: &str) -> &'static str {
    match reason {
        "clock" => "Đồng hồ của máy lệch quá nhiều so với máy chủ: kiểm tra giờ máy rồi ghép",
        "no-bed" => "Máy không nói đang ở giường nào",
        "unknown-bed" => "Không có giường này trong bệnh viện",
        "ambiguous-bed" => "Nhiều giường trùng tên",
        "empty-bed" => "Không có người bệnh nào nằm giường này suốt lúc đo và lúc gửi",
        "shared-bed" => "Hai người bệnh nằm cùng giường: chọn đúng người",
        "patient-mismatch" => "Mã người bệnh trên máy khác người đang nằm giường này",
        "unknown-specimen" => "Không có mẫu nào mang mã vạch này",
        "ambiguous-specimen" => "Mã vạch khớp nhiều mẫu",
        "no-specimen" => "Máy không gửi mã vạch mẫu",
        "unreadable" => "Không đọc được bản tin: xem bản gốc",
        "undone" => "Đã bỏ ghép: chọn lại người bệnh",
        _ => "Chờ người xử lý",
    }
}

pub async fn waiting(app: &App, caller: &Caller, handled: bool) -> Result<Vec<WaitingItem>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        decide::<ViewDevices>(&caller.actor, Place::Facility)?;
        let permit = decide::<SearchPatients>(&caller.actor, Place::Facility)?;
        let messages =
            if handled { inbox::handled_by_people(conn, 200)? } else { inbox::in_state(conn, State::Waiting, 200)? };
        let ids: Vec<String> = messages.iter().map(|m| m.device.to_string()).collect();
        let names = devices::names(conn, &ids)?;
        messages.iter().map(|m| item(conn, &permit, m, &names)).collect()
    });
    read.await
}

fn item(
    conn: &mut Conn,
    permit: &Search,
    m: &Message,
    names: &HashMap<String, String>,
) -> Result<WaitingItem, AppError> {
    let delivery = delivery_of(m)?;
    let skew = delivery.message_at.map(|at| at.saturating_sub(delivery.received_at) / SECOND);
    Ok(WaitingItem {
        id: m.id.to_string(),
        kind: if m.kind == "vitals" { "vitals" } else { "lab" }.into(),
        reason: m.reason.clone(),
        reason_text: words(&m.reason).into(),
        device: names.get(&m.device.to_string()).cloned().unwrap_or_default(),
        received_at: Instant(m.received_at).rfc3339(),
        effective_at: m.effective_at.map(|t| Instant(t).rfc3339()),
        skew_seconds: skew,
        specimen: m.specimen.clone(),
        location: delivery
            .location
            .as_ref()
            .map(|l| [l.unit.as_str(), l.room.as_str(), l.bed.as_str()].join(" ").trim().to_owned()),
        readings: delivery.groups.iter().flat_map(|g| &g.readings).take(200).map(reading).collect(),
        proposals: if m.state == State::Waiting { proposals(conn, permit, &delivery, m)? } else { Vec::new() },
        sender_patient: delivery.patient.map(|p| SenderPatientView {
            ids: p.ids,
            name: p.name,
            birth_date: p.birth_date,
            sex: p.sex,
        }),
    })
}

fn reading(r: &benhan_contract::Reading) -> WaitingReading {
    let value = match &r.value {
        ReadingValue::Number { decimal, comparator } => {
            let sign = match comparator {
                Some(Comparator::Less) => "<",
                Some(Comparator::LessOrEqual) => "≤",
                Some(Comparator::Greater) => ">",
                Some(Comparator::GreaterOrEqual) => "≥",
                None => "",
            };
            format!("{sign}{decimal}")
        }
        ReadingValue::Text { text } => text.clone(),
        ReadingValue::Coded { code, text, .. } => {
            if text.is_empty() {
                code.clone()
            } else {
                text.clone()
            }
        }
    };
    WaitingReading { code: r.code.clone(), name: r.name.clone(), value, unit: r.unit.clone() }
}

/// Whom it may belong to, best first, each with its reasons.
fn proposals(
    conn: &mut Conn,
    permit: &Search,
    delivery: &DeviceDelivery,
    m: &Message,
) -> Result<Vec<Proposal>, AppError> {
    let mut found: HashMap<EncounterId, (Encounter, i64, Vec<String>)> = HashMap::new();
    let mut add = |stay: Encounter, score: i64, why: &str| {
        let entry = found.entry(stay.id).or_insert_with(|| (stay, 0, Vec::new()));
        entry.1 = entry.1.saturating_add(score);
        entry.2.push(why.to_owned());
    };
    if let Some(place) = delivery.location.as_ref().filter(|l| !l.bed.is_empty()) {
        for bed in places::beds_named(conn, &place.unit, &place.bed)? {
            for stay in encounters::in_bed_at(conn, permit, bed.id, &[Instant(m.received_at)])? {
                let chart = benhan_domain::access::system::<ViewChart>(stay);
                if let Some(stay) = encounters::read(conn, &chart, stay)? {
                    add(stay, 50, "nằm giường mà máy nêu lúc gửi");
                }
            }
        }
    }
    if let Some(sent) = &delivery.patient {
        for id in sent.ids.iter().filter(|i| !i.trim().is_empty()).take(4) {
            for stay in stays_found(conn, permit, id)? {
                if !contradicts(&stay, delivery) {
                    add(stay, 60, "đúng mã người bệnh mà máy gửi");
                }
            }
        }
        let name = sent.name.replace('^', " ");
        if !name.trim().is_empty() {
            for stay in stays_found(conn, permit, &name)? {
                let equal = text::fold(&stay.patient.who.name) == text::fold(&name);
                add(stay, if equal { 30 } else { 15 }, if equal { "trùng họ tên" } else { "họ tên gần giống" });
            }
        }
    }
    let wards = places::wards(conn)?;
    let mut ranked: Vec<_> = found.into_values().collect();
    ranked.sort_by_key(|(stay, score, _)| (std::cmp::Reverse(*score), stay.number.clone()));
    Ok(ranked.into_iter().take(5).map(|(stay, score, why)| proposal(&wards, stay, score, why)).collect())
}

fn stays_found(conn: &mut Conn, permit: &Search, query: &str) -> Result<Vec<Encounter>, AppError> {
    let ids: Vec<_> = patients::search(conn, permit, query, 5)?.into_iter().map(|p| p.id).collect();
    Ok(encounters::active_of(conn, permit, &ids)?)
}

pub fn proposal(wards: &[places::Ward], stay: Encounter, score: i64, why: Vec<String>) -> Proposal {
    Proposal {
        encounter_id: stay.id.to_string(),
        order_id: None,
        patient_code: stay.patient.code.clone(),
        name: stay.patient.who.name.clone(),
        sex: stay.patient.who.sex,
        birth_date: stay.patient.who.birth_date.map(|d| d.to_string()),
        ward: wards.iter().find(|w| w.id == stay.ward).map(|w| w.name.clone()).unwrap_or_default(),
        bed: stay.bed.map(|b| b.label),
        score,
        why,
    }
}

/// A person looks for somebody else.
pub async fn candidates(app: &App, caller: &Caller, query: String) -> Result<Vec<Proposal>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = decide::<SearchPatients>(&caller.actor, Place::Facility)?;
        let wards = places::wards(conn)?;
        let ids: Vec<_> = patients::search(conn, &permit, &query, 20)?.into_iter().map(|p| p.id).collect();
        let stays = encounters::active_of(conn, &permit, &ids)?;
        Ok(stays.into_iter().map(|s| proposal(&wards, s, 0, vec!["tìm theo yêu cầu".into()])).collect())
    });
    read.await
}

/// The bytes as they came. Looking is audited.
pub async fn raw(app: &App, caller: &Caller, id: InboxId) -> Result<Vec<u8>, AppError> {
    let reader = caller.clone();
    let packed = app.db.read(move |conn| {
        decide::<ViewDevices>(&reader.actor, Place::Facility)?;
        decide::<SearchPatients>(&reader.actor, Place::Facility)?;
        inbox::raw(conn, id)?.ok_or_else(|| AppError::not_found("bản tin"))
    });
    let packed = packed.await?;
    let user = caller.user.id;
    app.db.note(trail::about(user, Act::View, "inbox", id.to_string(), json!({ "raw": true }))).await?;
    let mut bytes = Vec::new();
    // The gateway takes at most 16 MiB a message; more than that is no message of ours.
    let open = zstd::Decoder::new(packed.as_slice()).map_err(|e| AppError::Internal(e.to_string()))?;
    open.take(16 << 20).read_to_end(&mut bytes).map_err(|e| AppError::Internal(e.to_string()))?;
    Ok(bytes)
}

fn waiting_one(tx: &mut Tx<'_>, id: InboxId) -> Result<Message, AppError> {
    let message = inbox::read(tx.conn(), id)?.ok_or_else(|| AppError::not_found("bản tin"))?;
    match message.state {
        State::Waiting => Ok(message),
        _ => Err(AppError::conflict("already-handled", "Bản tin này đã có người xử lý: tải lại danh sách.")),
    }
}

fn list_changed(tx: &mut Tx<'_>, app: &App) {
    let hub = Arc::clone(&app.hub);
    tx.after_commit(move || hub.publish(Event::Waiting));
}

/// A person says whose it is, naming two identifiers that they compared.
pub async fn match_by_hand(
    app: &App,
    caller: &Caller,
    id: InboxId,
    stay: EncounterId,
    order: Option<OrderId>,
    confirmed: Vec<String>,
) -> Result<(), AppError> {
    let mut compared: Vec<String> = confirmed
        .into_iter()
        .filter(|c| matches!(c.as_str(), "name" | "code" | "birthDate" | "bed" | "barcode"))
        .collect();
    compared.sort();
    compared.dedup();
    if compared.len() < 2 {
        return Err(AppError::invalid("confirmed", "Đối chiếu ít nhất hai thông tin trước khi ghép"));
    }
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let message = waiting_one(tx, id)?;
        let place = encounters::place(tx.conn(), stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        let view = decide::<ViewChart>(&caller.actor, place)?;
        let to = encounters::read(tx.conn(), &view, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        let delivery = delivery_of(&message)?;
        if message.kind == "vitals" {
            decide::<MatchVitals>(&caller.actor, place)?;
            propose(tx, &app2, &to, &message, &delivery)?;
        } else {
            decide::<MatchLab>(&caller.actor, Place::Facility)?;
            results::attach(tx, &app2, &caller, &message, &delivery, &to, order)?;
        }
        inbox::settle(tx, id, State::Matched, "by-hand", Some(stay), Some(caller.user.id))?;
        let detail = json!({ "compared": compared });
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Match,
            ("inbox", id.to_string()),
            (to.patient.id, stay),
            detail,
        )?;
        list_changed(tx, &app2);
        Ok(())
    });
    write.await
}

/// It belongs to nobody here; kept, with the reason.
pub async fn dismiss(app: &App, caller: &Caller, id: InboxId, reason: String) -> Result<(), AppError> {
    let reason = crate::app::charting::needed(&reason)?;
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let message = waiting_one(tx, id)?;
        if message.kind == "vitals" {
            decide::<MatchVitals>(&caller.actor, Place::Facility)?;
        } else {
            decide::<MatchLab>(&caller.actor, Place::Facility)?;
        }
        inbox::settle(tx, id, State::Dismissed, &reason, None, Some(caller.user.id))?;
        trail::on(tx, caller.user.id, Act::Dismiss, "inbox", id.to_string(), json!({}))?;
        list_changed(tx, &app2);
        Ok(())
    });
    write.await
}

/// Takes back a dismissal, or a hand match whose set nobody has accepted yet: the message waits again.
pub async fn undo(app: &App, caller: &Caller, id: InboxId) -> Result<(), AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        decide::<MatchVitals>(&caller.actor, Place::Facility)
            .map(drop)
            .or_else(|_| decide::<MatchLab>(&caller.actor, Place::Facility).map(drop))?;
        let message = inbox::read(tx.conn(), id)?.ok_or_else(|| AppError::not_found("bản tin"))?;
        let by_hand = message.state == State::Matched && message.reason == "by-hand";
        if message.state != State::Dismissed && !(by_hand && message.kind == "vitals") {
            return Err(AppError::conflict(
                "not-undoable",
                "Chỉ bỏ được bản tin đã loại hoặc sinh hiệu ghép tay chưa nhận.",
            ));
        }
        if by_hand && !observations::withdraw_proposal_of(tx, id)? {
            return Err(AppError::conflict(
                "accepted",
                "Lượt đo đã được nhận: sửa trên phiếu sinh hiệu, lý do nhầm người bệnh.",
            ));
        }
        inbox::settle(tx, id, State::Waiting, "undone", None, Some(caller.user.id))?;
        trail::on(tx, caller.user.id, Act::Restore, "inbox", id.to_string(), json!({}))?;
        list_changed(tx, &app2);
        Ok(())
    });
    write.await
}
