//! The 82 forms of Circular 32/2023 by number and title, so that one whose definition is still to come has its place.

use serde::Deserialize;

use crate::error::FormError;

/// The file of the list, among the forms.
pub(crate) const CATALOGUE: &str = "82-mau.toml";

/// One of the 82.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// `01/BV1`
    pub number: String,
    pub title: String,
    /// `XXVIII` for records, `XXIX` for sheets.
    pub annex: String,
    /// What a later act put in its place; such a form is not used any more.
    #[serde(default)]
    pub replaced_by: Option<String>,
    /// The definition with this number, where there is one.
    #[serde(skip)]
    pub code: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    forms: Vec<Listed>,
}

pub(crate) fn read(text: &str) -> Result<Vec<Listed>, FormError> {
    let refuse = |reason: String| FormError::Definition { file: CATALOGUE.to_owned(), reason };
    let mut list: List = toml::from_str(text).map_err(|e| refuse(e.to_string().trim_end().to_owned()))?;
    list.forms.sort_by(|a, b| (&a.annex, &a.number).cmp(&(&b.annex, &b.number)));
    for pair in list.forms.windows(2) {
        if let [one, other] = pair
            && one.number == other.number
        {
            return Err(refuse(format!("two forms have the number {}", one.number)));
        }
    }
    Ok(list.forms)
}
