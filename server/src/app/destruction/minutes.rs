//! The minutes of a destruction (biên bản tiêu hủy): which records, how much of what, by whom, how. Nothing that a record
//! said.
//!
//! Of the hashes that were kept of a record only those of its manifests are named: the hash of a single value, beside its
//! id and its time, would let the value be found by trying.

use crate::app::AppError;
use crate::app::lookups::People;
use crate::state::App;
use benhan_domain::access::{ViewChart, system};
use benhan_domain::id::UserId;
use benhan_domain::record::KeptUntil;
use benhan_domain::time::Instant;
use benhan_store::destruction::{self, Item, List, Step};
use benhan_store::{Conn, audit, encounters, records};
use serde_json::{Value, json};

pub const FORMAT: &str = "benhan/destruction-minutes/1";
/// How, in the words of the paper.
const METHOD: &str = "Hủy khóa mã hóa riêng của hồ sơ trong kho khóa và trong bản sao kho khóa ở mọi nơi sao lưu; xóa và ghi đè \
                      mọi dòng dữ liệu của hồ sơ trong cơ sở dữ liệu; xóa tệp ảnh chụp ở máy lưu ảnh và ở mọi nơi sao lưu. \
                      Giữ lại: dòng danh mục, nhật ký, mã băm và con dấu của bảng kê.";

/// Canonical JSON (RFC 8785).
pub fn compose(conn: &mut Conn, app: &App, list: &List) -> Result<String, AppError> {
    let people = People::read(conn, people_of(list))?;
    let who = |step: Step| step.map(|(by, at)| person(&people, by, at)).transpose();
    let mut lines = Vec::new();
    for item in destruction::items(conn, list.id)? {
        lines.push(line(conn, &item)?);
    }
    Ok(audit::canonical(&json!({
        "format": FORMAT, "facility": app.facility.code, "facilityName": app.facility.name, "number": list.number,
        "decision": list.decision, "reason": list.reason,
        "proposed": person(&people, list.proposed_by, list.proposed_at)?,
        "approved": who(list.approved)?, "begun": who(list.begun)?, "method": METHOD, "records": lines,
    }))?)
}

pub fn people_of(list: &List) -> impl Iterator<Item = UserId> {
    let steps = [list.approved, list.cancelled, list.begun].into_iter().flatten().map(|(by, _)| by);
    steps.chain([list.proposed_by])
}

fn person(people: &People, by: UserId, at: i64) -> Result<Value, AppError> {
    let of = people.must(by)?;
    Ok(json!({ "id": of.id, "name": of.name, "at": Instant(at).rfc3339() }))
}

fn line(conn: &mut Conn, item: &Item) -> Result<Value, AppError> {
    let view = system::<ViewChart>(item.encounter);
    let of = encounters::read(conn, &view, item.encounter)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    let standing = records::standing(conn, &view)?;
    let manifests: Vec<String> =
        records::events(conn, &view)?.into_iter().filter_map(|event| event.manifest_sha256).collect();
    let erased = item.erased.as_deref().and_then(|erased| serde_json::from_str::<Value>(erased).ok());
    let kept_until = standing.kept_until.and_then(KeptUntil::last_day);
    Ok(json!({
        "record": item.encounter, "number": of.number, "archiveNumber": standing.archive_number,
        "patient": of.patient.code, "patientName": of.patient.who.name, "class": standing.class,
        "keptUntil": kept_until, "state": item.state.as_str(), "note": item.note,
        "settledAt": item.settled_at.map(|at| Instant(at).rfc3339()), "manifests": manifests, "erased": erased,
    }))
}
