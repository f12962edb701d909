//! Holders that are honest, broken and gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use super::{HolderKind, KeyHolder, Trouble, UntilTrouble, digest_info};
use crate::cms::{SignError, Signer, sign_detached, verify_detached};
use crate::key::{KeyError, KeyKind, SigningKey};
use crate::story::{Hospital, NOW, Person};

/// A token in memory: a whole key, of which only hashes go in and signatures come out.
struct Card {
    pkcs8: Vec<u8>,
    asked: AtomicUsize,
    /// What it says from the nth question on.
    after: Option<(usize, Result<Vec<u8>, Trouble>)>,
}

impl Card {
    fn of(person: &Person) -> Self {
        Self { pkcs8: person.key.pkcs8().to_vec(), asked: AtomicUsize::new(0), after: None }
    }
}

impl KeyHolder for Card {
    fn kind(&self) -> HolderKind {
        HolderKind::Token
    }

    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, Trouble> {
        let nth = self.asked.fetch_add(1, Ordering::Relaxed);
        if let Some((from, says)) = &self.after
            && nth >= *from
        {
            return says.clone();
        }
        let digest = Digest::import_less_safe(digest, &SHA256).unwrap();
        if let Ok(pair) = RsaKeyPair::from_pkcs8(&self.pkcs8) {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature).unwrap();
            return Ok(signature);
        }
        // Side by side, as a token gives them.
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.pkcs8).unwrap();
        Ok(pair.sign_digest(&digest).unwrap().as_ref().to_vec())
    }
}

fn signed(hospital: &Hospital, person: &Person, key: &SigningKey) -> Result<Vec<u8>, SignError> {
    let evidence = hospital.evidence(person, NOW).unwrap();
    sign_detached(b"mach 72", &Signer::new(key, &person.certificate, &evidence).unwrap(), NOW)
}

fn trouble(result: Result<Vec<u8>, SignError>) -> Trouble {
    match result {
        Err(SignError::Key(KeyError::Held { at: HolderKind::Token, trouble })) => trouble,
        other => panic!("{other:?}"),
    }
}

// Clauses: SIG-8, SIG-16
#[test]
fn a_key_that_is_elsewhere_signs_as_one_that_is_here() {
    let hospital = Hospital::open();
    for kind in [KeyKind::Rsa2048, KeyKind::P256] {
        let nurse = hospital.person("Nguyễn Thị Hương", kind);
        let key = SigningKey::held(&nurse.certificate, Arc::new(Card::of(&nurse))).unwrap();
        assert_eq!(key.prove(), Ok(()));
        assert!(key.pkcs8().is_empty(), "nothing of it is here");
        // ECDSA's r and s begin with a zero byte or a high bit now and then.
        for _ in 0..if kind == KeyKind::P256 { 300 } else { 1 } {
            let cms = signed(&hospital, &nurse, &key).unwrap();
            let report = verify_detached(b"mach 72", &cms, &hospital.authority.anchors(), NOW);
            assert_eq!(report.findings, [], "{kind:?}");
        }
    }
}

#[test]
fn what_does_not_verify_never_leaves() {
    let hospital = Hospital::open();
    for kind in [KeyKind::Rsa2048, KeyKind::P256] {
        let (hers, his) = (hospital.person("Hương", kind), hospital.person("Bình", kind));
        let other = SigningKey::held(&hers.certificate, Arc::new(Card::of(&his))).unwrap();
        assert_eq!(trouble(signed(&hospital, &hers, &other)), Trouble::BadSignature, "another's key");
        for junk in [vec![], vec![0; 64], vec![0xff; 64], vec![0x30; 71], vec![7; 256], vec![0; 100_000]] {
            let card = Card { after: Some((0, Ok(junk))), ..Card::of(&hers) };
            let key = SigningKey::held(&hers.certificate, Arc::new(card)).unwrap();
            assert_eq!(trouble(signed(&hospital, &hers, &key)), Trouble::BadSignature);
        }
    }
}

#[test]
fn a_batch_ends_with_the_first_trouble_and_asks_no_more() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    type Ending = fn(Arc<dyn KeyHolder>) -> UntilTrouble;
    let stories: [(Trouble, Ending, bool); 3] = [
        (Trouble::Unreachable, UntilTrouble::any, true),
        (Trouble::WrongPin { last: false }, UntilTrouble::of_pin, true),
        (Trouble::Unreachable, UntilTrouble::of_pin, false),
    ];
    for (first, later, ends) in stories {
        let card = Arc::new(Card { after: Some((2, Err(first))), ..Card::of(&nurse) });
        let holder: Arc<dyn KeyHolder> = card.clone();
        let key = SigningKey::held(&nurse.certificate, Arc::new(later(holder))).unwrap();
        for _ in 0..2 {
            assert!(signed(&hospital, &nurse, &key).is_ok());
        }
        for _ in 0..3 {
            assert_eq!(trouble(signed(&hospital, &nurse, &key)), first);
        }
        assert_eq!(card.asked.load(Ordering::Relaxed), if ends { 3 } else { 5 });
    }
}

#[test]
fn a_key_that_is_elsewhere_is_not_wrapped() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let key = SigningKey::held(&nurse.certificate, Arc::new(Card::of(&nurse))).unwrap();
    let server = crate::ServerKey::from_bytes([7; 32]);
    assert_eq!(crate::WrappedKey::wrap(&key, "246810", &server).err(), Some(KeyError::Elsewhere));
}

#[test]
fn the_hash_is_named_as_the_standard_names_it() {
    let info = digest_info(&[0xab; 32]);
    assert_eq!(hex::encode(&info[..19]), "3031300d060960864801650304020105000420");
    assert_eq!(info.len(), 51);
}
