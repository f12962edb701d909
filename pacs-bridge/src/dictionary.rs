//! VRs and standing of tags by the data dictionary (PS3.6).

use benhan_dimse::dataset::{Tag, Vr};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_dictionary_std::StandardDataDictionary;

/// The VR of a tag in implicit encoding; `UN` for what the dictionary does not know, such as private tags.
pub(crate) fn vr_of(tag: Tag) -> Vr {
    if tag.1 == 0 {
        return Vr(*b"UL");
    }
    let known = StandardDataDictionary.by_tag(dicom_core::Tag(tag.0, tag.1));
    match known {
        Some(entry) => {
            let vr = entry.vr().relaxed().to_string();
            vr.as_bytes().first_chunk::<2>().map_or(Vr::UN, |letters| Vr(*letters))
        }
        // Private creators (PS3.5 §7.8.1).
        None if tag.is_private() && (0x10..=0xFF).contains(&tag.1) => Vr::LO,
        None => Vr::UN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_knows_its_tags() {
        assert_eq!(vr_of(Tag(0x0010, 0x0010)), Vr::PN);
        assert_eq!(vr_of(Tag(0x0040, 0x0100)), Vr::SQ);
        assert_eq!(vr_of(Tag(0x0009, 0x0010)), Vr::LO);
        assert_eq!(vr_of(Tag(0x0009, 0x1001)), Vr::UN);
    }
}
