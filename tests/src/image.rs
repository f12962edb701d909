//! Small CT images, written element by element in explicit little endian (PS3.5), and the file around them (PS3.10).

use std::path::Path;

pub const CT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// What an image says of itself and its patient.
#[derive(Clone, Debug)]
pub struct Image {
    pub study: String,
    pub series: String,
    pub sop: String,
    pub accession: String,
    pub patient_id: String,
    pub patient_name: String,
    pub number: u16,
    pub side: u16,
}

/// A UID of one's own (PS3.5 §B.2).
pub fn fresh_uid() -> String {
    format!("2.25.{}", uuid::Uuid::new_v4().as_u128())
}

/// One element; the long form of the length for the VRs that have it.
pub fn element(group: u16, number: u16, vr: &str, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if matches!(vr, "UI" | "OB") { 0 } else { b' ' });
    }
    let mut bytes = [group.to_le_bytes(), number.to_le_bytes()].concat();
    bytes.extend_from_slice(vr.as_bytes());
    if matches!(vr, "OB" | "OW" | "SQ" | "UN" | "UT") {
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&u32::try_from(value.len()).expect("a length").to_le_bytes());
    } else {
        bytes.extend_from_slice(&u16::try_from(value.len()).expect("a length").to_le_bytes());
    }
    bytes.extend_from_slice(&value);
    bytes
}

impl Image {
    /// Image `number` of a new study.
    pub fn new(accession: &str, patient_id: &str, patient_name: &str) -> Self {
        let study = fresh_uid();
        Self {
            series: format!("{study}.1"),
            sop: format!("{study}.1.1"),
            study,
            accession: accession.to_owned(),
            patient_id: patient_id.to_owned(),
            patient_name: patient_name.to_owned(),
            number: 1,
            side: 32,
        }
    }

    /// The next one of the same series.
    pub fn next(&self, number: u16) -> Self {
        Self { sop: format!("{}.{number}", self.series), number, ..self.clone() }
    }

    /// The header in the order of its tags, without pixels.
    pub fn header(&self) -> Vec<u8> {
        let text = |group, number, vr, value: &str| element(group, number, vr, value.as_bytes());
        let short = |number, value: u16| element(0x0028, number, "US", &value.to_le_bytes());
        [
            text(0x0008, 0x0005, "CS", "ISO_IR 192"),
            text(0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),
            text(0x0008, 0x0016, "UI", CT_IMAGE),
            text(0x0008, 0x0018, "UI", &self.sop),
            text(0x0008, 0x0020, "DA", "20261122"),
            text(0x0008, 0x0030, "TM", "083000"),
            text(0x0008, 0x0050, "SH", &self.accession),
            text(0x0008, 0x0060, "CS", "CT"),
            text(0x0008, 0x0070, "LO", "SCRIPT"),
            text(0x0008, 0x1030, "LO", "CT ngực"),
            text(0x0010, 0x0010, "PN", &self.patient_name),
            text(0x0010, 0x0020, "LO", &self.patient_id),
            text(0x0010, 0x0030, "DA", ""), // a modality that was not told; another one would be another person
            text(0x0010, 0x0040, "CS", "M"),
            text(0x0020, 0x000D, "UI", &self.study),
            text(0x0020, 0x000E, "UI", &self.series),
            text(0x0020, 0x0010, "SH", "1"),
            text(0x0020, 0x0011, "IS", "1"),
            text(0x0020, 0x0013, "IS", &self.number.to_string()),
            short(0x0002, 1),
            text(0x0028, 0x0004, "CS", "MONOCHROME2"),
            short(0x0010, self.side),
            short(0x0011, self.side),
            short(0x0100, 16),
            short(0x0101, 12),
            short(0x0102, 11),
            short(0x0103, 0),
            text(0x0028, 0x1050, "DS", "40"),
            text(0x0028, 0x1051, "DS", "400"),
        ]
        .concat()
    }

    /// As C-STORE carries it. The pixels differ from image to image.
    pub fn dataset(&self) -> Vec<u8> {
        let count = usize::from(self.side) * usize::from(self.side);
        let pixels: Vec<u8> = (0..count)
            .flat_map(|at| {
                let value = (u16::try_from(at % 4096).unwrap_or(0)).wrapping_mul(7).wrapping_add(self.number) & 0x0FFF;
                value.to_le_bytes()
            })
            .collect();
        [self.header(), element(0x7FE0, 0x0010, "OW", &pixels)].concat()
    }

    /// As a file.
    pub fn file(&self) -> Vec<u8> {
        file_around(&self.sop, &self.dataset())
    }

    pub fn write(&self, path: &Path) {
        std::fs::write(path, self.file()).expect("written");
    }
}

/// Preamble and file meta information before a dataset.
pub fn file_around(sop: &str, dataset: &[u8]) -> Vec<u8> {
    let meta = [
        element(0x0002, 0x0001, "OB", &[0, 1]),
        element(0x0002, 0x0002, "UI", CT_IMAGE.as_bytes()),
        element(0x0002, 0x0003, "UI", sop.as_bytes()),
        element(0x0002, 0x0010, "UI", EXPLICIT.as_bytes()),
        element(0x0002, 0x0012, "UI", b"2.25.71"),
    ]
    .concat();
    let length = u32::try_from(meta.len()).expect("a length").to_le_bytes();
    [&[0; 128], b"DICM".as_slice(), &element(0x0002, 0x0000, "UL", &length), &meta, dataset].concat()
}

/// The dataset inside a file: what stands behind its meta information.
pub fn dataset_of(file: &[u8]) -> &[u8] {
    assert_eq!(&file[128..132], b"DICM");
    let length = u32::from_le_bytes(file[140..144].try_into().expect("four bytes"));
    &file[144 + usize::try_from(length).expect("a length")..]
}
