//! Rows as DICOM JSON (PS3.18 annex F), with the record's patient in place of the modality's where one is linked.

use benhan_store::studies::{Found, Instance, KnownPatient, Series};
use serde_json::{Map, Value, json};

fn element(vr: &str, values: Vec<Value>) -> Value {
    if values.is_empty() { json!({ "vr": vr }) } else { json!({ "vr": vr, "Value": values }) }
}

fn text(vr: &str, value: &str) -> Value {
    element(vr, if value.is_empty() { vec![] } else { vec![json!(value)] })
}

fn number(vr: &str, value: Option<i64>) -> Value {
    element(vr, value.map(|n| json!(n)).into_iter().collect())
}

/// Up to three spellings, parted by `=` (PS3.5 §6.2).
fn person(name: &str) -> Value {
    let keys = ["Alphabetic", "Ideographic", "Phonetic"];
    let groups: Map<String, Value> = keys
        .iter()
        .zip(name.split('='))
        .filter(|(_, group)| !group.is_empty())
        .map(|(key, group)| ((*key).to_owned(), json!(group)))
        .collect();
    element("PN", if groups.is_empty() { vec![] } else { vec![Value::Object(groups)] })
}

/// `Nguyễn Văn An` as family and given name, in the order in which it is spoken.
fn vietnamese(name: &str) -> String {
    match name.split_once(' ') {
        Some((family, rest)) => format!("{family}^{rest}"),
        None => name.to_owned(),
    }
}

fn sex(word: &str) -> &'static str {
    match word {
        "male" => "M",
        "female" => "F",
        _ => "O",
    }
}

fn patient(of: &Found) -> [(&'static str, Value); 4] {
    match &of.patient {
        Some(known) => known_patient(known),
        None => {
            let sent = &of.study.sent;
            [
                ("00100010", person(&sent.patient_name)),
                ("00100020", text("LO", &sent.patient_id)),
                ("00100030", text("DA", &sent.birth_date)),
                ("00100040", text("CS", &sent.sex)),
            ]
        }
    }
}

fn known_patient(known: &KnownPatient) -> [(&'static str, Value); 4] {
    let born = known.birth_date.as_deref().unwrap_or_default().replace('-', "");
    [
        ("00100010", person(&vietnamese(&known.name))),
        ("00100020", text("LO", &known.code)),
        ("00100030", text("DA", &born)),
        ("00100040", text("CS", sex(&known.sex))),
    ]
}

/// Lays the record's patient over a header that a modality wrote. The stored dataset is never touched.
pub fn overlay(of: &Found, header: &mut Value) {
    if let (Some(known), Some(attributes)) = (&of.patient, header.as_object_mut()) {
        for (tag, value) in known_patient(known) {
            attributes.insert(tag.to_owned(), value);
        }
    }
}

fn object(elements: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(elements.into_iter().map(|(tag, value)| (tag.to_owned(), value)).collect())
}

/// Common to the three levels.
fn head(of: &Found, url: String) -> Vec<(&'static str, Value)> {
    let s = &of.study;
    let mut elements = vec![
        ("00080005", text("CS", "ISO_IR 192")),
        ("00080020", text("DA", &s.study_date)),
        ("00080030", text("TM", &s.study_time)),
        ("00080050", text("SH", &s.accession)),
        ("00080056", text("CS", "ONLINE")),
        ("00081190", text("UR", &url)),
        ("0020000D", text("UI", &s.study_uid)),
    ];
    elements.extend(patient(of));
    elements
}

pub fn study(of: &Found, modalities: &[String], series: &[&Series], base: &str) -> Value {
    let s = &of.study;
    let mut elements = head(of, format!("{base}/studies/{}", s.study_uid));
    let instances: i64 = series.iter().map(|s| s.instances).sum();
    elements.extend([
        ("00080061", element("CS", modalities.iter().map(|m| json!(m)).collect())),
        ("00081030", text("LO", &s.description)),
        ("00080090", element("PN", vec![])),
        ("00200010", element("SH", vec![])),
        ("00201206", number("IS", i64::try_from(series.len()).ok())),
        ("00201208", number("IS", Some(instances))),
    ]);
    object(elements)
}

pub fn series(of: &Found, s: &Series, base: &str) -> Value {
    let mut elements = head(of, format!("{base}/studies/{}/series/{}", of.study.study_uid, s.series_uid));
    elements.extend([
        ("00080060", text("CS", &s.modality)),
        ("0008103E", text("LO", &s.description)),
        ("00180015", text("CS", &s.body_part)),
        ("0020000E", text("UI", &s.series_uid)),
        ("00200011", number("IS", s.number)),
        ("00201209", number("IS", Some(s.instances))),
    ]);
    object(elements)
}

pub fn instance(of: &Found, series: &[Series], i: &Instance, base: &str) -> Value {
    let (study, own) = (&of.study.study_uid, series.iter().find(|s| s.series_uid == i.series_uid));
    let mut elements = head(of, format!("{base}/studies/{study}/series/{}/instances/{}", i.series_uid, i.sop_uid));
    elements.extend([
        ("00080016", text("UI", &i.sop_class)),
        ("00080018", text("UI", &i.sop_uid)),
        ("00080060", text("CS", own.map_or("", |s| s.modality.as_str()))),
        ("00083002", text("UI", &i.transfer_syntax)),
        ("0020000E", text("UI", &i.series_uid)),
        ("00200013", number("IS", i.number)),
        ("00280008", number("IS", Some(i.frames))),
        ("00280010", number("US", i.image_rows)),
        ("00280011", number("US", i.image_columns)),
    ]);
    object(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_spellings_and_an_empty_value_is_left_out() {
        assert_eq!(person("Nguyễn^Văn An"), json!({ "vr": "PN", "Value": [{ "Alphabetic": "Nguyễn^Văn An" }] }));
        let both = person("YAMADA^TARO=山田^太郎");
        assert_eq!(both["Value"][0]["Ideographic"], "山田^太郎");
        assert_eq!(person(""), json!({ "vr": "PN" }));
        assert_eq!(vietnamese("Lê Ngọc Ẩn"), "Lê^Ngọc Ẩn");
    }
}
