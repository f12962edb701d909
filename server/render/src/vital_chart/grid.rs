//! Which column of the chart shows which set. A quiet stay gets the form's seven days of morning and afternoon; once
//! any half day holds more than one set, every set gets a column of its own under its clock time.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use serde::Serialize;

use crate::local_time::{clock, date, day_and_month};

/// Columns of one grid, in either shape.
const COLUMNS: usize = 14;
const DAYS: i32 = 7;

/// One grid: what fits on a page beneath one curve.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Grid {
    /// Columns are half days, not single sets.
    pub(crate) half_days: bool,
    /// First and last day, as printed.
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) days: Vec<Day>,
    pub(crate) columns: Vec<Column>,
}

/// A day's heading over its columns.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Day {
    pub(crate) label: String,
    pub(crate) columns: usize,
}

/// One column.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Column {
    /// `Sáng` or `Chiều`; empty where columns are single sets.
    pub(crate) half: &'static str,
    /// Clock time of the set; empty without one.
    pub(crate) time: String,
    /// Index of the set in the chart, or none.
    pub(crate) set: Option<usize>,
}

/// Lays out the sets (index, local time; sorted) from `first` on. There is always at least one grid.
pub(crate) fn lay_out(first: Date, sets: &[(usize, DateTime)]) -> Vec<Grid> {
    let crowded = sets.windows(2).any(|pair| match pair {
        [(_, a), (_, b)] => a.date() == b.date() && is_afternoon(*a) == is_afternoon(*b),
        _ => false,
    });
    if crowded { by_set(sets) } else { by_half_day(first, sets) }
}

fn is_afternoon(at: DateTime) -> bool {
    at.hour() >= 12
}

fn by_set(sets: &[(usize, DateTime)]) -> Vec<Grid> {
    sets.chunks(COLUMNS)
        .map(|chunk| {
            let mut days: Vec<(Date, usize)> = Vec::new();
            for (_, at) in chunk {
                match days.last_mut() {
                    Some((day, columns)) if *day == at.date() => *columns += 1,
                    _ => days.push((at.date(), 1)),
                }
            }
            let edge = |end: Option<&(usize, DateTime)>| end.map(|(_, at)| date(at.date())).unwrap_or_default();
            let column = |set: &(usize, DateTime)| Column { half: "", time: clock(set.1), set: Some(set.0) };
            let blanks = COLUMNS.saturating_sub(chunk.len());
            let heading = |(day, columns): (Date, usize)| Day { label: day_and_month(day), columns };
            Grid {
                half_days: false,
                from: edge(chunk.first()),
                to: edge(chunk.last()),
                days: days
                    .into_iter()
                    .map(heading)
                    .chain((blanks > 0).then(|| Day { label: String::new(), columns: blanks }))
                    .collect(),
                columns: chunk
                    .iter()
                    .map(column)
                    .chain((0..blanks).map(|_| Column { half: "", time: String::new(), set: None }))
                    .collect(),
            }
        })
        .collect()
}

/// Weeks from the first day on; a week without any set is left out, except the very first.
fn by_half_day(first: Date, sets: &[(usize, DateTime)]) -> Vec<Grid> {
    let mut grids = Vec::new();
    let mut start = sets.first().map_or(first, |(_, at)| at.date().min(first));
    let mut rest = sets;
    loop {
        let week: Vec<Date> = (0..DAYS).filter_map(|n| start.checked_add(n.days()).ok()).collect();
        let Some(last) = week.last().copied() else { return grids };
        let (here, later) = rest.split_at(rest.partition_point(|(_, at)| at.date() <= last));
        grids.push(Grid {
            half_days: true,
            from: date(start),
            to: date(last),
            days: week.iter().map(|day| Day { label: day_and_month(*day), columns: 2 }).collect(),
            columns: week
                .iter()
                .flat_map(|day| [(*day, false), (*day, true)])
                .map(|half| half_day(half, here))
                .collect(),
        });
        rest = later;
        let Some((_, next)) = rest.first() else { return grids };
        let weeks = (next.date() - start).get_days() / DAYS;
        let Ok(following) = start.checked_add((weeks.max(1) * DAYS).days()) else { return grids };
        start = following;
    }
}

fn half_day((day, afternoon): (Date, bool), sets: &[(usize, DateTime)]) -> Column {
    let set = sets.iter().find(|(_, at)| at.date() == day && is_afternoon(*at) == afternoon);
    Column {
        half: if afternoon { "Chiều" } else { "Sáng" },
        time: set.map(|(_, at)| clock(*at)).unwrap_or_default(),
        set: set.map(|(index, _)| *index),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;
    use proptest::prelude::*;

    fn at(d: i8, hour: i8, minute: i8) -> DateTime {
        day(2026, 11, d).at(hour, minute, 0, 0)
    }

    #[test]
    fn a_quiet_week_keeps_the_shape_of_the_paper_form() {
        let grids = lay_out(day(2026, 11, 16), &[(0, at(16, 18, 0)), (1, at(17, 6, 5)), (2, at(17, 17, 55))]);
        let [grid] = grids.as_slice() else { panic!("{grids:?}") };
        assert!(grid.half_days);
        assert_eq!((grid.days.len(), grid.columns.len()), (7, 14));
        let shown: Vec<_> = grid.columns.iter().take(4).map(|c| (c.half, c.time.as_str(), c.set)).collect();
        assert_eq!(
            shown,
            [("Sáng", "", None), ("Chiều", "18:00", Some(0)), ("Sáng", "06:05", Some(1)), ("Chiều", "17:55", Some(2))]
        );
    }

    #[test]
    fn two_sets_in_one_morning_give_every_set_its_column() {
        let grids = lay_out(day(2026, 11, 16), &[(0, at(16, 6, 0)), (1, at(16, 7, 0)), (2, at(17, 7, 0))]);
        let [grid] = grids.as_slice() else { panic!("{grids:?}") };
        assert!(!grid.half_days);
        let days: Vec<_> = grid.days.iter().map(|d| (d.label.as_str(), d.columns)).collect();
        assert_eq!(days, [("16/11", 2), ("17/11", 1), ("", 11)]);
    }

    #[test]
    fn an_empty_chart_is_an_empty_week() {
        let grids = lay_out(day(2026, 11, 16), &[]);
        assert_eq!(grids.len(), 1);
        assert!(grids[0].columns.iter().all(|c| c.set.is_none()));
        assert_eq!((grids[0].from.as_str(), grids[0].to.as_str()), ("16/11/2026", "22/11/2026"));
    }

    #[test]
    fn weeks_without_sets_are_left_out() {
        let grids =
            lay_out(day(2026, 1, 1), &[(0, day(2026, 1, 2).at(6, 0, 0, 0)), (1, day(2026, 3, 1).at(6, 0, 0, 0))]);
        assert_eq!(grids.iter().map(|g| g.from.as_str()).collect::<Vec<_>>(), ["01/01/2026", "26/02/2026"]);
    }

    proptest! {
        #[test]
        fn every_set_has_exactly_one_column(mut minutes in proptest::collection::vec(0i64..200_000, 0..80)) {
            minutes.sort_unstable();
            let start = day(2026, 1, 1);
            let sets: Vec<_> = minutes.iter().enumerate().map(|(i, m)| (i, start.at(0, 0, 0, 0) + m.minutes())).collect();
            let grids = lay_out(start, &sets);
            let shown: Vec<_> = grids.iter().flat_map(|g| g.columns.iter().filter_map(|c| c.set)).collect();
            prop_assert_eq!(shown, (0..sets.len()).collect::<Vec<_>>());
            for grid in &grids {
                prop_assert_eq!(grid.columns.len(), COLUMNS);
                prop_assert_eq!(grid.days.iter().map(|d| d.columns).sum::<usize>(), COLUMNS);
            }
        }
    }
}
