//! Why a form cannot be read or a sheet cannot be made. No text here repeats what a template was given: values are
//! patient data, and errors end in logs.

use std::fmt;

use thiserror::Error;

/// A form definition or template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormError {
    /// The definition is not TOML, or not of the expected shape.
    #[error("{file}: {reason}")]
    Definition { file: String, reason: String },
    /// The definition names a template that is not there.
    #[error("{file}: template {template} does not exist")]
    TemplateMissing { file: String, template: String },
    /// The template is not Typst.
    #[error("{file}:{line}: {message}")]
    Syntax { file: String, line: usize, message: String },
    /// Two definitions of one code are valid on the same day.
    #[error("form {code} is defined twice for {day}")]
    Overlap { code: String, day: jiff::civil::Date },
}

/// Why there is no PDF.
#[derive(Debug, Error)]
pub enum RenderError {
    /// The forms themselves are wrong.
    #[error(transparent)]
    Form(#[from] FormError),
    /// No form of this code is valid on the day of the sheet.
    #[error("no form {code} is valid on {day}")]
    UnknownForm { code: String, day: jiff::civil::Date },
    /// A text holds characters that the fonts cannot print; the person who wrote it must change them.
    #[error("{place}: cannot print {}", code_points(characters))]
    Uncovered {
        /// Where in the values, as a JSON pointer (`/sets/3/note`).
        place: String,
        /// Each character once.
        characters: Vec<char>,
    },
    /// The input or the result is larger than [`crate::Limits`] allow.
    #[error("{what}: {found} is more than the {limit} allowed")]
    TooLarge { what: &'static str, found: usize, limit: usize },
    /// A number that is not finite, or an instant outside the calendar (years 1 to 9999).
    #[error("{0} is not a value that can be printed")]
    NotPrintable(&'static str),
    /// An attachment whose name is not plain (`A-Z a-z 0-9 . _ -`, at most 120) or given twice.
    #[error("attachment {index}: {reason}")]
    Attachment { index: usize, reason: &'static str },
    /// The sheet would name a signature file that is not attached to it.
    #[error("a signature names an attachment that is not there: {0}")]
    NotAttached(String),
    /// The values could not be written as JSON.
    #[error("the values cannot be written as JSON")]
    Values(#[source] serde_json::Error),
    /// The template failed on these values, or the result would not be PDF/A.
    #[error("form {form}: template failed at {at}")]
    Typeset {
        form: String,
        /// `file:line`, as far as known.
        at: String,
        /// What Typst said. It may quote the values, so it is for the author of the template, not for a log.
        message: Confidential,
    },
}

/// A text that may quote patient data: read on purpose, never by printing an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Confidential(pub(crate) String);

impl Confidential {
    /// The text, for someone who may see the values.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Confidential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(withheld)")
    }
}

fn code_points(characters: &[char]) -> String {
    let named: Vec<String> = characters.iter().take(20).map(|c| format!("U+{:04X}", u32::from(*c))).collect();
    let more = if characters.len() > named.len() { ", …" } else { "" };
    format!("{}{more}", named.join(", "))
}
