//! What is wrong with a definition, before anybody fills it: said to whoever wrote the file, in one go.

use super::calculation::Calculation;
use super::definition::{FormDefinition, Needed, Signatory};
use super::field::{Field, FieldKind};
use std::collections::BTreeSet;
use std::fmt;

/// Fields of one form, its tables' columns included: what a screen and a sheet can hold.
const MOST_FIELDS: usize = 400;

/// A fault of a definition, with the place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// `section/field`, or the member of the definition.
    pub place: String,
    pub what: &'static str,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl FormDefinition {
    /// Every flaw; an empty list is a form that can be used.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut found = Flaws(Vec::new());
        found.unless(is_name(&self.code), "code", "lower-case letters, digits and hyphens, at most 64");
        found.unless(!self.title.trim().is_empty(), "title", "is empty");
        found.unless(self.version >= 1, "version", "begins at 1");
        found.unless(self.valid_to.is_none_or(|end| end >= self.valid_from), "valid_to", "is before valid_from");
        let filled = self.is_filled();
        found.unless(!filled || !self.sections.is_empty(), "sections", "a form that is filled asks for something");
        found.unless(!filled || !self.signing.authors.is_empty(), "signing.authors", "nobody may fill it");
        found.unless(!filled || self.staff_slots().next().is_some(), "signing.slots", "nobody answers for it");
        self.check_slots(&mut found);
        let (mut names, mut sections) = (BTreeSet::new(), BTreeSet::new());
        for section in &self.sections {
            found.unless(
                is_name(&section.name),
                &section.name,
                "a section's name is lower-case letters, digits, hyphens",
            );
            found.unless(sections.insert(&section.name), &section.name, "two sections have this name");
            for field in &section.fields {
                let place = format!("{}/{}", section.name, field.name);
                found.unless(names.insert(&field.name), &place, "two fields have this name");
                check_field(field, &place, true, &mut found);
                for read in field.calculation.iter().flat_map(|c| c.reads()) {
                    let known = self.field(read).is_some_and(|f| f.calculation.is_none() && f.name != field.name);
                    found.unless(
                        known,
                        &place,
                        "its calculation reads a field that is not there, or is calculated itself",
                    );
                }
            }
        }
        let all = self.fields().map(|f| f.columns.len().saturating_add(1)).sum::<usize>();
        found.unless(all <= MOST_FIELDS, "sections", "more than 400 fields and columns");
        found.0
    }

    fn check_slots(&self, found: &mut Flaws) {
        // The sheet numbers its signatures with one digit.
        let count = self.staff_slots().count().saturating_add(self.department_slots().count());
        found.unless(count <= 9, "signing.slots", "more than nine slots of staff and departments");
        let mut names = BTreeSet::new();
        for slot in &self.signing.slots {
            let place = format!("signing.slots/{}", slot.name);
            found.unless(is_name(&slot.name), &place, "a slot's name is lower-case letters, digits, hyphens");
            found.unless(names.insert(&slot.name), &place, "two slots have this name");
            let patient = slot.who == Signatory::Patient;
            found.unless(patient || !slot.roles.is_empty(), &place, "a slot of staff or of a department has roles");
            let seal = slot.who == Signatory::Department;
            found.unless(
                !seal || slot.needed != Needed::Sign,
                &place,
                "a department's seal is needed at close, or never",
            );
        }
    }
}

fn check_field(field: &Field, place: &str, outermost: bool, found: &mut Flaws) {
    let choice = matches!(field.kind, FieldKind::Choice | FieldKind::Choices);
    let table = field.kind == FieldKind::Table;
    let number = matches!(field.kind, FieldKind::Quantity | FieldKind::Score);
    found.unless(is_name(&field.name), place, "a field's name is lower-case letters, digits, hyphens");
    found.unless(!field.label.trim().is_empty(), place, "has no label");
    found.unless(choice != field.options.is_empty(), place, "options are for choices, and each choice has some");
    found.unless(table != field.columns.is_empty(), place, "columns are for tables, and each table has some");
    found.unless(!table || outermost, place, "a table stands in no table");
    found.unless(number || (field.low.is_none() && field.high.is_none()), place, "low and high are for numbers");
    found.unless(number || field.calculation.is_none(), place, "only a number is calculated");
    found.unless(outermost || field.prefill.is_none(), place, "a column is not prefilled");
    found.unless(field.calculation.is_none() || field.prefill.is_none(), place, "is calculated or prefilled, not both");
    let ordered = field.low.zip(field.high).is_none_or(|(low, high)| low <= high);
    found.unless(ordered, place, "low is above high");
    let mut codes = BTreeSet::new();
    for option in &field.options {
        found.unless(codes.insert(&option.code), place, "two options have one code");
        found.unless(!option.code.is_empty() && !option.label.is_empty(), place, "an option has no code or no label");
    }
    let mut columns = BTreeSet::new();
    for column in &field.columns {
        let inner = format!("{place}/{}", column.name);
        found.unless(columns.insert(&column.name), &inner, "two columns have this name");
        let written = |name: &String| field.columns.iter().any(|c| c.name == *name && c.calculation.is_none());
        let of_the_row = match &column.calculation {
            None => true,
            Some(Calculation::Sum(of)) => of.iter().all(written),
            Some(_) => false,
        };
        found.unless(of_the_row, &inner, "a column is calculated as the sum of written columns only");
        check_field(column, &inner, false, found);
    }
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

struct Flaws(Vec<Flaw>);

impl Flaws {
    fn unless(&mut self, holds: bool, place: &str, what: &'static str) {
        if !holds {
            self.0.push(Flaw { place: place.to_owned(), what });
        }
    }
}
