//! Writing the document security store: each certificate and list once, whoever needs it.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

use super::document::{array, dictionary as dict_of};
use super::increment::Increment;
use super::verify::{MAX_STORED, stored};
use super::{PadesError, Unreadable};
use crate::algorithm::{sha1_name, sha256};
use crate::evidence::Evidence;

/// Brings the evidence into the store that the catalog names. `about` is the signature that it proves, as it stands
/// in /Contents: then the store says so (VRI).
pub(super) fn put_store(
    increment: &mut Increment<'_>,
    document: &Document,
    catalog: &mut Dictionary,
    evidence: &[&Evidence],
    about: Option<&[u8]>,
) -> Result<(), PadesError> {
    let known = dict_of(document, catalog, b"DSS").cloned().unwrap_or_default();
    let mut store = known.clone();
    store.set("Type", "DSS");
    let certificates = evidence.iter().flat_map(|one| &one.certificates);
    let certificates = store_all(increment, document, &mut store, "Certs", certificates)?;
    let lists = evidence.iter().flat_map(|one| &one.crls);
    let lists = store_all(increment, document, &mut store, "CRLs", lists)?;
    let answers = evidence.iter().flat_map(|one| &one.ocsps);
    let answers = store_all(increment, document, &mut store, "OCSPs", answers)?;
    if let Some(contents) = about {
        // SHA-1 is the name that the standard gives a signature here; nothing rests on it.
        let name = hex::encode_upper(sha1_name(contents));
        let mut entry = dictionary! { "Cert" => certificates };
        for (key, places) in [("CRL", lists), ("OCSP", answers)] {
            if !places.is_empty() {
                entry.set(key, places);
            }
        }
        let entry = increment.add(&Object::Dictionary(entry))?;
        let mut by_signature = dict_of(document, &known, b"VRI").cloned().unwrap_or_default();
        by_signature.set(name, entry);
        match known.get(b"VRI") {
            Ok(Object::Reference(id)) => increment.put(*id, &Object::Dictionary(by_signature))?,
            _ => store.set("VRI", by_signature),
        }
    }
    if store == known {
        return Ok(());
    }
    match catalog.get(b"DSS") {
        Ok(Object::Reference(id)) => increment.put(*id, &Object::Dictionary(store)),
        _ => {
            let id = increment.add(&Object::Dictionary(store))?;
            catalog.set("DSS", id);
            Ok(())
        }
    }
}

/// Adds what the store does not hold yet under `key`, and says where each item is.
fn store_all<'i>(
    increment: &mut Increment<'_>,
    document: &Document,
    store: &mut Dictionary,
    key: &str,
    items: impl Iterator<Item = &'i Vec<u8>>,
) -> Result<Vec<Object>, PadesError> {
    let mut listed = array(document, store, key.as_bytes()).unwrap_or_default().to_vec();
    let mut known: BTreeMap<[u8; 32], Object> = BTreeMap::new();
    for reference in listed.iter().take(MAX_STORED) {
        let content = stored(document, std::slice::from_ref(reference)).next();
        known.extend(content.map(|content| (sha256(&[&content]), reference.clone())));
    }
    let mut places = Vec::new();
    for item in items {
        let name = sha256(&[item]);
        let place = match known.get(&name) {
            Some(place) => place.clone(),
            None => {
                let stream = Stream::new(Dictionary::new(), item.clone());
                let place = Object::from(increment.add(&Object::Stream(stream))?);
                listed.push(place.clone());
                known.insert(name, place.clone());
                place
            }
        };
        if !places.contains(&place) {
            places.push(place);
        }
    }
    if !listed.is_empty() {
        store.set(key, listed);
    }
    Ok(places)
}

/// Writes the changed catalog, if it was changed.
pub(super) fn put_catalog(
    increment: &mut Increment<'_>,
    document: &Document,
    catalog: Dictionary,
) -> Result<(), PadesError> {
    let root = document.trailer.get(b"Root").and_then(Object::as_reference).map_err(|_| Unreadable::Broken)?;
    if document.catalog().is_ok_and(|before| *before == catalog) {
        return Ok(());
    }
    increment.put(root, &Object::Dictionary(catalog))
}
