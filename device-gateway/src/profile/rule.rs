//! Conditions on what a message says, as a profile writes them: places with the texts that fit there.
//!
//! Every place of a rule must fit, by one of its texts; of several rules one is enough.

use super::pattern::Pattern;
use super::place::{Place, Said};

/// Instead of a place: any of the names that the header gives to the sender.
pub const SENDER: &str = "sender";

#[derive(Clone, Debug)]
pub struct Rule {
    wants: Vec<(Where, Vec<Pattern>)>,
}

#[derive(Clone, Debug)]
enum Where {
    Sender,
    At(Place),
}

/// Who somebody is counts more than what they speak, whatever its name's length.
const NAMED: usize = 20;

impl Where {
    fn bonus(&self) -> usize {
        let is_name = match self {
            Self::Sender => true,
            Self::At(place) => [("MSH", 3), ("MSH", 4), ("H", 5)].contains(&(place.segment.as_str(), place.field)),
        };
        if is_name { NAMED } else { 0 }
    }
}

impl Rule {
    /// # Errors
    /// The word that names no place.
    pub fn of<'a>(
        wants: impl IntoIterator<Item = (&'a str, &'a [String])>,
        pattern: impl Fn(&str) -> Pattern,
    ) -> Result<Self, String> {
        let wants = wants.into_iter().map(|(place, texts)| {
            let place = match place {
                SENDER => Where::Sender,
                text => Where::At(Place::parse(text).ok_or_else(|| text.to_owned())?),
            };
            Ok((place, texts.iter().map(|text| pattern(text)).collect()))
        });
        Ok(Self { wants: wants.collect::<Result<_, String>>()? })
    }

    /// How particular it is about this message; nothing when it does not fit. A rule without conditions fits nothing.
    #[must_use]
    pub fn weigh<S: Said + ?Sized>(&self, message: &S) -> Option<usize> {
        if self.wants.is_empty() {
            return None;
        }
        self.wants.iter().try_fold(0, |sum, (place, patterns)| {
            let texts = match place {
                Where::Sender => message.sender(),
                Where::At(place) => message.said(place),
            };
            let fitting = patterns.iter().filter(|pattern| texts.iter().any(|text| pattern.fits(text)));
            Some(sum + fitting.map(Pattern::weight).max()? + place.bonus())
        })
    }

    /// The places that it looks at.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.wants.iter().filter_map(|(place, _)| match place {
            Where::Sender => None,
            Where::At(place) => Some(place),
        })
    }
}

/// What must not reach a chart although it is sent as a value.
#[derive(Clone, Debug)]
pub struct Aside {
    pub why: &'static str,
    pub rule: Rule,
}

/// The reasons that a profile may give.
pub const REASONS: &[&str] = &[
    "quality-control",
    "calibration",
    "demo",
    "supplemental",
    "alert",
    "attachment",
    "waveform",
    "sentinel",
    "not-final",
];

#[must_use]
pub fn reason(text: &str) -> Option<&'static str> {
    REASONS.iter().find(|reason| **reason == text).copied()
}
