//! The people and the authority that the tests of this crate tell their stories with.

use crate::authority::{Authority, Profile};
use crate::certificate::Certificate;
use crate::cms::Signer;
use crate::evidence::Evidence;
use crate::instant::{DAY, SECOND};
use crate::key::{KeyKind, SigningKey};
use crate::name::Subject;
use crate::path::Purpose;
use crate::revocation::Crl;
use crate::timestamp::{Stamp, StampRequest, TimestampAuthority};

/// 2026-11-22 20:31:05 UTC.
pub(crate) const NOW: i64 = 1_795_379_465 * SECOND;

/// Somebody with a key and a certificate.
pub(crate) struct Person {
    pub key: SigningKey,
    pub certificate: Certificate,
}

/// A hospital with its authority.
pub(crate) struct Hospital {
    pub authority: Authority,
    pub crls: Vec<Crl>,
}

impl Hospital {
    pub fn open() -> Self {
        let mut authority = Authority::create("Bệnh viện Đa khoa huyện Bến Hàn", KeyKind::P256, NOW - DAY).unwrap();
        let crls = authority.crls(NOW).unwrap();
        Self { authority, crls }
    }

    pub fn person(&self, name: &str, kind: KeyKind) -> Person {
        self.with_profile(name, kind, Profile::Person, 365)
    }

    pub fn with_profile(&self, name: &str, kind: KeyKind, profile: Profile, days: i64) -> Person {
        let key = SigningKey::generate(kind).unwrap();
        let subject = Subject {
            serial_number: Some("NV-0042".into()),
            organizational_unit: Some("Khoa Nội tổng hợp".into()),
            ..Subject::named(name)
        };
        let certificate = self.authority.issue(&subject, &key, profile, NOW - DAY, days).unwrap();
        Person { key, certificate }
    }

    pub fn nurse(&self) -> Person {
        self.person("Nguyễn Thị Hương", KeyKind::P256)
    }

    pub fn seal(&self) -> Person {
        let key = SigningKey::generate(KeyKind::P256).unwrap();
        let certificate = self.authority.issue_seal("01234", "Bệnh viện Bến Hàn", &key, NOW - DAY, 365).unwrap();
        Person { key, certificate }
    }

    /// The check before signing at `at`.
    pub fn evidence(&self, person: &Person, at: i64) -> Result<Evidence, crate::CertificateProblem> {
        let pool = [self.authority.issuing().clone()];
        Evidence::gather(&person.certificate, &pool, &self.crls, &self.authority.anchors(), at)
    }

    /// The hospital's own time-stamp authority.
    pub fn clock(&self) -> Person {
        let key = SigningKey::generate(KeyKind::P256).unwrap();
        let certificate = self.authority.issue_time_stamper("Bệnh viện Bến Hàn", &key, NOW - DAY, 365).unwrap();
        Person { key, certificate }
    }

    /// The check of the clock before it answers at `at`.
    pub fn evidence_of_clock(&self, clock: &Person, at: i64) -> Result<Evidence, crate::CertificateProblem> {
        let pool = [self.authority.issuing().clone()];
        let anchors = self.authority.anchors();
        Evidence::gather_for(Purpose::TimeStamps, &clock.certificate, &pool, &self.crls, &anchors, at, at)
    }

    /// What the clock answers at `at`, as bytes.
    pub fn answer(&self, clock: &Person, request: &StampRequest, at: i64) -> Vec<u8> {
        let evidence = self.evidence_of_clock(clock, at).unwrap();
        let authority = TimestampAuthority::new(clock.signer(&evidence)).unwrap();
        authority.answer(&request.to_der(), 7, at).unwrap()
    }

    /// What the clock answers at `at`, read and accepted.
    pub fn stamp(&self, clock: &Person, request: &StampRequest, at: i64) -> Stamp {
        request.read(&self.answer(clock, request, at)).unwrap()
    }

    /// Evidence as careless software would write it, without asking.
    pub fn unchecked(&self, person: &Person) -> Evidence {
        Evidence {
            certificates: [&person.certificate, self.authority.issuing(), self.authority.root()]
                .map(|c| c.der().to_vec())
                .to_vec(),
            crls: self.crls.iter().map(|crl| crl.der().to_vec()).collect(),
            ocsps: Vec::new(),
            checked_at: NOW,
        }
    }

    pub fn revoke(&mut self, person: &Person, at: i64) {
        self.authority.revoke(&person.certificate, at);
        self.crls = self.authority.crls(NOW).unwrap();
    }
}

impl Person {
    pub fn signer<'a>(&'a self, evidence: &'a Evidence) -> Signer<'a> {
        Signer::new(&self.key, &self.certificate, evidence).unwrap()
    }
}
