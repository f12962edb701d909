//! Exclusive XML canonicalization 1.0 without comments, which the reader refuses anyway, and without a prefix list.

use std::rc::Rc;

use super::tree::{Element, Name, Node};

/// The bytes that are hashed for an element, as if `without` were not there.
pub(super) fn canonical(element: &Element, without: Option<&Element>) -> Vec<u8> {
    let mut out = String::new();
    write(element, without, &mut Vec::new(), &mut out);
    out.into_bytes()
}

/// Namespaces are declared where a name first uses them, and only there.
fn write(element: &Element, without: Option<&Element>, shown: &mut Vec<(String, Rc<str>)>, out: &mut String) {
    let before = shown.len();
    let tag = written(&element.name);
    out.push('<');
    out.push_str(&tag);
    let mut used: Vec<&Name> = vec![&element.name];
    used.extend(element.attributes.iter().map(|(name, _)| name).filter(|name| !name.prefix.is_empty()));
    used.retain(|name| name.prefix != "xml");
    used.sort_by(|one, other| one.prefix.cmp(&other.prefix));
    used.dedup_by(|one, other| one.prefix == other.prefix);
    for name in used {
        let now = shown.iter().rev().find(|(prefix, _)| *prefix == name.prefix).map_or("", |(_, space)| space);
        if *now != *name.space {
            out.push_str(if name.prefix.is_empty() { " xmlns" } else { " xmlns:" });
            out.push_str(&name.prefix);
            attribute(&name.space, out);
            shown.push((name.prefix.clone(), Rc::clone(&name.space)));
        }
    }
    let mut sorted: Vec<&(Name, String)> = element.attributes.iter().collect();
    sorted.sort_by(|(one, _), (other, _)| (&one.space, &one.local).cmp(&(&other.space, &other.local)));
    for (name, value) in sorted {
        out.push(' ');
        out.push_str(&written(name));
        attribute(value, out);
    }
    out.push('>');
    for node in &element.children {
        match node {
            Node::Text(text) => text.chars().for_each(|c| match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '\r' => out.push_str("&#xD;"),
                c => out.push(c),
            }),
            Node::Element(inside) if without.is_some_and(|left_out| std::ptr::eq(left_out, inside)) => {}
            Node::Element(inside) => write(inside, without, shown, out),
        }
    }
    out.push_str("</");
    out.push_str(&tag);
    out.push('>');
    shown.truncate(before);
}

fn written(name: &Name) -> String {
    if name.prefix.is_empty() { name.local.clone() } else { format!("{}:{}", name.prefix, name.local) }
}

fn attribute(value: &str, out: &mut String) {
    out.push_str("=\"");
    value.chars().for_each(|c| match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '"' => out.push_str("&quot;"),
        '\t' => out.push_str("&#x9;"),
        '\n' => out.push_str("&#xA;"),
        '\r' => out.push_str("&#xD;"),
        c => out.push(c),
    });
    out.push('"');
}
