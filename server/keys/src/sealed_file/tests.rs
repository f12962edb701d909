use super::*;
use proptest::prelude::*;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

struct Place {
    folder: tempfile::TempDir,
    keys: Keyring,
}

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let master = Key::from_hex(&"07".repeat(32)).expect("a key");
    let keys = Keyring::open_or_make(&folder.path().join("records.db"), master).expect("new");
    Place { folder, keys }
}

impl Place {
    /// Written in pieces of this size, as they come from a network.
    fn sealed(&self, of: ImagesId, plain: &[u8], piece: usize) -> Vec<u8> {
        let (mut sealing, mut out) = (Sealing::begin().expect("begun"), Vec::new());
        for bytes in plain.chunks(piece) {
            sealing.push(bytes, &mut out).expect("pushed");
        }
        let key = sealing.finish(&mut out).expect("finished");
        let mut file = key.header(&self.keys, of, 7).expect("a header").to_vec();
        file.append(&mut out);
        file
    }

    fn kept(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("image");
        fs::write(&path, bytes).expect("written");
        path
    }

    fn read(&self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        all(&Opened::open(file(&self.kept(bytes)), &self.keys)?)
    }
}

fn file(path: &Path) -> File {
    File::open(path).expect("there")
}

fn all(opened: &Opened) -> io::Result<Vec<u8>> {
    let mut out = vec![0; usize::try_from(opened.length()).expect("small")];
    opened.read_exact_at(&mut out, 0)?;
    Ok(out)
}

fn images(n: u128) -> ImagesId {
    ImagesId(Uuid::from_u128(n))
}

/// Not the same at any two places, so that a moved piece is another.
fn pixels(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at.wrapping_mul(2_654_435_761) >> 13) & 0xFF).expect("a byte")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    // Clauses: C46-10.4
    #[test]
    fn any_range_reads_as_it_was_written(
        length in prop_oneof![Just(0), Just(PIECE), Just(2 * PIECE), 0..3 * PIECE], piece in 1_usize..100_000,
        ranges in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8),
    ) {
        let (place, plain) = (place(), pixels(length));
        let sealed = place.sealed(images(1), &plain, piece);
        prop_assert!(length < 64 || !sealed.windows(32).any(|at| at == &plain[..32]));
        let opened = Opened::open(file(&place.kept(&sealed)), &place.keys).expect("opened");
        prop_assert_eq!(opened.length(), u64::try_from(length).expect("small"));
        prop_assert_eq!(opened.images(), Some(images(1)));
        for (from, to) in ranges {
            let (a, b) = (from.index(length + 1), to.index(length + 1));
            let (from, to) = (a.min(b), a.max(b));
            let mut out = vec![0; to - from];
            opened.read_exact_at(&mut out, u64::try_from(from).expect("small")).expect("read");
            prop_assert_eq!(&out, &plain[from..to]);
        }
        let mut beyond = [0];
        prop_assert!(opened.read_exact_at(&mut beyond, opened.length()).is_err());
    }

    #[test]
    fn a_bit_that_was_turned_or_an_end_that_was_cut_is_noticed(
        length in 1..3 * PIECE, at: prop::sample::Index, bit in 0_u8..8, cut: prop::sample::Index,
    ) {
        let (place, plain) = (place(), pixels(length));
        let sealed = place.sealed(images(1), &plain, 4_096);
        let mut changed = sealed.clone();
        let at = at.index(sealed.len());
        changed[at] ^= 1 << bit;
        // The magic turned: a file from before, whose bytes are nobody's image; the free bytes behind the key say nothing.
        if !(0..16).contains(&at) && !(32 + WRAPPED..Sealing::HEADER).contains(&at) {
            prop_assert!(place.read(&changed).is_err(), "at {at}");
        }
        let cut = cut.index(sealed.len() - Sealing::HEADER);
        prop_assert!(place.read(&sealed[..Sealing::HEADER + cut]).is_err());
        let longer = [&sealed[..], &[0; 40]].concat();
        prop_assert!(place.read(&longer).is_err());
    }

    #[test]
    fn anything_may_lie_where_an_image_is_looked_for(mut bytes: Vec<u8>, sealed: bool) {
        let place = place();
        if sealed {
            bytes.splice(0..0, *MAGIC);
        }
        drop(place.read(&bytes));
    }
}

#[test]
fn pieces_that_changed_places_are_noticed() {
    let (place, plain) = (place(), pixels(3 * PIECE));
    let sealed = place.sealed(images(1), &plain, PIECE);
    let (head, body) = sealed.split_at(Sealing::HEADER);
    let pieces: Vec<&[u8]> = body.chunks(PIECE + TAG).collect();
    assert_eq!(place.read(&[head, pieces[0], pieces[1], pieces[2]].concat()).expect("as it was"), plain);
    assert!(place.read(&[head, pieces[1], pieces[0], pieces[2]].concat()).is_err());
    assert!(place.read(&[head, pieces[0], pieces[1]].concat()).is_err(), "the end is gone");
    assert!(place.read(&[head, pieces[0], pieces[2]].concat()).is_err());
}

#[test]
fn a_file_that_was_cut_to_the_size_of_an_empty_one_is_not_an_empty_one() {
    let place = place();
    let sealed = place.sealed(images(1), &pixels(3 * PIECE), PIECE);
    assert!(place.read(&sealed[..Sealing::HEADER + TAG]).is_err());
    assert_eq!(place.read(&place.sealed(images(1), b"", 1)).expect("one that was empty"), b"");
}

// Clauses: RET-x
#[test]
fn nothing_opens_whose_key_was_shredded_and_other_images_do() {
    let place = place();
    let (gone, kept) = (place.sealed(images(1), b"pixels", 9), place.sealed(images(2), b"other pixels", 9));
    place.keys.shred(images(1), 8).expect("shredded");
    let refused = place.read(&gone).expect_err("shredded").to_string();
    assert!(refused.contains("is shredded"), "{refused}");
    assert_eq!(place.read(&kept).expect("its own key"), b"other pixels");
    assert!(Sealing::begin().and_then(|s| s.finish(&mut Vec::new())?.header(&place.keys, images(1), 9)).is_err());
    assert!(place.keys.shredded().expect("read").is_empty(), "no record was destroyed");
    let header = gone.first_chunk::<{ Sealing::HEADER }>().expect("long enough");
    assert_eq!(images_of(header), Some(images(1)), "whose it was can still be told");
}

#[test]
fn a_file_that_was_moved_to_other_images_outlives_its_first_key() {
    let place = place();
    let mut sealed = place.sealed(images(1), b"pixels", 9);
    let head = sealed.first_chunk_mut::<{ Sealing::HEADER }>().expect("long enough");
    *head = FileKey::moved(head, &place.keys, images(2), 8).expect("moved").expect("sealed");
    place.keys.shred(images(1), 9).expect("shredded");
    assert_eq!(place.read(&sealed).expect("the other key"), b"pixels");
    assert!(FileKey::moved(&[0; Sealing::HEADER], &place.keys, images(2), 8).expect("plain").is_none());
}

#[test]
fn a_file_from_before_is_read_as_it_lies_there() {
    let place = place();
    for plain in [pixels(3), pixels(PIECE)] {
        assert_eq!(place.read(&plain).expect("plain"), plain);
    }
}

#[test]
fn a_file_without_a_header_opens_with_the_key_that_was_kept() {
    let (place, plain) = (place(), pixels(PIECE + 9));
    let (mut sealing, mut out) = (Sealing::begin().expect("begun"), Vec::new());
    sealing.push(&plain, &mut out).expect("pushed");
    let key = sealing.finish(&mut out).expect("finished");
    let path = place.kept(&out);
    assert_eq!(all(&Opened::with_key(file(&path), &key).expect("opened")).expect("read"), plain);
    assert!(Opened::with_key(file(&path), &FileKey::random().expect("a key")).is_err());
}
