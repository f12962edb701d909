//! A node as XML and back. No document type is ever read, so no entity of a stranger's is either.

use super::node::Node;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use std::io;

const DEEPEST: usize = 16;
const MOST: usize = 2_000_000;

pub fn write(root: &'static str, node: &Node) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    element(&mut writer, root, node)?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// A list repeats its tag; what is empty closes itself.
fn element(writer: &mut Writer<Vec<u8>>, name: &'static str, node: &Node) -> io::Result<()> {
    match node {
        Node::List(items) if !items.is_empty() => items.iter().try_for_each(|item| element(writer, name, item)),
        Node::Group(parts) if !parts.is_empty() => {
            writer.write_event(Event::Start(BytesStart::new(name)))?;
            for (name, part) in parts {
                element(writer, name, part)?;
            }
            writer.write_event(Event::End(BytesEnd::new(name)))
        }
        Node::Text(text) if !text.is_empty() => {
            writer.write_event(Event::Start(BytesStart::new(name)))?;
            writer.write_event(Event::Text(BytesText::new(&printable(text))))?;
            writer.write_event(Event::End(BytesEnd::new(name)))
        }
        _ => writer.write_event(Event::Empty(BytesStart::new(name))),
    }
}

/// XML 1.0 has no place for most control characters; a carriage return would come back as another character.
pub fn printable(text: &str) -> String {
    let kept = |c: char| match c {
        '\r' => '\n',
        '\t' | '\n' => c,
        c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => '\u{fffd}',
        c => c,
    };
    text.chars().map(kept).collect()
}

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// Between tags, and nothing else: not all that Unicode calls a space.
fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Every text of a file with its place; `None` for what is no plain XML as it is written here.
pub fn flat(file: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(file).ok()?;
    // A byte order mark is none between declaration and root.
    let rest = text.strip_prefix(DECLARATION).filter(|rest| !rest.starts_with('\u{feff}'))?;
    let mut reader = Reader::from_str(rest);
    reader.config_mut().expand_empty_elements = true;
    let (mut path, mut found) = (Vec::<String>::new(), Vec::new());
    // Text since the last tag, and whether that tag was an opening one: only then it is a leaf's.
    let (mut text, mut opened) = (String::new(), false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                if !is_blank(&text) || tag.attributes().next().is_some() {
                    return None;
                }
                path.push(tag.name().as_ref().to_owned());
                (text, opened) = (String::new(), true);
            }
            Event::End(_) => {
                if opened {
                    found.push((path.join("/"), std::mem::take(&mut text)));
                } else if !is_blank(&text) {
                    return None;
                }
                path.pop()?;
                (text, opened) = (String::new(), false);
            }
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(name) => text.push(resolved(&name)?),
            Event::Eof => return (path.is_empty() && is_blank(&text)).then_some(found),
            _ => return None,
        }
        if path.len() > DEEPEST || found.len() > MOST {
            return None;
        }
    }
}

/// The five names that XML itself has, and characters by number.
fn resolved(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::node::differs_in_xml;

    fn sample(text: &str) -> Node {
        let item = |text: &str| Node::Group(vec![("mach", Node::text(text)), ("thoidiem", Node::empty())]);
        Node::Group(vec![
            ("hoten", Node::text(text)),
            ("danhsach", Node::List(vec![item("88"), item("91")])),
            ("trong", Node::List(vec![])),
        ])
    }

    // Clauses: CV-III.1.1d
    #[test]
    fn what_is_written_reads_back_and_lists_repeat_their_tag() {
        let name = "Nguyễn <Thị> \"Hương\" & 'con'\u{1}\r\nsau  dấu cách ";
        let file = write("HoSoBenhAn", &sample(name)).unwrap();
        let text = String::from_utf8(file.clone()).unwrap();
        assert_eq!(text.matches("<danhsach>").count(), 2, "{text}");
        assert!(text.contains("<trong/>") && text.contains("<thoidiem/>"), "{text}");
        let read = flat(&file).unwrap();
        assert_eq!(read[0], ("HoSoBenhAn/hoten".into(), printable(name)));
        assert_eq!(differs_in_xml("HoSoBenhAn", &sample(&printable(name)), &file), None);
        let place = differs_in_xml("HoSoBenhAn", &sample("Nguyễn Thị Hường"), &file);
        assert_eq!(place.as_deref(), Some("HoSoBenhAn/hoten"));
        let pulse = text.replace("<mach>91<", "<mach>19<");
        let place = differs_in_xml("HoSoBenhAn", &sample(&printable(name)), pulse.as_bytes());
        assert_eq!(place.as_deref(), Some("HoSoBenhAn/danhsach/mach"));
    }

    #[test]
    fn a_document_type_is_not_read() {
        let read = |xml: &str| flat(format!("{DECLARATION}{xml}").as_bytes());
        assert_eq!(read("<a><b>c</b></a>"), Some(vec![("a/b".into(), "c".into())]));
        for refused in [
            "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>",
            "<!DOCTYPE a SYSTEM \"http://example.org/a.dtd\"><a>c</a>",
            "<a>&c;</a>",
            "<a x=\"1\">c</a>",
            &"<a>".repeat(100_000),
            "<a>",
            "<a><b></a>",
            "a",
            "\u{feff}<a>b</a>",
            "<a>b</a>c",
            "<a><b>c</b>\u{b}</a>",
        ] {
            assert_eq!(read(refused), None, "{}", refused.chars().take(40).collect::<String>());
        }
        assert_eq!(flat(b"<a>b</a>"), None, "without its declaration");
    }
}
