//! A chain of stamps as a verifier meets it: whole, altered, renewed in time and too late.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Algorithms, ArchiveProblem, Chain, ProvenStamp, StampBody, Way, signature_leaf, stamp_leaf};
use crate::authority::Profile;
use crate::cms::canonical_json;
use crate::finding::Severity;
use crate::instant::DAY;
use crate::key::KeyKind;
use crate::merkle::{Frontier, Hash, InclusionProver};
use crate::story::{Hospital, NOW, Person};
use crate::timestamp::{StampProblem, StampRequest};

/// The tree and what was stamped of it.
struct Archive {
    hospital: Hospital,
    leaves: Vec<Hash>,
    stamps: Vec<ProvenStamp>,
    /// Where the last stamp is.
    last: Option<u64>,
}

impl Archive {
    fn open() -> Self {
        let leaves = (0..5_u8).map(|n| signature_leaf(&[n; 32], &[n], None)).collect();
        Self { hospital: Hospital::open(), leaves, stamps: Vec::new(), last: None }
    }

    fn way(&self, place: u64) -> Way {
        let mut prover = InclusionProver::of([place]);
        self.leaves.iter().for_each(|leaf| prover.push(*leaf));
        Way::of(place, &prover.finish()[&place])
    }

    /// Stamped by that clock, good for a while at `at`.
    fn stamp(&mut self, clock: &Person, at: i64) {
        self.hospital.crls = self.hospital.authority.crls(at).unwrap();
        let mut tree = Frontier::default();
        self.leaves.iter().for_each(|leaf| tree.push(*leaf));
        let seq = u64::try_from(self.stamps.len()).unwrap() + 1;
        let body = canonical_json(&StampBody::new("79001", seq, &tree)).unwrap();
        let stamp = self.hospital.stamp(clock, &StampRequest::new(&body).unwrap(), at);
        let evidence = serde_json::to_string(&self.hospital.evidence_of_clock(clock, at).unwrap()).unwrap();
        let (body, before) = (String::from_utf8(body).unwrap(), self.last.map(|place| self.way(place)));
        self.last = u64::try_from(self.leaves.len()).ok();
        self.leaves.push(stamp_leaf(&body, stamp.der(), &evidence));
        self.stamps.push(ProvenStamp { body, token: STANDARD.encode(stamp.der()), evidence, before });
    }

    fn judge(&self, at: i64) -> Result<Chain, ArchiveProblem> {
        Chain::judge(&self.stamps, "79001", &self.hospital.authority.anchors(), at)
    }

    fn clock(&self, days: i64, from: i64) -> Person {
        let person = self.hospital.with_profile("Đồng hồ", KeyKind::P256, Profile::TimeStamps, days);
        assert!(person.certificate.valid_from() <= from);
        person
    }
}

// Clauses: SIG-11, SIG-14
#[test]
fn what_was_stamped_is_proven_until_the_stamp_ends_and_longer_where_it_was_renewed() {
    let mut archive = Archive::open();
    let clock = archive.hospital.clock();
    let way = archive.way(3);
    archive.stamp(&clock, NOW);
    let chain = archive.judge(NOW + 300 * DAY).unwrap();
    assert_eq!(chain.proves(&archive.leaves[3], 0, &way), Some(NOW));
    assert_eq!(chain.proves(&archive.leaves[2], 0, &way), None, "another one's way");
    assert_eq!(chain.ended(NOW + 300 * DAY), None);
    let until = clock.certificate.valid_until();
    assert_eq!(chain.ended(NOW + 400 * DAY), Some(until), "nothing came after it");

    let newer = archive.clock(1500, NOW + 300 * DAY);
    archive.stamp(&newer, NOW + 300 * DAY);
    let chain = archive.judge(NOW + 1000 * DAY).unwrap();
    assert_eq!(chain.ended(NOW + 1000 * DAY), None);
    assert_eq!(chain.proves(&archive.leaves[3], 0, &way), Some(NOW), "as early as it was stamped first");
}

// Clauses: SIG-15
#[test]
fn an_altered_chain_proves_nothing() {
    let mut archive = Archive::open();
    let (clock, newer) = (archive.hospital.clock(), archive.clock(1500, NOW));
    archive.stamp(&clock, NOW);
    archive.stamp(&newer, NOW + 300 * DAY);
    let (whole, at) = (archive.stamps.clone(), NOW + 500 * DAY);
    assert!(archive.judge(at).is_ok());
    assert!(archive.judge(NOW - DAY).is_err(), "a clock set back believes no stamp of tomorrow");

    archive.stamps[0].body = archive.stamps[0].body.replace("\"size\":5", "\"size\":4");
    let altered = archive.judge(at).err();
    assert_eq!(altered, Some(ArchiveProblem::Stamp(StampProblem::OtherBytes)), "a stamp over another hash");
    assert_eq!(altered.unwrap().severity(), Severity::Tampered);

    archive.stamps = whole.clone();
    archive.stamps.swap(0, 1);
    assert_eq!(archive.judge(at).err(), Some(ArchiveProblem::NotInTree));
    archive.stamps = whole.clone();
    archive.stamps[1].before = None;
    assert_eq!(archive.judge(at).err(), Some(ArchiveProblem::NotInTree));
    archive.stamps = whole.clone();
    archive.stamps[0].evidence.push(' ');
    assert_eq!(archive.judge(at).err(), Some(ArchiveProblem::NotInTree), "evidence is under the next stamp too");
    archive.stamps = whole;
    let other = Chain::judge(&archive.stamps, "01234", &archive.hospital.authority.anchors(), at);
    assert_eq!(other.err(), Some(ArchiveProblem::Malformed), "of another facility");
    assert!(Chain::judge(&[], "79001", &archive.hospital.authority.anchors(), at).is_err());
}

#[test]
fn a_stamp_that_was_renewed_after_it_ended_leaves_a_gap() {
    let mut archive = Archive::open();
    let (clock, newer) = (archive.hospital.clock(), archive.clock(1500, NOW));
    archive.stamp(&clock, NOW);
    archive.stamp(&newer, NOW + 400 * DAY);
    let problem = archive.judge(NOW + 500 * DAY).err().unwrap();
    assert!(matches!(problem, ArchiveProblem::RenewedLate { .. }));
    assert!(problem.vietnamese().contains("mới được gia hạn"));
}

#[test]
fn a_short_key_ends_by_the_table_of_algorithms() {
    let hospital = Hospital::open();
    let rsa = hospital.with_profile("RSA", KeyKind::Rsa2048, Profile::TimeStamps, 3000).certificate;
    let curve = hospital.with_profile("P-256", KeyKind::P256, Profile::TimeStamps, 3000).certificate;
    let table = Algorithms { rsa_2048_until: 2030 };
    assert_eq!(table.stamp_ends(&curve), curve.valid_until());
    assert_eq!(crate::instant::rfc3339(table.stamp_ends(&rsa)), "2031-01-01T00:00:00Z");
}
