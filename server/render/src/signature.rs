//! How a sheet shows that something on it was signed. It shows; the proof is the attached signature.

use serde::Serialize;

use crate::error::RenderError;
use crate::local_time::{clock, clock_and_date, day_and_month, local};

/// One electronic signature as a sheet states it.
#[derive(Debug, Clone)]
pub struct SignatureMark {
    /// The signer's name.
    pub name: String,
    /// The signer's title before the name, such as `ĐD`; may be empty.
    pub title: String,
    /// When it was signed, µs UTC.
    pub signed_at: i64,
    /// Serial number of the certificate, as the register writes it.
    pub certificate: String,
    /// Name of the attached signature file, where it is attached.
    pub attachment: Option<String>,
    /// Whose seal it is, where a department's seal was put by the person named.
    pub department: Option<String>,
}

/// The same, in the words of a template.
#[derive(Serialize)]
pub(crate) struct SignatureView<'a> {
    name: &'a str,
    title: &'a str,
    time: String,
    clock: String,
    day: String,
    certificate: &'a str,
    attachment: Option<&'a str>,
    department: Option<&'a str>,
}

impl<'a> SignatureView<'a> {
    pub(crate) fn new(mark: &'a SignatureMark) -> Result<Self, RenderError> {
        let at = local(mark.signed_at)?;
        Ok(Self {
            name: &mark.name,
            title: &mark.title,
            time: clock_and_date(at),
            clock: clock(at),
            day: day_and_month(at.date()),
            certificate: &mark.certificate,
            attachment: mark.attachment.as_deref(),
            department: mark.department.as_deref(),
        })
    }
}
