//! What the demo's laboratory and radiology offer. A hospital imports its own list.

use benhan_domain::lab::Limits;
use benhan_domain::order::OrderKind;
use benhan_store::catalog::{self, Analyte, Item};
use benhan_store::{StoreError, Tx};

pub const BLOOD_COUNT: &str = "XN-CTM";
pub const CHEMISTRY: &str = "XN-SHM";
pub const CHEST_CT: &str = "CD-CTN";
pub const CHEST_XRAY: &str = "CD-XQN";

/// Code, LOINC, unit, low, high, critical low, critical high.
type Row = (&'static str, &'static str, &'static str, f64, f64, Option<f64>, Option<f64>);

const BLOOD: [Row; 10] = [
    ("WBC", "6690-2", "10*9/L", 4.0, 10.0, Some(1.0), Some(30.0)),
    ("RBC", "789-8", "10*12/L", 3.9, 5.4, None, None),
    ("HGB", "718-7", "g/L", 120.0, 160.0, Some(70.0), None),
    ("HCT", "4544-3", "%", 36.0, 48.0, None, None),
    ("MCV", "787-2", "fL", 80.0, 100.0, None, None),
    ("MCH", "785-6", "pg", 27.0, 34.0, None, None),
    ("MCHC", "786-4", "g/L", 320.0, 360.0, None, None),
    ("PLT", "777-3", "10*9/L", 150.0, 400.0, Some(50.0), Some(1000.0)),
    ("NEUT%", "770-8", "%", 45.0, 75.0, None, None),
    ("LYMPH%", "736-9", "%", 20.0, 45.0, None, None),
];
const SERUM: [Row; 9] = [
    ("GLU", "14749-6", "mmol/L", 3.9, 6.4, Some(2.5), Some(25.0)),
    ("UREA", "22664-7", "mmol/L", 2.5, 7.5, None, None),
    ("CREA", "14682-9", "umol/L", 53.0, 106.0, None, Some(600.0)),
    ("ALT", "1742-6", "U/L", 0.0, 41.0, None, None),
    ("AST", "1920-8", "U/L", 0.0, 37.0, None, None),
    ("NA", "2951-2", "mmol/L", 135.0, 145.0, Some(120.0), Some(160.0)),
    ("K", "2823-3", "mmol/L", 3.5, 5.0, Some(2.8), Some(6.2)),
    ("CL", "2075-0", "mmol/L", 98.0, 106.0, None, None),
    ("CRP", "1988-5", "mg/L", 0.0, 5.0, None, None),
];

pub fn add(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let item = |code: &str, kind, name: &str, modality: Option<&str>, tube: Option<&str>, position| Item {
        code: code.into(),
        kind,
        name: name.into(),
        modality: modality.map(Into::into),
        specimen_type: tube.map(Into::into),
        position,
    };
    let items = [
        item(BLOOD_COUNT, OrderKind::Lab, "Tổng phân tích tế bào máu", None, Some("EDTA"), 1),
        item(CHEMISTRY, OrderKind::Lab, "Sinh hóa máu cơ bản", None, Some("Huyết thanh"), 2),
        item(CHEST_XRAY, OrderKind::Imaging, "X-quang ngực thẳng", Some("CR"), None, 3),
        item(CHEST_CT, OrderKind::Imaging, "CT ngực không cản quang", Some("CT"), None, 4),
    ];
    for new in &items {
        catalog::add_item(tx, new)?;
    }
    for (of, rows) in [(BLOOD_COUNT, BLOOD.as_slice()), (CHEMISTRY, SERUM.as_slice())] {
        for (position, (code, loinc, unit, low, high, critical_low, critical_high)) in (1_i64..).zip(rows) {
            let limits = Limits {
                low: Some(*low),
                high: Some(*high),
                critical_low: *critical_low,
                critical_high: *critical_high,
            };
            let new = Analyte {
                code: (*code).into(),
                item_code: of.into(),
                name: (*code).into(),
                loinc: Some((*loinc).into()),
                unit: (*unit).into(),
                limits,
                position,
            };
            catalog::add_analyte(tx, &new)?;
        }
    }
    Ok(())
}
