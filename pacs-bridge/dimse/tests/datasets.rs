//! Datasets that stream by, honest and lying.

use benhan_dimse::dataset::{
    DatasetWriter, Encoding, Tag, TreeLimits, Value, Vr, WalkError, WalkLimits, Walker, parse,
};
use proptest::prelude::*;

const SOP_UID: Tag = Tag(0x0008, 0x0018);
const REFERENCED: Tag = Tag(0x0008, 0x1140);
const NAME: Tag = Tag(0x0010, 0x0010);
const WANTED: &[Tag] = &[SOP_UID, NAME];

fn walk(bytes: &[u8], encoding: Encoding, piece: usize) -> Result<benhan_dimse::dataset::Summary, WalkError> {
    let mut walker = Walker::new(encoding, WANTED, WalkLimits::default());
    for chunk in bytes.chunks(piece) {
        walker.feed(chunk)?;
    }
    walker.finish()
}

fn image(encoding: Encoding, name: &str, pixels: &[u8]) -> Vec<u8> {
    let mut writer = DatasetWriter::new(encoding);
    writer.text(SOP_UID, Vr::UI, "2.25.77");
    writer.sequence(REFERENCED, |item| {
        item.text(NAME, Vr::PN, "NOT^THIS ONE");
        item.sequence(REFERENCED, |inner| {
            inner.u16(Tag(0x0028, 0x0010), 1);
        });
    });
    writer.text(NAME, Vr::PN, name);
    writer.bytes(Tag::PIXEL_DATA, Vr::OW, pixels);
    writer.finish()
}

proptest! {
    #[test]
    fn values_are_found_in_any_cut(
        name in "[A-Z^]{0,40}",
        pixels in proptest::collection::vec(any::<u8>(), 0..400),
        piece in 1usize..300,
        explicit: bool,
    ) {
        let encoding = if explicit { Encoding::ExplicitLittle } else { Encoding::ImplicitLittle };
        let bytes = image(encoding, &name, &pixels);
        let summary = walk(&bytes, encoding, piece).unwrap();
        prop_assert_eq!(summary.value(SOP_UID), Some(b"2.25.77\0".as_slice()));
        let kept = String::from_utf8_lossy(summary.value(NAME).unwrap()).trim_end().to_owned();
        prop_assert_eq!(kept, name);
        let pixel_data = summary.pixel_data.unwrap();
        let start = usize::try_from(pixel_data.value_offset).unwrap();
        prop_assert_eq!(&bytes[start..start + pixels.len()], pixels.as_slice());
        prop_assert_eq!(summary.length, u64::try_from(bytes.len()).unwrap());
    }

    #[test]
    fn a_cut_dataset_never_passes_for_whole(
        pixels in proptest::collection::vec(any::<u8>(), 2..100),
        keep in any::<prop::sample::Index>(),
    ) {
        let bytes = image(Encoding::ExplicitLittle, "A^B", &pixels);
        let cut = keep.index(bytes.len());
        if let Ok(summary) = walk(&bytes[..cut], Encoding::ExplicitLittle, 64) {
            // Only a cut between two elements goes unseen, and then the pixels are not there.
            prop_assert!(summary.pixel_data.is_none());
        }
    }

    #[test]
    fn any_bytes_are_walked_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600), piece in 1usize..80) {
        for encoding in [Encoding::ImplicitLittle, Encoding::ExplicitLittle, Encoding::ExplicitBig] {
            let _ = walk(&bytes, encoding, piece);
            let _ = parse(&bytes, encoding, &|_| Vr::SQ, TreeLimits::default());
        }
    }

    #[test]
    fn the_cut_does_not_change_the_verdict(bytes in proptest::collection::vec(any::<u8>(), 0..300), piece in 1usize..40) {
        let whole = walk(&bytes, Encoding::ImplicitLittle, 1_000);
        prop_assert_eq!(walk(&bytes, Encoding::ImplicitLittle, piece), whole);
    }
}

#[test]
fn a_declared_gigabyte_keeps_nothing() {
    let mut bytes = vec![0x10, 0, 0x10, 0, b'U', b'N', 0, 0];
    bytes.extend_from_slice(&0x7FFF_FFFFu32.to_le_bytes());
    bytes.extend_from_slice(b"only this");
    let refused = walk(&bytes, Encoding::ExplicitLittle, 5);
    assert_eq!(refused, Err(WalkError::EndsInValue { tag: NAME, missing: 0x7FFF_FFFF - 9 }));
}

#[test]
fn ten_thousand_nested_sequences_are_too_deep() {
    let mut bytes = Vec::new();
    for _ in 0..10_000 {
        bytes.extend_from_slice(&[0x08, 0, 0x40, 0x11, 0xFF, 0xFF, 0xFF, 0xFF]);
        bytes.extend_from_slice(&[0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
    let refused = walk(&bytes, Encoding::ImplicitLittle, 100);
    assert_eq!(refused, Err(WalkError::TooDeep(16)));
    let tree = parse(&bytes, Encoding::ImplicitLittle, &|_| Vr::UN, TreeLimits::default());
    assert!(tree.is_err());
}

#[test]
fn a_sequence_of_unknown_vr_is_implicit_inside() {
    let mut inner = DatasetWriter::new(Encoding::ImplicitLittle);
    inner.text(NAME, Vr::PN, "A^B ");
    let mut bytes = vec![0x21, 0x00, 0x10, 0x10, b'U', b'N', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    bytes.extend_from_slice(&[0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
    bytes.extend(inner.finish());
    bytes.extend_from_slice(&[0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0]);
    bytes.extend_from_slice(&[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    assert!(walk(&bytes, Encoding::ExplicitLittle, 7).is_ok());
    let tree = parse(&bytes, Encoding::ExplicitLittle, &|_| Vr::UN, TreeLimits::default()).unwrap();
    let Value::Items(items) = &tree[0].value else {
        panic!("a sequence was written");
    };
    assert_eq!(items[0][0].value, Value::Bytes(b"A^B "));
}

#[test]
fn encapsulated_pixels_end_with_their_delimiter() {
    let mut bytes = vec![0xE0, 0x7F, 0x10, 0, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    bytes.extend_from_slice(&[0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0]);
    bytes.extend_from_slice(&[0xFE, 0xFF, 0x00, 0xE0, 4, 0, 0, 0, 1, 2, 3, 4]);
    let unended = walk(&bytes, Encoding::ExplicitLittle, 3);
    assert_eq!(unended, Err(WalkError::EndsInSequence));
    bytes.extend_from_slice(&[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    let summary = walk(&bytes, Encoding::ExplicitLittle, 3).unwrap();
    let pixels = summary.pixel_data.unwrap();
    assert_eq!((pixels.length, pixels.value_offset), (None, 12));
    assert_eq!(pixels.fragments, 2);
}
