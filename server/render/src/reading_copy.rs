//! What an outsider reads on the screen: a signed sheet's pages, with who reads them laid over.

use jiff::civil::DateTime;
use serde::Serialize;
use typst::foundations::Bytes;

use crate::error::{FormError, RenderError};
use crate::local_time::{clock_and_date, local};
use crate::pdf::{self, Pdf, Purpose};
use crate::printable::{self, OnUncovered};
use crate::renderer::Renderer;
use crate::world::SheetWorld;

const TEMPLATE: &str = "ban-doc.typ";

/// One look at one sheet.
#[derive(Debug, Clone)]
pub struct ReadingCopy<'a> {
    /// The sheet as it was signed.
    pub sheet: Vec<u8>,
    pub title: &'a str,
    /// The name of who reads.
    pub reader: &'a str,
    /// The number of the request on which they do.
    pub request: &'a str,
    pub at: i64,
}

#[derive(Serialize)]
struct View<'a> {
    title: &'a str,
    reader: &'a str,
    request: &'a str,
    at: String,
    pages: usize,
}

impl Renderer {
    /// A picture of the sheet, marked; the signature does not come along. A character that no font holds prints as U+FFFD.
    pub fn reading_copy(&self, of: ReadingCopy<'_>) -> Result<Pdf, RenderError> {
        let at = local(of.at)?;
        let pages = pages_of(&of.sheet)?;
        let limits = self.limits();
        if pages > limits.pages {
            return Err(RenderError::TooLarge { what: "pages", found: pages, limit: limits.pages });
        }
        let view = View { title: of.title, reader: of.reader, request: of.request, at: clock_and_date(at), pages };
        let mut values = serde_json::to_value(view).map_err(RenderError::Values)?;
        printable::prepare(&mut values, limits, OnUncovered::Replace)?;
        let values = serde_json::to_vec(&values).map_err(RenderError::Values)?;
        let world = self.reading_world(values, of.sheet, at)?;
        pdf::produce(
            &world,
            at,
            TEMPLATE,
            &format!("{TEMPLATE}/{}/{}", of.request, of.at),
            limits.pages,
            Purpose::Passing,
        )
    }

    fn reading_world(&self, values: Vec<u8>, sheet: Vec<u8>, at: DateTime) -> Result<SheetWorld<'_>, RenderError> {
        let files = self.files();
        let missing = || FormError::TemplateMissing { file: TEMPLATE.to_owned(), template: TEMPLATE.to_owned() };
        let main = files.templates.get(TEMPLATE).ok_or_else(missing)?.id();
        Ok(SheetWorld {
            library: files.library,
            templates: files.templates,
            main,
            values: Bytes::new(values),
            attached: vec![Bytes::new(sheet)],
            at,
        })
    }
}

fn pages_of(sheet: &[u8]) -> Result<usize, RenderError> {
    let read = lopdf::Document::load_mem(sheet).map_err(|_| RenderError::NotPrintable("a stored sheet"))?;
    Ok(read.get_pages().len())
}
