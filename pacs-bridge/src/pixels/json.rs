//! A header as DICOM JSON (PS3.18 annex F), without bulk data.

use crate::charset::Charset;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use benhan_dimse::dataset::{Element, Encoding, Tag, Value as DicomValue, Vr};
use serde_json::{Map, Number, Value, json};

/// Binary values up to here travel inline; longer ones are bulk data and left out.
const MAX_INLINE: usize = 4 * 1024;
/// Longer values are bulk data too: as JSON, each number takes many times its own bytes.
const MAX_VALUE: usize = 64 * 1024;
const MOST_NUMBERS: usize = 4_096;
/// Values of one header together; what comes after them is left out.
const MOST_VALUES: usize = 200_000;
const CHARSET: Tag = Tag(0x0008, 0x0005);
const AVAILABLE_TRANSFER_SYNTAX: &str = "00083002";

/// The whole object of one instance.
pub(crate) fn object(elements: &[Element<'_>], encoding: Encoding, transfer_syntax: &str) -> Value {
    let mut left = MOST_VALUES;
    let mut object = dataset(elements, encoding, &Charset::from_value(b""), &mut left);
    object.insert(AVAILABLE_TRANSFER_SYNTAX.to_owned(), json!({ "vr": "UI", "Value": [transfer_syntax] }));
    Value::Object(object)
}

fn dataset(elements: &[Element<'_>], encoding: Encoding, around: &Charset, left: &mut usize) -> Map<String, Value> {
    // An item may name a character set of its own (PS3.5 §6.1.1).
    let own = elements.iter().find_map(|element| match (element.tag, &element.value) {
        (CHARSET, DicomValue::Bytes(bytes)) => Some(Charset::from_value(bytes)),
        _ => None,
    });
    let charset = own.as_ref().unwrap_or(around);
    let mut object = Map::new();
    for element in elements.iter().filter(|element| element.tag.1 != 0 && element.tag.0 > 0x0006) {
        if let Some(attribute) = attribute(element, encoding, charset, left) {
            object.insert(format!("{:04X}{:04X}", element.tag.0, element.tag.1), attribute);
        }
    }
    object
}

fn attribute(element: &Element<'_>, encoding: Encoding, charset: &Charset, left: &mut usize) -> Option<Value> {
    let known = known_vr(element);
    let vr = known.as_str();
    let bytes = match &element.value {
        DicomValue::Items(items) => {
            let items: Vec<Value> =
                items.iter().map(|item| Value::Object(dataset(item, encoding, charset, left))).collect();
            return Some(if items.is_empty() { json!({ "vr": "SQ" }) } else { json!({ "vr": "SQ", "Value": items }) });
        }
        DicomValue::Bytes(bytes) => *bytes,
    };
    if bytes.is_empty() {
        return Some(json!({ "vr": vr }));
    }
    let numbers = count(known, bytes);
    if bytes.len() > MAX_VALUE || numbers > MOST_NUMBERS || numbers > *left {
        return None;
    }
    *left -= numbers;
    let values = match &known.0 {
        b"PN" => split(&charset.decode(bytes), person),
        b"IS" => split(&charset.decode(bytes), |text| number(text.parse::<i64>().ok().map(Number::from), text)),
        b"DS" => {
            split(&charset.decode(bytes), |text| number(text.parse::<f64>().ok().and_then(Number::from_f64), text))
        }
        b"LT" | b"ST" | b"UT" | b"UR" => vec![Value::String(charset.decode(bytes))],
        b"CS" if element.tag == CHARSET => vec![json!("ISO_IR 192")],
        b"LO" | b"SH" | b"UC" => split(&charset.decode(bytes), text),
        b"AE" | b"AS" | b"CS" | b"DA" | b"DT" | b"TM" | b"UI" => split(&Charset::from_value(b"").decode(bytes), text),
        b"US" => fixed(bytes, |pair: [u8; 2]| json!(order(encoding, pair, u16::from_le_bytes, u16::from_be_bytes))),
        b"SS" => fixed(bytes, |pair: [u8; 2]| json!(order(encoding, pair, i16::from_le_bytes, i16::from_be_bytes))),
        b"UL" => fixed(bytes, |four: [u8; 4]| json!(order(encoding, four, u32::from_le_bytes, u32::from_be_bytes))),
        b"SL" => fixed(bytes, |four: [u8; 4]| json!(order(encoding, four, i32::from_le_bytes, i32::from_be_bytes))),
        b"UV" => fixed(bytes, |eight: [u8; 8]| json!(order(encoding, eight, u64::from_le_bytes, u64::from_be_bytes))),
        b"SV" => fixed(bytes, |eight: [u8; 8]| json!(order(encoding, eight, i64::from_le_bytes, i64::from_be_bytes))),
        b"FL" => fixed(bytes, |four: [u8; 4]| json!(order(encoding, four, f32::from_le_bytes, f32::from_be_bytes))),
        b"FD" => fixed(bytes, |eight: [u8; 8]| json!(order(encoding, eight, f64::from_le_bytes, f64::from_be_bytes))),
        b"AT" => fixed(bytes, |[a, b, c, d]: [u8; 4]| {
            let group = order(encoding, [a, b], u16::from_le_bytes, u16::from_be_bytes);
            let element = order(encoding, [c, d], u16::from_le_bytes, u16::from_be_bytes);
            json!(format!("{group:04X}{element:04X}"))
        }),
        _ if bytes.len() <= MAX_INLINE => {
            return Some(json!({ "vr": vr, "InlineBinary": STANDARD.encode(bytes) }));
        }
        _ => return None,
    };
    Some(json!({ "vr": vr, "Value": values }))
}

/// Values in an element, at most.
fn count(vr: Vr, bytes: &[u8]) -> usize {
    match &vr.0 {
        b"US" | b"SS" => bytes.len() / 2,
        b"UL" | b"SL" | b"FL" | b"AT" => bytes.len() / 4,
        b"UV" | b"SV" | b"FD" => bytes.len() / 8,
        b"LT" | b"ST" | b"UT" | b"UR" | b"OB" | b"OW" | b"UN" => 1,
        _ => bytes.iter().filter(|byte| **byte == b'\\').count() + 1,
    }
}

/// A writer that did not know a standard tag wrote `UN`; the dictionary knows better (PS3.5 §6.2.2 note 2).
fn known_vr(element: &Element<'_>) -> Vr {
    let known = if element.vr == Vr::UN { crate::dictionary::vr_of(element.tag) } else { element.vr };
    match (&element.value, known) {
        (DicomValue::Bytes(_), Vr::SQ) => element.vr,
        _ => known,
    }
}

fn split(text: &str, each: impl Fn(&str) -> Value) -> Vec<Value> {
    text.split('\\').map(|part| each(part.trim_matches([' ', '\0']))).collect()
}

fn text(part: &str) -> Value {
    if part.is_empty() { Value::Null } else { json!(part) }
}

/// What is not a number stays as it was written.
fn number(parsed: Option<Number>, written: &str) -> Value {
    match parsed {
        Some(number) => Value::Number(number),
        None => text(written),
    }
}

fn person(part: &str) -> Value {
    let names = ["Alphabetic", "Ideographic", "Phonetic"];
    let groups = names.into_iter().zip(part.split('=')).filter(|(_, group)| !group.is_empty());
    let person: Map<String, Value> = groups.map(|(name, group)| (name.to_owned(), json!(group))).collect();
    if person.is_empty() { Value::Null } else { Value::Object(person) }
}

fn fixed<const N: usize>(bytes: &[u8], each: impl Fn([u8; N]) -> Value) -> Vec<Value> {
    bytes.as_chunks::<N>().0.iter().map(|chunk| each(*chunk)).collect()
}

fn order<const N: usize, T>(
    encoding: Encoding,
    bytes: [u8; N],
    little: impl Fn([u8; N]) -> T,
    big: impl Fn([u8; N]) -> T,
) -> T {
    if encoding == Encoding::ExplicitBig { big(bytes) } else { little(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use benhan_dimse::dataset::{DatasetWriter, TreeLimits, parse};

    #[test]
    fn a_header_becomes_dicom_json() {
        let mut writer = DatasetWriter::new(Encoding::ExplicitLittle);
        writer.text(CHARSET, Vr::CS, "ISO_IR 192");
        writer.text(Tag(0x0010, 0x0010), Vr::PN, "NGUYỄN^VĂN AN");
        writer.text(Tag(0x0020, 0x0013), Vr(*b"IS"), "7");
        writer.u16(Tag(0x0028, 0x0010), 512);
        writer.text(Tag(0x0028, 0x1050), Vr(*b"DS"), "40\\x");
        let bytes = writer.finish();
        let elements = parse(&bytes, Encoding::ExplicitLittle, &|_| Vr::UN, TreeLimits::default()).unwrap();
        let json = object(&elements, Encoding::ExplicitLittle, "1.2.840.10008.1.2.1");
        assert_eq!(json["00100010"]["Value"][0]["Alphabetic"], "NGUYỄN^VĂN AN");
        assert_eq!(json["00200013"]["Value"][0], 7);
        assert_eq!(json["00280010"], serde_json::json!({ "vr": "US", "Value": [512] }));
        assert_eq!(json["00281050"]["Value"], serde_json::json!([40.0, "x"]));
    }

    #[test]
    fn a_value_that_json_would_blow_up_is_bulk_data() {
        let mut writer = DatasetWriter::new(Encoding::ExplicitLittle);
        writer.bytes(Tag(0x0028, 0x3006), Vr(*b"US"), &vec![7; 2 * MOST_NUMBERS]);
        writer.bytes(Tag(0x0028, 0x3007), Vr(*b"US"), &vec![7; 2 * MOST_NUMBERS + 2]);
        writer.text(Tag(0x0040, 0xA160), Vr(*b"UT"), &"x".repeat(MAX_VALUE + 2));
        writer.text(Tag(0x0040, 0xA30A), Vr(*b"DS"), &"1\\".repeat(MOST_NUMBERS));
        for number in 0..100 {
            writer.bytes(Tag(0x0050, number + 1), Vr(*b"US"), &vec![7; 2 * MOST_NUMBERS]);
        }
        let bytes = writer.finish();
        let elements = parse(&bytes, Encoding::ExplicitLittle, &|_| Vr::UN, TreeLimits::default()).unwrap();
        let json = object(&elements, Encoding::ExplicitLittle, "1.2.840.10008.1.2.1");
        assert_eq!(json["00283006"]["Value"].as_array().unwrap().len(), MOST_NUMBERS);
        for absent in ["00283007", "0040A160", "0040A30A"] {
            assert!(json.get(absent).is_none(), "{absent}");
        }
        let all = json.as_object().unwrap().values().filter_map(|one| one["Value"].as_array()).map(Vec::len);
        assert!(all.sum::<usize>() <= MOST_VALUES + 1);
    }
}
