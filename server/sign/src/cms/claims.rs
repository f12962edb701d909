//! What a signature says of itself and covers: the signing rules that it was given under (signature-policy-identifier,
//! RFC 5126 5.8.1), and the person who put an organisation's seal (signer-attributes-v2, ETSI EN 319 122-1 5.2.6.1).
//!
//! Standard attributes, so that any verifier that does not know them passes over them. A PDF says it in its signature
//! dictionary instead, as PAdES wants.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912;
use der::Encode;
use serde::Serialize;

use crate::asn1::{self, Cursor, Element, Malformed};

/// id-aa-ets-sigPolicyId
pub(super) const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.15");
/// id-aa-ets-signerAttrV2
pub(super) const SIGNER_ATTRIBUTES: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.19122.1.1");
/// id-spq-ets-unotice
const USER_NOTICE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.5.2");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const USER_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1");

/// {joint-iso-itu-t uuid(25)}: the arc under which every UUID is an object identifier (ITU-T X.667).
const UUID_ARC: u8 = 2 * 40 + 25;
/// DisplayText ends there.
const LONGEST_TEXT: usize = 200;

/// The signing rules of a house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SigningRules {
    /// UUID, as it is written.
    pub id: String,
    /// Number and date of the decision.
    pub decision: String,
}

/// Who put the seal of an organisation or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PutBy {
    /// Their id with the house.
    pub id: String,
    pub name: String,
}

/// All that a signature says of itself besides when it was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<SigningRules>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub put_by: Option<PutBy>,
}

impl SigningRules {
    /// SignaturePolicyIdentifier; none where the id is no UUID.
    pub(super) fn attribute(&self) -> der::Result<Option<Vec<u8>>> {
        let Some(number) = uuid(&self.id) else { return Ok(None) };
        let text: String = self.decision.chars().take(LONGEST_TEXT).collect();
        let notice = asn1::wrap(asn1::SEQUENCE, &asn1::wrap(asn1::UTF8_STRING, text.as_bytes()));
        let qualifier = asn1::wrap(asn1::SEQUENCE, &[USER_NOTICE.to_der()?, notice].concat());
        // The paper itself is not here: RFC 5126 has zeros for a hash that is not known.
        let algorithm = asn1::wrap(asn1::SEQUENCE, &rfc5912::ID_SHA_256.to_der()?);
        let hash = asn1::wrap(asn1::SEQUENCE, &[algorithm, asn1::wrap(asn1::OCTET_STRING, &[0; 32])].concat());
        let id = asn1::wrap(asn1::OBJECT_IDENTIFIER, &uuid_arcs(number));
        Ok(Some(asn1::wrap(asn1::SEQUENCE, &[id, hash, asn1::wrap(asn1::SEQUENCE, &qualifier)].concat())))
    }

    /// None for the rules of others: a policy that no UUID names, or that says nothing readable.
    pub(super) fn read(attribute: &Element<'_>) -> Result<Option<Self>, Malformed> {
        if attribute.tag != asn1::SEQUENCE {
            return Ok(None);
        }
        let mut parts = attribute.inside();
        let Some(number) = uuid_of(parts.expect(asn1::OBJECT_IDENTIFIER)?.value) else { return Ok(None) };
        parts.expect(asn1::SEQUENCE)?;
        let mut qualifiers = parts.optional(asn1::SEQUENCE)?.map_or(Cursor::new(&[]), |list| list.inside());
        let wanted = USER_NOTICE.to_der()?;
        while let Some(qualifier) = qualifiers.next()? {
            let mut parts = qualifier.inside();
            if parts.expect(asn1::OBJECT_IDENTIFIER)?.whole != wanted {
                continue;
            }
            let mut notice = parts.expect(asn1::SEQUENCE)?.inside();
            if let Some(text) = notice.optional(asn1::UTF8_STRING)? {
                let decision = words(text.value)?;
                return Ok(Some(Self { id: uuid_text(number), decision }));
            }
        }
        Ok(None)
    }
}

impl PutBy {
    /// SignerAttributeV2 with what is claimed: a name and an id.
    pub(super) fn attribute(&self) -> der::Result<Vec<u8>> {
        let claimed = |kind: ObjectIdentifier, text: &str| {
            let values = asn1::wrap(asn1::SET, &asn1::wrap(asn1::UTF8_STRING, text.as_bytes()));
            Ok::<_, der::Error>(asn1::wrap(asn1::SEQUENCE, &[kind.to_der()?, values].concat()))
        };
        let both = [claimed(COMMON_NAME, &self.name)?, claimed(USER_ID, &self.id)?].concat();
        Ok(asn1::wrap(asn1::SEQUENCE, &asn1::wrap(asn1::CONTEXT_0, &asn1::wrap(asn1::SEQUENCE, &both))))
    }

    pub(super) fn read(attribute: &Element<'_>) -> Result<Option<Self>, Malformed> {
        let Some(claimed) = attribute.inside().optional(asn1::CONTEXT_0)? else { return Ok(None) };
        let mut list = claimed.inside().expect(asn1::SEQUENCE)?.inside();
        let (mut id, mut name) = (None, None);
        while let Some(one) = list.next()? {
            let mut parts = one.inside();
            let kind = parts.expect(asn1::OBJECT_IDENTIFIER)?.whole;
            let mut values = parts.expect(asn1::SET)?.inside();
            let text = values.optional(asn1::UTF8_STRING)?.map(|text| words(text.value)).transpose()?;
            if kind == COMMON_NAME.to_der()? {
                name = text;
            } else if kind == USER_ID.to_der()? {
                id = text;
            }
        }
        Ok(id.zip(name).map(|(id, name)| Self { id, name }))
    }
}

/// No more than a screen shows.
fn words(bytes: &[u8]) -> Result<String, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed)?;
    Ok(text.chars().filter(|c| !c.is_control()).take(LONGEST_TEXT).collect())
}

fn uuid(text: &str) -> Option<u128> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    (digits.len() == 32).then(|| u128::from_str_radix(&digits, 16).ok()).flatten()
}

fn uuid_text(number: u128) -> String {
    let digits = format!("{number:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range).unwrap_or_default());
    parts.join("-")
}

fn uuid_arcs(number: u128) -> Vec<u8> {
    let mut groups = Vec::new();
    let mut rest = number;
    loop {
        groups.push(u8::try_from(rest & 0x7f).unwrap_or(0));
        rest >>= 7;
        if rest == 0 {
            break;
        }
    }
    let last = groups.len().saturating_sub(1);
    let shown = groups.into_iter().rev().enumerate();
    std::iter::once(UUID_ARC).chain(shown.map(|(at, group)| if at == last { group } else { group | 0x80 })).collect()
}

fn uuid_of(arcs: &[u8]) -> Option<u128> {
    let (first, rest) = arcs.split_first()?;
    let ends_once = rest.iter().position(|octet| octet & 0x80 == 0)? == rest.len().checked_sub(1)?;
    if *first != UUID_ARC || !ends_once || rest.first() == Some(&0x80) {
        return None;
    }
    let add = |sum: u128, octet: &u8| (sum >> 121 == 0).then_some((sum << 7) | u128::from(octet & 0x7f));
    rest.iter().try_fold(0_u128, add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cms::{Claims, sign_detached, sign_detached_claiming, verify_detached};
    use crate::instant::DAY;
    use crate::story::{Hospital, NOW};
    use proptest::prelude::*;

    fn rules() -> SigningRules {
        SigningRules {
            id: "0193a5c2-7f1e-7abc-8def-0123456789ab".into(),
            decision: "Quyết định 15/QĐ-BV ngày 01/12/2026".into(),
        }
    }

    // Clauses: C46-13.3a, SIG-8
    #[test]
    fn a_signature_names_the_rules_that_it_was_given_under_and_who_put_the_seal() {
        let hospital = Hospital::open();
        let nurse = hospital.nurse();
        let evidence = hospital.evidence(&nurse, NOW).unwrap();
        let put_by = PutBy { id: "0193a5c2-0000-7abc-8def-0123456789ab".into(), name: "Trần Thị Xét".into() };
        let claims = Claims { rules: Some(rules()), put_by: Some(put_by) };
        let cms = sign_detached_claiming(b"x", &nurse.signer(&evidence), NOW, &claims).unwrap();
        let report = verify_detached(b"x", &cms, &hospital.authority.anchors(), NOW + DAY);
        assert_eq!(report.findings, []);
        assert_eq!(report.claims, claims);

        // What a signature says is covered by it.
        let number = b"15/Q".as_slice();
        let place = cms.windows(4).position(|window| window == number).unwrap();
        let mut other = cms.clone();
        other[place] = b'9';
        assert!(!verify_detached(b"x", &other, &hospital.authority.anchors(), NOW + DAY).intact());
        let silent = sign_detached(b"x", &nurse.signer(&evidence), NOW).unwrap();
        let report = verify_detached(b"x", &silent, &hospital.authority.anchors(), NOW + DAY);
        assert_eq!((report.findings, report.claims), (vec![], Claims::default()), "older ones say nothing and hold");
    }

    proptest! {
        #[test]
        fn what_is_claimed_comes_back(number: u128, decision in "\\PC{0,200}", name in "\\PC{0,100}") {
            let said = SigningRules { id: uuid_text(number), decision };
            let der = said.attribute().unwrap().unwrap();
            prop_assert_eq!(SigningRules::read(&Cursor::new(&der).next().unwrap().unwrap()).unwrap(), Some(said));
            let by = PutBy { id: uuid_text(number), name };
            let der = by.attribute().unwrap();
            prop_assert_eq!(PutBy::read(&Cursor::new(&der).next().unwrap().unwrap()).unwrap(), Some(by));
        }

        #[test]
        fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Some(element)) = Cursor::new(&bytes).next() {
                let _ = SigningRules::read(&element);
                let _ = PutBy::read(&element);
            }
        }
    }
}
