//! Synthetic CT and CR images with the attributes that real ones carry.

use super::association::Dataset;
use super::worklist::Scheduled;
use super::{Examination, Modality, phantom};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use sha2::{Digest, Sha256};

/// Field of view of the CT and distance of its slices, in millimetres.
const FIELD: f64 = 360.0;
const SPACING: f64 = 5.0;

pub(super) struct SyntheticImage {
    pub(super) sop_instance: String,
    pub(super) dataset: Dataset,
}

/// Image `number` (from 1) of the examination.
pub(super) fn image(modality: &Modality, order: &Scheduled, number: u16) -> SyntheticImage {
    let uid = |what: &str| derived_uid(modality.seed, &order.study_uid, what);
    let sop_instance = uid(&format!("{} image {number}", modality.examination.modality()));
    let mut dataset = InMemDicomObject::new_empty();
    let mut put = |tag: Tag, vr: VR, value: &str| {
        dataset.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
    };
    put(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192");
    put(tags::SOP_INSTANCE_UID, VR::UI, &sop_instance);
    put(tags::STUDY_DATE, VR::DA, &order.date);
    put(tags::SERIES_DATE, VR::DA, &order.date);
    put(tags::CONTENT_DATE, VR::DA, &order.date);
    put(tags::STUDY_TIME, VR::TM, &order.time);
    put(tags::SERIES_TIME, VR::TM, &order.time);
    put(tags::CONTENT_TIME, VR::TM, &order.time);
    put(tags::ACCESSION_NUMBER, VR::SH, &order.accession);
    put(tags::MODALITY, VR::CS, modality.examination.modality());
    put(tags::MANUFACTURER, VR::LO, "Benhan simulator");
    put(tags::STATION_NAME, VR::SH, &modality.calling);
    put(tags::REFERRING_PHYSICIAN_NAME, VR::PN, &order.referring_physician);
    put(tags::STUDY_DESCRIPTION, VR::LO, &order.description);
    put(tags::PATIENT_NAME, VR::PN, &order.patient_name);
    put(tags::PATIENT_ID, VR::LO, &order.patient_id);
    put(tags::PATIENT_BIRTH_DATE, VR::DA, &order.birth_date);
    put(tags::PATIENT_SEX, VR::CS, &order.sex);
    put(tags::BODY_PART_EXAMINED, VR::CS, "CHEST");
    put(tags::STUDY_INSTANCE_UID, VR::UI, &order.study_uid);
    put(tags::SERIES_INSTANCE_UID, VR::UI, &uid(&format!("{} series", modality.examination.modality())));
    put(tags::STUDY_ID, VR::SH, &order.procedure_id);
    put(tags::SERIES_NUMBER, VR::IS, "1");
    put(tags::INSTANCE_NUMBER, VR::IS, &number.to_string());
    put(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2");
    let pixels = match modality.examination {
        Examination::Ct { slices, side } => {
            put(tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE);
            put(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL");
            put(tags::SERIES_DESCRIPTION, VR::LO, "Chest 5 mm");
            put(tags::FRAME_OF_REFERENCE_UID, VR::UI, &uid("frame of reference"));
            put(tags::SLICE_THICKNESS, VR::DS, "5");
            put(tags::KVP, VR::DS, "120");
            let pixel = FIELD / f64::from(side.max(1));
            put(tags::PIXEL_SPACING, VR::DS, &format!("{pixel:.6}\\{pixel:.6}"));
            let place = f64::from(number) * SPACING;
            put(tags::IMAGE_POSITION_PATIENT, VR::DS, &format!("{}\\{}\\{place}", -FIELD / 2.0, -FIELD / 2.0));
            put(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0");
            put(tags::SLICE_LOCATION, VR::DS, &place.to_string());
            put(tags::RESCALE_INTERCEPT, VR::DS, "-1024");
            put(tags::RESCALE_SLOPE, VR::DS, "1");
            put(tags::RESCALE_TYPE, VR::LO, "HU");
            put(tags::WINDOW_CENTER, VR::DS, "40");
            put(tags::WINDOW_WIDTH, VR::DS, "400");
            let height = f64::from(number) / f64::from(slices.max(1));
            phantom::ct_slice(side, height, modality.seed ^ u64::from(number))
        }
        Examination::Cr { side } => {
            put(tags::SOP_CLASS_UID, VR::UI, uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE);
            put(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY");
            put(tags::SERIES_DESCRIPTION, VR::LO, "Chest PA");
            put(tags::VIEW_POSITION, VR::CS, "PA");
            let pixel = FIELD / f64::from(side.max(1));
            put(tags::IMAGER_PIXEL_SPACING, VR::DS, &format!("{pixel:.6}\\{pixel:.6}"));
            put(tags::WINDOW_CENTER, VR::DS, "2048");
            put(tags::WINDOW_WIDTH, VR::DS, "4096");
            phantom::radiograph(side, modality.seed)
        }
    };
    let side = match modality.examination {
        Examination::Ct { side, .. } | Examination::Cr { side } => side,
    };
    for (tag, value) in [
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::ROWS, side),
        (tags::COLUMNS, side),
        (tags::BITS_ALLOCATED, 16),
        (tags::BITS_STORED, 12),
        (tags::HIGH_BIT, 11),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        dataset.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
    }
    dataset.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(pixels.into())));
    SyntheticImage { sop_instance, dataset }
}

/// The same order and seed give the same UIDs, so that sending again is a repeat (PS3.5 §B.2).
fn derived_uid(seed: u64, study: &str, what: &str) -> String {
    let digest = Sha256::digest(format!("{seed} {study} {what}"));
    let number = digest.first_chunk::<16>().map_or(0, |bytes| u128::from_be_bytes(*bytes));
    format!("2.25.{number}")
}
