//! The list as last pulled, found by what devices ask by.

use benhan_contract::{LabItem, LabPatient, LabSpecimen, LabWorklist, MOST_SPECIMENS, Micros};
use benhan_device_codec::query::Who;
use std::collections::{HashMap, HashSet};

/// Patients in one answer; who fits more of them asked too little.
const MOST_PEOPLE: usize = 20;
/// A barcode in a query is no longer.
const LONGEST_NAME: usize = 64;

#[derive(Debug, Default)]
pub struct List {
    /// When the server gave it.
    pub pulled_at: Micros,
    pub held: LabWorklist,
    items: HashMap<String, usize>,
    barcodes: HashMap<String, usize>,
}

impl List {
    pub fn new(mut held: LabWorklist, pulled_at: Micros) -> Self {
        held.specimens.truncate(MOST_SPECIMENS);
        let items = held.items.iter().enumerate().map(|(at, item)| (item.code.clone(), at)).collect();
        let barcodes = held.specimens.iter().enumerate().map(|(at, one)| (key(&one.barcode), at)).collect();
        Self { pulled_at, held, items, barcodes }
    }

    pub fn specimen(&self, barcode: &str) -> Option<&LabSpecimen> {
        if barcode.len() > LONGEST_NAME {
            return None;
        }
        self.held.specimens.get(*self.barcodes.get(&key(barcode))?)
    }

    pub fn item(&self, code: &str) -> Option<&LabItem> {
        self.held.items.get(*self.items.get(code)?)
    }

    /// Who fits all that was said, exactly. A number decides alone, so that nobody else is ever shown for it.
    pub fn people(&self, who: &Who) -> Vec<&LabPatient> {
        let same = |said: &str, known: &str| said.is_empty() || key(said) == key(known);
        let said = format!("{} {}", who.family, who.given);
        let fits = |one: &LabPatient| {
            if !who.id.is_empty() {
                return key(&who.id) == key(&one.id);
            }
            same(&said, &one.name) && same(&who.birth, &one.birth_date) && same(&who.bed, &one.bed)
        };
        let mut seen = HashSet::new();
        let people = self.held.specimens.iter().map(|one| &one.patient);
        people.filter(|one| fits(one) && seen.insert(one.id.as_str())).take(MOST_PEOPLE).collect()
    }
}

/// However it is spaced and capitalised.
fn key(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specimen(barcode: &str, id: &str, name: &str) -> LabSpecimen {
        let patient = LabPatient { id: id.to_owned(), name: name.to_owned(), ..LabPatient::default() };
        LabSpecimen { barcode: barcode.to_owned(), patient, ..LabSpecimen::default() }
    }

    fn list() -> List {
        let specimens = vec![
            specimen("XN-1", "BN1", "Nguyễn Văn An"),
            specimen("XN-2", "BN1", "Nguyễn Văn An"),
            specimen("XN-3", "BN2", "Trần Thị Bình"),
        ];
        List::new(LabWorklist { specimens, ..LabWorklist::default() }, 1)
    }

    #[test]
    fn a_tube_is_found_by_its_barcode_however_it_is_capitalised() {
        let list = list();
        assert_eq!(list.specimen("xn-3").map(|one| one.patient.id.as_str()), Some("BN2"));
        assert!(list.specimen("XN-33").is_none() && list.specimen(&"X".repeat(65)).is_none());
    }

    #[test]
    fn a_patient_is_found_once_and_by_the_number_alone_where_there_is_one() {
        let list = list();
        let found = |who: Who| list.people(&who).iter().map(|one| one.id.clone()).collect::<Vec<_>>();
        let who = |id: &str, family: &str, given: &str| Who {
            id: id.to_owned(),
            family: family.to_owned(),
            given: given.to_owned(),
            ..Who::default()
        };
        assert_eq!(found(who("bn1", "", "")), ["BN1"]);
        assert_eq!(found(who("BN2", "NGUYỄN", "VĂN AN")), ["BN2"]);
        assert_eq!(found(who("", "nguyễn", "văn an")), ["BN1"]);
        assert_eq!(found(who("", "Nguyễn", "")), [""; 0], "half a name is nobody's");
        assert_eq!(found(who("BN9", "", "")), [""; 0]);
    }
}
