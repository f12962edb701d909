//! Appending one revision to a PDF: new and changed objects, cross-references of the same form as
//! before, trailer. The earlier bytes stay as they are.

use std::collections::BTreeMap;
use std::io::Write;

use lopdf::xref::XrefType;
use lopdf::{Dictionary, Document, Object, ObjectId, StringFormat, Writer};

use super::PadesError;
use crate::algorithm::sha256;

/// The objects of a revision in the making.
pub(crate) struct Increment<'a> {
    base: &'a [u8],
    document: &'a Document,
    last_id: u32,
    objects: BTreeMap<ObjectId, Vec<u8>>,
}

/// The new file, and where each object's body begins in it.
pub(crate) struct Appended {
    pub bytes: Vec<u8>,
    pub bodies: BTreeMap<ObjectId, usize>,
}

impl<'a> Increment<'a> {
    pub fn new(base: &'a [u8], document: &'a Document) -> Self {
        let size = document.trailer.get(b"Size").and_then(Object::as_i64).ok();
        let size = size.and_then(|size| u32::try_from(size).ok()).unwrap_or(0);
        Self { base, document, last_id: document.max_id.max(size.saturating_sub(1)), objects: BTreeMap::new() }
    }

    pub fn new_id(&mut self) -> Result<ObjectId, PadesError> {
        self.last_id = self.last_id.checked_add(1).ok_or(PadesError::Refused("no object number left"))?;
        Ok((self.last_id, 0))
    }

    pub fn put(&mut self, id: ObjectId, object: &Object) -> Result<(), PadesError> {
        let mut body = Vec::new();
        Writer::write_object(&mut body, object)?;
        self.put_body(id, body);
        Ok(())
    }

    pub fn put_body(&mut self, id: ObjectId, body: Vec<u8>) {
        self.objects.insert(id, body);
    }

    pub fn add(&mut self, object: &Object) -> Result<ObjectId, PadesError> {
        let id = self.new_id()?;
        self.put(id, object)?;
        Ok(id)
    }

    /// Writes the revision.
    pub fn finish(mut self) -> Result<Appended, PadesError> {
        let stream_form = matches!(self.document.reference_table.cross_reference_type, XrefType::CrossReferenceStream);
        let xref_id = if stream_form { Some(self.new_id()?) } else { None };
        let mut out = self.base.to_vec();
        if out.last() != Some(&b'\n') {
            out.push(b'\n');
        }
        let (mut offsets, mut bodies) = (BTreeMap::new(), BTreeMap::new());
        for ((number, generation), body) in &self.objects {
            offsets.insert((*number, *generation), out.len());
            writeln!(out, "{number} {generation} obj")?;
            bodies.insert((*number, *generation), out.len());
            out.extend_from_slice(body);
            out.extend_from_slice(b"\nendobj\n");
        }
        let start = out.len();
        match xref_id {
            Some(id) => {
                offsets.insert(id, start);
                self.write_stream(&mut out, id, &offsets)?;
            }
            None => self.write_table(&mut out, &offsets)?,
        }
        write!(out, "\nstartxref\n{start}\n%%EOF\n")?;
        Ok(Appended { bytes: out, bodies })
    }

    /// Root, Info and ID as before; of the two parts of ID the second names the revision.
    fn trailer(&self) -> Dictionary {
        let mut trailer = Dictionary::new();
        trailer.set("Size", i64::from(self.last_id) + 1);
        for key in [&b"Root"[..], b"Info"] {
            if let Ok(value) = self.document.trailer.get(key) {
                trailer.set(key, value.clone());
            }
        }
        let id = self.document.trailer.get(b"ID").and_then(Object::as_array).ok().and_then(|id| id.first());
        if let Some(permanent) = id {
            let hash = sha256(&[self.base]);
            let revision = hash.get(..16).unwrap_or_default().to_vec();
            trailer.set("ID", vec![permanent.clone(), Object::String(revision, StringFormat::Hexadecimal)]);
        }
        trailer.set("Prev", i64::try_from(self.document.xref_start).unwrap_or_default());
        trailer
    }

    fn write_table(&self, out: &mut Vec<u8>, offsets: &BTreeMap<ObjectId, usize>) -> Result<(), PadesError> {
        out.extend_from_slice(b"xref\n");
        for run in runs(offsets) {
            writeln!(out, "{} {}", run.first().map_or(0, |((number, _), _)| *number), run.len())?;
            for ((_, generation), offset) in run {
                write!(out, "{offset:010} {generation:05} n\r\n")?;
            }
        }
        out.extend_from_slice(b"trailer\n");
        Writer::write_object(out, &Object::Dictionary(self.trailer()))?;
        Ok(())
    }

    fn write_stream(
        &self,
        out: &mut Vec<u8>,
        id: ObjectId,
        offsets: &BTreeMap<ObjectId, usize>,
    ) -> Result<(), PadesError> {
        let mut index = Vec::new();
        let mut content = Vec::new();
        for run in runs(offsets) {
            index.push(Object::Integer(run.first().map_or(0, |((number, _), _)| i64::from(*number))));
            index.push(Object::Integer(i64::try_from(run.len()).unwrap_or_default()));
            for ((_, generation), offset) in run {
                content.push(1);
                content.extend(u32::try_from(offset).map_err(|_| PadesError::Refused("too large"))?.to_be_bytes());
                content.extend(generation.to_be_bytes());
            }
        }
        let mut dictionary = self.trailer();
        dictionary.set("Type", "XRef");
        dictionary.set("W", vec![1.into(), 4.into(), Object::Integer(2)]);
        dictionary.set("Index", index);
        writeln!(out, "{} {} obj", id.0, id.1)?;
        Writer::write_object(out, &Object::Stream(lopdf::Stream::new(dictionary, content)))?;
        out.extend_from_slice(b"\nendobj");
        Ok(())
    }
}

/// Groups of consecutive object numbers.
fn runs(offsets: &BTreeMap<ObjectId, usize>) -> Vec<Vec<(ObjectId, usize)>> {
    let mut runs: Vec<Vec<(ObjectId, usize)>> = Vec::new();
    for (id, offset) in offsets {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|((number, _), _)| number.checked_add(1) == Some(id.0)) => {
                run.push((*id, *offset));
            }
            _ => runs.push(vec![(*id, *offset)]),
        }
    }
    runs
}
