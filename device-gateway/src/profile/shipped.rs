//! The profiles that come with the program.

use super::form::AsideForm;
use super::pattern::Pattern;
use super::rule::{Aside, Rule, reason};
use super::{Profile, ProfileError};
use serde::Deserialize;
use std::sync::{Arc, LazyLock};

macro_rules! files {
    ($($name:literal,)*) => { &[$(include_str!(concat!("../../profiles/", $name, ".toml"))),*] };
}

/// A test compares this list with the folder.
pub(super) const FILES: &[&str] = files![
    "abbott-alinity",
    "abbott-architect",
    "abbott-cell-dyn",
    "arkray-spotchem",
    "beckman-au",
    "beckman-dxh",
    "biomerieux-vidas",
    "biomerieux-vitek-2",
    "cepheid-genexpert",
    "chemistry",
    "comen",
    "draeger-infinity",
    "draeger-medibus",
    "dymind-dh",
    "erba-h-series",
    "erba-xl",
    "euroimmun-analyzer-1",
    "ge-carescape",
    "ge-dri",
    "haematology",
    "horiba-micros-60",
    "horiba-pentra",
    "horiba-yumizen-h",
    "immucor-galileo",
    "immunoassay",
    "labnovation-ld-560",
    "mindray-bc",
    "mindray-bc-5380",
    "mindray-bc-6800",
    "mindray-bs",
    "mindray-bs-240",
    "mindray-bs-360e",
    "mindray-cl",
    "mindray-egateway",
    "mindray-pds",
    "mindray-vs",
    "monitor",
    "nihon-kohden-bsm",
    "nihon-kohden-celltac",
    "northern-xh80x",
    "philips-efficia",
    "philips-intellivue",
    "philips-intellivue-export",
    "roche-cobas",
    "roche-cobas-6000",
    "roche-cobas-c111",
    "roche-cobas-c311",
    "roche-cobas-e411",
    "roche-cobas-pro",
    "roche-inform-ii",
    "siemens-advia-2120",
    "siemens-advia-centaur",
    "siemens-atellica",
    "siemens-dca-vantage",
    "siemens-dimension",
    "snibe-maglumi",
    "sysmex-kx",
    "sysmex-xn",
    "sysmex-xp",
    "sysmex-xs",
    "urit-5160",
    "wondfo-finecare",
];
const STANDARD: &str = include_str!("../../profiles/standard.toml");

static SHIPPED: LazyLock<Result<Vec<Arc<Profile>>, ProfileError>> = LazyLock::new(|| in_order(FILES));

/// Every profile that ships.
///
/// # Errors
/// Never in a released program: a test reads them all.
pub fn shipped() -> Result<&'static [Arc<Profile>], &'static ProfileError> {
    SHIPPED.as_deref()
}

/// A shipped profile by its id.
pub(super) fn named(id: &str) -> Option<Arc<Profile>> {
    shipped().ok()?.iter().find(|profile| profile.id == id).map(Arc::clone)
}

/// As [`named`], and before that one of the hospital's own.
pub(super) fn among(own: &[Arc<Profile>], id: &str) -> Option<Arc<Profile>> {
    own.iter().find(|profile| profile.id == id).map(Arc::clone).or_else(|| named(id))
}

/// Each file after the one that it is based on.
fn in_order(files: &[&str]) -> Result<Vec<Arc<Profile>>, ProfileError> {
    let mut read: Vec<Arc<Profile>> = Vec::new();
    let mut waiting: Vec<&str> = files.to_vec();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut again = Vec::new();
        let mut missing = None;
        for text in waiting {
            let known = |id: &str| read.iter().find(|profile| profile.id == id).map(Arc::clone);
            match Profile::parse_on(text, &known) {
                Ok(profile) => read.push(Arc::new(profile)),
                Err(cause @ ProfileError::Unknown { what: "based_on", .. }) => {
                    again.push(text);
                    missing = Some(cause);
                }
                Err(cause) => return Err(cause),
            }
        }
        waiting = again;
        if let Some(cause) = missing.filter(|_| waiting.len() == before) {
            return Err(cause);
        }
    }
    Ok(read)
}

/// What HL7 and LIS02-A2 themselves call no patient's value, for every device.
pub(super) fn standard_asides() -> Vec<Aside> {
    #[derive(Default, Deserialize)]
    struct Standard {
        aside: Vec<AsideForm>,
    }
    static READ: LazyLock<Vec<Aside>> = LazyLock::new(|| {
        let standard: Standard = toml::from_str(STANDARD).unwrap_or_default();
        let asides = standard.aside.iter().filter_map(|aside| {
            let wants = aside.at.iter().map(|(place, texts)| (place.as_str(), texts.as_slice()));
            Some(Aside { why: reason(&aside.why)?, rule: Rule::of(wants, Pattern::of_text).ok()? })
        });
        asides.collect()
    });
    READ.clone()
}
