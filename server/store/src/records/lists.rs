//! The record room's lists.

use super::{FOREVER, Row, Standing, year};
use crate::error::id;
use crate::schema::medical_record;
use crate::{Conn, StoreError};
use benhan_domain::access::{Permit, ViewArchive};
use benhan_domain::id::EncounterId;
use benhan_domain::record::{KeptUntil, RecordState};
use diesel::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Closed, the one that has waited longest first.
    Waiting,
    /// The last archived first.
    Archived,
    /// Destroyed or being destroyed, the last archived first.
    Destroyed,
    /// Archived, with a term that ends with this year or before; the earliest first.
    Due { year: i16 },
}

#[derive(Clone, Debug)]
pub struct Kept {
    pub encounter: EncounterId,
    pub standing: Standing,
}

/// A page, after the record that the page before ended with. Indexes medical_record_by_state, medical_record_by_archiving,
/// medical_record_by_term.
pub fn list(
    conn: &mut Conn,
    _permit: &Permit<ViewArchive>,
    which: Which,
    past: Option<EncounterId>,
    limit: i64,
) -> Result<Vec<Kept>, StoreError> {
    let past = past.map(|stay| row(conn, &stay.to_string())).transpose()?.flatten();
    let of_state = |state: RecordState| medical_record::state.eq(state.as_str());
    let query = medical_record::table.select(Row::as_select()).limit(limit).into_boxed();
    let query = match which {
        Which::Waiting => {
            let (at, key) =
                past.map_or((i64::MIN, String::new()), |r| (r.closed_at.unwrap_or(i64::MIN), r.encounter_id));
            query
                .filter(of_state(RecordState::Closed))
                .filter(
                    medical_record::closed_at
                        .gt(at)
                        .or(medical_record::closed_at.eq(at).and(medical_record::encounter_id.gt(key))),
                )
                .order((medical_record::closed_at, medical_record::encounter_id))
        }
        Which::Archived | Which::Destroyed => {
            let states: &[RecordState] = match which {
                Which::Destroyed => &[RecordState::Destroying, RecordState::Destroyed],
                _ => &[RecordState::Archived],
            };
            let at = past.as_ref().and_then(|r| r.archived_at).unwrap_or(i64::MAX);
            let key = past.map_or(String::new(), |r| r.encounter_id);
            query
                .filter(medical_record::state.eq_any(states.iter().map(|state| state.as_str()).collect::<Vec<_>>()))
                .filter(
                    medical_record::archived_at
                        .lt(at)
                        .or(medical_record::archived_at.eq(at).and(medical_record::encounter_id.lt(key))),
                )
                .order((medical_record::archived_at.desc(), medical_record::encounter_id.desc()))
        }
        Which::Due { year: this } => {
            let (at, key) =
                past.map_or((i64::MIN, String::new()), |r| (r.kept_until.unwrap_or(FOREVER), r.encounter_id));
            query
                .filter(of_state(RecordState::Archived))
                .filter(medical_record::kept_until.le(year(KeptUntil::EndOf(this))))
                .filter(
                    medical_record::kept_until
                        .gt(at)
                        .or(medical_record::kept_until.eq(at).and(medical_record::encounter_id.gt(key))),
                )
                .order((medical_record::kept_until, medical_record::encounter_id))
        }
    };
    let rows: Vec<Row> = query.load(conn.db()).map_err(StoreError::db("list records"))?;
    rows.into_iter()
        .map(|row| {
            Ok(Kept {
                encounter: id(&row.encounter_id, "medical_record", "encounter_id")?,
                standing: Standing::try_from(row)?,
            })
        })
        .collect()
}

fn row(conn: &mut Conn, stay: &str) -> Result<Option<Row>, StoreError> {
    medical_record::table
        .filter(medical_record::encounter_id.eq(stay))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a page's end"))
}
