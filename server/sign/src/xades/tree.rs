//! XML read strictly into a tree: names with their namespaces, attributes, text. Nothing else is read at all.

use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesStart, Event};

use super::problem::XmlProblem;

/// Text of a stay of a year is a few MB.
const MAX_XML: usize = 64 * 1024 * 1024;
const DEEPEST: usize = 32;
const MOST: usize = 1_000_000;
const MOST_ATTRIBUTES: usize = 32;
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// A name as it is written, and the namespace that its prefix stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub prefix: String,
    pub local: String,
    /// Empty where there is none.
    pub space: Rc<str>,
}

#[derive(Debug, Clone)]
pub(super) struct Element {
    pub name: Name,
    /// Without the declarations of namespaces.
    pub attributes: Vec<(Name, String)>,
    pub children: Vec<Node>,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub fn is(&self, space: &str, local: &str) -> bool {
        &*self.name.space == space && self.name.local == local
    }

    /// An attribute without a prefix.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(name, _)| name.prefix.is_empty() && name.local == local);
        found.map(|(_, value)| value.as_str())
    }

    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Its text, where there is nothing but text.
    pub fn text(&self) -> Option<String> {
        let parts = self.children.iter().map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        parts.collect()
    }

    /// Nothing but space stands between its elements.
    pub fn has_elements_only(&self) -> bool {
        self.children
            .iter()
            .all(|node| matches!(node, Node::Element(_)) || matches!(node, Node::Text(t) if is_blank(t)))
    }

    /// This element and all below it.
    pub fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        self.elements().for_each(|element| element.each(visit));
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n'))
}

/// What XML 1.0 has a place for. A carriage return only by its number: as it is, readers would change it.
fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..) && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// The root of a whole file.
pub(super) fn read(file: &[u8]) -> Result<Element, XmlProblem> {
    if file.len() > MAX_XML {
        return Err(XmlProblem::TooLarge);
    }
    let text = std::str::from_utf8(file).map_err(|_| XmlProblem::Malformed)?;
    if !text.chars().all(is_character) || text.starts_with('\u{feff}') {
        return Err(XmlProblem::Malformed);
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut building = Building::default();
    let mut begun = false;
    loop {
        match reader.read_event().map_err(|_| XmlProblem::Malformed)? {
            Event::Decl(declaration) if !begun => declared(&declaration)?,
            Event::Decl(_) => return Err(XmlProblem::Malformed),
            Event::Start(tag) => building.open(&tag)?,
            Event::End(_) => building.close()?,
            Event::Text(part) if !part.contains("]]>") => building.text(&part)?,
            Event::GeneralRef(name) => building.text(resolved(&name)?.encode_utf8(&mut [0; 4]))?,
            Event::Eof => break,
            Event::DocType(_) => return Err(XmlProblem::DocumentType),
            Event::Comment(_) => return Err(XmlProblem::Comment),
            Event::PI(_) | Event::CData(_) => return Err(XmlProblem::Instruction),
            Event::Text(_) | Event::Empty(_) => return Err(XmlProblem::Malformed),
        }
        begun = true;
    }
    building.finish()
}

fn declared(declaration: &BytesDecl<'_>) -> Result<(), XmlProblem> {
    let is_1 = declaration.version().is_ok_and(|version| version == "1.0");
    let encoding = declaration.encoding();
    let is_utf8 = encoding.is_none_or(|name| name.is_ok_and(|name| name.eq_ignore_ascii_case("utf-8")));
    if is_1 && is_utf8 { Ok(()) } else { Err(XmlProblem::Malformed) }
}

#[derive(Default)]
struct Building {
    open: Vec<Element>,
    /// Declarations in force, innermost last, and how many each open element brought.
    spaces: Vec<(String, Rc<str>)>,
    brought: Vec<usize>,
    root: Option<Element>,
    count: usize,
}

impl Building {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlProblem> {
        self.count += 1;
        if self.open.len() >= DEEPEST || self.count > MOST {
            return Err(XmlProblem::TooLarge);
        }
        let (mut plain, mut brought) = (Vec::new(), 0);
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| XmlProblem::Malformed)?;
            let (prefix, local) = split(attribute.key.as_ref())?;
            let value = unescaped(&attribute.value)?;
            if prefix == "xmlns" || (prefix.is_empty() && local == "xmlns") {
                let of = if prefix.is_empty() { String::new() } else { local };
                if of.starts_with("xml") || (value.is_empty() && !of.is_empty()) {
                    return Err(XmlProblem::Malformed);
                }
                self.spaces.push((of, value.into()));
                brought += 1;
            } else {
                plain.push((prefix, local, value));
            }
            if plain.len() + brought > MOST_ATTRIBUTES {
                return Err(XmlProblem::TooLarge);
            }
        }
        let (prefix, local) = split(tag.name().as_ref())?;
        let name = Name { space: self.space(&prefix)?, prefix, local };
        let mut attributes: Vec<(Name, String)> = Vec::new();
        for (prefix, local, value) in plain {
            let space = if prefix.is_empty() { Rc::from("") } else { self.space(&prefix)? };
            if attributes.iter().any(|(other, _)| other.space == space && other.local == local) {
                return Err(XmlProblem::Malformed);
            }
            attributes.push((Name { prefix, local, space }, value));
        }
        self.brought.push(brought);
        self.open.push(Element { name, attributes, children: Vec::new() });
        Ok(())
    }

    fn space(&self, prefix: &str) -> Result<Rc<str>, XmlProblem> {
        if prefix == "xml" {
            return Ok(XML.into());
        }
        match self.spaces.iter().rev().find(|(of, _)| of == prefix) {
            Some((_, space)) => Ok(Rc::clone(space)),
            None if prefix.is_empty() => Ok("".into()),
            None => Err(XmlProblem::Malformed),
        }
    }

    fn close(&mut self) -> Result<(), XmlProblem> {
        let element = self.open.pop().ok_or(XmlProblem::Malformed)?;
        let kept = self.spaces.len().saturating_sub(self.brought.pop().unwrap_or_default());
        self.spaces.truncate(kept);
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None if self.root.is_none() => self.root = Some(element),
            None => return Err(XmlProblem::Malformed),
        }
        Ok(())
    }

    /// Text and references that follow one another are one text.
    fn text(&mut self, part: &str) -> Result<(), XmlProblem> {
        let Some(inside) = self.open.last_mut() else {
            return if is_blank(part) { Ok(()) } else { Err(XmlProblem::Malformed) };
        };
        match inside.children.last_mut() {
            Some(Node::Text(text)) => text.push_str(part),
            _ => inside.children.push(Node::Text(part.to_owned())),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlProblem> {
        if self.open.is_empty() { self.root.ok_or(XmlProblem::Malformed) } else { Err(XmlProblem::Malformed) }
    }
}

fn split(name: &str) -> Result<(String, String), XmlProblem> {
    let (prefix, local) = match name.split_once(':') {
        Some((prefix, local)) if !prefix.is_empty() => (prefix, local),
        Some(_) => return Err(XmlProblem::Malformed),
        None => ("", name),
    };
    let starts = |text: &str| text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let goes_on = |text: &str| text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let is_name = |text: &str| starts(text) && goes_on(text);
    let fits = is_name(local) && (prefix.is_empty() || is_name(prefix));
    if fits { Ok((prefix.to_owned(), local.to_owned())) } else { Err(XmlProblem::Malformed) }
}

/// An attribute's value. Tabs and line ends in it would be read as spaces: only by their number.
fn unescaped(raw: &str) -> Result<String, XmlProblem> {
    if raw.contains(['<', '\t', '\n']) {
        return Err(XmlProblem::Malformed);
    }
    let mut parts = raw.split('&');
    let mut value = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').ok_or(XmlProblem::Malformed)?;
        value.push(resolved(name)?);
        value.push_str(rest);
    }
    Ok(value)
}

/// The five names that XML itself has, and characters by number.
fn resolved(name: &str) -> Result<char, XmlProblem> {
    let by_number = |number: &str| {
        let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
        let code = u32::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))?;
        char::from_u32(code).filter(|c| is_character(*c) || *c == '\r')
    };
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => match name.strip_prefix('#') {
            Some(number) => by_number(number).ok_or(XmlProblem::Malformed),
            None => Err(XmlProblem::Entity),
        },
    }
}
