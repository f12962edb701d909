//! Signing: one invisible signature field, its value, and the evidence, as one more revision.
//!
//! The evidence goes into the document security store (DSS) of the same revision, where every later
//! signature of the same authority shares it, and is covered by the signature.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, Writer, dictionary};

use super::document::{array, dictionary as dict_of, open, resolve, value, with_deep_stack};
use super::increment::{Appended, Increment};
use super::store::{self, put_store};
use super::{PadesError, Unreadable};
use crate::algorithm::sha256;
use crate::cms::{self, Signer, Statement};
use crate::instant;

/// What a signature in a PDF says about itself.
#[derive(Debug, Clone, Default)]
pub struct PdfSignature<'a> {
    /// µs UTC; kept in the signature dictionary (PAdES forbids the CMS attribute).
    pub signing_time: i64,
    /// Why it was signed: «Ký phiếu theo dõi chức năng sống».
    pub reason: Option<&'a str>,
    /// Where: the facility, the ward.
    pub location: Option<&'a str>,
    /// Shown instead of the certificate's common name.
    pub name: Option<&'a str>,
    /// Bytes left free in the signature for a time stamp to come (about 6,000); 0 for none.
    pub room_for_time_stamp: usize,
}

/// The CMS in a PDF carries neither the time nor the revocation lists.
const STATEMENT: Statement<'static> = Statement { with_revocation: false, ..Statement::COMPLETE };
/// `[0 x y z]`, wide enough for the largest file.
const RANGE_WIDTH: usize = 40;

/// Signs the PDF by appending a revision; the given bytes are a prefix of the result.
///
/// # Errors
/// [`PadesError`]
pub fn sign(pdf: &[u8], signer: &Signer<'_>, request: &PdfSignature<'_>) -> Result<Vec<u8>, PadesError> {
    with_deep_stack(|| append(pdf, signer, request))?
}

fn append(pdf: &[u8], signer: &Signer<'_>, request: &PdfSignature<'_>) -> Result<Vec<u8>, PadesError> {
    let document = open(pdf)?;
    let catalog = document.catalog().map_err(|_| Unreadable::Broken)?;
    if dict_of(&document, catalog, b"Perms").is_some_and(|permissions| permissions.has(b"DocMDP")) {
        return Err(PadesError::Refused("it is certified against changes"));
    }
    let page = document.page_iter().next().ok_or(PadesError::Refused("it has no page"))?;

    let mut increment = Increment::new(pdf, &document);
    let value_id = increment.new_id()?;
    let hole = cms::size(signer, STATEMENT)? + request.room_for_time_stamp;
    let slots = put_value(&mut increment, value_id, signer, request, hole)?;
    let field_id = put_field(&mut increment, &document, value_id, page)?;
    put_on_page(&mut increment, &document, page, field_id)?;
    put_catalog(&mut increment, &document, field_id, signer)?;
    fill(increment.finish()?, value_id, slots, hole, signer)
}

/// Places inside the body of the signature dictionary that are filled in last.
struct Slots {
    range: usize,
    contents: usize,
}

fn put_value(
    increment: &mut Increment<'_>,
    id: ObjectId,
    signer: &Signer<'_>,
    request: &PdfSignature<'_>,
    hole: usize,
) -> Result<Slots, PadesError> {
    let mut body = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange ".to_vec();
    let range = body.len();
    body.resize(range + RANGE_WIDTH, b' ');
    body.extend_from_slice(b"/Contents <");
    let contents = body.len();
    body.resize(contents + 2 * hole, b'0');
    body.push(b'>');
    let name = request.name.map_or_else(|| signer.certificate().common_name(), str::to_owned);
    let date = instant::to_pdf_date(request.signing_time);
    let entries = [
        ("M", Some(date.as_str())),
        ("Name", Some(name.as_str())),
        ("Reason", request.reason),
        ("Location", request.location),
    ];
    for (key, text) in entries {
        if let Some(text) = text {
            body.extend_from_slice(format!("/{key} ").as_bytes());
            Writer::write_object(&mut body, &text_string(text))?;
        }
    }
    body.extend_from_slice(b">>");
    increment.put_body(id, body);
    Ok(Slots { range, contents })
}

/// The merged field and widget: no area, printed and locked (PDF/A-2 6.3.2), empty appearance.
fn put_field(
    increment: &mut Increment<'_>,
    document: &Document,
    value_id: ObjectId,
    page: ObjectId,
) -> Result<ObjectId, PadesError> {
    let nowhere: Vec<Object> = vec![0.into(); 4];
    let appearance = Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "BBox" => nowhere.clone(), "Resources" => Dictionary::new(),
        },
        Vec::new(),
    );
    let appearance = increment.add(&Object::Stream(appearance))?;
    increment.add(&Object::Dictionary(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Sig",
        "T" => text_string(&free_field_name(document)),
        "F" => 132, "Rect" => nowhere, "P" => page, "V" => value_id,
        "AP" => dictionary! { "N" => appearance },
    }))
}

fn form(document: &Document) -> Option<&Dictionary> {
    document.catalog().ok().and_then(|catalog| dict_of(document, catalog, b"AcroForm"))
}

fn free_field_name(document: &Document) -> String {
    let fields = form(document).and_then(|form| array(document, form, b"Fields")).unwrap_or_default();
    let taken: BTreeSet<String> = fields
        .iter()
        .filter_map(|field| resolve(document, field)?.as_dict().ok())
        .filter_map(|field| Some(super::document::text(value(document, field, b"T")?.as_str().ok()?)))
        .collect();
    let names = (1..).map(|number: u64| format!("Signature{number}"));
    names.into_iter().find(|name| !taken.contains(name)).unwrap_or_default()
}

/// Adds `item` to the array under `key`: in place where the array is an object of its own.
fn push(
    increment: &mut Increment<'_>,
    document: &Document,
    parent: &mut Dictionary,
    key: &str,
    item: ObjectId,
) -> Result<(), PadesError> {
    let mut items = array(document, parent, key.as_bytes()).unwrap_or_default().to_vec();
    items.push(item.into());
    match parent.get(key.as_bytes()) {
        Ok(Object::Reference(id)) => increment.put(*id, &Object::Array(items)),
        _ => {
            parent.set(key, items);
            Ok(())
        }
    }
}

fn put_on_page(
    increment: &mut Increment<'_>,
    document: &Document,
    page: ObjectId,
    field: ObjectId,
) -> Result<(), PadesError> {
    let mut changed = document.get_dictionary(page).map_err(|_| Unreadable::Broken)?.clone();
    let before = changed.clone();
    push(increment, document, &mut changed, "Annots", field)?;
    if changed == before { Ok(()) } else { increment.put(page, &Object::Dictionary(changed)) }
}

fn put_catalog(
    increment: &mut Increment<'_>,
    document: &Document,
    field: ObjectId,
    signer: &Signer<'_>,
) -> Result<(), PadesError> {
    let before = document.catalog().map_err(|_| Unreadable::Broken)?;
    let mut catalog = before.clone();

    let mut acro_form = form(document).cloned().unwrap_or_default();
    acro_form.set("SigFlags", 3);
    push(increment, document, &mut acro_form, "Fields", field)?;
    match before.get(b"AcroForm") {
        Ok(Object::Reference(id)) => increment.put(*id, &Object::Dictionary(acro_form))?,
        _ => {
            let id = increment.add(&Object::Dictionary(acro_form))?;
            catalog.set("AcroForm", id);
        }
    }

    put_store(increment, document, &mut catalog, &[signer.evidence()], None)?;
    store::put_catalog(increment, document, catalog)
}

/// Writes the byte range, signs what it covers, and writes the signature into the hole.
fn fill(
    appended: Appended,
    value_id: ObjectId,
    slots: Slots,
    hole: usize,
    signer: &Signer<'_>,
) -> Result<Vec<u8>, PadesError> {
    let lost = PadesError::Refused("internal offsets do not fit");
    let Appended { mut bytes, bodies } = appended;
    let Some(body) = bodies.get(&value_id) else { return Err(lost) };
    // The hole includes its angle brackets.
    let before = body + slots.contents - 1;
    let after = body + slots.contents + 2 * hole + 1;
    let range = format!("[0 {before} {after} {}]", bytes.len().saturating_sub(after));
    let slot = body + slots.range;
    match bytes.get_mut(slot..slot + range.len()) {
        Some(place) if range.len() <= RANGE_WIDTH => place.copy_from_slice(range.as_bytes()),
        _ => return Err(lost),
    }
    let digest = sha256(&[bytes.get(..before).unwrap_or_default(), bytes.get(after..).unwrap_or_default()]);
    let signature = hex::encode_upper(cms::build(&digest, signer, STATEMENT)?);
    match bytes.get_mut(before + 1..before + 1 + signature.len()) {
        Some(place) if signature.len() <= 2 * hole => place.copy_from_slice(signature.as_bytes()),
        _ => return Err(lost),
    }
    Ok(bytes)
}

/// A PDF text string: as it is where ASCII, else UTF-16 with a mark, in hexadecimal.
fn text_string(text: &str) -> Object {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Object::string_literal(text);
    }
    let units = text.encode_utf16().flat_map(u16::to_be_bytes);
    Object::String([0xfe, 0xff].into_iter().chain(units).collect(), StringFormat::Hexadecimal)
}
