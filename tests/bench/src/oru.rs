//! ORU^R01 messages as devices write them, with invented patients.

use std::fmt::Write;

/// Which device speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Device {
    /// A blood count of 25 values, about 2 kB.
    Analyzer,
    /// A bedside monitor: 8 vital signs with IEEE 11073 codes.
    Monitor,
}

const COUNT: [(&str, &str, &str, &str); 5] = [
    ("6690-2^WBC", "9.81", "10*9/L", "4.00-10.00"),
    ("789-8^RBC", "4.53", "10*12/L", "3.50-5.00"),
    ("718-7^HGB", "65", "g/L", "110-150"),
    ("787-2^MCV", "89.5", "fL", "80.0-100.0"),
    ("785-6^MCH", "14.4", "pg", "27.0-31.0"),
];

const SIGNS: [(&str, &str, &str); 8] = [
    ("147842^MDC_ECG_HEART_RATE", "78", "264864^MDC_DIM_BEAT_PER_MIN"),
    ("149530^MDC_PULS_OXIM_PULS_RATE", "78", "264864^MDC_DIM_BEAT_PER_MIN"),
    ("150456^MDC_PULS_OXIM_SAT_O2", "97", "262688^MDC_DIM_PERCENT"),
    ("151562^MDC_RESP_RATE", "16", "264928^MDC_DIM_RESP_PER_MIN"),
    ("150344^MDC_TEMP", "36.8", "268192^MDC_DIM_DEGC"),
    ("150021^MDC_PRESS_BLD_NONINV_SYS", "124", "266016^MDC_DIM_MMHG"),
    ("150022^MDC_PRESS_BLD_NONINV_DIA", "78", "266016^MDC_DIM_MMHG"),
    ("150023^MDC_PRESS_BLD_NONINV_MEAN", "93", "266016^MDC_DIM_MMHG"),
];

/// The message `number` of connection `line`; `control` is its MSH-10, `stamp` the device's clock.
#[must_use]
pub fn message(device: Device, line: usize, number: u64, control: &str, stamp: &str) -> String {
    match device {
        Device::Analyzer => count(line, number, control, stamp),
        Device::Monitor => signs(line, control, stamp),
    }
}

fn count(line: usize, number: u64, control: &str, stamp: &str) -> String {
    let mut text = format!(
        "MSH|^~\\&|HAEMA-{line}|LAB|EMR|BV|{stamp}||ORU^R01^ORU_R01|{control}|P|2.5.1|||||VNM|UNICODE UTF-8\r\
         PID|1||7393670^^^BV^MR||NGUYỄN^VĂN AN||19900804|M\rPV1|1|I|KHOA NỘI^^001\r\
         OBR|1||{line:04}{number:08}|00001^Automated Count^99MRC||{stamp}|{stamp}|||||||{stamp}||||||||||HM\r"
    );
    for (n, (code, value, unit, range)) in (1..=25).zip(COUNT.iter().cycle()) {
        segment(&mut text, format_args!("OBX|{n}|NM|{code}^LN||{value}|{unit}|{range}|N|||F|||{stamp}"));
    }
    text
}

/// Beds G01 to G40 of the ward NOI, as on the demo's first ward.
fn signs(line: usize, control: &str, stamp: &str) -> String {
    let bed = line % 40 + 1;
    let (room, eui) = (300 + line % 40 / 8 + 1, format!("0200BEFFFE{line:06X}"));
    let mut text = format!(
        "MSH|^~\\&|BENCH-MONITOR^{eui}^EUI-64|WARD|||{stamp}||ORU^R01^ORU_R01|{control}|P|2.6|||NE|AL||UNICODE UTF-8|||\
         IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO\rPID|||^^^BV^PI\rPV1||I|NOI^{room}^G{bed:02}\r\
         OBR|1|{control}^BENCH-MONITOR^{eui}^EUI-64|{control}^BENCH-MONITOR^{eui}^EUI-64|182777000^monitoring of patient^SCT|||{stamp}\r"
    );
    for (n, (code, value, unit)) in (1..).zip(SIGNS) {
        segment(
            &mut text,
            format_args!("OBX|{n}|NM|{code}^MDC|1.0.0.{n}|{value}|{unit}^MDC|||||R|||{stamp}|||||{eui}^^{eui}^EUI-64"),
        );
    }
    text
}

fn segment(text: &mut String, fields: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(fields);
    text.push('\r');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blood_count_has_the_size_that_was_measured_before() {
        let text = message(Device::Analyzer, 3, 17, "C1", "20261128093000+0700");
        assert!((1_900..2_300).contains(&text.len()), "{} bytes", text.len());
        assert_eq!(text.matches("\rOBX|").count(), 25);
    }

    #[test]
    fn a_monitor_names_a_bed_of_the_ward() {
        let text = message(Device::Monitor, 39, 0, "C1", "20261128093000+0700");
        assert!(text.contains("PV1||I|NOI^305^G40\r"), "{text}");
    }
}
