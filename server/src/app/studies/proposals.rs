//! Whom an unmatched study may belong to, best first, each with its reasons in words. Nothing here links anything.

use super::linking::names_patient;
use crate::app::AppError;
use crate::view::Proposal;
use benhan_domain::access::ViewChart;
use benhan_domain::access::{Permit, SearchPatients, ViewWard, system};
use benhan_domain::id::{EncounterId, OrderId};
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
    if names_patient(&stay, &study.sent.patient_id) == Some(true) {
        add(50, "đúng mã người bệnh mà máy gửi".into());
    }
    match names(study).map(|n| likeness(&n, &text::fold(&stay.patient.who.name))).max() {
        Some(Likeness::Same) => add(30, "trùng họ tên (không dấu)".into()),
        Some(Likeness::Near) => add(15, "họ tên gần giống".into()),
        _ => {}
    }
    let born = stay.patient.who.birth_date.map(|d| d.strftime("%Y%m%d").to_string());
    if born.is_some_and(|b| b == study.sent.birth_date.trim()) {
        add(20, "trùng ngày sinh".into());
    }
    if let Some(near) = orders.iter().find(|o| o.encounter == stay.id) {
        order = order.or(Some(near.id));
        add(10, format!("có chỉ định {} trong 24 giờ", near.modality.as_deref().unwrap_or("hình ảnh")));
    }
    Candidate { stay, score, why, order }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    Different,
    Near,
    Same,
}

/// The same words in any order are the same name; most words shared are near.
fn likeness(a: &str, b: &str) -> Likeness {
    let (mut a, mut b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    a.sort_unstable();
    b.sort_unstable();
    if a == b {
        return Likeness::Same;
    }
    let shared = a.iter().filter(|w| b.contains(w)).count();
    let longer = a.len().max(b.len());
    if shared >= 2 && shared * 3 >= longer * 2 { Likeness::Near } else { Likeness::Different }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modalities_write_names_in_any_order() {
        assert_eq!(likeness("nguyen van an", "nguyen van an"), Likeness::Same);
        assert_eq!(likeness("an nguyen van", "nguyen van an"), Likeness::Same);
        assert_eq!(likeness("nguyen an", "nguyen van an"), Likeness::Near);
        assert_eq!(likeness("nguyen thi binh", "nguyen van an"), Likeness::Different);
        assert_eq!(likeness("an", "nguyen van an"), Likeness::Different);
    }
}
