//! A tube of the worklist as an order to one device: in its codes, and only what it does.

use crate::clock;
use crate::normalise::Reader;
use crate::profile::Profile;
use crate::worklist::List;
use benhan_contract::{LabItem, LabPatient, LabSpecimen};
pub use benhan_device_codec::query::Order;
use benhan_device_codec::query::{Person, Sex, Test};
use jiff::tz::TimeZone;

/// Tests of one tube: more than any device is told at one time.
const MOST_TESTS: usize = 200;

/// Nothing where the device does none of it.
pub fn of(specimen: &LabSpecimen, list: &List, reader: &Reader, zone: &TimeZone) -> Option<Order> {
    let profile = &reader.profile;
    let mut tests: Vec<Test> = Vec::new();
    for item in specimen.items.iter().filter_map(|code| list.item(code)) {
        for test in device_tests(item, profile) {
            if tests.len() < MOST_TESTS && !tests.iter().any(|known| known.code == test.code) {
                tests.push(test);
            }
        }
    }
    let time = |at| clock::format(at, zone).split(['+', '-']).next().unwrap_or_default().to_owned();
    (!tests.is_empty()).then(|| Order {
        specimen: specimen.barcode.clone(),
        // What comes back with the result is looked for as a barcode.
        placer: specimen.barcode.clone(),
        patient: Some(person(&specimen.patient)),
        tests,
        // The record knows no priority of an order.
        urgent: false,
        specimen_type: profile.asking.specimen_type(&specimen.specimen_type).to_owned(),
        ordered: time(specimen.ordered_at),
        collected: specimen.collected_at.map(time).unwrap_or_default(),
    })
}

/// The reverse of how results are read: a code of the whole item where the profile has one, else test by test.
fn device_tests(item: &LabItem, profile: &Profile) -> Vec<Test> {
    let system = if profile.asking.system.is_empty() { "L" } else { profile.asking.system.as_str() };
    let named =
        |code: &str, name: &str| Test { code: code.to_owned(), name: name.to_owned(), system: system.to_owned() };
    let whole: Vec<Test> = profile.ordered_as(&item.code).map(|code| named(code, &item.name)).collect();
    if !whole.is_empty() {
        return whole;
    }
    let measured =
        |test: &benhan_contract::LabTest| profile.measures(&test.code, &test.loinc).map(|code| named(code, &test.name));
    item.tests.iter().filter_map(measured).collect()
}

pub fn person(of: &LabPatient) -> Person {
    let (family, given) = of.name.split_once(char::is_whitespace).unwrap_or((&of.name, ""));
    Person {
        id: of.id.clone(),
        family: family.to_owned(),
        given: given.trim().to_owned(),
        birth: of.birth_date.clone(),
        sex: match of.sex.as_str() {
            "M" => Sex::Male,
            "F" => Sex::Female,
            _ => Sex::Unknown,
        },
        ward: of.ward.clone(),
        room: of.room.clone(),
        bed: of.bed.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use benhan_contract::{LabTest, LabWorklist};
    use std::sync::Arc;

    const OWN: &str = "id = \"bs\"\ntitle = \"BS\"\nbased_on = \"chemistry\"\n\
        [[test]]\ncode = [\"717\", \"GLU\"]\nloinc = { \"mmol/L\" = \"14749-6\" }\n\
        [[test]]\ncode = [\"990\"]\nnational = \"XN-DIENGIAI\"\n\
        [[test]]\ncode = [\"991\"]\nnational = \"XN-DIENGIAI\"\n";

    fn codes(items: Vec<LabItem>) -> Option<Vec<String>> {
        let reader =
            Reader { profile: Arc::new(Profile::parse(OWN).unwrap()), charset: None, zone: TimeZone::UTC, place: None };
        let specimen =
            LabSpecimen { items: items.iter().map(|item| item.code.clone()).collect(), ..LabSpecimen::default() };
        let list = List::new(LabWorklist { items, specimens: Vec::new() }, 1);
        let order = of(&specimen, &list, &reader, &TimeZone::UTC)?;
        Some(order.tests.into_iter().map(|test| test.code).collect())
    }

    fn item(code: &str, tests: &[(&str, &str)]) -> LabItem {
        let test = |(code, loinc): &(&str, &str)| LabTest {
            code: (*code).to_owned(),
            name: (*code).to_owned(),
            loinc: (*loinc).to_owned(),
        };
        LabItem { code: code.to_owned(), name: code.to_owned(), tests: tests.iter().map(test).collect() }
    }

    #[test]
    fn the_devices_own_code_stands_before_the_one_it_was_based_on_and_a_test_it_does_not_do_is_left_out() {
        let ordered = item("XN-SHM", &[("GLU", "14749-6"), ("UREA", "22664-7"), ("TSH", "3016-3"), ("X", "")]);
        assert_eq!(codes(vec![ordered.clone(), ordered]), Some(vec!["717".to_owned(), "UREA".to_owned()]));
    }

    #[test]
    fn an_item_that_the_profile_names_whole_is_ordered_whole() {
        let ordered = item("XN-DIENGIAI", &[("GLU", "14749-6")]);
        assert_eq!(codes(vec![ordered]), Some(vec!["990".to_owned(), "991".to_owned()]));
    }

    #[test]
    fn nothing_that_the_device_does_is_no_order() {
        assert_eq!(codes(vec![item("XN-TSH", &[("TSH", "3016-3")])]), None);
        assert_eq!(codes(Vec::new()), None);
    }
}
