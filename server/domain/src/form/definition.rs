//! What a form is called, which act asks for it, since when, what it asks for, and whose signatures it needs.

use super::field::Field;
use crate::access::Role;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One version of a form. One changed by law is a new definition with its own days; records keep the one they were
/// opened with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormDefinition {
    /// Name in the system, the same through all versions: `benh-an-noi-khoa`.
    pub code: String,
    /// Number of the act, printed at the head (`MS: 01/BV1`); empty for the facility's own forms.
    #[serde(default)]
    pub number: String,
    pub title: String,
    pub title_en: String,
    pub version: u32,
    /// The act that asks for the form, as cited.
    pub legal_act: String,
    pub valid_from: Date,
    /// Last day of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    #[serde(default)]
    pub kind: FormKind,
    /// A stay has at most one standing sheet of it: a bệnh án, a discharge letter.
    #[serde(default)]
    pub once: bool,
    /// Given to the patient or another facility: written without abbreviations (TT 32/2023, Điều 52).
    #[serde(default)]
    pub leaves: bool,
    /// File name of the print template; `form.typ` prints any form by its sections.
    #[serde(default = "any_form")]
    pub template: String,
    pub signing: SigningPolicy,
    #[serde(default)]
    pub sections: Vec<Section>,
    /// Settings that only the template reads, such as the range of an axis.
    #[serde(default)]
    pub print: Map<String, Value>,
}

fn any_form() -> String {
    "form.typ".to_owned()
}

/// Where a form has its place in the record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormKind {
    /// Bệnh án: what every stay must have one of (Phụ lục XXVIII).
    Record,
    /// Phiếu, giấy filled by staff for the record (Phụ lục XXIX).
    #[default]
    Sheet,
    /// Drawn by the program from what is charted elsewhere; nobody fills it.
    Drawn,
    /// No sheet of a patient.
    House,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    pub name: String,
    /// As printed: `II. Quản lý người bệnh`; may be empty.
    #[serde(default)]
    pub label: String,
    /// A sentence under the heading for those who fill it; not printed.
    #[serde(default)]
    pub hint: String,
    /// Words of the form itself under the heading, printed and shown: what somebody consents to.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Framed on paper: the vital signs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub boxed: bool,
    /// None for a heading over the sections that follow: `A. Bệnh án`.
    pub fields: Vec<Field>,
}

/// When something must be there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needed {
    #[default]
    Never,
    /// Before the record is closed: the summary at discharge.
    Close,
    /// Before anybody signs the sheet.
    Sign,
}

/// What is signed, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningPolicy {
    /// What one signature over canonical data covers.
    pub unit: SigningUnit,
    /// Roles that may fill the form. Who saved a version signs it first.
    pub authors: Vec<Role>,
    /// In the order in which they sign; the first is the author's.
    pub slots: Vec<SignatureSlot>,
}

/// The smallest thing signed on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SigningUnit {
    /// Each entry or observation set.
    Entry,
    /// The sheet as a whole.
    Sheet,
}

/// A place at the foot of the sheet where somebody signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureSlot {
    pub name: String,
    /// As printed over the signature: `Bác sĩ làm bệnh án`.
    pub label: String,
    #[serde(default)]
    pub who: Signatory,
    /// Roles of staff who may sign here; the first slot's are the authors'. In a patient's slot those who may witness:
    /// none are named where everybody may who has the right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    #[serde(default)]
    pub needed: Needed,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signatory {
    #[default]
    Staff,
    /// Người bệnh hoặc người đại diện: signs before a witness, or on paper (TT 46/2018, Điều 13 khoản 3).
    Patient,
    /// Con dấu số của khoa, phòng: put by one of those whom the head of the hospital named, after everybody has signed.
    Department,
}

impl FormDefinition {
    /// Whether the form applies to a sheet of this day.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day <= end)
    }

    /// Somebody fills it, so that it can be opened in a stay.
    pub fn is_filled(&self) -> bool {
        matches!(self.kind, FormKind::Record | FormKind::Sheet)
    }

    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|section| &section.fields)
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().find(|field| field.name == name)
    }

    pub fn may_fill(&self, role: Role) -> bool {
        self.is_filled() && self.signing.authors.contains(&role)
    }

    /// The slots that staff sign, in order.
    pub fn staff_slots(&self) -> impl Iterator<Item = &SignatureSlot> {
        self.signing.slots.iter().filter(|slot| slot.who == Signatory::Staff)
    }

    /// Where patients and their representatives sign, in order.
    pub fn patient_slots(&self) -> impl Iterator<Item = &SignatureSlot> {
        self.signing.slots.iter().filter(|slot| slot.who == Signatory::Patient)
    }

    /// Where a department puts its seal.
    pub fn department_slots(&self) -> impl Iterator<Item = &SignatureSlot> {
        self.signing.slots.iter().filter(|slot| slot.who == Signatory::Department)
    }

    /// Nobody signs under a seal any more.
    pub fn is_sealed(&self, signed: impl Fn(&str) -> bool) -> bool {
        self.department_slots().any(|slot| signed(&slot.name))
    }

    /// Whose turn comes before the slot's: the author always signs first, others where the form needs them, and a seal
    /// comes after all that it needs.
    pub fn waits_for(&self, slot: &str, signed: impl Fn(&str) -> bool) -> Option<&SignatureSlot> {
        let author = self.staff_slots().next()?;
        if author.name == slot {
            return None;
        }
        let seal = self.department_slots().any(|one| one.name == slot);
        let before = self.signing.slots.iter().take_while(|earlier| seal || earlier.name != slot);
        let needed = before.filter(|one| one.needed != Needed::Never && one.who != Signatory::Department);
        std::iter::once(author).chain(needed).find(|one| !signed(&one.name))
    }
}
