//! A signature drawn with a finger, a pen or a mouse: strokes of points with their time and pressure, bounded.
//!
//! It is never a signature by itself (Law 20/2023 Art. 22): it is one part of the evidence that a witness signs.

use serde::{Deserialize, Serialize};

/// Points of one stroke: x and y in tenths of a pixel from the upper left, milliseconds since the pen first came down,
/// pressure in thousandths.
pub type Stroke = Vec<[u32; 4]>;

const MOST_STROKES: usize = 200;
const MOST_POINTS: usize = 8_000;
/// Tenths of a pixel.
const LARGEST: u32 = 60_000;
const LONGEST_MS: u32 = 10 * 60 * 1_000;
/// Less is a dot or a slip of the hand.
const FEWEST_POINTS: usize = 6;
/// Of the drawing's width, in hundredths: shorter lines are no name and no mark.
const LEAST_INK: u32 = 8;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// Of the area that was drawn in, in tenths of a pixel.
    pub width: u32,
    pub height: u32,
    pub strokes: Vec<Stroke>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASignature {
    #[error("Chưa có nét ký: ký vào khung rồi bấm «Tôi đã đọc và đồng ý»")]
    Empty,
    #[error("Nét ký quá ngắn, không đọc ra chữ ký: bấm «Xóa, vẽ lại» rồi ký lại")]
    TooLittle,
    #[error("Nét ký quá dài: bấm «Xóa, vẽ lại» rồi ký lại, gọn hơn")]
    TooMuch,
    #[error("Nét ký không đúng khuôn dạng: tải lại trang rồi ký lại")]
    Malformed,
}

impl Drawing {
    /// Whether somebody drew something with it that may be kept.
    pub fn check(&self) -> Result<(), NotASignature> {
        let points: usize = self.strokes.iter().map(Vec::len).sum();
        if points == 0 {
            return Err(NotASignature::Empty);
        }
        if self.strokes.len() > MOST_STROKES || points > MOST_POINTS {
            return Err(NotASignature::TooMuch);
        }
        let area = |side: u32| (100..=LARGEST).contains(&side);
        let mut last = 0;
        let inside = self.strokes.iter().flatten().all(|[x, y, t, pressure]| {
            let after = *t >= last;
            last = *t;
            after && *x <= self.width && *y <= self.height && *t <= LONGEST_MS && *pressure <= 1_000
        });
        if !inside || !area(self.width) || !area(self.height) || self.strokes.iter().any(Vec::is_empty) {
            return Err(NotASignature::Malformed);
        }
        let least = f64::from(self.width) * f64::from(LEAST_INK) / 100.0;
        if points < FEWEST_POINTS || self.ink() < least { Err(NotASignature::TooLittle) } else { Ok(()) }
    }

    /// Length of all lines together.
    fn ink(&self) -> f64 {
        let pairs = self.strokes.iter().flat_map(|stroke| stroke.iter().zip(stroke.iter().skip(1)));
        pairs.map(|([x, y, ..], [x2, y2, ..])| distance((*x, *y), (*x2, *y2))).sum()
    }

    /// The lines alone, fitted into a box of these sides, without points that nobody would see apart. Answers the lines
    /// and the sides that they take.
    pub fn fitted(&self, width: f64, height: f64) -> (Vec<Vec<[f64; 2]>>, [f64; 2]) {
        let (xs, ys) = (self.range(|p| p[0]), self.range(|p| p[1]));
        let span = |(low, high): (u32, u32)| f64::from(high.saturating_sub(low)).max(1.0);
        let scale = (width / span(xs)).min(height / span(ys));
        let place = |[x, y, ..]: &[u32; 4]| {
            let at = |v: u32, low: u32| (f64::from(v.saturating_sub(low)) * scale * 100.0).round() / 100.0;
            [at(*x, xs.0), at(*y, ys.0)]
        };
        let lines = self.strokes.iter().map(|stroke| {
            let mut line: Vec<[f64; 2]> = Vec::new();
            for (index, point) in stroke.iter().enumerate() {
                let here = place(point);
                let far = line.last().is_none_or(|[x, y]| (x - here[0]).hypot(y - here[1]) > height / 60.0);
                if far || index.saturating_add(1) == stroke.len() {
                    line.push(here);
                }
            }
            line
        });
        (lines.collect(), [span(xs) * scale, span(ys) * scale])
    }

    fn range(&self, of: impl Fn(&[u32; 4]) -> u32 + Copy) -> (u32, u32) {
        let all = || self.strokes.iter().flatten().map(of);
        (all().min().unwrap_or_default(), all().max().unwrap_or_default())
    }
}

fn distance((x, y): (u32, u32), (x2, y2): (u32, u32)) -> f64 {
    f64::from(x.abs_diff(x2)).hypot(f64::from(y.abs_diff(y2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drawn(strokes: Vec<Stroke>) -> Drawing {
        Drawing { width: 8_000, height: 3_000, strokes }
    }

    fn wave() -> Stroke {
        (0..40_u32).map(|n| [1_000 + n * 100, 1_500 + (n % 5) * 80, n * 16, 500]).collect()
    }

    // Clauses: C13-3
    #[test]
    fn an_empty_drawing_and_a_single_dot_are_no_signature() {
        assert_eq!(drawn(vec![]).check(), Err(NotASignature::Empty));
        assert_eq!(drawn(vec![vec![]]).check(), Err(NotASignature::Empty));
        assert_eq!(drawn(vec![vec![[100, 100, 0, 500]]]).check(), Err(NotASignature::TooLittle));
        let dot = vec![vec![[100, 100, 0, 500]; 50]];
        assert_eq!(drawn(dot).check(), Err(NotASignature::TooLittle), "however long it is pressed");
        assert_eq!(drawn(vec![wave()]).check(), Ok(()));
    }

    #[test]
    fn what_is_too_much_or_out_of_its_place_is_refused() {
        assert_eq!(drawn(vec![vec![[1, 1, 0, 0]]; 201]).check(), Err(NotASignature::TooMuch));
        assert_eq!(drawn(vec![vec![[1, 1, 0, 0]; 8_001]]).check(), Err(NotASignature::TooMuch));
        let with = |change: fn(&mut Drawing)| {
            let mut one = drawn(vec![wave(), wave().into_iter().map(|[x, y, t, p]| [x, y, t + 2_000, p]).collect()]);
            change(&mut one);
            one.check()
        };
        assert_eq!(with(|_| {}), Ok(()));
        assert_eq!(with(|d| d.strokes[0][3][0] = 8_001), Err(NotASignature::Malformed), "beside the area");
        assert_eq!(with(|d| d.strokes[1][0][2] = 0), Err(NotASignature::Malformed), "time runs one way");
        assert_eq!(with(|d| d.strokes[0][0][3] = 1_001), Err(NotASignature::Malformed));
        assert_eq!(with(|d| d.width = 0), Err(NotASignature::Malformed));
    }

    proptest! {
        #[test]
        fn fitted_lines_stay_in_their_box(strokes in prop::collection::vec(prop::collection::vec([0..8_000_u32, 0..3_000, 0..1_000, 0..1_000], 1..40), 1..8)) {
            let (lines, [w, h]) = drawn(strokes.clone()).fitted(46.0, 16.0);
            prop_assert_eq!(lines.len(), strokes.len());
            prop_assert!(w <= 46.01 && h <= 16.01);
            prop_assert!(lines.iter().flatten().all(|[x, y]| (0.0..=46.01).contains(x) && (0.0..=16.01).contains(y)));
        }
    }
}
