//! Lists of results: a chart's, a technician's, a message's, and what the ward has not seen.

use super::{HeadRow, Joined, ResultVersion, VersionRow, of_row};
use crate::schema::{encounter, result, result_version, specimen};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{MatchLab, Permit, ReleaseResult, Scope, SeeResults, ViewChart, ViewWard};
use benhan_domain::id::{EncounterId, InboxId, OrderId, ResultId};
use benhan_domain::lab::ResultStatus;
use diesel::prelude::*;
use std::collections::HashMap;

/// Current results of the permit's stay measured since `since`, newest first, without what was never true.
/// Index result_of_encounter.
pub fn of_stay(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    since: i64,
    limit: i64,
) -> Result<Vec<ResultVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<Joined> = joined!()
        .filter(result::encounter_id.eq(stay.to_string()).and(result::effective_at.ge(since)))
        .filter(result_version::version.eq(result::current_version))
        .filter(result::status.ne(ResultStatus::EnteredInError.as_str()))
        .order((result::effective_at.desc(), result::code))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list a stay's results"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}

/// What waits for a technician, oldest first: values as analyzers sent them, and those that wait beside released ones.
/// Indexes result_by_status, result_waiting.
pub fn unreleased(
    conn: &mut Conn,
    _permit: &Permit<ReleaseResult>,
    limit: i64,
) -> Result<Vec<ResultVersion>, StoreError> {
    let open = [ResultStatus::Preliminary.as_str(), ResultStatus::Corrected.as_str()];
    let mut rows: Vec<Joined> = joined!()
        .filter(result::status.eq_any(open).and(result_version::version.eq(result::current_version)))
        .filter(result_version::author_id.is_null())
        .order((result::effective_at, result::id))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list results to release"))?;
    let beside: Vec<Joined> = joined!()
        .filter(result::waiting_version.is_not_null())
        .filter(result::waiting_version.eq(result_version::version.nullable()))
        .order((result::effective_at, result::id))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list values beside released results"))?;
    rows.extend(beside);
    let mut found = rows.into_iter().map(|row| of_row(conn, row)).collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|r| (r.value.effective_at, r.id));
    Ok(found)
}

/// Results of an order that no technician has released yet. Index result_of_encounter.
pub fn unreleased_of_order(conn: &mut Conn, permit: &Permit<ReleaseResult>, of: OrderId) -> Result<i64, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(0) };
    result::table
        .filter(result::encounter_id.eq(stay.to_string()).and(result::order_id.eq(of.to_string())))
        .filter(result::status.eq(ResultStatus::Preliminary.as_str()))
        .count()
        .get_result(conn.db())
        .map_err(StoreError::db("count an order's open results"))
}

/// What a message put on the permit's stay, current or waiting beside a released value. Index result_of_encounter.
pub fn of_message(
    conn: &mut Conn,
    permit: &Permit<MatchLab>,
    message: InboxId,
) -> Result<Vec<ResultVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<Joined> = joined!()
        .filter(result::encounter_id.eq(stay.to_string()))
        .filter(result_version::inbox_id.eq(message.to_string()))
        .filter(
            result_version::version
                .nullable()
                .eq(result::current_version.nullable())
                .or(result_version::version.nullable().eq(result::waiting_version)),
        )
        .order(result::id)
        .limit(1_000)
        .load(conn.db())
        .map_err(StoreError::db("list a message's results"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}

/// Notes that the treating team has looked at these versions, each if it is still the current one; returns how many
/// were new to it. By the primary key.
pub fn mark_seen(tx: &mut Tx<'_>, permit: &Permit<SeeResults>, seen: &[(ResultId, i64)]) -> Result<usize, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(0) };
    let (now, mut new) = (tx.now().0, 0_usize);
    for (one, version) in seen {
        let shown = result::id.eq(one.to_string()).and(result::current_version.eq(*version));
        let marked = diesel::update(
            result::table
                .filter(shown)
                .filter(result::encounter_id.eq(stay.to_string()).and(result::seen_at.is_null()))
                .filter(result::status.eq_any(standing_words())),
        )
        .set(result::seen_at.eq(now))
        .execute(tx.db())
        .map_err(StoreError::db("note that results were seen"))?;
        new = new.saturating_add(marked);
    }
    Ok(new)
}

fn standing_words() -> [&'static str; 2] {
    [ResultStatus::Final.as_str(), ResultStatus::Corrected.as_str()]
}

/// Released results of these stays that nobody of the team has seen, newest first. Index result_of_encounter.
pub fn unseen(
    conn: &mut Conn,
    _permit: &Permit<ViewWard>,
    stays: &[EncounterId],
) -> Result<HashMap<EncounterId, Vec<ResultVersion>>, StoreError> {
    let stays: Vec<String> = stays.iter().map(|s| s.to_string()).collect();
    let rows: Vec<Joined> = joined!()
        .filter(result::encounter_id.eq_any(stays).and(result::seen_at.is_null()))
        .filter(result::status.eq_any(standing_words()))
        .filter(result_version::version.eq(result::current_version))
        .order((result::effective_at.desc(), result::id))
        .limit(5_000)
        .load(conn.db())
        .map_err(StoreError::db("list unseen results"))?;
    let mut found: HashMap<EncounterId, Vec<ResultVersion>> = HashMap::new();
    for row in rows {
        let version = of_row(conn, row)?;
        found.entry(version.head.encounter).or_default().push(version);
    }
    Ok(found)
}

/// Every version of every result of a stay, by result and version, after the one that a page before ended with.
/// Index result_of_encounter.
pub fn versions_of_stay(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    after: (&str, i64),
    limit: i64,
) -> Result<Vec<ResultVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let (of, version) = (after.0.to_owned(), after.1);
    let later = result::id.gt(of.clone()).or(result::id.eq(of).and(result_version::version.gt(version)));
    let rows: Vec<Joined> = joined!()
        .filter(result::encounter_id.eq(stay.to_string()))
        .filter(later)
        .order((result::id, result_version::version))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("read every version of a stay's results"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}
