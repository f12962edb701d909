//! Making the signature: into a file that has none, as the last child of its root.

use super::canonical::canonical;
use super::form::{Digest, Form, to_xml_value};
use super::problem::XmlProblem;
use super::read::{self, Signature};
use super::tree::{self, Element};
use crate::cms::{SignError, Signer};
use crate::evidence::Evidence;
use crate::instant;
use crate::timestamp::{Stamp, StampRequest};

/// Signs a whole XML file at the instant `signing_time` (µs UTC), with the evidence that the signer was good inside.
///
/// # Errors
/// [`SignError`]; `NotASignature` for a file that cannot be signed: not of the strict kind, or signed already.
pub fn sign_enveloped(xml: &[u8], signer: &Signer<'_>, signing_time: i64) -> Result<Vec<u8>, SignError> {
    let text = std::str::from_utf8(xml).map_err(|_| SignError::NotASignature)?;
    let root = tree::read(xml).map_err(|_| SignError::NotASignature)?;
    if !matches!(read::signature(&root), Err(crate::Finding::Xml(XmlProblem::NotSigned))) {
        return Err(SignError::NotASignature);
    }
    let travelling = signer.evidence().travelling();
    let mut form = Form {
        method: signer.method(),
        content: Digest::of(&canonical(&root, None)),
        properties: Digest::of(b""),
        value: Vec::new(),
        key_info: travelling.to_vec(),
        signing_time: instant::rfc3339(signing_time),
        pins: travelling.iter().map(|der| Digest::of(der)).collect(),
        stamps: Vec::new(),
        certificates: Vec::new(),
        crls: Vec::new(),
        ocsps: Vec::new(),
    };
    keep(&mut form, signer.evidence());
    form.properties = Digest::of(&part(&form, |signature| signature.properties)?);
    let value = signer.sign(&part(&form, |signature| signature.signed_info)?)?;
    form.value = to_xml_value(form.method, &value).map_err(|_| SignError::NotASignature)?;
    placed(text, &form.render()).ok_or(SignError::NotASignature)
}

/// Asks for a time stamp over the signature's value, as XAdES wants it: over the element.
///
/// # Errors
/// [`SignError::NotASignature`]
pub fn request_stamp(xml: &[u8]) -> Result<StampRequest, SignError> {
    let (form, _) = ours(xml).ok_or(SignError::NotASignature)?;
    Ok(StampRequest::new(&part(&form, |signature| signature.value)?)?)
}

/// Adds the time stamp, and what proves its authority good.
///
/// # Errors
/// [`SignError`]
pub fn add_stamp(xml: &[u8], stamp: &Stamp, evidence: &Evidence) -> Result<Vec<u8>, SignError> {
    let (mut form, content) = ours(xml).ok_or(SignError::NotASignature)?;
    if !stamp.is_over(&part(&form, |signature| signature.value)?) {
        return Err(SignError::OtherStamp);
    }
    form.stamps.push(stamp.der().to_vec());
    keep(&mut form, evidence);
    placed(&content, &form.render()).ok_or(SignError::NotASignature)
}

/// The file as it was before it was signed here; `None` where its signature is not written as ours are, to the byte.
pub fn without_signature(xml: &[u8]) -> Option<Vec<u8>> {
    ours(xml).map(|(_, content)| content.into_bytes())
}

/// A signature that is written exactly as it is here, and the file without it.
fn ours(xml: &[u8]) -> Option<(Form, String)> {
    let text = std::str::from_utf8(xml).ok()?;
    let root = tree::read(xml).ok()?;
    let form = read::signature(&root).ok()?.form;
    let (before, after) = text.split_once(&form.render())?;
    let content = [before, after].concat();
    (placed(&content, &form.render())? == xml).then_some((form, content))
}

/// Before the end of the root.
fn placed(content: &str, signature: &str) -> Option<Vec<u8>> {
    let (before, after) = content.split_at_checked(content.rfind("</")?)?;
    Some([before, signature, after].concat().into_bytes())
}

/// The canonical bytes of a part of the signature; they are the same wherever the signature stands.
fn part(form: &Form, which: impl for<'a> Fn(&Signature<'a>) -> &'a Element) -> Result<Vec<u8>, SignError> {
    let file = format!("<x>{}</x>", form.render());
    let root = tree::read(file.as_bytes()).map_err(|_| SignError::NotASignature)?;
    let signature = read::signature(&root).map_err(|_| SignError::NotASignature)?;
    Ok(canonical(which(&signature), None))
}

/// What is not beside the signature already.
fn keep(form: &mut Form, evidence: &Evidence) {
    for der in &evidence.certificates {
        if !form.key_info.contains(der) && !form.certificates.contains(der) {
            form.certificates.push(der.clone());
        }
    }
    for der in &evidence.crls {
        if !form.crls.contains(der) {
            form.crls.push(der.clone());
        }
    }
    for der in &evidence.ocsps {
        if !form.ocsps.contains(der) {
            form.ocsps.push(der.clone());
        }
    }
}
