//! A document as a tree, read by a pull parser within bounds.

use super::splitter::DEEPEST;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element with what the standard puts into it: attributes, or elements, or a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Element>,
}

/// Why a document is not read, with the byte at which.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the document is not UTF-8 from byte {0} on")]
    Encoding(usize),
    #[error("the document is no XML at byte {0}")]
    Syntax(u64),
    #[error("a document type declaration or an unknown entity at byte {0}")]
    Declaration(u64),
    #[error("elements lie deeper than {DEEPEST} at byte {0}")]
    Depth(u64),
}

impl Element {
    /// Reads a whole document.
    ///
    /// # Errors
    ///
    /// When it is no XML, declares anything, or is too deep.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|error| Fault::Encoding(error.valid_up_to()))?;
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Self> = vec![Self::default()];
        loop {
            let at = reader.buffer_position();
            let event = reader.read_event().map_err(|_| Fault::Syntax(at))?;
            let depth = open.len();
            let Some(last) = open.last_mut() else { return Err(Fault::Syntax(at)) };
            match event {
                Event::Start(_) if depth > DEEPEST => return Err(Fault::Depth(at)),
                Event::Start(tag) => open.push(Self::of(&tag, at)?),
                Event::Empty(tag) => last.children.push(Self::of(&tag, at)?),
                Event::End(_) => {
                    let done = open.pop().ok_or(Fault::Syntax(at))?;
                    open.last_mut().ok_or(Fault::Syntax(at))?.children.push(done);
                }
                Event::Text(part) => last.text.push_str(part.trim()),
                Event::GeneralRef(name) => last.text.push(resolved(&name).ok_or(Fault::Declaration(at))?),
                Event::DocType(_) | Event::CData(_) => return Err(Fault::Declaration(at)),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        let at = reader.buffer_position();
        match <[Self; 1]>::try_from(open).map(|[document]| <[Self; 1]>::try_from(document.children)) {
            Ok(Ok([root])) => Ok(root),
            _ => Err(Fault::Syntax(at)),
        }
    }

    fn of(tag: &BytesStart<'_>, at: u64) -> Result<Self, Fault> {
        let mut element = Self { name: tag.name().as_ref().to_owned(), ..Self::default() };
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| Fault::Syntax(at))?;
            let value = unescaped(&attribute.value).ok_or(Fault::Declaration(at))?;
            element.attributes.push((attribute.key.as_ref().to_owned(), value));
        }
        Ok(element)
    }

    pub(super) fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(have, _)| have == name)?;
        Some(found.1.trim()).filter(|value| !value.is_empty())
    }

    /// The value of a field: its `V`, or its text where that is empty.
    pub(super) fn value(&self, field: &str) -> Option<&str> {
        let field = self.child(field)?;
        field.attribute("V").or_else(|| Some(field.text.trim()).filter(|text| !text.is_empty()))
    }
}

fn unescaped(raw: &str) -> Option<String> {
    let mut parts = raw.split('&');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';')?;
        text.push(resolved(name)?);
        text.push_str(rest);
    }
    Some(text)
}

/// The five entities that XML itself has, and numbered signs.
fn resolved(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)
        }
    }
}
