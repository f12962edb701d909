//! The code on each page of a sheet that is printed for ink, as a scanner reads it: drawn here, without a service outside.

use crate::app::AppError;
use benhan_domain::patient_signature::{PageMark, PaperCode};
use qrcode::{Color, EcLevel, QrCode};

/// White modules around a code; the page's own white is around them.
const QUIET: usize = 3;

/// An SVG for each of the first `pages` pages.
pub(super) fn page_marks(code: PaperCode, pages: usize) -> Result<Vec<String>, AppError> {
    let pages = u16::try_from(pages).unwrap_or(u16::MAX);
    (1..=pages).map(|page| svg(PageMark { code, page })).collect()
}

fn svg(mark: PageMark) -> Result<String, AppError> {
    // A quarter of it may be lost to a fold or a staple.
    let code = QrCode::with_error_correction_level(mark.to_string(), EcLevel::Q)
        .map_err(|e| AppError::Internal(format!("a page's mark: {e}")))?;
    let (width, side) = (code.width(), code.width().saturating_add(2 * QUIET));
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (left, top, n) = (x + QUIET, y + QUIET, run.len());
                path.push_str(&format!("M{left} {top}h{n}v1h-{n}z"));
            }
            x = x.saturating_add(run.len());
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\"><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: C46-13.3b
    #[test]
    fn every_page_has_a_mark_of_its_own_and_a_coarse_one() {
        let marks = page_marks(PaperCode::of(&[3; 32]), 12).expect("drawn");
        assert_eq!(marks.len(), 12);
        assert!(marks.iter().all(|svg| svg.contains("viewBox=\"0 0 27 27\"")), "version 1: 21 modules and white");
        assert_ne!(marks[0], marks[1]);
    }
}
