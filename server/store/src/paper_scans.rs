//! Scanned files that were handed in: each is sealed with a key of its own until it is linked, and then a part of its record.

use crate::error::{id, maybe_id};
use crate::paper_prints::{self, Print};
use crate::payload::{self, SEALED};
use crate::schema::{paper_print, paper_scan, paper_scan_event};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{HandInScans, Permit, Scope, SortScans, ViewChart, ViewScans, WitnessPatient};
use benhan_domain::id::{EncounterId, PaperScanEventId, PaperScanId, PatientSignatureId, UserId, WardId};
use benhan_domain::paper_scan::{Found, ScanState, ScanStep};
use benhan_domain::patient_signature::{PaperCode, ScanKind};
use diesel::prelude::*;
use std::collections::HashMap;

const TABLE: &str = "paper_scan";
/// As many as may wait in a house: nobody's is left off.
const MOST: i64 = 2_000;

pub struct NewScan<'a> {
    pub sha256: &'a str,
    pub kind: ScanKind,
    pub bytes: &'a [u8],
    pub pictures: i64,
    pub found: &'a Found,
    pub ward: Option<WardId>,
    pub by: UserId,
}

#[derive(Clone, Debug)]
pub struct Scan {
    pub id: PaperScanId,
    pub sha256: String,
    pub media_type: String,
    pub size: i64,
    pub pictures: i64,
    pub found: Found,
    pub ward: Option<WardId>,
    pub by: UserId,
    pub at: i64,
    pub state: ScanState,
    /// What its code was printed for; none, or more than one, leads nowhere.
    pub prints: Vec<Print>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Event {
    pub kind: String,
    pub at: i64,
    pub by: UserId,
    pub reason: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = paper_scan)]
struct Row {
    id: String,
    sha256: String,
    media_type: String,
    size: i64,
    pictures: i64,
    found: String,
    code: Option<String>,
    pages: String,
    ward_id: Option<String>,
    handed_in_by: String,
    handed_in_at: i64,
    state: String,
}

impl TryFrom<Row> for Scan {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let broken = |column: &'static str| StoreError::corrupt(TABLE, column, &row.id);
        let pages = || row.pages.split(',').filter(|page| !page.is_empty()).map(str::parse).collect::<Result<_, _>>();
        let found = match (row.found.as_str(), &row.code) {
            ("none", None) => Found::Nothing,
            ("several", None) => Found::Several,
            ("one", Some(code)) => Found::One {
                code: PaperCode::parse(code).ok_or_else(|| broken("code"))?,
                pages: pages().map_err(|_| broken("pages"))?,
            },
            _ => return Err(broken("found")),
        };
        Ok(Self {
            id: id(&row.id, TABLE, "id")?,
            found,
            ward: maybe_id(row.ward_id.as_deref(), TABLE, "ward_id")?,
            by: id(&row.handed_in_by, TABLE, "handed_in_by")?,
            at: row.handed_in_at,
            state: ScanState::parse(&row.state).ok_or_else(|| broken("state"))?,
            sha256: row.sha256,
            media_type: row.media_type,
            size: row.size,
            pictures: row.pictures,
            prints: Vec::new(),
        })
    }
}

/// The same file was handed in before.
pub fn known(conn: &mut Conn, sha256: &str) -> Result<Option<PaperScanId>, StoreError> {
    let found: Option<String> = paper_scan::table
        .filter(paper_scan::sha256.eq(sha256))
        .select(paper_scan::id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("look for a scan"))?;
    found.map(|scan| id(&scan, TABLE, "id")).transpose()
}

pub fn waiting(conn: &mut Conn) -> Result<i64, StoreError> {
    paper_scan::table
        .filter(paper_scan::state.eq(ScanState::Waiting.as_str()))
        .count()
        .get_result(conn.db())
        .map_err(StoreError::db("count scans"))
}

/// The key that a scan has until it is linked: as if it were a record.
fn own_key(scan: PaperScanId) -> EncounterId {
    EncounterId(scan.0)
}

/// [`StoreError::Taken`] of `paper_scan`: somebody handed in the same file first.
pub fn hand_in(tx: &mut Tx<'_>, _permit: &Permit<HandInScans>, new: &NewScan<'_>) -> Result<PaperScanId, StoreError> {
    let given: PaperScanId = tx.fresh();
    let key = given.to_string();
    let sealed = payload::seal_bytes(tx, own_key(given), (TABLE, &key, 0), new.bytes)?;
    let (code, pages) = match new.found {
        Found::One { code, pages } => (Some(code.to_string()), pages.iter().map(u16::to_string).collect::<Vec<_>>()),
        Found::Nothing | Found::Several => (None, Vec::new()),
    };
    let row = (
        paper_scan::id.eq(&key),
        paper_scan::sha256.eq(new.sha256),
        paper_scan::media_type.eq(new.kind.media()),
        paper_scan::size.eq(i64::try_from(new.bytes.len()).unwrap_or(i64::MAX)),
        paper_scan::pictures.eq(new.pictures),
        paper_scan::found.eq(new.found.as_str()),
        paper_scan::code.eq(code),
        paper_scan::pages.eq(pages.join(",")),
        paper_scan::ward_id.eq(new.ward.map(|ward| ward.to_string())),
        paper_scan::handed_in_by.eq(new.by.to_string()),
        paper_scan::handed_in_at.eq(tx.now().0),
        paper_scan::state.eq(ScanState::Waiting.as_str()),
        paper_scan::key_id.eq(SEALED),
        paper_scan::bytes.eq(Some(sealed)),
    );
    diesel::insert_into(paper_scan::table).values(row).execute(tx.db()).map_err(StoreError::db("keep a scan"))?;
    Ok(given)
}

fn with_prints(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Scan>, StoreError> {
    let codes: Vec<String> = rows.iter().filter_map(|row| row.code.clone()).collect();
    let prints = paper_prints::by_codes(conn, &codes)?;
    let of = |row: Row| {
        let of_code = row.code.as_ref().and_then(|code| prints.get(code)).cloned().unwrap_or_default();
        Ok(Scan { prints: of_code, ..Scan::try_from(row)? })
    };
    rows.into_iter().map(of).collect()
}

/// Where it belongs: by its code, or as whoever handed it in said. Nobody's ward is its uploader's and the house's.
fn within(permit: &Permit<ViewScans>, scan: &Scan) -> bool {
    let ward = match scan.prints.as_slice() {
        [print] => Some(print.ward),
        _ => scan.ward,
    };
    let reaches = match (permit.scope(), ward) {
        (Scope::Facility, _) => true,
        (Scope::Wards(wards), Some(ward)) => wards.contains(&ward),
        (Scope::Ward(one), Some(ward)) => *one == ward,
        _ => false,
    };
    reaches || permit.holder() == Some(scan.by)
}

/// In this state, those that the permit's holder sees; the newest first. Index paper_scan_by_state.
pub fn list(conn: &mut Conn, permit: &Permit<ViewScans>, state: ScanState) -> Result<Vec<Scan>, StoreError> {
    let rows: Vec<Row> = paper_scan::table
        .filter(paper_scan::state.eq(state.as_str()))
        .order((paper_scan::handed_in_at.desc(), paper_scan::id.desc()))
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list scans"))?;
    let mut found = with_prints(conn, rows)?;
    found.retain(|scan| within(permit, scan));
    Ok(found)
}

fn row(conn: &mut Conn, scan: PaperScanId) -> Result<Option<Scan>, StoreError> {
    let row: Option<Row> = paper_scan::table
        .filter(paper_scan::id.eq(scan.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a scan"))?;
    Ok(with_prints(conn, row.into_iter().collect())?.pop())
}

pub fn one(conn: &mut Conn, permit: &Permit<ViewScans>, scan: PaperScanId) -> Result<Option<Scan>, StoreError> {
    Ok(row(conn, scan)?.filter(|scan| within(permit, scan)))
}

/// The stay that its code was printed for, for the policy.
pub fn stay_of(conn: &mut Conn, scan: PaperScanId) -> Result<Option<EncounterId>, StoreError> {
    Ok(row(conn, scan)?.and_then(|scan| match scan.prints.as_slice() {
        [print] => Some(print.encounter),
        _ => None,
    }))
}

/// Whose code was printed for a sheet of the permit's stay.
pub fn on_chart(conn: &mut Conn, permit: &Permit<ViewChart>, scan: PaperScanId) -> Result<Option<Scan>, StoreError> {
    Ok(row(conn, scan)?.filter(|scan| is_for(permit, scan)))
}

fn is_for(permit: &Permit<ViewChart>, scan: &Scan) -> bool {
    matches!((permit.scope(), scan.prints.as_slice()), (Scope::Encounter(stay), [print]) if print.encounter == *stay)
}

/// Those that wait and whose code was printed for the permit's stay. Index paper_scan_by_code.
pub fn of_stay(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<Scan>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let codes =
        paper_print::table.filter(paper_print::encounter_id.eq(stay.to_string())).select(paper_print::code.nullable());
    let rows: Vec<Row> = paper_scan::table
        .filter(paper_scan::code.eq_any(codes))
        .filter(paper_scan::state.eq(ScanState::Waiting.as_str()))
        .order((paper_scan::handed_in_at.desc(), paper_scan::id.desc()))
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list a stay's scans"))?;
    let mut found = with_prints(conn, rows)?;
    found.retain(|scan| is_for(permit, scan));
    Ok(found)
}

/// Of a scan that the caller was given; none when it is linked, and lies with its record.
pub fn bytes(conn: &mut Conn, of: &Scan) -> Result<Option<Vec<u8>>, StoreError> {
    let key = of.id.to_string();
    let sealed: Option<Vec<u8>> = paper_scan::table
        .filter(paper_scan::id.eq(&key))
        .select(paper_scan::bytes)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a scan's bytes"))?
        .flatten();
    sealed.map(|sealed| payload::open_bytes(conn, own_key(of.id), (TABLE, &key, 0), &sealed)).transpose()
}

fn note(tx: &mut Tx<'_>, scan: PaperScanId, step: ScanStep, by: UserId, reason: &str) -> Result<(), StoreError> {
    let given: PaperScanEventId = tx.fresh();
    let row = (
        paper_scan_event::id.eq(given.to_string()),
        paper_scan_event::scan_id.eq(scan.to_string()),
        paper_scan_event::kind.eq(step.as_str()),
        paper_scan_event::at.eq(tx.now().0),
        paper_scan_event::by_id.eq(by.to_string()),
        paper_scan_event::reason.eq(reason),
    );
    diesel::insert_into(paper_scan_event::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("note what became of a scan"))
}

/// Aside, or back; false when somebody was first.
pub fn sort(
    tx: &mut Tx<'_>,
    _permit: &Permit<SortScans>,
    scan: PaperScanId,
    (step, from, to): (ScanStep, ScanState, ScanState),
    (by, reason): (UserId, &str),
) -> Result<bool, StoreError> {
    let mine = paper_scan::id.eq(scan.to_string()).and(paper_scan::state.eq(from.as_str()));
    let moved = diesel::update(paper_scan::table.filter(mine))
        .set(paper_scan::state.eq(to.as_str()))
        .execute(tx.db())
        .map_err(StoreError::db("sort a scan"))?;
    if moved == 0 {
        return Ok(false);
    }
    note(tx, scan, step, by, reason)?;
    Ok(true)
}

/// It is a part of the permit's record from now on, which has its bytes; false when somebody was first.
pub fn link(
    tx: &mut Tx<'_>,
    permit: &Permit<WitnessPatient>,
    scan: PaperScanId,
    signature: PatientSignatureId,
    by: UserId,
) -> Result<bool, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else {
        return Err(StoreError::corrupt("permit", "scope", &scan.to_string()));
    };
    let mine = paper_scan::id.eq(scan.to_string()).and(paper_scan::state.eq(ScanState::Waiting.as_str()));
    let moved = diesel::update(paper_scan::table.filter(mine))
        .set((
            paper_scan::state.eq(ScanState::Linked.as_str()),
            paper_scan::patient_signature_id.eq(Some(signature.to_string())),
            paper_scan::encounter_id.eq(Some(stay.to_string())),
            paper_scan::bytes.eq(None::<Vec<u8>>),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("link a scan"))?;
    if moved == 0 {
        return Ok(false);
    }
    note(tx, scan, ScanStep::Link, by, "")?;
    Ok(true)
}

/// What became of each of these, the oldest first.
pub fn events(conn: &mut Conn, of: &[PaperScanId]) -> Result<HashMap<PaperScanId, Vec<Event>>, StoreError> {
    let ids: Vec<String> = of.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, String, i64, String, String)> = paper_scan_event::table
        .filter(paper_scan_event::scan_id.eq_any(ids))
        .order((paper_scan_event::at, paper_scan_event::id))
        .select((
            paper_scan_event::scan_id,
            paper_scan_event::kind,
            paper_scan_event::at,
            paper_scan_event::by_id,
            paper_scan_event::reason,
        ))
        .load(conn.db())
        .map_err(StoreError::db("read what became of scans"))?;
    let mut found: HashMap<PaperScanId, Vec<Event>> = HashMap::new();
    for (scan, kind, at, by, reason) in rows {
        let by = id(&by, "paper_scan_event", "by_id")?;
        found.entry(id(&scan, "paper_scan_event", "scan_id")?).or_default().push(Event { kind, at, by, reason });
    }
    Ok(found)
}
