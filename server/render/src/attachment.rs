//! Files that travel inside the PDF (associated files of PDF/A-3): the signed bytes that the sheet shows.

use std::collections::BTreeSet;

use crate::error::RenderError;
use crate::limits::Limits;
use crate::patient_mark::PatientMark;
use crate::signature::SignatureMark;

/// What an attached file is to the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Relationship {
    /// The data that the sheet shows.
    Data,
    /// What the sheet was made from.
    Source,
    /// The same content in another shape.
    Alternative,
    /// An addition, such as a signature over the data.
    Supplement,
}

/// One file to embed.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Plain file name, unique in the sheet: letters, digits, `.`, `_`, `-`; at most 120 characters.
    pub name: String,
    /// MIME type.
    pub mime: String,
    /// What it is, for a reader's list of attachments.
    pub description: String,
    pub relationship: Relationship,
    pub bytes: Vec<u8>,
}

impl Attachment {
    /// Canonical JSON of a version that the sheet shows.
    pub fn json(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            mime: "application/json".to_owned(),
            description: "Dữ liệu gốc đã ký (JSON chuẩn tắc)".to_owned(),
            relationship: Relationship::Data,
            bytes,
        }
    }

    /// What a patient or representative gave when they signed.
    pub fn evidence(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            description: "Bằng chứng người bệnh hoặc người đại diện đã ký (JSON chuẩn tắc)".to_owned(),
            relationship: Relationship::Supplement,
            ..Self::json(name, bytes)
        }
    }

    /// A detached CMS signature over the attachment of the same name without `.p7s`.
    pub fn signature(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            mime: "application/pkcs7-signature".to_owned(),
            description: "Chữ ký số tách rời (CMS) của dữ liệu gốc".to_owned(),
            relationship: Relationship::Supplement,
            bytes,
        }
    }
}

/// Checks names and sizes before anything is typeset.
pub(crate) fn check(attachments: &[Attachment], limits: &Limits) -> Result<(), RenderError> {
    if attachments.len() > limits.attachments {
        return Err(RenderError::TooLarge { what: "attachments", found: attachments.len(), limit: limits.attachments });
    }
    let size: usize = attachments.iter().map(|a| a.bytes.len()).sum();
    if size > limits.attachment_bytes {
        return Err(RenderError::TooLarge {
            what: "bytes of attachments",
            found: size,
            limit: limits.attachment_bytes,
        });
    }
    let mut names = BTreeSet::new();
    for (index, attachment) in attachments.iter().enumerate() {
        let refuse = |reason| Err(RenderError::Attachment { index, reason });
        if !is_plain_name(&attachment.name) {
            return refuse("the name is not a plain file name");
        }
        if !names.insert(attachment.name.to_ascii_lowercase()) {
            return refuse("the name is taken");
        }
        if !is_mime(&attachment.mime) {
            return refuse("the MIME type is not one");
        }
    }
    Ok(())
}

/// Every file that a signature mark names must travel with the sheet: it may not claim a proof that it lacks.
pub(crate) fn check_named<'a>(
    marks: impl Iterator<Item = Option<&'a SignatureMark>>,
    attachments: &[Attachment],
) -> Result<(), RenderError> {
    let attached: BTreeSet<&str> = attachments.iter().map(|a| a.name.as_str()).collect();
    let mut named = marks.flatten().filter_map(|mark| mark.attachment.as_deref());
    named.find(|name| !attached.contains(name)).map_or(Ok(()), |name| Err(RenderError::NotAttached(name.to_owned())))
}

/// A drawn name is no signature: its evidence and the witness's signature travel with it.
pub(crate) fn check_evidence<'a>(
    marks: impl Iterator<Item = &'a PatientMark>,
    attachments: &[Attachment],
) -> Result<(), RenderError> {
    let attached: BTreeSet<&str> = attachments.iter().map(|a| a.name.as_str()).collect();
    let mut named = marks.flat_map(|mark| [mark.evidence.as_str(), mark.signature.as_str()]);
    named.find(|name| !attached.contains(name)).map_or(Ok(()), |name| Err(RenderError::NotAttached(name.to_owned())))
}

fn is_plain_name(name: &str) -> bool {
    (1..=120).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

fn is_mime(mime: &str) -> bool {
    let token = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    mime.len() <= 100 && mime.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_given_once_are_attached() {
        let refused = |names: &[&str]| {
            let files: Vec<Attachment> = names.iter().map(|n| Attachment::json(*n, vec![])).collect();
            check(&files, &Limits::default()).is_err()
        };
        assert!(!refused(&["a.json", "a.json.p7s", "019AB-c_d.json"]));
        for name in ["", "../a", "a/b", "a\\b", ".a", "a b", "ă.json", "a\u{0}", &"x".repeat(121)] {
            assert!(refused(&[name]), "{name:?}");
        }
        assert!(refused(&["a.json", "A.JSON"]));
    }

    #[test]
    fn too_many_or_too_heavy_is_refused() {
        let limits = Limits { attachments: 1, attachment_bytes: 3, ..Limits::default() };
        let file = |name: &str, size| Attachment::json(name, vec![0; size]);
        assert!(check(&[file("a", 3)], &limits).is_ok());
        assert!(matches!(check(&[file("a", 4)], &limits), Err(RenderError::TooLarge { limit: 3, .. })));
        assert!(matches!(check(&[file("a", 0), file("b", 0)], &limits), Err(RenderError::TooLarge { limit: 1, .. })));
    }
}
