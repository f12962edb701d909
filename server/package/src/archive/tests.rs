//! ZIP files that mean harm, made as their makers make them.

use super::*;
use std::io::Cursor;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, stored()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn opened(bytes: &[u8]) -> Result<Archive<Cursor<&[u8]>>, Refusal> {
    Archive::open(Cursor::new(bytes))
}

fn refused(bytes: &[u8]) -> Refusal {
    opened(bytes).err().unwrap()
}

/// Replaces every occurrence of some bytes by as many others.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for at in 0..=out.len() - from.len() {
        if out[at..].starts_with(from) {
            out[at..at + from.len()].copy_from_slice(to);
        }
    }
    out
}

#[test]
fn a_plain_archive_reads_back() {
    let bytes = archive(&[("a/b.json", b"{}"), ("README.md", b"x")]);
    let mut archive = opened(&bytes).unwrap();
    assert_eq!(archive.names().collect::<Vec<_>>(), ["README.md", "a/b.json"]);
    assert_eq!(archive.read("a/b.json", 10).as_deref(), Some(b"{}".as_slice()));
    assert_eq!(archive.read("a/b.json", 1), None, "longer than asked for");
    assert_eq!(archive.hash("README.md").unwrap().0, 1);
}

// Clauses: SIG-15
#[test]
fn names_that_leave_the_folder_or_come_twice_are_refused() {
    for name in ["../etc/passwd", "/etc/passwd", "a/../../b", "C:\\x", "a\\b", "tệp.json", "x/"] {
        assert_eq!(refused(&archive(&[("ok", b"1"), (name, b"2")])), Refusal::UnsafeName, "{name}");
    }
    let twice = replaced(&archive(&[("aaa", b"1"), ("bbb", b"2")]), b"bbb", b"aaa");
    assert_eq!(refused(&twice), Refusal::NameTwice);
    assert_eq!(refused(&archive(&[("aaa", b"1"), ("AAA", b"2")])), Refusal::NameTwice);
}

// Clauses: SIG-15
#[test]
fn links_folders_and_encrypted_entries_are_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("link", "/etc/passwd", stored()).unwrap();
    assert_eq!(refused(&zip.finish().unwrap().into_inner()), Refusal::NotAFile);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_directory("folder", stored()).unwrap();
    assert_eq!(refused(&zip.finish().unwrap().into_inner()), Refusal::UnsafeName);
    let mut locked = archive(&[("a", b"1")]);
    for (mark, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = locked.windows(4).position(|window| window == mark).unwrap();
        locked[at + flags] |= 1;
    }
    assert_eq!(refused(&locked), Refusal::Encrypted);
}

// Clauses: SIG-15
#[test]
fn what_unpacks_to_far_more_than_it_is_is_refused_before_it_is_unpacked() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file("bomb.json", deflated).unwrap();
    for _ in 0..64 {
        zip.write_all(&[b'0'; 1024 * 1024]).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 200_000);
    assert_eq!(refused(&bytes), Refusal::Bomb);
    let lying = |size: u32| {
        let mut bytes = archive(&[("a", b"0123456789")]);
        let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        for at in [22, directory + 24] {
            bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
        }
        bytes
    };
    assert_eq!(refused(&lying(u32::MAX - 1)), Refusal::Bomb);
    let bytes = lying(5);
    assert!(opened(&bytes).ok().is_none_or(|mut archive| archive.read("a", 100).is_none()), "it says 5 and has 10");
}

#[test]
fn what_is_hidden_before_between_or_behind_is_refused() {
    let good = archive(&[("a", b"1"), ("b", b"2")]);
    let before = [b"#!/bin/sh\n".as_slice(), &good].concat();
    assert!(!is_zip(&before));
    assert_eq!(refused(&before), Refusal::Damaged);
    assert_eq!(refused(&[&good, b"more".as_slice()].concat()), Refusal::Damaged);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.set_comment("hidden").unwrap();
    zip.start_file("a", stored()).unwrap();
    assert_eq!(refused(&zip.finish().unwrap().into_inner()), Refusal::Damaged);
    for cut in 0..good.len() {
        assert!(opened(&good[..cut]).is_err(), "cut at {cut}");
    }
}

/// Whatever a stranger writes: an answer, and never more than was declared.
#[test]
fn no_flipped_byte_makes_the_reader_fall() {
    let good = archive(&[("a.json", b"{\"a\":1}"), ("b.json", b"{}")]);
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut changed = good.clone();
            changed[at] ^= 1 << bit;
            if let Ok(mut archive) = opened(&changed) {
                let names: Vec<String> = archive.names().map(str::to_owned).collect();
                for name in names {
                    archive.read(&name, 1_000);
                }
            }
        }
    }
}

// Clauses: SIG-15
#[test]
fn a_file_that_is_asked_for_without_end_is_read_no_more() {
    let large = vec![7; 1024 * 1024];
    let bytes = archive(&[("large", &large), ("small", b"1")]);
    let mut archive = opened(&bytes).unwrap();
    let times = (0..10_000).take_while(|_| archive.hash("large").is_some()).count();
    assert!((64..1_000).contains(&times), "{times}");
    assert!(archive.is_exhausted() && archive.read("small", 10).is_none());
}

#[test]
fn a_writer_refuses_what_no_reader_opens() {
    let mut zip = crate::Writer::new(Cursor::new(Vec::new()));
    let refused = (0..=MOST_FILES).find_map(|n| zip.add(&format!("du-lieu/{n}.json"), b"{}").err().map(|e| (n, e)));
    let (at, error) = refused.expect("there is an end");
    assert!(matches!(error, crate::PackError::TooLarge), "{error}");
    assert_eq!(at, MOST_FILES - 2, "room for the manifest and its seal");
}
