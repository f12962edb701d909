//! A first profile out of a recorded session: who speaks, where the specimen stands, which codes with which units.
//!
//! It proposes a LOINC code only where every shipped profile takes the code for the same test, and says so of
//! everything else in comments: whoever knows the device decides.

use super::loinc::proposed;
use super::place::Place;
use super::units;
use crate::normalise::Capture;
use crate::normalise::specimen::{ASTM_PLACES, HL7_PLACES};
use benhan_contract::{Protocol, ReadingValue};
use benhan_device_codec::astm::{frame, record};
use benhan_device_codec::hl7::{Message, batch};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

/// More different codes than a device has tests.
const MOST_TESTS: usize = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// Neither HL7 nor ASTM, or nothing whole in it.
    #[error("no message of a device is in it")]
    NoMessage,
    #[error("the draft could not be written")]
    Draft,
}

#[derive(Default)]
struct Seen {
    application: String,
    facility: String,
    protocol: &'static str,
    charset: Option<&'static str>,
    specimens: Vec<String>,
    tests: BTreeMap<String, SeenTest>,
    texts: BTreeSet<String>,
}

#[derive(Default)]
struct SeenTest {
    name: String,
    units: BTreeSet<String>,
    example: String,
}

/// Writes the draft. `id` empty: made from the sender's name.
///
/// # Errors
/// See [`DraftError`].
pub fn draft(bytes: &[u8], id: &str) -> Result<String, DraftError> {
    let capture = Capture::read(bytes, Some(super::Profile::unknown_device().into()), Vec::new());
    let first = capture.messages.first().ok_or(DraftError::NoMessage)?;
    let sender = &first.delivery.sender;
    let is_hl7 = first.delivery.protocol == Protocol::Hl7;
    let mut seen = Seen {
        application: sender.application.clone(),
        facility: sender.facility.clone(),
        protocol: if is_hl7 { "hl7" } else { "astm" },
        specimens: places(bytes, is_hl7),
        ..Seen::default()
    };
    for message in &capture.messages {
        seen.charset = seen.charset.or(message.charset_name());
        for reading in message.delivery.groups.iter().flat_map(|group| &group.readings) {
            if reading.system == "MDC"
                || reading.code.trim().is_empty()
                || (seen.tests.len() >= MOST_TESTS && !seen.tests.contains_key(&reading.code))
            {
                continue;
            }
            let test = seen.tests.entry(reading.code.clone()).or_default();
            test.units.insert(reading.unit.clone());
            match &reading.value {
                ReadingValue::Number { decimal, .. } => test.example.clone_from(decimal),
                ReadingValue::Text { text } if !reading.unit.is_empty() && text.len() <= 20 => {
                    seen.texts.insert(text.clone());
                }
                _ => {}
            }
            if test.name.is_empty() {
                test.name.clone_from(&reading.name);
            }
        }
    }
    if !capture.messages.iter().any(|message| message.profile.is_some()) {
        return Err(DraftError::NoMessage);
    }
    let id = if id.is_empty() { made_id(&seen) } else { id.to_owned() };
    seen.written(&id).map_err(|_| DraftError::Draft)
}

/// The usual places of a specimen in the order of how often they are filled.
fn places(bytes: &[u8], is_hl7: bool) -> Vec<String> {
    let usual = if is_hl7 { HL7_PLACES } else { ASTM_PLACES };
    let parsed = usual.iter().filter_map(|text| Some((*text, Place::parse(text)?)));
    let mut counted: Vec<(&str, Place, usize)> = parsed.map(|(text, place)| (text, place, 0)).collect();
    let framed = frame::text(bytes);
    let text = if framed.is_empty() { bytes } else { &framed };
    let mut count = |segment: &[u8], filled: &dyn Fn(&Place) -> bool| {
        let fitting = counted.iter_mut().filter(|(_, place, _)| place.is_in(segment) && filled(place));
        fitting.for_each(|(_, _, count)| *count += 1);
    };
    if is_hl7 {
        for message in batch::messages(bytes).filter_map(|bytes| Message::parse(bytes).ok()) {
            for segment in message.segments() {
                count(segment.id(), &|place| {
                    let field = segment.field(place.field).component(place.component);
                    !field.is_empty() && !field.is_null()
                });
            }
        }
    } else {
        for record in record::messages(text).flat_map(|message| message.records()) {
            count(&[record.kind()], &|place| !record.field(place.field).component(place.component).is_empty());
        }
    }
    counted.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    counted.into_iter().filter(|(_, _, count)| *count > 0).map(|(text, ..)| text.to_owned()).collect()
}

fn made_id(seen: &Seen) -> String {
    let facility = if seen.protocol == "hl7" { seen.facility.as_str() } else { "" };
    let name = format!("{facility}-{}", seen.application).to_lowercase();
    let parts = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let id = parts.take(5).collect::<Vec<_>>().join("-");
    let id: String = id.chars().take(40).collect();
    if id.is_empty() { "may-moi".to_owned() } else { id }
}

impl Seen {
    fn written(&self, id: &str) -> Result<String, std::fmt::Error> {
        let mut out = String::new();
        writeln!(out, "# Bản nháp, dựng từ một phiên ghi được. Đọc từng dòng, sửa, rồi: benhan profile lint TỆP")?;
        writeln!(out, "id = {}\nversion = 1", quoted(id))?;
        let title = format!("{} {}", self.facility, self.application);
        writeln!(out, "title = {}", quoted(if title.trim().is_empty() { id } else { title.trim() }))?;
        writeln!(out, "verified = false")?;
        writeln!(out, "sources = [\"một phiên ghi được của máy này\"]")?;
        if let Some(charset) = self.charset.filter(|charset| *charset != "utf-8") {
            writeln!(out, "# Đoán theo các byte trong phiên: so tên người bệnh có dấu trước khi tin.")?;
            writeln!(out, "charset = {}", quoted(charset))?;
        }
        if !self.specimens.is_empty() {
            let places: Vec<String> = self.specimens.iter().map(|place| quoted(place)).collect();
            writeln!(out, "# Chỗ có chữ trong phiên, nhiều nhất đứng trước. Bỏ chỗ không phải mã vạch ống.")?;
            writeln!(out, "specimen = [{}]", places.join(", "))?;
        }
        if !self.texts.is_empty() {
            let texts: Vec<String> = self.texts.iter().take(20).map(|text| quoted(text)).collect();
            writeln!(out, "# Chữ đứng ở chỗ của số trong phiên. Chữ nào nghĩa là không có kết quả thì giữ lại:")?;
            writeln!(out, "# not_a_value = [{}]", texts.join(", "))?;
        }
        self.recognition(&mut out)?;
        writeln!(out, "\n[facts]\nprotocol = {}", quoted(self.protocol))?;
        self.units(&mut out)?;
        for (code, test) in &self.tests {
            Self::test(&mut out, code, test)?;
        }
        Ok(out)
    }

    fn recognition(&self, out: &mut String) -> std::fmt::Result {
        let wide = |name: &&String| super::pattern::Pattern::of_name(name).weight() >= 2;
        let Some(application) = Some(&self.application).filter(wide) else {
            return writeln!(
                out,
                "# Máy không ghi tên mình: đặt profile = … ở [[gateway.device]] theo địa chỉ của máy."
            );
        };
        let (first, second) = if self.protocol == "hl7" { ("MSH-3", "MSH-4") } else { ("H-5", "H-5.2") };
        writeln!(out, "\n# Tên máy trong đầu bản tin; `*` thay cho bất kỳ, `#` cho một chữ số.\n[[recognise]]")?;
        writeln!(out, "{} = [{}]", quoted(first), quoted(application))?;
        let facility = self.facility.split('^').next().unwrap_or_default().to_owned();
        // In H-5 a version or a serial number may follow: that is no name.
        let is_name = facility.chars().filter(|letter| letter.is_alphabetic()).count() >= 3;
        if wide(&&facility) && (is_name || self.protocol == "hl7") {
            writeln!(out, "{} = [{}]", quoted(second), quoted(&facility))?;
        }
        Ok(())
    }

    /// Spellings that nobody knows, for the person to translate.
    fn units(&self, out: &mut String) -> std::fmt::Result {
        let none = HashMap::new();
        let all: BTreeSet<&String> = self.tests.values().flat_map(|test| &test.units).collect();
        let unknown: Vec<&&String> =
            all.iter().filter(|unit| !unit.is_empty() && units::ucum(&none, unit).is_none()).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n# Đơn vị lạ: ghi UCUM vào bên phải rồi bỏ dấu thăng.\n[units]")?;
        unknown.into_iter().try_for_each(|unit| writeln!(out, "# {} = \"…\"", quoted(unit)))
    }

    fn test(out: &mut String, code: &str, test: &SeenTest) -> std::fmt::Result {
        let none = HashMap::new();
        let name = Some(&test.name).filter(|name| !name.is_empty() && *name != code);
        let example = if test.example.is_empty() { String::new() } else { format!("ví dụ {}", test.example) };
        let about: Vec<&str> = name
            .map(String::as_str)
            .into_iter()
            .chain(Some(example.as_str()).filter(|text| !text.is_empty()))
            .collect();
        writeln!(out)?;
        if !about.is_empty() {
            writeln!(out, "# {}", one_line(&about.join(", ")))?;
        }
        writeln!(out, "[[test]]\ncode = [{}]", quoted(code))?;
        let known = Some(proposed(code))
            .filter(|known| !known.is_empty())
            .or(name.map(|name| proposed(name)))
            .unwrap_or_default();
        let mut pairs = BTreeMap::new();
        for unit in &test.units {
            let ucum = units::ucum(&none, unit).unwrap_or_default();
            if let Some(loinc) = known.get(ucum).filter(|_| unit.is_empty() || !ucum.is_empty()) {
                pairs.insert(ucum.to_owned(), loinc.clone());
            }
        }
        let shown: Vec<String> = test.units.iter().filter(|unit| !unit.is_empty()).map(|unit| one_line(unit)).collect();
        if pairs.is_empty() {
            let units = if shown.is_empty() {
                "không gửi đơn vị".to_owned()
            } else {
                format!("máy gửi đơn vị {}", shown.join(", "))
            };
            return writeln!(out, "# Chưa biết LOINC ({units}): loinc = {{ \"đơn vị UCUM\" = \"mã LOINC\" }}");
        }
        let pairs: Vec<String> =
            pairs.iter().map(|(ucum, loinc)| format!("{} = {}", quoted(ucum), quoted(loinc))).collect();
        writeln!(out, "loinc = {{ {} }}", pairs.join(", "))
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// For a comment: what a device sent must not begin a line of the file.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(80).collect()
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
