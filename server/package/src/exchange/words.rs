//! How the two schemas write days, instants and words.

use benhan_domain::person::{Sex, age_text};
use benhan_domain::time::{Instant, day_of_stay};
use jiff::civil::Date;

fn instant(rfc3339: &str) -> Option<Instant> {
    Instant::parse(rfc3339)
}

/// `dd/mm/yyyy HH:MM:SS.mmm`
pub fn moment(rfc3339: &str) -> String {
    instant(rfc3339).map(|at| at.in_vietnam().strftime("%d/%m/%Y %H:%M:%S%.3f").to_string()).unwrap_or_default()
}

/// `dd/mm/yyyy` of an instant.
pub fn day(rfc3339: &str) -> String {
    instant(rfc3339).map(|at| at.in_vietnam().strftime("%d/%m/%Y").to_string()).unwrap_or_default()
}

/// `dd/mm/yyyy` of a day.
pub fn date(iso: &str) -> String {
    iso.parse::<Date>().map(|day| day.strftime("%d/%m/%Y").to_string()).unwrap_or_default()
}

/// `yyyymmddHHMM`, as the insurer's tables have it.
pub fn minute(rfc3339: &str) -> String {
    instant(rfc3339).map(|at| at.in_vietnam().strftime("%Y%m%d%H%M").to_string()).unwrap_or_default()
}

/// `yyyymmdd`
pub fn compact_day(rfc3339: &str) -> String {
    instant(rfc3339).map(|at| at.in_vietnam().strftime("%Y%m%d").to_string()).unwrap_or_default()
}

/// Age on the day of admission.
pub fn age(birth: Option<&str>, admitted: &str) -> String {
    let birth = birth.and_then(|iso| iso.parse::<Date>().ok());
    birth
        .zip(instant(admitted))
        .map(|(birth, at)| age_text(birth, at.day()).trim_end_matches('t').to_owned())
        .unwrap_or_default()
}

pub fn sex(code: &str) -> String {
    Sex::parse(code).map(|sex| sex.vietnamese().to_owned()).unwrap_or_default()
}

/// Days of a stay that is over, the day of admission counted.
pub fn days(admitted: &str, discharged: Option<&str>) -> String {
    let until = discharged.and_then(instant);
    instant(admitted).zip(until).map(|(from, until)| day_of_stay(from, until).to_string()).unwrap_or_default()
}
