//! What a dataset says about itself, read from the values that the walk kept.

use crate::charset::Charset;
use benhan_dimse::Uid;
use benhan_dimse::dataset::{Encoding, Summary, Tag};

const CHARSET: Tag = Tag(0x0008, 0x0005);
const SOP_CLASS: Tag = Tag(0x0008, 0x0016);
const SOP_INSTANCE: Tag = Tag(0x0008, 0x0018);
const STUDY_DATE: Tag = Tag(0x0008, 0x0020);
const STUDY_TIME: Tag = Tag(0x0008, 0x0030);
const ACCESSION: Tag = Tag(0x0008, 0x0050);
const MODALITY: Tag = Tag(0x0008, 0x0060);
const STUDY_DESCRIPTION: Tag = Tag(0x0008, 0x1030);
const SERIES_DESCRIPTION: Tag = Tag(0x0008, 0x103E);
const PATIENT_NAME: Tag = Tag(0x0010, 0x0010);
const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const ISSUER: Tag = Tag(0x0010, 0x0021);
const BIRTH_DATE: Tag = Tag(0x0010, 0x0030);
const SEX: Tag = Tag(0x0010, 0x0040);
const BODY_PART: Tag = Tag(0x0018, 0x0015);
const STUDY_UID: Tag = Tag(0x0020, 0x000D);
const SERIES_UID: Tag = Tag(0x0020, 0x000E);
const SERIES_NUMBER: Tag = Tag(0x0020, 0x0011);
const INSTANCE_NUMBER: Tag = Tag(0x0020, 0x0013);
const FRAMES: Tag = Tag(0x0028, 0x0008);
const ROWS: Tag = Tag(0x0028, 0x0010);
const COLUMNS: Tag = Tag(0x0028, 0x0011);

/// Far beyond what DICOM allows for any of these; the server takes no longer ones.
const LONGEST_TEXT: usize = 1_024;

/// Without the control characters that no text of a VR here may hold, and cut to what the server takes: a sender's
/// slip in a description must not keep a whole study out. The dataset itself stays as received.
fn fitting(text: String) -> String {
    let mut text = if text.contains(char::is_control) { text.replace(char::is_control, "") } else { text };
    if text.len() > LONGEST_TEXT {
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
    }
    text
}

/// The identity of an instance and what its study and series are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) sop_class: Uid,
    pub(crate) sop_instance: Uid,
    /// Study and series; some senders of photographs and documents leave them out.
    pub(crate) place: Option<(Uid, Uid)>,
    pub(crate) transfer_syntax: String,
    pub(crate) layout: Encoding,
    pub(crate) patient_id: String,
    pub(crate) issuer: String,
    pub(crate) patient_name: String,
    pub(crate) birth_date: String,
    pub(crate) sex: String,
    pub(crate) accession: String,
    pub(crate) study_date: String,
    pub(crate) study_time: String,
    pub(crate) study_description: String,
    pub(crate) modality: String,
    pub(crate) series_number: Option<i64>,
    pub(crate) series_description: String,
    pub(crate) body_part: String,
    pub(crate) number: Option<i64>,
    pub(crate) rows: Option<i64>,
    pub(crate) columns: Option<i64>,
    pub(crate) frames: i64,
    /// Where the header ends: at the pixels, or at the end of the dataset.
    pub(crate) header_size: u64,
    pub(crate) pixel_offset: Option<u64>,
    pub(crate) pixel_length: Option<u64>,
}

/// A dataset without the SOP class or instance UID that everything here is known by (PS3.3 §C.12.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} holds no UID")]
pub(crate) struct Undescribed(pub(crate) Tag);

impl Description {
    pub(crate) const WANTED: &'static [Tag] = &[
        CHARSET,
        SOP_CLASS,
        SOP_INSTANCE,
        STUDY_DATE,
        STUDY_TIME,
        ACCESSION,
        MODALITY,
        STUDY_DESCRIPTION,
        SERIES_DESCRIPTION,
        PATIENT_NAME,
        PATIENT_ID,
        ISSUER,
        BIRTH_DATE,
        SEX,
        BODY_PART,
        STUDY_UID,
        SERIES_UID,
        SERIES_NUMBER,
        INSTANCE_NUMBER,
        FRAMES,
        ROWS,
        COLUMNS,
    ];

    pub(crate) fn from_summary(summary: &Summary, transfer_syntax: &str) -> Result<Self, Undescribed> {
        let uid = |tag| summary.value(tag).and_then(|value| Uid::from_value(value).ok()).ok_or(Undescribed(tag));
        let charset = Charset::from_value(summary.value(CHARSET).unwrap_or_default());
        let text = |tag| fitting(charset.decode(summary.value(tag).unwrap_or_default()));
        let integer = |tag| text(tag).split('\\').next().and_then(|first| first.trim().parse::<i64>().ok());
        let layout = summary.encoding.unwrap_or(Encoding::ExplicitLittle);
        let short = |tag| {
            let bytes = summary.value(tag)?.first_chunk::<2>()?;
            Some(i64::from(match layout {
                Encoding::ExplicitBig => u16::from_be_bytes(*bytes),
                _ => u16::from_le_bytes(*bytes),
            }))
        };
        let pixels = summary.pixel_data;
        Ok(Self {
            sop_class: uid(SOP_CLASS)?,
            sop_instance: uid(SOP_INSTANCE)?,
            place: uid(STUDY_UID).and_then(|study| Ok((study, uid(SERIES_UID)?))).ok(),
            transfer_syntax: transfer_syntax.to_owned(),
            layout,
            patient_id: text(PATIENT_ID),
            issuer: text(ISSUER),
            patient_name: text(PATIENT_NAME),
            birth_date: text(BIRTH_DATE),
            sex: text(SEX),
            accession: text(ACCESSION),
            study_date: text(STUDY_DATE),
            study_time: text(STUDY_TIME),
            study_description: text(STUDY_DESCRIPTION),
            modality: text(MODALITY),
            series_number: integer(SERIES_NUMBER),
            series_description: text(SERIES_DESCRIPTION),
            body_part: text(BODY_PART),
            number: integer(INSTANCE_NUMBER),
            rows: short(ROWS),
            columns: short(COLUMNS),
            // Not a number is one frame: whoever shows it decides again from the pixels' length.
            frames: integer(FRAMES).filter(|frames| *frames > 0).unwrap_or(1),
            header_size: pixels.map_or(summary.length, |pixels| pixels.element_offset),
            pixel_offset: pixels.map(|pixels| pixels.value_offset),
            pixel_length: pixels.and_then(|pixels| pixels.length).map(u64::from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn what_the_server_would_refuse_for_good_is_not_told() {
        assert_eq!(fitting("CHEST\0 PA\u{1}".to_owned()), "CHEST PA");
        let long = fitting("ế".repeat(1_000));
        assert!(long.len() <= 1_024 && long.chars().all(|letter| letter == 'ế'));
        assert_eq!(fitting("Ngực thẳng".to_owned()), "Ngực thẳng");
    }
}
