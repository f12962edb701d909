//! The waiting-to-match list (hàng chờ ghép): what its reader may match, with ranked proposals.

use super::{Search, contradicts, delivery_of};
use crate::app::accounts::Caller;
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view::{Proposal, SenderPatientView, WaitingItem, WaitingReading};
use benhan_contract::{Comparator, DeviceDelivery, ReadingValue};
use benhan_domain::access::{MatchLab, MatchVitals, Place, SearchPatients, ViewChart, decide, system};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, InboxId};
use benhan_domain::text;
use benhan_domain::time::{Instant, SECOND};
use benhan_store::encounters::{self, Encounter};
use benhan_store::inbox::{self, Message, Page, Sight, State};
use benhan_store::{Conn, devices, patients, places};
use serde_json::json;
use std::collections::HashMap;
use std::io::Read;

/// Why a message waits, in the ward's words.
fn words(reason: &str) -> &'static str {
    match reason {
        "clock" => "Đồng hồ của máy lệch quá nhiều so với máy chủ: kiểm tra giờ máy rồi ghép",
        "no-bed" => "Máy không nói đang ở giường nào",
        "unknown-bed" => "Không có giường này trong bệnh viện",
        "ambiguous-bed" => "Nhiều giường trùng tên",
        "empty-bed" => "Không có người bệnh nào nằm giường này suốt lúc đo và lúc gửi",
        "changed-bed" => "Giường đổi người bệnh giữa lúc đo và lúc gửi: ghép số đo cho đúng người",
        "unit" => "Có số đo sai đơn vị nên không ghi lên phiếu: xem bản gốc, nhập tay nếu cần",
        "slot-filled" => "Khoảng giờ này đã có lượt đo của máy",
        "no-value" => "Bản tin không có số nào để ghi lên phiếu",
        "quality-control" => "Mẫu nội kiểm, không phải của người bệnh",
        "training" => "Bản tin thử hoặc tập huấn",
        "order-cancelled" => "Chỉ định của mẫu này đã huỷ",
        "record-closed" => "Hồ sơ của người bệnh đã kết thúc",
        "already-resulted" => "Mẫu này đã có đủ kết quả, máy gửi giá trị khác: kiểm tra ống mẫu rồi ghép hoặc bỏ",
        "older-result" => "Giá trị đo trước kết quả đang có trên hồ sơ",
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

/// What this person may match, and so may see.
pub fn sight(caller: &Caller) -> Result<Sight, AppError> {
    let vitals = decide::<MatchVitals>(&caller.actor, Place::Facility);
    let lab = decide::<MatchLab>(&caller.actor, Place::Facility);
    match (&vitals, &lab) {
        (Err(denied), Err(_)) => Err((*denied).into()),
        _ => Ok(Sight::of(vitals.as_ref().ok(), lab.as_ref().ok())),
    }
}

/// How many messages wait that this person may match.
pub fn waiting_count(conn: &mut Conn, caller: &Caller) -> Result<i64, AppError> {
    match sight(caller) {
        Ok(sight) => Ok(inbox::waiting_for(conn, &sight)?),
        Err(_) => Ok(0),
    }
}

/// Which list: what waits, what people decided, what no chart shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    #[default]
    Open,
    Handled,
    SetAside,
}

impl Which {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "handled" => Some(Self::Handled),
            "set-aside" => Some(Self::SetAside),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Handled => "handled",
            Self::SetAside => "set-aside",
        }
    }
}

/// A page of a list. Opening it is audited: once an hour, for a look that goes on is one look.
pub async fn waiting(app: &App, caller: &Caller, which: Which, page: Page) -> Result<Vec<WaitingItem>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let sight = sight(&reader)?;
        let permit = decide::<SearchPatients>(&reader.actor, Place::Facility)?;
        let once = |m: Message| (m, 1);
        let messages: Vec<(Message, i64)> = match which {
            Which::Open => inbox::open_page(conn, &sight, &page)?,
            Which::Handled => inbox::handled_page(conn, &sight, &page)?.into_iter().map(once).collect(),
            Which::SetAside => inbox::set_aside_page(conn, &sight, &page)?.into_iter().map(once).collect(),
        };
        let ids: Vec<String> = messages.iter().map(|(m, _)| m.device.to_string()).collect();
        let names = devices::names(conn, &ids)?;
        let list = messages.iter().map(|(m, times)| item(conn, &permit, m, *times, &names));
        list.collect::<Result<Vec<_>, AppError>>()
    });
    let list = read.await?;
    trail::looked_at(app, caller, "waiting-list", which.as_str().into()).await?;
    Ok(list)
}

fn item(
    conn: &mut Conn,
    permit: &Search,
    m: &Message,
    times: i64,
    names: &HashMap<String, String>,
) -> Result<WaitingItem, AppError> {
    // A message that nobody can read is on the list all the same: its bytes can be looked at, and dismissed.
    let delivery = delivery_of(m).ok();
    let sent = delivery.as_ref();
    let skew = sent.and_then(|d| d.message_at.map(|at| at.saturating_sub(d.received_at) / SECOND));
    let place = sent.and_then(|d| d.location.as_ref());
    let readings = sent.into_iter().flat_map(|d| &d.groups).flat_map(|g| &g.readings);
    Ok(WaitingItem {
        id: m.id.to_string(),
        seq: m.seq,
        times,
        device_id: m.device.to_string(),
        kind: if m.kind == "vitals" { "vitals" } else { "lab" }.into(),
        reason: m.reason.clone(),
        reason_text: words(&m.reason).into(),
        device: names.get(&m.device.to_string()).cloned().unwrap_or_default(),
        received_at: Instant(m.received_at).rfc3339(),
        effective_at: m.effective_at.map(|t| Instant(t).rfc3339()),
        skew_seconds: skew,
        specimen: m.specimen.clone(),
        location: place.map(|l| [l.unit.as_str(), l.room.as_str(), l.bed.as_str()].join(" ").trim().to_owned()),
        readings: readings.take(200).map(reading).collect(),
        proposals: match sent.filter(|_| m.state == State::Waiting) {
            Some(sent) => proposals(conn, permit, sent, m)?,
            None => Vec::new(),
        },
        sender_patient: delivery.and_then(|d| d.patient).map(|p| SenderPatientView {
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

/// The bytes as they came. Each look is audited, on the chart where the message is matched.
pub async fn raw(app: &App, caller: &Caller, id: InboxId) -> Result<Vec<u8>, AppError> {
    let reader = caller.clone();
    let packed = app.db.read(move |conn| {
        let (sight, missing) = (sight(&reader)?, || AppError::not_found("bản tin"));
        let message = inbox::read(conn, &sight, id)?.ok_or_else(missing)?;
        let of = match message.encounter {
            Some(stay) => encounters::read(conn, &system::<ViewChart>(stay), stay)?.map(|e| (e.patient.id, e.id)),
            None => None,
        };
        Ok::<_, AppError>((inbox::raw(conn, &sight, id)?.ok_or_else(missing)?, of))
    });
    let (packed, of) = packed.await?;
    let (user, detail) = (caller.user.id, json!({ "raw": true }));
    let subject = ("inbox", id.to_string());
    app.db
        .note(match of {
            Some(of) => trail::about_chart(Some(user), Act::View, subject, of, detail),
            None => trail::about(user, Act::View, subject.0, subject.1, detail),
        })
        .await?;
    let mut bytes = Vec::new();
    // The gateway takes at most 16 MiB a message; more than that is no message of ours.
    let open = zstd::Decoder::new(packed.as_slice()).map_err(|e| AppError::Internal(e.to_string()))?;
    open.take(16 << 20).read_to_end(&mut bytes).map_err(|e| AppError::Internal(e.to_string()))?;
    Ok(bytes)
}
