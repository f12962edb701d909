//! A filled form: what a caller hands in, and the same in the words of a template, so that templates only set type.

use benhan_domain::form::values::Values;
use benhan_domain::form::{Field, FieldKind, FormDefinition, Signatory, Width};
use benhan_domain::time::Instant;
use serde::Serialize;
use serde_json::Value;

use crate::error::RenderError;
use crate::letterhead::{DocumentRef, Letterhead, Patient};
use crate::local_time::{clock_and_date, date, local};
use crate::number::vietnamese;
use crate::patient_mark::{PatientMark, PatientMarkView};
use crate::signature::{SignatureMark, SignatureView};

/// One version of a filled form.
#[derive(Debug, Clone)]
pub struct FormSheet<'a> {
    pub letterhead: Letterhead,
    pub patient: Patient,
    pub document: DocumentRef,
    /// When it was true, µs UTC.
    pub effective_at: i64,
    /// Who wrote this version, with the title before the name.
    pub author: String,
    pub values: &'a Values,
    /// Name of the slot and what stands in it.
    pub signatures: Vec<(String, SignatureMark)>,
    /// The same for patients and their representatives.
    pub patients: Vec<(String, PatientMark)>,
    /// Printed to be signed with ink.
    pub paper: Option<PaperPrint>,
    /// Every earlier version that was signed, and why it was written anew; oldest first.
    pub amendments: Vec<Amendment>,
}

/// A signed version that a later one replaced.
#[derive(Debug, Clone)]
pub struct Amendment {
    /// The version that came of it.
    pub version: u32,
    pub by: String,
    /// µs UTC.
    pub at: i64,
    pub reason: String,
}

/// The conversion of an electronic sheet to paper (Law 20/2023 Art. 12, Decree 137/2024 Art. 5).
#[derive(Debug, Clone)]
pub struct PaperPrint {
    /// Ties the paper to its version; typed when the scan comes back.
    pub code: String,
    /// Who converted it, with the title before the name.
    pub by: String,
    /// µs UTC.
    pub at: i64,
    /// The same code with the page's number for a scanner, as an SVG for each page; past the last one the code stands alone.
    pub marks: Vec<String>,
}

impl<'a> FormSheet<'a> {
    /// A sheet about no patient, for trying a form out and for printing it blank.
    pub(crate) fn of_nobody(form: &FormDefinition, letterhead: Letterhead, values: &'a Values) -> Self {
        Self {
            letterhead,
            patient: Patient::nobody(),
            document: DocumentRef { id: form.code.clone(), version: form.version },
            effective_at: 0,
            author: String::new(),
            values,
            signatures: Vec::new(),
            patients: Vec::new(),
            paper: None,
            amendments: Vec::new(),
        }
    }
}

/// What `form.typ` gets.
#[derive(Serialize)]
pub(crate) struct FormView<'a> {
    letterhead: &'a Letterhead,
    patient: &'a Patient,
    document: &'a DocumentRef,
    effective: String,
    author: &'a str,
    sections: Vec<SectionView<'a>>,
    slots: Vec<SlotView<'a>>,
    amendments: Vec<AmendmentView<'a>>,
    /// Nobody has signed it: said across the page.
    draft: bool,
    paper: Option<PaperView<'a>>,
}

#[derive(Serialize)]
struct PaperView<'a> {
    code: &'a str,
    by: &'a str,
    time: String,
    marks: &'a [String],
}

#[derive(Serialize)]
struct SectionView<'a> {
    name: &'a str,
    label: &'a str,
    text: &'a str,
    boxed: bool,
    fields: Vec<FieldView<'a>>,
}

/// `text` is the whole answer in words; `options`, `rows` and the parts of a diagnosis are what a template may rather
/// draw.
#[derive(Serialize)]
struct FieldView<'a> {
    name: &'a str,
    label: &'a str,
    kind: FieldKind,
    width: Width,
    unit: &'a str,
    text: String,
    words: &'a str,
    code: &'a str,
    options: Vec<OptionView<'a>>,
    columns: Vec<ColumnView<'a>>,
    rows: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct ColumnView<'a> {
    label: &'a str,
    kind: FieldKind,
    unit: &'a str,
}

#[derive(Serialize)]
struct OptionView<'a> {
    label: &'a str,
    chosen: bool,
}

#[derive(Serialize)]
struct SlotView<'a> {
    label: &'a str,
    who: Signatory,
    signature: Option<SignatureView<'a>>,
    patient: Option<PatientMarkView<'a>>,
}

impl SlotView<'_> {
    fn is_open_seal(&self) -> bool {
        self.who == Signatory::Department && self.signature.is_none()
    }
}

#[derive(Serialize)]
struct AmendmentView<'a> {
    version: u32,
    by: &'a str,
    time: String,
    reason: &'a str,
}

impl<'a> FormView<'a> {
    pub(crate) fn new(form: &'a FormDefinition, sheet: &'a FormSheet<'a>) -> Result<Self, RenderError> {
        let slot = |slot: &'a benhan_domain::form::SignatureSlot| {
            let mark = sheet.signatures.iter().find(|(name, _)| *name == slot.name);
            let signature = mark.map(|(_, mark)| SignatureView::new(mark)).transpose()?;
            let patient = sheet.patients.iter().find(|(name, _)| *name == slot.name);
            let patient = patient.map(|(_, mark)| PatientMarkView::new(mark)).transpose()?;
            Ok(SlotView { label: &slot.label, who: slot.who, signature, patient })
        };
        let section = |section: &'a benhan_domain::form::Section| {
            let fields = section.fields.iter().map(|field| FieldView::new(field, sheet.values.get(&field.name)));
            let fields = fields.collect::<Result<_, _>>()?;
            Ok(SectionView {
                name: &section.name,
                label: &section.label,
                text: &section.text,
                boxed: section.boxed,
                fields,
            })
        };
        let amendment = |a: &'a Amendment| {
            Ok(AmendmentView { version: a.version, by: &a.by, time: clock_and_date(local(a.at)?), reason: &a.reason })
        };
        Ok(Self {
            letterhead: &sheet.letterhead,
            patient: &sheet.patient,
            document: &sheet.document,
            effective: clock_and_date(local(sheet.effective_at)?),
            author: &sheet.author,
            sections: form.sections.iter().map(section).collect::<Result<_, RenderError>>()?,
            // A seal that nobody put leaves no gap.
            slots: form
                .signing
                .slots
                .iter()
                .map(slot)
                .filter(|view| !matches!(view, Ok(view) if view.is_open_seal()))
                .collect::<Result<_, RenderError>>()?,
            amendments: sheet.amendments.iter().map(amendment).collect::<Result<_, RenderError>>()?,
            draft: sheet.signatures.is_empty(),
            paper: sheet.paper.as_ref().map(PaperView::new).transpose()?,
        })
    }
}

impl<'a> PaperView<'a> {
    fn new(paper: &'a PaperPrint) -> Result<Self, RenderError> {
        Ok(Self { code: &paper.code, by: &paper.by, time: clock_and_date(local(paper.at)?), marks: &paper.marks })
    }
}

impl<'a> FieldView<'a> {
    fn new(field: &'a Field, value: Option<&'a Value>) -> Result<Self, RenderError> {
        let chosen = |code: &str| match value {
            Some(Value::String(one)) => one == code,
            Some(Value::Array(some)) => some.iter().any(|c| c.as_str() == Some(code)),
            _ => false,
        };
        let options = field.options.iter().map(|o| OptionView { label: &o.label, chosen: chosen(&o.code) }).collect();
        let mut rows = Vec::new();
        if let (FieldKind::Table, Some(Value::Array(lines))) = (field.kind, value) {
            for line in lines {
                let cells = field.columns.iter().map(|c| in_words(c, line.get(&c.name)));
                rows.push(cells.collect::<Result<_, _>>()?);
            }
        }
        let column = |c: &'a Field| ColumnView { label: &c.label, kind: c.kind, unit: unit_of(c) };
        let part = |name: &str| value.and_then(|v| v.get(name)).and_then(Value::as_str).unwrap_or_default();
        Ok(Self {
            name: &field.name,
            label: &field.label,
            kind: field.kind,
            width: field.width,
            unit: unit_of(field),
            text: in_words(field, value)?,
            words: part("text"),
            code: part("code"),
            options,
            columns: field.columns.iter().map(column).collect(),
            rows,
        })
    }
}

/// An answer as paper has it; empty when there is none.
fn in_words(field: &Field, value: Option<&Value>) -> Result<String, RenderError> {
    let Some(value) = value else { return Ok(String::new()) };
    let text = value.as_str().unwrap_or_default();
    let number = |value: &Value| vietnamese(value.as_f64().unwrap_or_default(), field.decimals.unwrap_or(3).into());
    Ok(match field.kind {
        FieldKind::Line | FieldKind::Text => text.to_owned(),
        FieldKind::Quantity | FieldKind::Score => number(value)?,
        FieldKind::BloodPressure => {
            let part = |name: &str| value.get(name).map_or(Ok(String::new()), number);
            format!("{}/{}", part("systolic")?, part("diastolic")?)
        }
        FieldKind::Choice => label_of(field, text).to_owned(),
        FieldKind::Choices => {
            let codes = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            codes.map(|code| label_of(field, code)).collect::<Vec<_>>().join("; ")
        }
        FieldKind::Check => "☑".to_owned(),
        FieldKind::Date => text.parse().map_or_else(|_| text.to_owned(), date),
        FieldKind::Instant => match Instant::parse(text) {
            Some(at) => clock_and_date(local(at.0)?),
            None => text.to_owned(),
        },
        FieldKind::Diagnosis => {
            let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
            match (part("text"), part("code")) {
                (words, "") => words.to_owned(),
                ("", code) => code.to_owned(),
                (words, code) => format!("{words} ({code})"),
            }
        }
        FieldKind::Table => String::new(),
    })
}

fn unit_of(field: &Field) -> &str {
    let unit = field.unit_label.as_deref().or(field.unit.as_deref());
    unit.unwrap_or(if field.kind == FieldKind::BloodPressure { "mmHg" } else { "" })
}

fn label_of<'a>(field: &'a Field, code: &'a str) -> &'a str {
    field.options.iter().find(|option| option.code == code).map_or(code, |option| option.label.as_str())
}
