//! Where the values stand in the four classes of physiological data (8005313, 3.5 to 3.8), as data.
//!
//! Left out: values that nobody charts (EEG bands, twitch heights, tonometry, PiCCO), and the heart rates that
//! `ecg.hr` already says.

use super::group::{Field, Group, Means, field, group};
use Means::{HeartRate, Label, Metric, Nothing};

/// Families of values whose metric depends on the group's label.
#[derive(Clone, Copy)]
pub(super) enum Labels {
    Systolic,
    Diastolic,
    Mean,
    Temperature,
    AgentExpired,
    AgentInspired,
    Saturation,
}

const MMHG: &str = "mm[Hg]";
const CM_H2O: &str = "cm[H2O]";

const PRESSURE: &[Field] = &[
    field("sys", 6, -2, MMHG, Label(Labels::Systolic)),
    field("dia", 8, -2, MMHG, Label(Labels::Diastolic)),
    field("mean", 10, -2, MMHG, Label(Labels::Mean)),
    field("hr", 12, 0, "/min", Nothing),
];
const TEMPERATURE: &[Field] = &[field("temp", 6, -2, "Cel", Label(Labels::Temperature))];
const OXIMETRY: &[Field] = &[
    field("spo2", 6, -2, "%", Metric(150_456)),
    field("pr", 8, 0, "/min", Metric(149_530)),
    field("ir_amp", 10, -2, "%", Nothing),
];
/// Label bit 8 of NIBP: the measurement ended more than a minute ago.
const OLD_NIBP: u16 = 1 << 8;

/// Zeroing.
const ZEROING: u32 = 1 << 2;
/// Calibrating, measurement off.
const GAS_OFF: u32 = 1 << 2 | 1 << 3;

#[rustfmt::skip]
const BASIC: &[Group] = &[
    group("ecg", 0, &[
        field("hr", 6, 0, "/min", HeartRate),
        field("st1", 8, -2, "mm", Nothing),
        field("st2", 10, -2, "mm", Nothing),
        field("st3", 12, -2, "mm", Nothing),
        field("imp_rr", 14, 0, "/min", Metric(151_578)),
    // Noise, artefact and learning cast doubt.
    ]).doubt(1 << 7 | 1 << 8 | 1 << 9),
    group("p1", 16, PRESSURE).busy(ZEROING),
    group("p2", 30, PRESSURE).busy(ZEROING),
    group("p3", 44, PRESSURE).busy(ZEROING),
    group("p4", 58, PRESSURE).busy(ZEROING),
    group("nibp", 72, &[
        field("sys", 6, -2, MMHG, Metric(150_021)).stale(OLD_NIBP),
        field("dia", 8, -2, MMHG, Metric(150_022)).stale(OLD_NIBP),
        field("mean", 10, -2, MMHG, Metric(150_023)).stale(OLD_NIBP),
        field("hr", 12, 0, "/min", Metric(149_546)).stale(OLD_NIBP),
    // Measuring, venous stasis, calibrating.
    ]).busy_label(1 << 5 | 1 << 6 | 1 << 7),
    group("t1", 86, TEMPERATURE),
    group("t2", 94, TEMPERATURE),
    group("t3", 102, TEMPERATURE),
    group("t4", 110, TEMPERATURE),
    group("spo2", 118, OXIMETRY),
    group("co2", 132, &[
        field("et", 6, -2, "%", Metric(151_708)),
        field("fi", 8, -2, "%", Metric(151_718)),
        field("rr", 10, 0, "/min", Nothing),
        field("amb_press", 12, -1, MMHG, Nothing),
    ]).busy(1 << 3 | 1 << 4).doubt(1 << 5 | 1 << 6),
    group("o2", 146, &[
        field("et", 6, -2, "%", Metric(152_440)),
        field("fi", 8, -2, "%", Metric(152_196)),
    ]).busy(GAS_OFF),
    group("n2o", 156, &[
        field("et", 6, -2, "%", Metric(152_108)),
        field("fi", 8, -2, "%", Metric(152_192)),
    ]).busy(GAS_OFF),
    group("aa", 166, &[
        field("et", 6, -2, "%", Label(Labels::AgentExpired)),
        field("fi", 8, -2, "%", Label(Labels::AgentInspired)),
        field("mac_sum", 10, -2, "1", Nothing),
    ]).busy(GAS_OFF),
    group("flow_vol", 178, &[
        field("rr", 6, 0, "/min", Metric(151_570)),
        field("ppeak", 8, -2, CM_H2O, Metric(151_817)),
        field("peep", 10, -2, CM_H2O, Metric(151_976)),
        field("pplat", 12, -2, CM_H2O, Metric(151_784)),
        field("tv_insp", 14, -1, "mL", Nothing),
        field("tv_exp", 16, -1, "mL", Metric(151_868)),
        field("compliance", 18, -2, "mL/cm[H2O]", Nothing),
        field("mv_exp", 20, -2, "L/min", Metric(151_884)),
    // Calibrating, zeroing and off; disconnection, obstruction and leak cast doubt.
    ]).busy(1 << 3 | 1 << 4 | 1 << 7).doubt(1 << 2 | 1 << 5 | 1 << 6),
    group("co_wedge", 200, &[
        // Sent as mL/min.
        field("co", 6, -3, "L/min", Metric(150_276)).stale(1),
        field("blood_temp", 8, -2, "Cel", Metric(188_436)),
        field("ref", 10, -2, "%", Nothing).stale(1),
        field("pcwp", 12, -2, MMHG, Metric(150_052)).stale(1 << 1),
    ]),
    group("nmt", 214, &[
        field("t1", 6, -1, "%", Nothing),
        field("tratio", 8, -1, "%", Nothing),
    ]),
    // Cable faults, not calibrated, out of range.
    group("svo2", 232, &[field("svo2", 6, -2, "%", Label(Labels::Saturation))]).busy(1 << 3 | 1 << 4 | 1 << 5 | 1 << 7).doubt(1 << 2 | 1 << 8 | 1 << 9),
    group("p5", 240, PRESSURE).busy(ZEROING),
    group("p6", 254, PRESSURE).busy(ZEROING),
];

#[rustfmt::skip]
const EXT1: &[Group] = &[
    group("arrh", 0, &[field("pvc", 10, 0, "/min", Metric(148_066))]).doubt(1 << 7 | 1 << 8 | 1 << 9),
    group("ecg12", 48, &[
        field("stI", 6, -2, "mm", Metric(131_841)),
        field("stII", 8, -2, "mm", Metric(131_842)),
        field("stIII", 10, -2, "mm", Metric(131_901)),
        field("stAVL", 12, -2, "mm", Metric(131_903)),
        field("stAVR", 14, -2, "mm", Metric(131_902)),
        field("stAVF", 16, -2, "mm", Metric(131_904)),
        field("stV1", 18, -2, "mm", Metric(131_843)),
        field("stV2", 20, -2, "mm", Metric(131_844)),
        field("stV3", 22, -2, "mm", Metric(131_845)),
        field("stV4", 24, -2, "mm", Metric(131_846)),
        field("stV5", 26, -2, "mm", Metric(131_847)),
        field("stV6", 28, -2, "mm", Metric(131_848)),
    ]).doubt(1 << 7 | 1 << 8 | 1 << 9),
    group("p7", 78, PRESSURE).busy(ZEROING),
    group("p8", 92, PRESSURE).busy(ZEROING),
    group("spo2_2", 106, &[
        field("spo2", 6, -2, "%", Nothing),
        field("pr", 8, 0, "/min", Nothing),
    ]),
    group("t5", 120, TEMPERATURE),
    group("t6", 128, TEMPERATURE),
];

#[rustfmt::skip]
const EXT2: &[Group] = &[
    group("eeg_bis", 96, &[field("bis", 6, 0, "1", Nothing), field("sqi", 8, 0, "%", Nothing), field("sr", 12, 0, "%", Nothing)]),
    group("entropy", 112, &[field("se", 6, 0, "1", Nothing), field("re", 8, 0, "1", Nothing), field("bsr", 10, 0, "%", Nothing)]),
];

#[rustfmt::skip]
const EXT3: &[Group] = &[
    group("gasex", 0, &[
        field("vo2", 6, -1, "mL/min", Nothing),
        field("vco2", 8, -1, "mL/min", Nothing),
        field("ee", 10, 0, "kcal/d", Nothing),
        field("rq", 12, -3, "1", Nothing),
    ]),
    group("flow_vol2", 14, &[
        field("ipeep", 6, -2, CM_H2O, Metric(151_808)),
        field("pmean", 8, -2, CM_H2O, Metric(151_795)),
        field("raw", 10, -2, "cm[H2O]/(L/s)", Nothing),
        field("mv_insp", 12, -2, "L/min", Metric(151_888)),
        field("epeep", 14, -2, CM_H2O, Nothing),
        field("mv_spont", 16, -2, "L/min", Nothing),
        field("ie_ratio", 18, -2, "1", Nothing),
        field("insp_time", 20, -2, "s", Nothing),
        field("exp_time", 22, -2, "s", Nothing),
    ]),
    group("cpp", 126, &[field("value", 6, -2, MMHG, Metric(153_604))]),
];

/// The groups of a class; none for one that this document does not know.
pub(super) fn class(number: u16) -> &'static [Group] {
    match number {
        0 => BASIC,
        1 => EXT1,
        2 => EXT2,
        3 => EXT3,
        _ => &[],
    }
}

/// The metric of a value whose group has this label.
#[rustfmt::skip]
pub(super) fn by_label(family: Labels, label: u16) -> Option<u32> {
    // Systolic, diastolic, mean.
    let pressure = match label {
        1 => [Some(150_033), Some(150_034), Some(150_035)],          // ART
        2 => [None, None, Some(150_087)],                            // CVP
        3 => [Some(150_045), Some(150_046), Some(150_047)],          // PA
        4 => [None, None, Some(150_071)],                            // RAP
        6 => [None, None, Some(150_067)],                            // LAP
        7 => [None, None, Some(153_611)],                            // ICP
        8 => [Some(150_037), Some(150_038), Some(150_039)],          // ABP
        9..=14 | 20 | 21 => [Some(150_017), Some(150_018), Some(150_019)], // P1 to P8
        17 => [Some(150_057), Some(150_058), Some(150_059)],         // UAC
        18 => [None, None, Some(150_091)],                           // UVC
        _ => [None; 3],
    };
    let [systolic, diastolic, mean] = pressure;
    match (family, label) {
        (Labels::Systolic, _) => systolic,
        (Labels::Diastolic, _) => diastolic,
        (Labels::Mean, _) => mean,
        (Labels::Temperature, 1) => Some(150_372),                   // oesophageal
        (Labels::Temperature, 2) => Some(150_380),                   // nasopharyngeal
        (Labels::Temperature, 3) => Some(150_392),                   // tympanic
        (Labels::Temperature, 4) => Some(188_420),                   // rectal
        (Labels::Temperature, 7) => Some(150_388),                   // skin
        (Labels::Temperature, 8) => Some(150_356),                   // airway
        (Labels::Temperature, 15) => Some(150_368),                  // core
        (Labels::Temperature, 0 | 11..=14 | 17 | 18) => Some(150_344), // T1 to T6, or no label
        (Labels::AgentExpired, 4) => Some(152_100),
        (Labels::AgentExpired, 5) => Some(152_084),
        (Labels::AgentExpired, 6) => Some(152_096),
        (Labels::AgentInspired, 4) => Some(152_184),
        (Labels::AgentInspired, 5) => Some(152_168),
        (Labels::AgentInspired, 6) => Some(152_180),
        (Labels::Saturation, 1) => Some(150_324),
        (Labels::Saturation, 2) => Some(150_332),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ieee11073::metric;

    #[test]
    fn every_field_lies_within_its_class_and_group_and_means_a_metric_that_we_know() {
        for number in 0..4 {
            let groups = class(number);
            assert!(groups.windows(2).all(|pair| pair[0].at < pair[1].at));
            for (index, group) in groups.iter().enumerate() {
                let end = groups.get(index + 1).map_or(270, |next| next.at);
                for field in group.fields {
                    assert!(field.at >= 6 && group.at + field.at + 2 <= end, "{}.{}", group.name, field.name);
                    if let Means::Metric(code) = field.means {
                        assert!(metric(code).is_some(), "{code}");
                    }
                }
            }
        }
        for label in 0..30 {
            for family in [
                Labels::Systolic,
                Labels::Diastolic,
                Labels::Mean,
                Labels::Temperature,
                Labels::AgentExpired,
                Labels::AgentInspired,
                Labels::Saturation,
            ] {
                assert!(by_label(family, label).is_none_or(|code| metric(code).is_some()), "{label}");
            }
        }
    }
}
