//! From a world to PDF/A-3b bytes.

use jiff::civil::DateTime;
use typst::World;
use typst::WorldExt as _;
use typst::diag::{SourceDiagnostic, Warned};
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::error::{Confidential, RenderError};
use crate::local_time::pdf_date;

/// What becomes of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A sheet of the record: PDF/A-3b.
    Record,
    /// Replaced within the hour and locked, which PDF/A forbids.
    Passing,
}

/// A finished sheet: tagged, unsigned; PDF/A-3b where it is the record's.
#[derive(Clone, PartialEq, Eq)]
pub struct Pdf {
    pub bytes: Vec<u8>,
    pub pages: usize,
}

impl std::fmt::Debug for Pdf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pdf({} pages, {} bytes)", self.pages, self.bytes.len())
    }
}

/// Typst memoises by value in a cache of the whole process, which would otherwise keep every patient's text.
struct Forget;

impl Drop for Forget {
    fn drop(&mut self) {
        comemo::evict(0);
    }
}

/// Typesets and exports. `ident` names the document for the PDF's own id; `form` is for the error.
pub(crate) fn produce(
    world: &dyn World,
    at: DateTime,
    form: &str,
    ident: &str,
    page_limit: usize,
    purpose: Purpose,
) -> Result<Pdf, RenderError> {
    let _forget = Forget;
    let failed = |errors: &[SourceDiagnostic]| failure(world, form, errors);
    let Warned { output, warnings: _ } = typst::compile::<PagedDocument>(world);
    let document = output.map_err(|errors| failed(&errors))?;
    let pages = document.pages().len();
    if pages > page_limit {
        return Err(RenderError::TooLarge { what: "pages", found: pages, limit: page_limit });
    }
    let standards = match purpose {
        Purpose::Record => PdfStandards::new(&[PdfStandard::A_3b]).map_err(|_| failed(&[]))?,
        Purpose::Passing => PdfStandards::default(),
    };
    let options = PdfOptions {
        ident: Smart::Custom(ident.to_owned()),
        creator: Smart::Custom(Some("Benhan".to_owned())),
        timestamp: Some(pdf_date(at).ok_or(RenderError::NotPrintable("an instant"))?),
        page_ranges: None,
        standards,
        tagged: true,
        pretty: false,
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|errors| failed(&errors))?;
    Ok(Pdf { bytes, pages })
}

fn failure(world: &dyn World, form: &str, errors: &[SourceDiagnostic]) -> RenderError {
    let at = errors.iter().find_map(|error| place(world, error)).unwrap_or_else(|| "an unknown place".to_owned());
    let said: Vec<String> = errors.iter().take(10).map(|error| error.message.to_string()).collect();
    RenderError::Typeset { form: form.to_owned(), at, message: Confidential(said.join("\n")) }
}

fn place(world: &dyn World, error: &SourceDiagnostic) -> Option<String> {
    let id = error.span.id()?;
    let range = world.range(error.span)?;
    let line = world.source(id).ok()?.lines().byte_to_line(range.start)?;
    Some(format!("{}:{}", id.vpath().get_without_slash(), line.saturating_add(1)))
}
