//! Finds our codes on a page: looks at it in several ways, until one shows a code.

use super::counted::Counted;
use super::ink;
use super::page::Page;
use benhan_domain::patient_signature::PageMark;
use image::GrayImage;
use rqrr::{BitGrid, Grid, Point, PreparedImage, SimpleGrid};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pixels on the longer side at which a page is looked at, the likeliest first: A4 at 300 dpi, where a module has eight, whatever
/// it was scanned at; then A3, which is finer too for what lies askew; and coarser, where grain and dots are averaged away.
const SIDES: [u32; 3] = [3_508, 4_960, 2_600];
/// A picture is enlarged so many times at the most: what is not there cannot be made up.
const MOST_ENLARGED: u32 = 4;
/// Of one page.
const MOST_MARKS: usize = 16;

/// Every page is looked at once; again in other ways, as long as `spare` pixels are left. Where a code was seen, the page is
/// looked at once more at another size: two sheets under one glass are not taken for one.
pub(crate) fn marks(page: &mut Page, spare: &mut u64) -> Vec<PageMark> {
    if page.two_tone && ink::is_mostly_dark(&page.grey) {
        image::imageops::invert(&mut page.grey);
    }
    let most = page.longer_side().saturating_mul(MOST_ENLARGED);
    let mut seen: Vec<PageMark> = Vec::new();
    let mut first = true;
    for side in SIDES.into_iter().map(|side| side.min(most)) {
        let again = !seen.is_empty();
        let grey = ink::smooth(&page.at_side(side));
        // By the paper around it, as a fold or a lid half open darkens it; else by the paper of the whole page.
        for tell in [ink::by_surroundings, ink::by_page] {
            if !std::mem::take(&mut first) {
                let Some(left) = spare.checked_sub(pixels(&grey)) else { return seen };
                *spare = left;
            }
            seen.extend(on(tell(&grey)));
            if !seen.is_empty() {
                break;
            }
        }
        if again {
            break;
        }
    }
    seen.sort_unstable();
    seen.dedup();
    seen
}

fn pixels(grey: &GrayImage) -> u64 {
    u64::from(grey.width()).saturating_mul(grey.height().into())
}

fn on(ink: GrayImage) -> Vec<PageMark> {
    let counted = Counted::new(ink.clone());
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut prepared = PreparedImage::prepare(counted);
        let grids = prepared.detect_grids();
        let texts = grids.iter().take(MOST_MARKS).filter_map(|grid| {
            let (size, seen) = (grid.grid.size(), grid.decode());
            seen.or_else(|_| laid_flat(&ink, grid.bounds, size).decode()).ok()
        });
        texts.filter_map(|(_, text)| PageMark::parse(&text)).collect::<Vec<_>>()
    }));
    read.unwrap_or_default()
}

/// The modules between three corners of a code, as a sheet lies on a glass. The fourth, which has no mark of its own, is guessed
/// by rqrr along edges that are four modules long: for a photograph taken from aside, and for some codes by a whole module amiss.
fn laid_flat(ink: &GrayImage, [top_left, top_right, _, bottom_left]: [Point; 4], size: usize) -> Grid<SimpleGrid> {
    // The bounds of rqrr lie a module beyond the code.
    let side = i64::try_from(size).unwrap_or(0).saturating_add(1);
    let along = |from: i32, right: i32, down: i32, (column, row): (i64, i64)| {
        let [from, right, down] = [from, right, down].map(i64::from);
        let steps = (2 * column + 1) * (right - from) + (2 * row + 1) * (down - from);
        u32::try_from(from + steps / (2 * side)).ok()
    };
    Grid::new(SimpleGrid::from_func(size, |column, row| {
        let module = (i64::try_from(column).unwrap_or(0), i64::try_from(row).unwrap_or(0));
        let x = along(top_left.x, top_right.x, bottom_left.x, module);
        let y = along(top_left.y, top_right.y, bottom_left.y, module);
        x.zip(y).and_then(|(x, y)| ink.get_pixel_checked(x, y)).is_some_and(|pixel| pixel.0 == [0])
    }))
}
