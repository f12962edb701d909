//! Which texts of a message may be the specimen's number, most likely first.
//!
//! A wrong candidate is worse than none: a rack position `1` might fit somebody's barcode. So without a
//! profile only the first filled place counts.

use super::text::is_name;
use crate::profile::Place;

/// Places such as `SPM-2.1` in the order of trust, for a device without a profile.
pub const HL7_PLACES: &[&str] = &["SPM-2.1", "SAC-3.1", "OBR-3.1", "OBR-2.1"];
pub const ASTM_PLACES: &[&str] = &["O-3.1", "O-3.2", "O-4.1", "O-4.2", "O-4.3"];

/// `places` of the profile, each looked up; or the first filled one of `usual`.
pub fn candidates(
    profile: &[Place],
    usual: &[&str],
    ends_at: Option<char>,
    look_up: impl Fn(&Place) -> String,
) -> Vec<String> {
    let clean = |text: String| {
        let text = text.trim();
        let text = ends_at.and_then(|end| text.split(end).next()).unwrap_or(text).trim();
        (!text.is_empty() && text != "\"\"" && is_name(text)).then(|| text.to_owned())
    };
    let mut found: Vec<String> = Vec::new();
    if profile.is_empty() {
        found.extend(usual.iter().find_map(|place| clean(look_up(&Place::parse(place)?))));
        return found;
    }
    for text in profile.iter().filter_map(|place| clean(look_up(place))) {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}
