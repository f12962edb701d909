//! A facility with its seal: what both targets start from is signed anew by each process, and no key is in git.

use benhan_sign::{Anchors, Authority, Certificate, Evidence, KeyKind, Signer, SigningKey};

/// 2026-11-22 20:31:05 UTC, µs.
pub const NOW: i64 = 1_795_379_465_000_000;
pub const CODE: &str = "01234";

pub struct Facility {
    pub anchors: Anchors,
    key: SigningKey,
    seal: Certificate,
    evidence: Evidence,
}

impl Facility {
    pub fn open() -> Self {
        let mut authority = Authority::create("Bệnh viện Bến Hàn", KeyKind::P256, NOW).expect("an authority");
        let key = SigningKey::generate(KeyKind::P256).expect("a key");
        let seal = authority.issue_seal(CODE, "Bệnh viện Bến Hàn", &key, NOW, 365).expect("a seal");
        let (lists, anchors) = (authority.crls(NOW).expect("lists"), authority.anchors());
        let pool = [authority.issuing().clone()];
        let evidence = Evidence::gather(&seal, &pool, &lists, &anchors, NOW).expect("the seal is good");
        Self { anchors, key, seal, evidence }
    }

    pub fn signer(&self) -> Signer<'_> {
        Signer::new(&self.key, &self.seal, &self.evidence).expect("they belong together")
    }
}
