//! The downtime kit of a ward (bộ hồ sơ dự phòng): who lies there, what is open for each, and sheets to write on by hand,
//! as one document. It is a snapshot for a few hours without the server: no sheet of the record, signed by nobody.

use benhan_domain::form::FormDefinition;
use jiff::civil::DateTime;
use serde::Serialize;
use serde_json::Value;
use typst::foundations::Bytes;

use crate::error::RenderError;
use crate::kit_world::{Folder, KitWorld};
use crate::letterhead::{Letterhead, Patient};
use crate::limits::Limits;
use crate::local_time::{clock_and_date, local};
use crate::pdf::{self, Pdf, Purpose};
use crate::printable::{self, OnUncovered};
use crate::renderer::Renderer;

/// The cover, the census and what is open: a house form of this code.
const CODE: &str = "bo-du-phong";

/// A ward of eighty with four sheets for each of them, and room beside.
const LIMITS: Limits =
    Limits { rows: 2_000, text: 20_000, all_text: 2_000_000, pages: 1_000, attachments: 0, attachment_bytes: 0 };

/// Everything that a kit says; texts as they are printed.
#[derive(Debug, Clone)]
pub struct Kit<'a> {
    pub letterhead: Letterhead,
    /// The ward's code, in the name of the document.
    pub ward: String,
    /// When the record was read, and until when a reader may expect a newer kit. µs UTC.
    pub made: i64,
    pub trusted_until: i64,
    pub patients: Vec<KitPatient>,
    /// What is printed blank for each patient, and without a name.
    pub sheets: Vec<&'a FormDefinition>,
    /// One of each of these for each patient, with the name on it.
    pub named: bool,
    /// Sheets of each form without a name, for who comes in meanwhile.
    pub copies: usize,
}

/// One line of the census, and the page behind it.
#[derive(Debug, Clone, Serialize)]
pub struct KitPatient {
    #[serde(flatten)]
    pub who: Patient,
    /// Another patient in the house bears the same name.
    pub same_name: bool,
    pub pregnant: bool,
    /// Days since admission, the first one counted.
    pub days: i64,
    /// Who ordered last: whom to ask. Empty: nobody yet.
    pub attending: String,
    /// Empty: none is charted, which is not the same as none.
    pub allergies: Vec<String>,
    pub news2: KitScore,
    /// `M 104 · HA 134/82`, and when; empty: nothing within a day.
    pub vitals: String,
    pub vitals_at: String,
    /// When the next set is due.
    pub due: String,
    pub overdue: bool,
    /// Not done yet, oldest first.
    pub orders: Vec<KitOrder>,
    /// The last lines of the treatment sheet that order something, newest first.
    pub treatment: Vec<KitOrder>,
    /// Released results out of their range or critical, newest first.
    pub results: Vec<KitResult>,
}

/// NEWS2 as the ward says it; empty where there is no score.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KitScore {
    pub total: String,
    /// `none`, `watch`, `urgent`, `emergency` or nothing: for the tint beside the number.
    pub band: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct KitOrder {
    pub what: String,
    /// What has become of it so far.
    pub state: String,
    pub at: String,
    pub by: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct KitResult {
    pub name: String,
    pub value: String,
    pub range: String,
    pub flag: String,
    pub critical: bool,
    pub at: String,
}

#[derive(Serialize)]
struct KitView<'a> {
    letterhead: &'a Letterhead,
    document: Document<'a>,
    made: String,
    until: String,
    patients: &'a [KitPatient],
    sheets: Vec<&'a str>,
    named: bool,
    copies: usize,
    attachments: [(); 0],
}

#[derive(Serialize)]
struct Document<'a> {
    id: &'a str,
    version: u32,
}

impl Renderer {
    /// Typesets a kit. A character that no font holds prints as U+FFFD: one of them must not leave a ward without its kit.
    pub fn kit(&self, kit: &Kit<'_>) -> Result<Pdf, RenderError> {
        let at = local(kit.made)?;
        let mut folders = vec![self.cover(kit, at)?];
        for patient in kit.patients.iter().filter(|_| kit.named) {
            for form in &kit.sheets {
                folders.push(self.sheet(form, &kit.letterhead, patient.who.clone(), kit.made)?);
            }
        }
        for form in &kit.sheets {
            for _ in 0..kit.copies {
                folders.push(self.sheet(form, &kit.letterhead, Patient::nobody(), kit.made)?);
            }
        }
        let world = KitWorld::new(self.files(), folders, at)?;
        pdf::produce(&world, at, CODE, &format!("{CODE}/{}/{}", kit.ward, kit.made), LIMITS.pages, Purpose::Passing)
    }

    fn cover(&self, kit: &Kit<'_>, at: DateTime) -> Result<Folder, RenderError> {
        let view = KitView {
            letterhead: &kit.letterhead,
            document: Document { id: &kit.ward, version: 1 },
            made: clock_and_date(at),
            until: clock_and_date(local(kit.trusted_until)?),
            patients: &kit.patients,
            sheets: kit.sheets.iter().map(|form| form.title.as_str()).collect(),
            named: kit.named,
            copies: kit.copies,
            attachments: [],
        };
        let form = self.form(CODE, at.date())?;
        folder(form, serde_json::to_value(view).map_err(RenderError::Values)?)
    }

    fn sheet(
        &self,
        form: &FormDefinition,
        letterhead: &Letterhead,
        patient: Patient,
        made: i64,
    ) -> Result<Folder, RenderError> {
        let mut values = self.blank_values(form, letterhead.clone(), patient, made)?;
        if let Some(members) = values.as_object_mut() {
            members.insert("kit".to_owned(), true.into());
            members.insert("attachments".to_owned(), Value::Array(Vec::new()));
        }
        folder(form, values)
    }
}

fn folder(form: &FormDefinition, mut values: Value) -> Result<Folder, RenderError> {
    printable::prepare(&mut values, &LIMITS, OnUncovered::Replace)?;
    let members = values.as_object_mut().ok_or(RenderError::NotPrintable("a kit's values without names"))?;
    members.insert("form".to_owned(), serde_json::to_value(form).map_err(RenderError::Values)?);
    let values = serde_json::to_vec(&values).map_err(RenderError::Values)?;
    Ok(Folder { template: form.template.clone(), values: Bytes::new(values) })
}
