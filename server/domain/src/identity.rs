//! Whether a machine's words about a patient are about this one. A cross-check, never by itself an answer: what agrees
//! proves nothing, what disagrees keeps a datum off the chart until a person has looked.

use crate::text;
use jiff::civil::Date;

/// What a monitor, an analyzer or a modality says; empty where it says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    pub ids: &'a [&'a str],
    /// `^` between its parts, `=` between its spellings (DICOM PN).
    pub name: &'a str,
    /// `19700312`, with or without separators and time.
    pub birth_date: &'a str,
}

/// The patient of the record: code, number of the stay, national number, card.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub ids: &'a [&'a str],
    pub name: &'a str,
    pub birth_date: Option<Date>,
}

/// True when an id, the name or the birth date is another person's.
pub fn contradicts(said: &Said<'_>, known: &Known<'_>) -> bool {
    names_by_id(said.ids, known) == Some(false)
        || likeness(said.name, known.name).is_some_and(|l| l == Likeness::Different)
        || same_birth(said.birth_date, known.birth_date) == Some(false)
}

/// Whether one of the ids is this patient's; nothing when none was sent. Separators and case say nothing.
pub fn names_by_id(sent: &[&str], known: &Known<'_>) -> Option<bool> {
    let bare = |id: &str| id.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let sent: Vec<String> = sent.iter().map(|id| bare(id)).filter(|id| !id.is_empty()).collect();
    if sent.is_empty() { None } else { Some(known.ids.iter().any(|own| sent.contains(&bare(own)))) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    Different,
    Near,
    Same,
}

/// The best of the spellings; nothing when no name was sent. A text without a letter (a bed, a barcode) is no name.
pub fn likeness(sent: &str, own: &str) -> Option<Likeness> {
    let own = text::fold(own);
    let spellings = sent.split('=').map(|name| text::fold(&name.replace(['^', ',', '.'], " ")));
    spellings.filter(|name| name.chars().any(char::is_alphabetic)).map(|name| alike(&name, &own)).max()
}

/// The same words in any order are the same name; most words shared, or the beginning of it where a device's field was
/// too short, are near.
fn alike(a: &str, b: &str) -> Likeness {
    let telling = |name: &str| name.chars().count() >= 8;
    if a != b && ((b.starts_with(a) && telling(a)) || (a.starts_with(b) && telling(b))) {
        return Likeness::Near;
    }
    let (mut a, mut b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    a.sort_unstable();
    b.sort_unstable();
    if a == b {
        return Likeness::Same;
    }
    let shared = a.iter().filter(|w| b.contains(w)).count();
    let longer = a.len().max(b.len());
    if shared >= 2 && shared * 3 >= longer * 2 { Likeness::Near } else { Likeness::Different }
}

/// Nothing when one of them is not known. Where only a year was known it was written down as its first of January.
pub fn same_birth(sent: &str, own: Option<Date>) -> Option<bool> {
    let digits: String = sent.chars().take_while(|c| *c != 'T').filter(char::is_ascii_digit).take(8).collect();
    let own = own?;
    match digits.len() {
        8 => {
            let sent = Date::strptime("%Y%m%d", &digits).ok()?;
            let only_year = |d: Date| d.month() == 1 && d.day() == 1;
            Some(if only_year(sent) || only_year(own) { sent.year() == own.year() } else { sent == own })
        }
        4 | 6 => Some(own.strftime("%Y%m%d").to_string().starts_with(&digits)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const AN: Known<'_> = Known {
        ids: &["26.0001", "26-0001", "079170001234"],
        name: "Nguyễn Văn An",
        birth_date: Some(date(1970, 3, 12)),
    };

    fn said<'a>(ids: &'a [&'a str], name: &'a str, birth_date: &'a str) -> Said<'a> {
        Said { ids, name, birth_date }
    }

    #[test]
    fn silence_contradicts_nothing() {
        assert!(!contradicts(&Said::default(), &AN));
        assert!(!contradicts(&said(&["", "  "], "^^", ""), &AN));
        assert!(!contradicts(&said(&[], "4711", "unknown"), &AN), "a bed's number is no name");
    }

    #[test]
    fn what_machines_make_of_the_same_person_is_the_same_person() {
        for name in ["NGUYEN^VAN AN", "AN NGUYEN VAN", "Nguyen An", "NGUYEN VA", "NGUYEN^VAN^AN=Nguyễn^Văn An"] {
            assert!(!contradicts(&said(&["260001"], name, "19700312"), &AN), "{name}");
        }
        for born in ["1970-03-12", "19700312080000", "1970", "197003", "19700101", "1970-03-12T00:00:00"] {
            assert!(!contradicts(&said(&[], "", born), &AN), "{born}");
        }
    }

    #[test]
    fn another_id_name_or_birth_date_is_another_person() {
        assert!(contradicts(&said(&["26.0002"], "", ""), &AN));
        assert!(contradicts(&said(&["26.0001"], "TRAN^THI BINH", ""), &AN), "the id was typed, the name is hers");
        assert!(contradicts(&said(&[], "Nguyễn Thị Bình", ""), &AN));
        assert!(contradicts(&said(&["26.0001"], "NGUYEN VAN AN", "19700313"), &AN));
        assert!(contradicts(&said(&[], "", "1971"), &AN));
    }

    #[test]
    fn modalities_write_names_in_any_order() {
        assert_eq!(alike("nguyen van an", "nguyen van an"), Likeness::Same);
        assert_eq!(alike("an nguyen van", "nguyen van an"), Likeness::Same);
        assert_eq!(alike("nguyen an", "nguyen van an"), Likeness::Near);
        assert_eq!(alike("nguyen thi binh", "nguyen van an"), Likeness::Different);
        assert_eq!(alike("an", "nguyen van an"), Likeness::Different);
    }

    proptest::proptest! {
        #[test]
        fn any_words_are_answered(id in ".{0,20}", name in ".{0,40}", born in ".{0,20}") {
            let ids = [id.as_str()];
            let _ = contradicts(&said(&ids, &name, &born), &AN);
        }
    }
}
