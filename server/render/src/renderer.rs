//! Forms and values in, sheets out.

use std::collections::BTreeMap;

use benhan_domain::form::values::{self, Values};
use benhan_domain::form::{Abbreviations, FormDefinition, sample};
use benhan_domain::personal_data::Purpose as DataPurpose;
use jiff::civil::{Date, DateTime};
use serde::Serialize;
use serde_json::Value;
use typst::foundations::Bytes;
use typst::syntax::{DiagSpanKind, Source};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _};

use crate::attachment::{self, Attachment};
use crate::care_sheet::{CareSheet, SheetView};
use crate::catalogue::{self, CATALOGUE, Listed};
use crate::embedded::FORM_FILES;
use crate::error::{FormError, RenderError};
use crate::form_sheet::{FormSheet, FormView};
use crate::forms;
use crate::kit_world::Files;
use crate::letterhead::{Letterhead, Patient};
use crate::limits::Limits;
use crate::local_time::{clock_and_date, local};
use crate::pdf::{self, Pdf, Purpose};
use crate::printable::{self, OnUncovered};
use crate::vital_chart::{ChartView, VitalChart};
use crate::world::{ATTACHED, SheetWorld, file_id};

/// The two sheets that the program draws itself.
const CHART: &str = "theo-doi-chuc-nang-song";
const CARE: &str = "phieu-cham-soc";

/// Forms read and templates parsed once; rendering borrows it from any thread.
pub struct Renderer {
    library: LazyHash<Library>,
    templates: BTreeMap<String, Source>,
    forms: Vec<FormDefinition>,
    /// The file of each of `forms`.
    files: Vec<String>,
    catalogue: Vec<Listed>,
    abbreviations: Abbreviations,
    purposes: Vec<DataPurpose>,
    limits: Limits,
    on_uncovered: OnUncovered,
}

/// An attachment as a template lists it. The members `form` and `attachments` of the values are always ours.
#[derive(Serialize)]
struct AttachedView<'a> {
    file: String,
    name: &'a str,
    mime: &'a str,
    description: &'a str,
    relationship: attachment::Relationship,
}

impl Renderer {
    /// The forms that come with the program.
    pub fn new() -> Result<Self, FormError> {
        Self::with_files([])
    }

    /// The same with a hospital's own files (name, text) from its forms directory: `.toml` definitions and `.typ`
    /// templates. A file of the same name replaces the built-in one.
    pub fn with_files<'a>(own: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, FormError> {
        let (renderer, flaws) = Self::examine(own);
        flaws.into_iter().next().map_or(Ok(renderer), Err)
    }

    /// The same with everything that is wrong with the files; what can be used is in the renderer.
    pub fn examine<'a>(own: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<FormError>) {
        let mut flaws = Vec::new();
        let mut files: forms::Files<'a> = FORM_FILES.iter().copied().collect();
        files.extend(own);
        let defined = forms::definitions(&files, &mut flaws);
        let mut templates = BTreeMap::new();
        for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".typ")) {
            match parse_template(name, text) {
                Ok(source) => drop(templates.insert((*name).to_owned(), source)),
                Err(flaw) => flaws.push(flaw),
            }
        }
        for (file, form) in &defined {
            if !files.contains_key(form.template.as_str()) {
                let (file, template) = ((*file).to_owned(), form.template.clone());
                flaws.push(FormError::TemplateMissing { file, template });
            }
        }
        let abbreviations = read_one(&files, forms::ABBREVIATIONS, forms::abbreviations, &mut flaws);
        let mut catalogue = read_one(&files, CATALOGUE, catalogue::read, &mut flaws);
        for listed in &mut catalogue {
            listed.code = defined.iter().find(|(_, form)| form.number == listed.number).map(|(_, f)| f.code.clone());
        }
        let purposes = forms::purposes(&files, &mut flaws);
        let (files, forms) = defined.into_iter().map(|(file, form)| (file.to_owned(), form)).unzip();
        let renderer = Self {
            library: LazyHash::new(Library::default()),
            templates,
            forms,
            files,
            catalogue,
            abbreviations,
            purposes,
            limits: Limits::default(),
            on_uncovered: OnUncovered::Refuse,
        };
        (renderer, flaws)
    }

    /// Other bounds than the default.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Another answer to characters that cannot be printed than refusing them.
    #[must_use]
    pub fn with_uncovered(self, on_uncovered: OnUncovered) -> Self {
        Self { on_uncovered, ..self }
    }

    /// Every form, all versions.
    pub fn forms(&self) -> &[FormDefinition] {
        &self.forms
    }

    /// Every form with the name of the file in which it stands.
    pub fn forms_by_file(&self) -> impl Iterator<Item = (&str, &FormDefinition)> {
        self.files.iter().map(String::as_str).zip(&self.forms)
    }

    /// The 82 forms of Circular 32/2023, each with the code of its definition where there is one.
    pub fn catalogue(&self) -> &[Listed] {
        &self.catalogue
    }

    /// Those of the 82 that are in force and have no definition yet.
    pub fn to_come(&self) -> impl Iterator<Item = &Listed> {
        self.catalogue.iter().filter(|listed| listed.code.is_none() && listed.replaced_by.is_none())
    }

    /// The version of a form that applies to a sheet of this day.
    pub fn form(&self, code: &str, day: Date) -> Result<&FormDefinition, RenderError> {
        let found = self.forms.iter().find(|form| form.code == code && form.is_valid_on(day));
        found.ok_or_else(|| RenderError::UnknownForm { code: code.to_owned(), day })
    }

    /// The version of a form with which a sheet was opened.
    pub fn version_of(&self, code: &str, version: u32) -> Option<&FormDefinition> {
        self.forms.iter().find(|form| form.code == code && form.version == version)
    }

    /// The facility's list of abbreviations.
    pub fn abbreviations(&self) -> &Abbreviations {
        &self.abbreviations
    }

    /// What personal data is used for on this day: of each purpose its newest version, by code.
    pub fn purposes(&self, day: Date) -> Vec<&DataPurpose> {
        let mut found: BTreeMap<&str, &DataPurpose> = BTreeMap::new();
        for purpose in self.purposes.iter().filter(|purpose| purpose.valid_from <= day) {
            found.insert(&purpose.code, purpose);
        }
        found.into_values().collect()
    }

    /// A filled form as its own version prints it, dated `at` (µs UTC).
    pub fn form_sheet(
        &self,
        form: &FormDefinition,
        sheet: &FormSheet<'_>,
        attachments: &[Attachment],
        at: i64,
    ) -> Result<Pdf, RenderError> {
        attachment::check_named(sheet.signatures.iter().map(|(_, mark)| Some(mark)), attachments)?;
        attachment::check_evidence(sheet.patients.iter().map(|(_, mark)| mark), attachments)?;
        let view = FormView::new(form, sheet)?;
        self.typeset_as(form, &sheet.document.id, sheet.document.version, view, attachments, local(at)?)
    }

    /// A form with nothing in it, to be filled by hand while the systems are down.
    pub fn blank(&self, form: &FormDefinition, letterhead: Letterhead, at: i64) -> Result<Pdf, RenderError> {
        let values = self.blank_values(form, letterhead, Patient::nobody(), at)?;
        self.typeset_as(form, &form.code, form.version, values, &[], local(at)?)
    }

    /// The same as values, about somebody or nobody.
    pub(crate) fn blank_values(
        &self,
        form: &FormDefinition,
        letterhead: Letterhead,
        patient: Patient,
        at: i64,
    ) -> Result<Value, RenderError> {
        let (day, values) = (local(at)?, Values::new());
        let sheet = FormSheet { effective_at: at, patient, ..FormSheet::of_nobody(form, letterhead, &values) };
        let FormSheet { letterhead, patient, document, .. } = sheet.clone();
        let view = match form.code.as_str() {
            CHART => ChartView::new(&VitalChart { letterhead, patient, document, since: at, sets: Vec::new() })
                .map(serde_json::to_value)?,
            CARE => {
                SheetView::new(&CareSheet { letterhead, patient, document, level: String::new(), entries: Vec::new() })
                    .map(serde_json::to_value)?
            }
            _ if form.is_filled() => FormView::new(form, &sheet).map(serde_json::to_value)?,
            _ => return Err(RenderError::NotPrintable("a form that nobody fills")),
        };
        let mut view = view.map_err(RenderError::Values)?;
        if let Some(members) = view.as_object_mut() {
            members.insert("blank".to_owned(), clock_and_date(day).into());
        }
        Ok(view)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn files(&self) -> Files<'_> {
        Files { library: &self.library, templates: &self.templates }
    }

    /// Prints the form empty and with something in every field: what a template cannot do comes out here.
    pub fn try_out(&self, form: &FormDefinition, letterhead: Letterhead, at: i64) -> Result<(Pdf, Pdf), RenderError> {
        let blank = self.blank(form, letterhead.clone(), at)?;
        let values = values::read(form, &sample(form, 3)).map_err(|_| RenderError::NotPrintable("a sample"))?;
        let sheet = FormSheet { effective_at: at, ..FormSheet::of_nobody(form, letterhead, &values) };
        Ok((blank, self.form_sheet(form, &sheet, &[], at)?))
    }

    /// *Phiếu theo dõi chức năng sống*, dated `at` (µs UTC): the instant of composing, in the PDF as its creation date.
    pub fn vital_chart(&self, chart: &VitalChart, attachments: &[Attachment], at: i64) -> Result<Pdf, RenderError> {
        self.check_rows(chart.sets.len())?;
        attachment::check_named(chart.sets.iter().map(|set| set.signature.as_ref()), attachments)?;
        let view = ChartView::new(chart)?;
        self.typeset(CHART, &chart.document.id, chart.document.version, view, attachments, at)
    }

    /// *Phiếu chăm sóc*, dated `at` (µs UTC).
    pub fn care_sheet(&self, sheet: &CareSheet, attachments: &[Attachment], at: i64) -> Result<Pdf, RenderError> {
        self.check_rows(sheet.entries.len())?;
        attachment::check_named(sheet.entries.iter().map(|entry| entry.signature.as_ref()), attachments)?;
        let view = SheetView::new(sheet)?;
        self.typeset(CARE, &sheet.document.id, sheet.document.version, view, attachments, at)
    }

    /// Any form, with the values that its template expects; `values` is a JSON object with at least `letterhead`,
    /// `patient` and `document {id, version}`.
    pub fn render(&self, code: &str, values: &Value, attachments: &[Attachment], at: i64) -> Result<Pdf, RenderError> {
        let id = values.pointer("/document/id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let version = values.pointer("/document/version").and_then(Value::as_u64).and_then(|v| u32::try_from(v).ok());
        self.typeset(code, &id, version.unwrap_or_default(), values, attachments, at)
    }

    /// The same for what was sealed and nobody can mend any more: U+FFFD stands for a character that the fonts lack.
    pub fn render_sealed(
        &self,
        code: &str,
        mut values: Value,
        attachments: &[Attachment],
        at: i64,
    ) -> Result<Pdf, RenderError> {
        printable::prepare(&mut values, &self.limits, OnUncovered::Replace)?;
        self.render(code, &values, attachments, at)
    }

    fn check_rows(&self, found: usize) -> Result<(), RenderError> {
        if found > self.limits.rows {
            return Err(RenderError::TooLarge { what: "rows", found, limit: self.limits.rows });
        }
        Ok(())
    }

    fn typeset<V: Serialize>(
        &self,
        code: &str,
        id: &str,
        version: u32,
        values: V,
        attachments: &[Attachment],
        at: i64,
    ) -> Result<Pdf, RenderError> {
        let at = local(at)?;
        self.typeset_as(self.form(code, at.date())?, id, version, values, attachments, at)
    }

    fn typeset_as<V: Serialize>(
        &self,
        form: &FormDefinition,
        id: &str,
        version: u32,
        values: V,
        attachments: &[Attachment],
        at: DateTime,
    ) -> Result<Pdf, RenderError> {
        attachment::check(attachments, &self.limits)?;
        let mut values = serde_json::to_value(values).map_err(RenderError::Values)?;
        printable::prepare(&mut values, &self.limits, self.on_uncovered)?;
        let members = values.as_object_mut().ok_or(RenderError::NotPrintable("a sheet's values without names"))?;
        members.insert("form".to_owned(), serde_json::to_value(form).map_err(RenderError::Values)?);
        let attached = serde_json::to_value(attached_views(attachments)).map_err(RenderError::Values)?;
        members.insert("attachments".to_owned(), attached);
        let values = serde_json::to_vec(&values).map_err(RenderError::Values)?;
        let world = self.world(form, values, attachments, at)?;
        pdf::produce(&world, at, &form.code, &format!("{id}/{version}"), self.limits.pages, Purpose::Record)
    }

    fn world(
        &self,
        form: &FormDefinition,
        values: Vec<u8>,
        attachments: &[Attachment],
        at: DateTime,
    ) -> Result<SheetWorld<'_>, RenderError> {
        let missing = || FormError::TemplateMissing { file: form.code.clone(), template: form.template.clone() };
        let main = self.templates.get(&form.template).ok_or_else(missing)?.id();
        Ok(SheetWorld {
            library: &self.library,
            templates: &self.templates,
            main,
            values: Bytes::new(values),
            attached: attachments.iter().map(|a| Bytes::new(a.bytes.clone())).collect(),
            at,
        })
    }
}

/// One of the files that are no definition; empty with a flaw where it cannot be read.
fn read_one<T: Default>(
    files: &forms::Files<'_>,
    name: &str,
    read: fn(&str) -> Result<T, FormError>,
    flaws: &mut Vec<FormError>,
) -> T {
    let found = files.get(name).map_or_else(|| Ok(T::default()), |text| read(text));
    found.unwrap_or_else(|flaw| {
        flaws.push(flaw);
        T::default()
    })
}

fn attached_views(attachments: &[Attachment]) -> Vec<AttachedView<'_>> {
    let numbered = attachments.iter().enumerate();
    numbered
        .map(|(index, attachment)| AttachedView {
            file: format!("{ATTACHED}{index}"),
            name: &attachment.name,
            mime: &attachment.mime,
            description: &attachment.description,
            relationship: attachment.relationship,
        })
        .collect()
}

fn parse_template(name: &str, text: &str) -> Result<Source, FormError> {
    let fault = |line, message: String| FormError::Syntax { file: name.to_owned(), line, message };
    let id = file_id(name).ok_or_else(|| fault(0, "the file name cannot be a template's".to_owned()))?;
    let source = Source::new(id, text.to_owned());
    if let Some(error) = source.root().errors_and_warnings().0.into_iter().next() {
        let start = match error.span.get() {
            DiagSpanKind::Number { num, sub_range, .. } => source.range(num, sub_range).map(|range| range.start),
            DiagSpanKind::Range { range, .. } => Some(range.start),
            DiagSpanKind::Detached => None,
        };
        let line = start.and_then(|start| source.lines().byte_to_line(start));
        return Err(fault(line.map_or(0, |line| line.saturating_add(1)), error.message.to_string()));
    }
    Ok(source)
}
