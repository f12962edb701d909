//! What is still open in a record, read for the rule that closes it.

use crate::error::maybe_id;
use crate::schema::{
    document, document_version, encounter, observation_set, observation_set_version, result, result_version,
    service_order, signature,
};
use crate::{Conn, StoreError};
use benhan_domain::access::{Permit, ViewChart};
use benhan_domain::id::UserId;
use benhan_domain::lab::ResultStatus;
use benhan_domain::observation::Status;
use benhan_domain::order::OrderState;
use benhan_domain::record::{Facts, Missing, Open};
use diesel::prelude::*;
use std::collections::HashSet;

/// Subject and version of every signature in the record.
type Signed = HashSet<(String, i64)>;

/// The permit's record. `note_form`: the form that care notes are written on.
pub fn facts(conn: &mut Conn, permit: &Permit<ViewChart>, note_form: &str) -> Result<Facts, StoreError> {
    let stay = super::stay_of(permit)?.to_string();
    let state: String = encounter::table
        .filter(encounter::id.eq(&stay))
        .select(encounter::state)
        .first(conn.db())
        .map_err(StoreError::db("read whether a patient has left"))?;
    let signed: Vec<(String, i64)> = signature::table
        .filter(signature::encounter_id.eq(&stay))
        .select((signature::subject_id, signature::subject_version))
        .load(conn.db())
        .map_err(StoreError::db("list what is signed"))?;
    let signed: Signed = signed.into_iter().collect();
    let mut facts = Facts { in_hospital: state == "active", ..Facts::default() };
    sets(conn, &stay, &signed, &mut facts)?;
    documents(conn, &stay, &signed, note_form, &mut facts)?;
    orders(conn, &stay, &mut facts)?;
    results(conn, &stay, &mut facts)?;
    Ok(facts)
}

/// Index observation_set_chart.
fn sets(conn: &mut Conn, stay: &str, signed: &Signed, facts: &mut Facts) -> Result<(), StoreError> {
    let rows: Vec<(String, i64, String, Option<String>)> = observation_set::table
        .inner_join(
            observation_set_version::table.on(observation_set_version::set_id
                .eq(observation_set::id)
                .and(observation_set_version::version.eq(observation_set::current_version))),
        )
        .filter(observation_set::encounter_id.eq(stay))
        .select((
            observation_set::id,
            observation_set::current_version,
            observation_set_version::status,
            observation_set_version::author_id,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list a record's vital signs"))?;
    for (set, version, status, author) in rows {
        let by: Option<UserId> = maybe_id(author.as_deref(), "observation_set_version", "author_id")?;
        let table = "observation_set_version";
        let status = Status::parse(&status).ok_or_else(|| StoreError::corrupt(table, "status", &set))?;
        facts.has_vitals |= status.stands();
        let what = if status == Status::Preliminary {
            Open::DeviceSet
        } else if status.stands() && !signed.contains(&(set, version)) {
            Open::UnsignedSet
        } else {
            continue;
        };
        facts.open.push(Missing { what, by, name: None });
    }
    Ok(())
}

/// Index document_of_encounter.
fn documents(
    conn: &mut Conn,
    stay: &str,
    signed: &Signed,
    note_form: &str,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let rows: Vec<(String, String, String, i64, String, String)> = document::table
        .inner_join(document_version::table.on(
            document_version::document_id.eq(document::id).and(document_version::version.eq(document::current_version)),
        ))
        .filter(document::encounter_id.eq(stay))
        .order((document::created_at, document::id))
        .select((
            document::id,
            document::form_code,
            document::title,
            document::current_version,
            document_version::status,
            document_version::author_id,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list a record's documents"))?;
    for (document, form, title, version, status, author) in rows {
        let by: Option<UserId> = maybe_id(Some(&author), "document_version", "author_id")?;
        if status == Status::EnteredInError.as_str() {
            continue;
        }
        let what = if status == "draft" {
            Open::DraftSheet
        } else if signed.contains(&(document, version)) {
            facts.signed_forms.push(form);
            continue;
        } else if form == note_form {
            Open::UnsignedNote
        } else {
            Open::UnsignedSheet
        };
        let name = (what != Open::UnsignedNote).then_some(title);
        facts.open.push(Missing { what, by, name });
    }
    Ok(())
}

/// Index service_order_of_encounter.
fn orders(conn: &mut Conn, stay: &str, facts: &mut Facts) -> Result<(), StoreError> {
    let done = [OrderState::Resulted.as_str(), OrderState::Cancelled.as_str()];
    let open: Vec<String> = service_order::table
        .filter(service_order::encounter_id.eq(stay).and(service_order::state.ne_all(done)))
        .order((service_order::ordered_at, service_order::id))
        .select(service_order::name)
        .load(conn.db())
        .map_err(StoreError::db("list a record's open orders"))?;
    facts.open.extend(open.into_iter().map(|name| Missing { what: Open::Order, by: None, name: Some(name) }));
    Ok(())
}

/// Index result_of_encounter.
fn results(conn: &mut Conn, stay: &str, facts: &mut Facts) -> Result<(), StoreError> {
    let analyzer = [ResultStatus::Preliminary.as_str(), ResultStatus::Corrected.as_str()];
    let open: Vec<String> = result::table
        .inner_join(
            result_version::table
                .on(result_version::result_id.eq(result::id).and(result_version::version.eq(result::current_version))),
        )
        .filter(result::encounter_id.eq(stay))
        .filter(
            result::waiting_version
                .is_not_null()
                .or(result::status.eq_any(analyzer).and(result_version::author_id.is_null())),
        )
        .order((result::effective_at, result::id))
        .select(result::name)
        .load(conn.db())
        .map_err(StoreError::db("list a record's open results"))?;
    let open = open.into_iter().map(|name| Missing { what: Open::UnreleasedResult, by: None, name: Some(name) });
    facts.open.extend(open);
    Ok(())
}
