//! The document security store (ETSI EN 319 142-1 5.4): which objects are it, and nothing but it.
//!
//! The store may grow after the last signature, so whoever wrote the sheet could let it refer to what a page
//! shows and change that later as "evidence". An object that anything else refers to is therefore never part of it.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::document::resolve;

#[derive(Default)]
pub(super) struct SecurityStore {
    /// The dictionary, its lists, and what it keeps for each signature.
    pub lists: BTreeSet<ObjectId>,
    /// Certificates, revocation lists, answers about certificates, time stamps.
    pub streams: BTreeSet<ObjectId>,
}

impl SecurityStore {
    pub fn of(document: &Document) -> Self {
        let mut store = Self::default();
        let entry = document.catalog().ok().and_then(|catalog| catalog.get(b"DSS").ok());
        if let Some(whole) = entry.and_then(|entry| store.dictionary(document, entry)) {
            store.lists_of(document, whole, [&b"Certs"[..], b"OCSPs", b"CRLs"]);
            let by_signature = whole.get(b"VRI").ok().and_then(|entry| store.dictionary(document, entry));
            for (_, entry) in by_signature.into_iter().flatten() {
                if let Some(one) = store.dictionary(document, entry) {
                    store.lists_of(document, one, [&b"Cert"[..], b"OCSP", b"CRL"]);
                    one.get(b"TS").into_iter().for_each(|stamp| store.stream(document, stamp));
                }
            }
        }
        let elsewhere = shown_without_store(document);
        store.lists.retain(|id| !elsewhere.contains(id));
        store.streams.retain(|id| !elsewhere.contains(id));
        store
    }

    fn dictionary<'d>(&mut self, document: &'d Document, entry: &'d Object) -> Option<&'d Dictionary> {
        if let Object::Reference(id) = entry {
            self.lists.insert(*id);
        }
        resolve(document, entry)?.as_dict().ok()
    }

    fn lists_of(&mut self, document: &Document, parent: &Dictionary, keys: [&[u8]; 3]) {
        for entry in keys.iter().filter_map(|key| parent.get(key).ok()) {
            if let Object::Reference(id) = entry {
                self.lists.insert(*id);
            }
            let items = resolve(document, entry).and_then(|list| list.as_array().ok());
            items.into_iter().flatten().for_each(|item| self.stream(document, item));
        }
    }

    fn stream(&mut self, document: &Document, item: &Object) {
        if let Object::Reference(id) = item
            && document.get_object(*id).is_ok_and(|object| object.as_stream().is_ok())
        {
            self.streams.insert(*id);
        }
    }
}

/// Every object that a reader could come to from the catalog or the information dictionary.
pub(super) fn reachable(document: &Document) -> BTreeSet<ObjectId> {
    let mut reached = shown_without_store(document);
    if let Some(store) = document.catalog().ok().and_then(|catalog| catalog.get(b"DSS").ok()) {
        follow(document, store, &mut reached, any);
    }
    reached
}

/// Parents are followed too: a page takes from its parent what it lacks itself.
fn shown_without_store(document: &Document) -> BTreeSet<ObjectId> {
    let mut reached = BTreeSet::new();
    for entry in [&b"Root"[..], b"Info"].iter().filter_map(|key| document.trailer.get(key).ok()) {
        if let Object::Reference(id) = entry {
            reached.insert(*id);
        }
        let top = resolve(document, entry).and_then(|object| object.as_dict().ok());
        for (_, below) in top.into_iter().flatten().filter(|(key, _)| key.as_slice() != b"DSS") {
            follow(document, below, &mut reached, any);
        }
    }
    reached
}

fn any(_: &[u8]) -> bool {
    true
}

/// Collects every object that is reached from here through the entries that `takes` admits.
pub(super) fn follow(document: &Document, from: &Object, reached: &mut BTreeSet<ObjectId>, takes: fn(&[u8]) -> bool) {
    let mut waiting = vec![from];
    while let Some(object) = waiting.pop() {
        match object {
            Object::Reference(id) => {
                if let Ok(target) = document.get_object(*id)
                    && reached.insert(*id)
                {
                    waiting.push(target);
                }
            }
            Object::Array(items) => waiting.extend(items),
            Object::Dictionary(entries) | Object::Stream(Stream { dict: entries, .. }) => {
                waiting.extend(entries.iter().filter(|(key, _)| takes(key)).map(|(_, value)| value));
            }
            _ => {}
        }
    }
}
