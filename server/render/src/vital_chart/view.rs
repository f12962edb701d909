//! The chart as its template reads it: times in words, numbers as printed, columns laid out.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use serde::Serialize;

use super::grid::{Grid, lay_out};
use super::{Readings, Source, VitalChart, VitalCorrection, VitalItem, VitalSet};
use crate::error::RenderError;
use crate::letterhead::{DocumentRef, Letterhead, Patient};
use crate::local_time::{clock, clock_and_date, date, local};
use crate::number::vietnamese;
use crate::signature::SignatureView;

/// What `theo-doi-chuc-nang-song.typ` gets.
#[derive(Serialize)]
pub(crate) struct ChartView<'a> {
    letterhead: &'a Letterhead,
    patient: &'a Patient,
    document: &'a DocumentRef,
    grids: Vec<Grid>,
    sets: Vec<SetView<'a>>,
}

#[derive(Serialize)]
struct SetView<'a> {
    time: String,
    date: String,
    version: u32,
    /// Current values by item, as printed; only what was measured.
    cells: BTreeMap<VitalItem, String>,
    news2: Option<u8>,
    /// For the curve.
    pulse: Option<f64>,
    temperature: Option<f64>,
    note: &'a str,
    author: &'a str,
    device: Option<&'a str>,
    withdrawn: Option<&'a str>,
    corrections: Vec<CorrectionView<'a>>,
    signature: Option<SignatureView<'a>>,
}

#[derive(Serialize)]
struct CorrectionView<'a> {
    item: VitalItem,
    before: &'a str,
    after: &'a str,
    reason: &'a str,
    by: &'a str,
    time: String,
    version: u32,
}

impl<'a> ChartView<'a> {
    pub(crate) fn new(chart: &'a VitalChart) -> Result<Self, RenderError> {
        let mut sets: Vec<(DateTime, &VitalSet)> =
            chart.sets.iter().map(|set| Ok((local(set.effective_at)?, set))).collect::<Result<_, RenderError>>()?;
        sets.sort_by_key(|(at, _)| *at);
        let charted: Vec<(usize, DateTime)> = sets
            .iter()
            .enumerate()
            .filter(|(_, (_, set))| set.withdrawn.is_none())
            .map(|(i, (at, _))| (i, *at))
            .collect();
        Ok(Self {
            letterhead: &chart.letterhead,
            patient: &chart.patient,
            document: &chart.document,
            grids: lay_out(local(chart.since)?.date(), &charted),
            sets: sets.iter().map(|(at, set)| SetView::new(*at, set)).collect::<Result<_, _>>()?,
        })
    }
}

impl<'a> SetView<'a> {
    fn new(at: DateTime, set: &'a VitalSet) -> Result<Self, RenderError> {
        Ok(Self {
            time: clock(at),
            date: date(at.date()),
            version: set.version,
            cells: cells(&set.readings)?,
            news2: set.news2,
            pulse: set.readings.pulse,
            temperature: set.readings.temperature,
            note: &set.note,
            author: &set.author,
            device: match &set.source {
                Source::Entered => None,
                Source::Device(name) => Some(name),
            },
            withdrawn: set.withdrawn.as_deref(),
            corrections: set.corrections.iter().map(CorrectionView::new).collect::<Result<_, _>>()?,
            signature: set.signature.as_ref().map(SignatureView::new).transpose()?,
        })
    }
}

impl<'a> CorrectionView<'a> {
    fn new(correction: &'a VitalCorrection) -> Result<Self, RenderError> {
        Ok(Self {
            item: correction.item,
            before: &correction.before,
            after: &correction.after,
            reason: &correction.reason,
            by: &correction.by,
            time: clock_and_date(local(correction.at)?),
            version: correction.version,
        })
    }
}

fn cells(readings: &Readings) -> Result<BTreeMap<VitalItem, String>, RenderError> {
    let mut cells = BTreeMap::new();
    let numbers = [
        (VitalItem::Pulse, readings.pulse, 0),
        (VitalItem::Temperature, readings.temperature, 1),
        (VitalItem::Respiration, readings.respiration, 0),
        (VitalItem::Spo2, readings.spo2, 0),
        (VitalItem::Pain, readings.pain, 0),
        (VitalItem::Weight, readings.weight, 2),
    ];
    for (item, value, decimals) in numbers {
        if let Some(value) = value {
            cells.insert(item, vietnamese(value, decimals)?);
        }
    }
    if readings.systolic.is_some() || readings.diastolic.is_some() {
        let side = |value: Option<f64>| value.map_or(Ok("–".to_owned()), |v| vietnamese(v, 0));
        cells.insert(VitalItem::BloodPressure, format!("{}/{}", side(readings.systolic)?, side(readings.diastolic)?));
    }
    for (item, text) in [(VitalItem::Oxygen, &readings.oxygen), (VitalItem::Consciousness, &readings.consciousness)] {
        if let Some(text) = text {
            cells.insert(item, text.clone());
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_as_a_nurse_writes_them() {
        let readings =
            Readings { temperature: Some(37.0), systolic: Some(120.0), weight: Some(52.5), ..Readings::default() };
        let cells = cells(&readings).unwrap();
        assert_eq!(cells.get(&VitalItem::Temperature).unwrap(), "37");
        assert_eq!(cells.get(&VitalItem::BloodPressure).unwrap(), "120/–");
        assert_eq!(cells.get(&VitalItem::Weight).unwrap(), "52,5");
        assert_eq!(cells.get(&VitalItem::Pulse), None);
    }
}
