//! A place in a message, named as the standards name it: `MSH-3`, `OBX-3.4`, `SPM-2.1.1`; `H-5.2`, `O-4.3`.

use std::fmt;

/// More than any standard has, and few enough that looking there costs nothing.
const MOST: usize = 99;

/// Field, component and subcomponent count from 1; what is not written is the first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub segment: String,
    pub field: usize,
    pub component: usize,
    pub subcomponent: usize,
}

impl Place {
    /// Nothing when the text names no place.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (segment, numbers) = text.split_once('-')?;
        let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let is_segment = segment.len() == 3 && segment.bytes().all(upper) && !segment.starts_with(char::is_numeric);
        let is_record = segment.len() == 1 && segment.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_segment && !is_record {
            return None;
        }
        let mut numbers = numbers.split('.').map(|number| {
            let plain = number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse().ok().filter(|number| plain && (1..=MOST).contains(number))
        });
        let field = numbers.next()??;
        let component = numbers.next().unwrap_or(Some(1))?;
        let subcomponent = numbers.next().unwrap_or(Some(1))?;
        numbers.next().is_none().then(|| Self { segment: segment.to_owned(), field, component, subcomponent })
    }

    /// Of an ASTM record; else of an HL7 segment.
    #[must_use]
    pub fn is_astm(&self) -> bool {
        self.segment.len() == 1
    }

    #[must_use]
    pub fn is_in(&self, segment: &[u8]) -> bool {
        self.segment.as_bytes() == segment
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}.{}", self.segment, self.field, self.component)?;
        if self.subcomponent > 1 { write!(f, ".{}", self.subcomponent) } else { Ok(()) }
    }
}

/// Who can say what stands at a place: each repetition's text, without empty ones.
pub trait Said {
    fn said(&self, place: &Place) -> Vec<String>;

    /// Every name that the header gives to the sender: MSH-3 and MSH-4, or H-5, with their components.
    fn sender(&self) -> Vec<String>;
}

/// A header of which only the application is known.
impl Said for str {
    fn said(&self, place: &Place) -> Vec<String> {
        let is_application = (place.is_in(b"MSH") && place.field == 3) || (place.is_in(b"H") && place.field == 5);
        let filled = is_application && place.component == 1 && !self.is_empty();
        filled.then(|| self.to_owned()).into_iter().collect()
    }

    fn sender(&self) -> Vec<String> {
        Some(self.to_owned()).filter(|name| !name.is_empty()).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_are_named_as_the_standards_name_them() {
        let read = |text: &str| Place::parse(text).map(|place| place.to_string());
        assert_eq!(read("MSH-3").as_deref(), Some("MSH-3.1"));
        assert_eq!(read("SPM-2.1.2").as_deref(), Some("SPM-2.1.2"));
        assert_eq!(read("O-4.3").as_deref(), Some("O-4.3"));
        for wrong in
            ["", "MSH", "MSH-", "MSH-0", "MSH-3.", "msh-3", "OB-3", "3BX-1", "O-4.3.1.1", "O-100", "O-+1", "1-2"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_place_is_read_back_as_it_is_written(segment in "[A-Z]([A-Z0-9]{2})?", field in 1usize..=99, component in 1usize..=99, sub in 1usize..=99) {
            let place = Place { segment, field, component, subcomponent: sub };
            prop_assert_eq!(Place::parse(&place.to_string()), Some(place));
        }

        #[test]
        fn any_text_is_a_place_or_not(text: String) {
            let _ = Place::parse(&text);
        }
    }
}
