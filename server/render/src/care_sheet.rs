//! The care sheet, *phiếu chăm sóc*: what a caller hands in, and the same as its template reads it.

use jiff::civil::DateTime;
use serde::Serialize;

use crate::error::RenderError;
use crate::letterhead::{DocumentRef, Letterhead, Patient};
use crate::local_time::{clock, clock_and_date, date, local};
use crate::signature::{SignatureMark, SignatureView};

/// A care sheet. Entries may come in any order; the sheet shows them by time.
#[derive(Debug, Clone)]
pub struct CareSheet {
    pub letterhead: Letterhead,
    pub patient: Patient,
    pub document: DocumentRef,
    /// Level of care as printed (`Cấp II`); may be empty.
    pub level: String,
    pub entries: Vec<CareEntry>,
}

/// One entry: what was seen, what was done, by whom.
#[derive(Debug, Clone)]
pub struct CareEntry {
    /// When it was true, µs UTC.
    pub at: i64,
    /// The version shown; above 1 after a correction.
    pub version: u32,
    /// Theo dõi diễn biến; lines are kept.
    pub progress: String,
    /// Thực hiện y lệnh, chăm sóc; lines are kept.
    pub care: String,
    pub author: String,
    /// Every earlier text, oldest first.
    pub corrections: Vec<CareCorrection>,
    /// The reason, when the whole entry was withdrawn: it stays, struck through.
    pub withdrawn: Option<String>,
    pub signature: Option<SignatureMark>,
}

/// Which of the two texts a correction replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CareColumn {
    Progress,
    Care,
}

/// One replaced text. The old one stays on the sheet.
#[derive(Debug, Clone)]
pub struct CareCorrection {
    pub column: CareColumn,
    /// The text before; empty if there was none.
    pub before: String,
    pub reason: String,
    /// Who corrected it.
    pub by: String,
    /// When, µs UTC.
    pub at: i64,
    /// The version that the correction made.
    pub version: u32,
}

/// What `phieu-cham-soc.typ` gets.
#[derive(Serialize)]
pub(crate) struct SheetView<'a> {
    letterhead: &'a Letterhead,
    patient: &'a Patient,
    document: &'a DocumentRef,
    level: &'a str,
    entries: Vec<EntryView<'a>>,
}

#[derive(Serialize)]
struct EntryView<'a> {
    time: String,
    date: String,
    version: u32,
    progress: &'a str,
    care: &'a str,
    author: &'a str,
    withdrawn: Option<&'a str>,
    corrections: Vec<CorrectionView<'a>>,
    signature: Option<SignatureView<'a>>,
}

#[derive(Serialize)]
struct CorrectionView<'a> {
    column: CareColumn,
    before: &'a str,
    reason: &'a str,
    by: &'a str,
    time: String,
    version: u32,
}

impl<'a> SheetView<'a> {
    pub(crate) fn new(sheet: &'a CareSheet) -> Result<Self, RenderError> {
        let mut entries: Vec<(DateTime, &CareEntry)> =
            sheet.entries.iter().map(|e| Ok((local(e.at)?, e))).collect::<Result<_, RenderError>>()?;
        entries.sort_by_key(|(at, _)| *at);
        Ok(Self {
            letterhead: &sheet.letterhead,
            patient: &sheet.patient,
            document: &sheet.document,
            level: &sheet.level,
            entries: entries.iter().map(|(at, entry)| EntryView::new(*at, entry)).collect::<Result<_, _>>()?,
        })
    }
}

impl<'a> EntryView<'a> {
    fn new(at: DateTime, entry: &'a CareEntry) -> Result<Self, RenderError> {
        let correction = |c: &'a CareCorrection| {
            Ok(CorrectionView {
                column: c.column,
                before: &c.before,
                reason: &c.reason,
                by: &c.by,
                time: clock_and_date(local(c.at)?),
                version: c.version,
            })
        };
        Ok(Self {
            time: clock(at),
            date: date(at.date()),
            version: entry.version,
            progress: &entry.progress,
            care: &entry.care,
            author: &entry.author,
            withdrawn: entry.withdrawn.as_deref(),
            corrections: entry.corrections.iter().map(correction).collect::<Result<_, RenderError>>()?,
            signature: entry.signature.as_ref().map(SignatureView::new).transpose()?,
        })
    }
}
