//! What XML and JSON have in common: text, groups in their order, lists.

use super::RECORD;
use super::xml;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Text(String),
    Group(Vec<(&'static str, Node)>),
    List(Vec<Node>),
}

impl Node {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn maybe(text: Option<impl Into<String>>) -> Self {
        Self::Text(text.map(Into::into).unwrap_or_default())
    }

    pub(super) fn empty() -> Self {
        Self::Text(String::new())
    }

    /// Every text with its place; an empty list or group counts as an empty text, as a self-closed tag reads.
    pub(crate) fn flat(&self, at: &str, into: &mut Vec<(String, String)>) {
        match self {
            Self::Text(text) => into.push((at.to_owned(), text.clone())),
            Self::Group(parts) if !parts.is_empty() => {
                for (name, part) in parts {
                    part.flat(&format!("{at}/{name}"), into);
                }
            }
            Self::List(items) if !items.is_empty() => items.iter().for_each(|item| item.flat(at, into)),
            Self::Group(_) | Self::List(_) => into.push((at.to_owned(), String::new())),
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Group(parts) => {
                let mut map = serializer.serialize_map(Some(parts.len()))?;
                for (name, part) in parts {
                    map.serialize_entry(name, part)?;
                }
                map.end()
            }
        }
    }
}

/// The first place at which an XML file does not say what it should.
pub(crate) fn differs_in_xml(root: &str, wanted: &Node, file: &[u8]) -> Option<String> {
    let mut expected = Vec::new();
    wanted.flat(root, &mut expected);
    expected.iter_mut().for_each(|(_, text)| *text = xml::printable(text));
    let Some(found) = xml::flat(file) else { return Some(root.to_owned()) };
    let first = expected.iter().zip(&found).find(|(expected, found)| expected != found);
    if let Some(((place, _), _)) = first {
        return Some(place.clone());
    }
    (expected.len() != found.len()).then(|| {
        let longer = if expected.len() > found.len() { &expected } else { &found };
        let next = longer.get(expected.len().min(found.len()));
        next.map_or_else(|| root.to_owned(), |(place, _)| place.clone())
    })
}

/// The same of the JSON file.
pub(crate) fn differs_in_json(wanted: &Node, file: &[u8]) -> Option<String> {
    let whole = Node::Group(vec![(RECORD, wanted.clone())]);
    let (Ok(expected), Ok(found)) = (serde_json::to_value(&whole), serde_json::from_slice::<Value>(file)) else {
        return Some(RECORD.to_owned());
    };
    differs(&expected, &found, String::new())
}

fn differs(expected: &Value, found: &Value, at: String) -> Option<String> {
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) => {
            let missing = one.keys().find(|key| !other.contains_key(*key));
            let added = other.keys().find(|key| !one.contains_key(*key));
            if let Some(key) = missing.or(added) {
                return Some(format!("{at}/{key}"));
            }
            one.iter().find_map(|(key, value)| differs(value, other.get(key)?, format!("{at}/{key}")))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).zip(1..).find_map(|((one, other), n)| differs(one, other, format!("{at}[{n}]")))
        }
        _ => (expected != found).then_some(at),
    }
}
