//! Whom an unmatched study may belong to, best first, each with its reasons in words. Nothing here links anything.

use crate::app::AppError;
use crate::app::matching::{ids_of, known};
use crate::view::Proposal;
use benhan_domain::access::ViewChart;
use benhan_domain::access::{Permit, SearchPatients, ViewWard, system};
use benhan_domain::id::{EncounterId, OrderId};
use benhan_domain::identity::{Likeness, likeness, names_by_id, same_birth};
use benhan_domain::order::{OrderKind, OrderState};
use benhan_domain::text;
use benhan_domain::time::HOUR;
use benhan_store::encounters::{self, Encounter};
use benhan_store::orders::{self, Filter, Order};
use benhan_store::studies::{Series, Study};
use benhan_store::{Conn, patients, places};
use std::collections::HashMap;

/// An order counts as near when the images came within this time of it.
const NEAR: i64 = 24 * HOUR;
/// More candidates than this help nobody.
const MOST: usize = 8;

struct Candidate {
    stay: Encounter,
    score: i64,
    why: Vec<String>,
    order: Option<OrderId>,
}

pub fn of(
    conn: &mut Conn,
    (search, wards): (&Permit<SearchPatients>, &Permit<ViewWard>),
    study: &Study,
    series: &[&Series],
) -> Result<Vec<Proposal>, AppError> {
    let orders = near_orders(conn, wards, study, series)?;
    let numbered = numbered_order(conn, search, study)?;
    let mut stays: HashMap<EncounterId, Encounter> = HashMap::new();
    for query in queries(study) {
        let found: Vec<_> = patients::search(conn, search, &query, 10)?.into_iter().map(|p| p.id).collect();
        stays.extend(encounters::active_of(conn, search, &found)?.into_iter().map(|s| (s.id, s)));
    }
    for order in orders.iter().take(20).chain(&numbered) {
        if let Some(stay) = encounters::read(conn, &system::<ViewChart>(order.encounter), order.encounter)? {
            stays.insert(stay.id, stay);
        }
    }
    let candidates = stays.into_values().map(|stay| judge(stay, study, &orders, numbered.as_ref()));
    let mut ranked: Vec<Candidate> = candidates.filter(|c| c.score > 0).collect();
    ranked.sort_by_key(|c| (std::cmp::Reverse(c.score), c.stay.number.clone()));
    ranked.truncate(MOST);
    let wards = places::wards(conn)?;
    Ok(ranked.into_iter().map(|c| shown(&wards, c)).collect())
}

/// What to look for: the id as sent, and each spelling of the name without its separators.
fn queries(study: &Study) -> Vec<String> {
    let mut queries = vec![study.sent.patient_id.clone()];
    queries.extend(names(study));
    queries.retain(|q| !q.trim().is_empty());
    queries.truncate(4);
    queries
}

/// DICOM writes up to three spellings, parted by `=`.
fn names(study: &Study) -> impl Iterator<Item = String> + '_ {
    study.sent.patient_name.split('=').map(|name| text::fold(&name.replace('^', " "))).filter(|n| !n.is_empty())
}

/// Open imaging orders of the study's modality within a day of it.
fn near_orders(
    conn: &mut Conn,
    wards: &Permit<ViewWard>,
    study: &Study,
    series: &[&Series],
) -> Result<Vec<Order>, AppError> {
    let filter =
        Filter { kind: Some(OrderKind::Imaging), state: None, since: Some(study.received_at.saturating_sub(NEAR)) };
    let mut orders = orders::list(conn, wards, filter, 200)?;
    orders.retain(|o| {
        let open = matches!(o.state, OrderState::Ordered | OrderState::InProgress);
        let near = o.ordered_at <= study.received_at.saturating_add(NEAR);
        open && near && series.iter().any(|s| o.modality.as_deref() == Some(s.modality.as_str()))
    });
    Ok(orders)
}

/// The order that the study's own numbers name, although something kept it from being linked.
fn numbered_order(conn: &mut Conn, search: &Permit<SearchPatients>, study: &Study) -> Result<Option<Order>, AppError> {
    if let Some(order) = orders::by_study_uid(conn, search, &study.study_uid)? {
        return Ok(Some(order));
    }
    match study.accession.trim() {
        "" => Ok(None),
        accession => Ok(orders::by_accession(conn, search, accession)?),
    }
}

fn judge(stay: Encounter, study: &Study, orders: &[Order], numbered: Option<&Order>) -> Candidate {
    let (mut score, mut why, mut order) = (0, Vec::new(), None);
    let mut add = |points: i64, reason: String| {
        score += points;
        why.push(reason);
    };
    if let Some(own) = numbered.filter(|o| o.encounter == stay.id) {
        order = Some(own.id);
        add(40, format!("trùng số phiếu chỉ định {}", own.accession.as_deref().unwrap_or("")).trim_end().to_owned());
    }
    if names_by_id(&[study.sent.patient_id.as_str()], &known(&stay, &ids_of(&stay))) == Some(true) {
        add(50, "đúng mã người bệnh mà máy gửi".into());
    }
    match likeness(&study.sent.patient_name, &stay.patient.who.name) {
        Some(Likeness::Same) => add(30, "trùng họ tên (không dấu)".into()),
        Some(Likeness::Near) => add(15, "họ tên gần giống".into()),
        _ => {}
    }
    if same_birth(&study.sent.birth_date, stay.patient.who.birth_date) == Some(true) {
        add(20, "trùng ngày sinh".into());
    }
    if let Some(near) = orders.iter().find(|o| o.encounter == stay.id) {
        order = order.or(Some(near.id));
        add(10, format!("có chỉ định {} trong 24 giờ", near.modality.as_deref().unwrap_or("hình ảnh")));
    }
    Candidate { stay, score, why, order }
}

fn shown(wards: &[places::Ward], c: Candidate) -> Proposal {
    let who = &c.stay.patient.who;
    Proposal {
        encounter_id: c.stay.id.to_string(),
        order_id: c.order.map(|o| o.to_string()),
        patient_code: c.stay.patient.code.clone(),
        name: who.name.clone(),
        sex: who.sex,
        birth_date: who.birth_date.map(|d| d.to_string()),
        ward: wards.iter().find(|w| w.id == c.stay.ward).map(|w| w.name.clone()).unwrap_or_default(),
        bed: c.stay.bed.map(|b| b.label),
        score: c.score,
        why: c.why,
    }
}
