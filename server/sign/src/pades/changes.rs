//! What one signed revision changed in the one before: only signatures and evidence may come.
//!
//! Everything is compared as parsed objects, and judged by what refers to it rather than by what it calls itself.
//! Allowed are new signature fields without any area on the page, their values, growth of the field and annotation
//! lists by exactly these, the document security store, and the dates in the information dictionary. A visible
//! signature added later could cover what others signed, and counts as a change.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::document::{array, dictionary, value};
use super::security_store::{SecurityStore, follow, reachable};

const MAX_REPORTED: usize = 10;

/// Names the objects whose change is not allowed; empty when only signatures were added.
pub(crate) fn forbidden(before: &Document, after: &Document) -> Vec<String> {
    let mut found = Vec::new();
    if before.trailer.get(b"Root").ok() != after.trailer.get(b"Root").ok()
        || before.trailer.get(b"Info").ok() != after.trailer.get(b"Info").ok()
    {
        found.push("trailer".to_owned());
    }
    let comparison = Comparison::new(before, after);
    let (shown_before, shown_after) = (reachable(before), reachable(after));
    let writing = |document: &Document, shown: &BTreeSet<ObjectId>, id: &ObjectId| {
        !shown.contains(id) && document.get_object(*id).is_ok_and(is_file_structure)
    };
    let was_writing = |id: &ObjectId| writing(before, &shown_before, id);
    let removed = before.objects.keys().filter(|id| !was_writing(id) && !after.has_object(**id));
    found.extend(removed.map(|(number, generation)| format!("− {number} {generation}")));
    for (id, new) in &after.objects {
        if writing(after, &shown_after, id) && (!before.has_object(*id) || was_writing(id)) {
            continue;
        }
        let allowed = match before.objects.get(id) {
            Some(old) => same(old, new) || comparison.change_allowed(*id, old, new),
            None => comparison.additions.contains(id),
        };
        if !allowed {
            let kind = new.type_name().map(super::document::text).unwrap_or_default();
            found.push(format!("{} {} {kind}", id.0, id.1).trim_end().to_owned());
        }
    }
    found.truncate(MAX_REPORTED);
    found
}

/// Whether the later revision brings nothing but evidence: lists and certificates in the store, as
/// long-term profiles (PAdES-B-LT) append them after the last signature.
pub(crate) fn only_evidence(before: &Document, after: &Document) -> bool {
    let store = |document: &Document| document.catalog().ok().and_then(|catalog| catalog.get(b"DSS").ok().cloned());
    let comparison = Comparison::new(before, after);
    let grown = store(after).is_some_and(|_| comparison.additions.iter().any(|id| after.has_object(*id)));
    after.xref_section_count > before.xref_section_count
        && grown
        && comparison.fields.is_empty()
        && forbidden(before, after).is_empty()
}

/// Object and cross-reference streams belong to the writing of a revision, not to its content: as long as nothing
/// refers to them, for a reader shows a content stream whatever type it names.
fn is_file_structure(object: &Object) -> bool {
    object.as_stream().is_ok_and(|stream| stream.dict.has_type(b"ObjStm") || stream.dict.has_type(b"XRef"))
}

/// Equal in content; where a stream lies in the file does not matter.
fn same(one: &Object, other: &Object) -> bool {
    match (one, other) {
        (Object::Stream(one), Object::Stream(other)) => one.dict == other.dict && one.content == other.content,
        _ => one == other,
    }
}

fn same_except(one: &Dictionary, other: &Dictionary, keys: &[&[u8]]) -> bool {
    let without = |dictionary: &Dictionary| {
        let mut rest = dictionary.clone();
        keys.iter().for_each(|key| drop(rest.remove(key)));
        rest
    };
    without(one) == without(other)
}

struct Comparison<'d> {
    before: &'d Document,
    after: &'d Document,
    /// New signature fields.
    fields: BTreeSet<ObjectId>,
    /// Every object that signatures and evidence may bring.
    additions: BTreeSet<ObjectId>,
    /// Lists of the store, as it was and as it is.
    store: BTreeSet<ObjectId>,
    /// Lists that are objects of their own and hold a form's fields or a page's annotations.
    field_lists: BTreeSet<ObjectId>,
}

impl<'d> Comparison<'d> {
    fn new(before: &'d Document, after: &'d Document) -> Self {
        let form = after.catalog().ok().and_then(|catalog| dictionary(after, catalog, b"AcroForm"));
        let listed = form.and_then(|form| array(after, form, b"Fields")).unwrap_or_default();
        let listed: Vec<ObjectId> = listed.iter().filter_map(|field| field.as_reference().ok()).collect();
        let fields: BTreeSet<ObjectId> = listed
            .iter()
            .copied()
            .filter(|id| !before.has_object(*id))
            .filter(|id| after.get_dictionary(*id).is_ok_and(|field| is_invisible_signature(after, field)))
            .collect();
        let mut additions = fields.clone();
        for field in listed.iter().filter_map(|id| after.get_dictionary(*id).ok()) {
            for key in [&b"V"[..], b"AP"] {
                if let Ok(object) = field.get(key) {
                    reach(after, object, &mut additions);
                }
            }
        }
        let catalog_entry = |document: &'d Document, key: &[u8]| document.catalog().ok()?.get(key).ok();
        if let Some(object) = catalog_entry(after, b"Extensions") {
            reach(after, object, &mut additions);
        }
        let (old_store, new_store) = (SecurityStore::of(before), SecurityStore::of(after));
        additions.extend(new_store.lists.iter().chain(&new_store.streams));
        // The form and its list may be new objects of their own; what they hold is judged there.
        if let Some(Object::Reference(id)) = catalog_entry(after, b"AcroForm") {
            additions.insert(*id);
        }
        if let Some(Ok(Object::Reference(id))) = form.map(|form| form.get(b"Fields")) {
            additions.insert(*id);
        }
        additions.retain(|id| !before.has_object(*id));
        let store = old_store.lists.intersection(&new_store.lists).copied().collect();
        Self { before, after, fields, additions, store, field_lists: field_lists(before) }
    }

    fn change_allowed(&self, id: ObjectId, old: &Object, new: &Object) -> bool {
        match (old, new) {
            (Object::Array(old), Object::Array(new)) => {
                self.store.contains(&id) || (self.field_lists.contains(&id) && self.grown(old, new))
            }
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                self.catalog_allowed(id, old, new)
                    || self.form_allowed(old, new, id)
                    || self.page_allowed(old, new)
                    || self.first_signed(old, new)
                    || self.store.contains(&id)
                    || self.information_allowed(id, old, new)
            }
            _ => false,
        }
    }

    /// The list is the old one, then new signature fields.
    fn grown(&self, old: &[Object], new: &[Object]) -> bool {
        new.strip_prefix(old)
            .is_some_and(|added| added.iter().all(|item| item.as_reference().is_ok_and(|id| self.fields.contains(&id))))
    }

    fn list_allowed(&self, old: &Dictionary, new: &Dictionary, key: &[u8]) -> bool {
        if old.get(key).ok() == new.get(key).ok() {
            return true; // an indirect list is judged as the object that it is
        }
        let (old, new) = (array(self.before, old, key), array(self.after, new, key));
        self.grown(old.unwrap_or_default(), new.unwrap_or_default())
    }

    fn catalog_allowed(&self, id: ObjectId, old: &Dictionary, new: &Dictionary) -> bool {
        let is_root = self.after.trailer.get(b"Root").and_then(Object::as_reference).is_ok_and(|root| root == id);
        let none = Dictionary::new();
        let old_form = dictionary(self.before, old, b"AcroForm").unwrap_or(&none);
        let new_form = dictionary(self.after, new, b"AcroForm").unwrap_or(&none);
        is_root
            && same_except(old, new, &[b"AcroForm", b"DSS", b"Extensions"])
            && (new.has(b"AcroForm") || !old.has(b"AcroForm"))
            && self.form_content_allowed(old_form, new_form)
    }

    fn form_allowed(&self, old: &Dictionary, new: &Dictionary, id: ObjectId) -> bool {
        let is_form = self.after.catalog().ok().and_then(|catalog| catalog.get(b"AcroForm").ok());
        is_form.and_then(|form| form.as_reference().ok()) == Some(id) && self.form_content_allowed(old, new)
    }

    fn form_content_allowed(&self, old: &Dictionary, new: &Dictionary) -> bool {
        same_except(old, new, &[b"Fields", b"SigFlags"]) && self.list_allowed(old, new, b"Fields")
    }

    fn page_allowed(&self, old: &Dictionary, new: &Dictionary) -> bool {
        old.has_type(b"Page") && same_except(old, new, &[b"Annots"]) && self.list_allowed(old, new, b"Annots")
    }

    /// An empty signature field that was there is signed now.
    fn first_signed(&self, old: &Dictionary, new: &Dictionary) -> bool {
        !old.has(b"V") && same_except(old, new, &[b"V", b"AP", b"F"]) && is_invisible_signature(self.after, new)
    }

    fn information_allowed(&self, id: ObjectId, old: &Dictionary, new: &Dictionary) -> bool {
        let is_information =
            self.after.trailer.get(b"Info").and_then(Object::as_reference).is_ok_and(|info| info == id);
        is_information && same_except(old, new, &[b"ModDate", b"Producer"])
    }
}

/// A signature field's widget that takes no room on its page.
fn is_invisible_signature(document: &Document, field: &Dictionary) -> bool {
    let number = |object: &Object| object.as_float().ok();
    let corners: Option<Vec<f32>> =
        array(document, field, b"Rect").map(|corners| corners.iter().filter_map(number).collect());
    let no_area = match corners.as_deref() {
        Some([left, bottom, right, top]) => left == right || bottom == top,
        _ => false,
    };
    let name = |key: &[u8]| value(document, field, key).and_then(|name| name.as_name().ok());
    // A note with an empty rectangle still shows its icon and its text.
    let is_widget = name(b"Subtype") == Some(b"Widget") && matches!(name(b"Type"), None | Some(b"Annot"));
    let acts = [&b"Kids"[..], b"A", b"AA"].iter().any(|key| field.has(key));
    name(b"FT") == Some(b"Sig") && is_widget && no_area && !acts
}

fn field_lists(document: &Document) -> BTreeSet<ObjectId> {
    let form = document.catalog().ok().and_then(|catalog| dictionary(document, catalog, b"AcroForm"));
    let of_form = form.and_then(|form| form.get(b"Fields").ok());
    let pages = document.objects.values().filter_map(|object| object.as_dict().ok()).filter(|d| d.has_type(b"Page"));
    let of_pages = pages.filter_map(|page| page.get(b"Annots").ok());
    of_form.into_iter().chain(of_pages).filter_map(|list| list.as_reference().ok()).collect()
}

/// Collects every object that is reached from here, back references to pages left out.
fn reach(document: &Document, from: &Object, reached: &mut BTreeSet<ObjectId>) {
    follow(document, from, reached, |key| !matches!(key, b"P" | b"Parent"));
}
