//! A dataset walks to the same end in any cut, and a tree never panics.
#![no_main]

use benhan_dimse::dataset::{Encoding, Summary, Tag, TreeLimits, Vr, WalkError, WalkLimits, Walker, parse};
use libfuzzer_sys::fuzz_target;

const WANTED: &[Tag] = &[Tag(0x0008, 0x0018), Tag(0x0010, 0x0010), Tag(0x0020, 0x000D)];

fuzz_target!(|input: &[u8]| {
    let [kind, piece, dataset @ ..] = input else { return };
    let encoding = match kind % 3 {
        0 => Encoding::ImplicitLittle,
        1 => Encoding::ExplicitLittle,
        _ => Encoding::ExplicitBig,
    };
    let whole = walk(dataset, encoding, usize::MAX);
    assert_eq!(walk(dataset, encoding, usize::from(*piece).max(1)), whole);
    let sequences = |tag: Tag| if tag.1.is_multiple_of(2) { Vr::SQ } else { Vr::UN };
    let _ = parse(dataset, encoding, &sequences, TreeLimits::default());
});

fn walk(dataset: &[u8], encoding: Encoding, piece: usize) -> Result<Summary, WalkError> {
    let mut walker = Walker::new(encoding, WANTED, WalkLimits::default());
    for chunk in dataset.chunks(piece) {
        walker.feed(chunk)?;
    }
    walker.finish()
}
