//! The one signature of a file, found by its place and read in order: what is signed is never looked up by an Id alone.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::form::{Digest, Form, hash_named, method_named};
use super::problem::XmlProblem;
use super::tree::Element;
use super::{DS, ENVELOPED, EXCLUSIVE, SIGNED_PROPERTIES, XADES};
use crate::finding::Finding;

const MOST_ITEMS: usize = 64;

/// The signature's parts in their places.
pub(super) struct Signature<'a> {
    pub whole: &'a Element,
    pub signed_info: &'a Element,
    pub value: &'a Element,
    pub properties: &'a Element,
    pub form: Form,
    /// Unsigned properties that are not known here.
    pub unknown: Vec<String>,
}

impl From<XmlProblem> for Finding {
    fn from(problem: XmlProblem) -> Self {
        Self::Xml(problem)
    }
}

/// Finds and reads it.
pub(super) fn signature(root: &Element) -> Result<Signature<'_>, Finding> {
    let whole = only(root)?;
    let mut parts = Parts::of(whole)?;
    let signed_info = parts.expect(DS, "SignedInfo")?;
    let value = parts.expect(DS, "SignatureValue")?;
    let key_info = parts.expect(DS, "KeyInfo")?;
    let object = parts.expect(DS, "Object")?;
    parts.end()?;

    let mut info = Parts::of(signed_info)?;
    exclusive(info.expect(DS, "CanonicalizationMethod")?)?;
    let method = algorithm(info.expect(DS, "SignatureMethod")?)?;
    let method = method_named(method).ok_or_else(|| Finding::Unsupported(method.to_owned()))?;
    let (content, properties_reference) = (info.expect(DS, "Reference")?, info.expect(DS, "Reference")?);
    info.end().map_err(|_| XmlProblem::Reference)?;
    let content_digest = reference(content, "", &[ENVELOPED, EXCLUSIVE])?;

    let qualifying = Parts::of(object)?.last(XADES, "QualifyingProperties")?;
    let own_id = whole.attribute("Id").unwrap_or_default();
    if qualifying.attribute("Target").and_then(|target| target.strip_prefix('#')) != Some(own_id) {
        return Err(XmlProblem::Structure.into());
    }
    let mut qualified = Parts::of(qualifying)?;
    let properties = qualified.expect(XADES, "SignedProperties")?;
    let unsigned = qualified.optional(XADES, "UnsignedProperties");
    qualified.end()?;
    let uri = format!("#{}", properties.attribute("Id").ok_or(XmlProblem::Structure)?);
    let properties_digest = reference(properties_reference, &uri, &[EXCLUSIVE])?;
    if properties_reference.attribute("Type") != Some(SIGNED_PROPERTIES) {
        return Err(XmlProblem::Reference.into());
    }

    let mut form = Form {
        method,
        content: content_digest,
        properties: properties_digest,
        value: bytes(value)?,
        key_info: Parts::of(Parts::of(key_info)?.last(DS, "X509Data")?)?.all(DS, "X509Certificate")?,
        signing_time: String::new(),
        pins: Vec::new(),
        stamps: Vec::new(),
        certificates: Vec::new(),
        crls: Vec::new(),
        ocsps: Vec::new(),
    };
    signed(properties, content, &mut form)?;
    let unknown = unsigned.map_or(Ok(Vec::new()), |unsigned| beside(unsigned, &mut form))?;
    Ok(Signature { whole, signed_info, value, properties, form, unknown })
}

/// The only signature, directly below the root; no Id twice.
fn only(root: &Element) -> Result<&Element, XmlProblem> {
    let (mut count, mut ids, mut twice) = (0_usize, BTreeSet::new(), None);
    root.each(&mut |element| {
        if element.is(DS, "Signature") {
            count += 1;
        }
        for (name, value) in &element.attributes {
            if name.local.eq_ignore_ascii_case("id") && !ids.insert(value.as_str()) {
                twice = Some(value.clone());
            }
        }
    });
    match (root.elements().find(|element| element.is(DS, "Signature")), count, twice) {
        (_, 0, _) => Err(XmlProblem::NotSigned),
        (_, _, Some(id)) => Err(XmlProblem::IdTwice(id)),
        (_, 2.., _) => Err(XmlProblem::SignedTwice),
        (None, _, _) => Err(XmlProblem::Moved),
        (Some(signature), _, _) => Ok(signature),
    }
}

fn algorithm(of: &Element) -> Result<&str, XmlProblem> {
    of.attribute("Algorithm").ok_or(XmlProblem::Structure)
}

/// Without a prefix list or anything else inside.
fn exclusive(of: &Element) -> Result<(), Finding> {
    match algorithm(of)? {
        EXCLUSIVE if of.children.is_empty() => Ok(()),
        other => Err(Finding::Unsupported(other.to_owned())),
    }
}

/// What it refers to, by exactly these transforms.
fn reference(of: &Element, uri: &str, transforms: &[&str]) -> Result<Digest, Finding> {
    let mut parts = Parts::of(of)?;
    let steps = parts.optional(DS, "Transforms").ok_or(XmlProblem::Reference)?;
    let digest = digest(&mut parts)?;
    parts.end()?;
    let plain =
        steps.has_elements_only() && steps.elements().all(|step| step.is(DS, "Transform") && step.children.is_empty());
    let named = steps.elements().map(|step| step.attribute("Algorithm"));
    if of.attribute("URI") != Some(uri) || !plain || !named.eq(transforms.iter().map(|name| Some(*name))) {
        return Err(XmlProblem::Reference.into());
    }
    Ok(digest)
}

fn digest(parts: &mut Parts<'_>) -> Result<Digest, Finding> {
    let name = algorithm(parts.expect(DS, "DigestMethod")?)?;
    let hash = hash_named(name).ok_or_else(|| Finding::Unsupported(name.to_owned()))?;
    Ok(Digest { hash, value: bytes(parts.expect(DS, "DigestValue")?)? })
}

/// What is signed beside the content: when, by which certificate, and that the content is XML.
fn signed(properties: &Element, content: &Element, form: &mut Form) -> Result<(), Finding> {
    let mut parts = Parts::of(properties)?;
    let mut of_signature = Parts::of(parts.expect(XADES, "SignedSignatureProperties")?)?;
    form.signing_time = of_signature.expect(XADES, "SigningTime")?.text().ok_or(XmlProblem::Structure)?;
    let mut pins = Parts::of(of_signature.expect(XADES, "SigningCertificateV2")?)?;
    of_signature.end()?;
    while let Some(pin) = pins.optional(XADES, "Cert") {
        let mut inside = Parts::of(pin)?;
        let mut pinned = Parts::of(inside.expect(XADES, "CertDigest")?)?;
        form.pins.push(digest(&mut pinned)?);
        pinned.end()?;
        inside.optional(XADES, "IssuerSerialV2");
        inside.end()?;
    }
    pins.end()?;
    let mut of_objects = Parts::of(parts.expect(XADES, "SignedDataObjectProperties")?)?;
    let format = of_objects.expect(XADES, "DataObjectFormat")?;
    of_objects.end()?;
    parts.end()?;
    let object = format.attribute("ObjectReference").and_then(|object| object.strip_prefix('#'));
    if form.pins.is_empty() || form.pins.len() > MOST_ITEMS || object != content.attribute("Id") {
        return Err(XmlProblem::Structure.into());
    }
    Ok(())
}

/// What stands beside the value: stamps and evidence. Others are named, and passed over.
fn beside(unsigned: &Element, form: &mut Form) -> Result<Vec<String>, Finding> {
    let properties = Parts::of(unsigned)?.last(XADES, "UnsignedSignatureProperties")?;
    let mut unknown = Vec::new();
    if !properties.has_elements_only() {
        return Err(XmlProblem::Structure.into());
    }
    for property in properties.elements() {
        let mut parts = Parts::of(property);
        match (&*property.name.space, property.name.local.as_str()) {
            (XADES, "SignatureTimeStamp") => {
                let parts = parts.as_mut().map_err(|problem| problem.clone())?;
                exclusive(parts.expect(DS, "CanonicalizationMethod")?)?;
                form.stamps.push(bytes(parts.expect(XADES, "EncapsulatedTimeStamp")?)?);
                parts.end()?;
            }
            (XADES, "CertificateValues") => {
                form.certificates.extend(parts?.all(XADES, "EncapsulatedX509Certificate")?);
            }
            (XADES, "RevocationValues") => {
                let mut parts = parts?;
                if let Some(lists) = parts.optional(XADES, "CRLValues") {
                    form.crls.extend(Parts::of(lists)?.all(XADES, "EncapsulatedCRLValue")?);
                }
                if let Some(answers) = parts.optional(XADES, "OCSPValues") {
                    form.ocsps.extend(Parts::of(answers)?.all(XADES, "EncapsulatedOCSPValue")?);
                }
                parts.end()?;
            }
            _ => unknown.push(property.name.local.clone()),
        }
        let most =
            [form.stamps.len() * 16, form.certificates.len(), form.crls.len(), form.ocsps.len(), unknown.len() * 4];
        if most.into_iter().any(|count| count > MOST_ITEMS) {
            return Err(XmlProblem::Structure.into());
        }
    }
    Ok(unknown)
}

/// Base64, in lines or not.
fn bytes(of: &Element) -> Result<Vec<u8>, XmlProblem> {
    let text: String = of.text().ok_or(XmlProblem::Structure)?.split_ascii_whitespace().collect();
    STANDARD.decode(text).map_err(|_| XmlProblem::Structure)
}

/// The elements inside another, one after the other.
struct Parts<'a>(std::iter::Peekable<std::vec::IntoIter<&'a Element>>);

impl<'a> Parts<'a> {
    fn of(element: &'a Element) -> Result<Self, XmlProblem> {
        let parts: Vec<&Element> = element.elements().collect();
        if element.has_elements_only() { Ok(Self(parts.into_iter().peekable())) } else { Err(XmlProblem::Structure) }
    }

    fn optional(&mut self, space: &str, local: &str) -> Option<&'a Element> {
        self.0.next_if(|element| element.is(space, local))
    }

    fn expect(&mut self, space: &str, local: &str) -> Result<&'a Element, XmlProblem> {
        self.optional(space, local).ok_or(XmlProblem::Structure)
    }

    fn end(&mut self) -> Result<(), XmlProblem> {
        if self.0.next().is_none() { Ok(()) } else { Err(XmlProblem::Structure) }
    }

    /// The only one.
    fn last(mut self, space: &str, local: &str) -> Result<&'a Element, XmlProblem> {
        let found = self.expect(space, local)?;
        self.end().map(|()| found)
    }

    /// The bytes of all of them.
    fn all(mut self, space: &str, local: &str) -> Result<Vec<Vec<u8>>, XmlProblem> {
        let mut found = Vec::new();
        while let Some(element) = self.optional(space, local) {
            found.push(bytes(element)?);
            if found.len() > MOST_ITEMS {
                return Err(XmlProblem::Structure);
            }
        }
        self.end().map(|()| found)
    }
}
