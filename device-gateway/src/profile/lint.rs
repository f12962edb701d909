//! What is wrong with a profile file, and what to do about it, said to whoever wrote it.

use super::form::Form;
use super::loinc::has_check_digit;
use super::pattern::Pattern;
use super::place::{Place, Said};
use super::query::Asks;
use super::rule::{REASONS, SENDER};
use super::{Profile, ProfileError, shipped, units};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Larger files are no profiles.
pub const LARGEST_FILE: usize = 512 << 10;
/// Another in each message.
const NOT_OF_THE_SENDER: &[&str] = &["MSH-7", "MSH-10", "MSH-13", "H-3", "H-14"];
const FLAGS: &[&str] =
    &["", "L", "H", "LL", "HH", "<", ">", "N", "A", "AA", "U", "D", "B", "W", "S", "R", "I", "MS", "VS"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The file cannot be used.
    Error,
    /// It can, and somebody should look.
    Warning,
    Note,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    /// From 1; 0 where it is about the whole file.
    pub line: usize,
    pub key: String,
    /// What is wrong and what to do, in Vietnamese.
    pub what: String,
}

/// Judges a file; one that is based on another may name a shipped profile or one of `own`.
#[must_use]
pub fn lint(text: &str, own: &[Arc<Profile>]) -> Vec<Finding> {
    lint_on(text, &|id| shipped::among(own, id))
}

pub(super) fn lint_on(text: &str, bases: &dyn Fn(&str) -> Option<Arc<Profile>>) -> Vec<Finding> {
    let mut findings = Findings { text, found: Vec::new() };
    match toml::from_str::<Form>(text) {
        Err(cause) => findings.unreadable(&cause),
        Ok(form) => {
            findings.head(&form);
            findings.places(&form);
            findings.rules(&form);
            findings.tests(&form);
            match Profile::parse_on(text, bases) {
                Ok(profile) => findings.whole(&form, &profile),
                Err(ProfileError::Unknown { what, value, .. }) => findings.unknown(what, &value),
                Err(ProfileError::Form(cause)) => findings.unreadable(&cause),
            }
        }
    }
    let mut found = findings.found;
    found.sort_by_key(|finding| (finding.level, finding.line));
    found.dedup();
    found
}

struct Findings<'a> {
    text: &'a str,
    found: Vec<Finding>,
}

impl Findings<'_> {
    fn add(&mut self, level: Level, key: &str, near: &[&str], what: String) {
        let holds = |line: &&str| near.iter().all(|word| line.contains(word)) && !line.trim_start().starts_with('#');
        let line = self.text.lines().position(|line| holds(&line)).filter(|_| !near.is_empty());
        self.found.push(Finding { level, line: line.map_or(0, |at| at + 1), key: key.to_owned(), what });
    }

    fn unreadable(&mut self, cause: &toml::de::Error) {
        let at = cause
            .span()
            .map_or(0, |span| self.text.get(..span.start).map_or(0, |before| before.matches('\n').count() + 1));
        let message = cause.message();
        let what = if message.contains("unknown field") {
            format!("Khoá không có trong hồ sơ máy: {message}. Xem tên khoá đúng trong docs/device-profiles.md.")
        } else if message.contains("missing field") {
            format!("Thiếu khoá bắt buộc: {message}. Hồ sơ máy cần ít nhất id và title.")
        } else {
            format!("Không đọc được tệp TOML: {message}. Sửa dòng này rồi kiểm tra lại.")
        };
        self.found.push(Finding { level: Level::Error, line: at, key: String::new(), what });
    }

    fn unknown(&mut self, what: &str, value: &str) {
        let advice = match what {
            "charset" => "Ghi một bảng mã mà chương trình đọc được, như utf-8, windows-1258, windows-1252.",
            "time_zone" => "Ghi tên múi giờ IANA, như Asia/Ho_Chi_Minh.",
            "based_on" => "Ghi id của một hồ sơ có trong `benhan profile list`.",
            "aside.why" => return self.wrong_reason(value),
            _ => "Ghi chỗ trong bản tin như MSH-3, OBX-3.4, O-4.3.",
        };
        self.add(Level::Error, what, &[value], format!("Không biết «{value}». {advice}"));
    }

    fn wrong_reason(&mut self, value: &str) {
        let known = REASONS.join(", ");
        self.add(
            Level::Error,
            "aside.why",
            &["why", value],
            format!("Không biết lý do «{value}». Chọn một trong: {known}."),
        );
    }

    fn head(&mut self, form: &Form) {
        let query = form.facts.query.as_str();
        if !query.is_empty() && Asks::named(query).is_none() {
            self.add(
                Level::Warning,
                "facts.query",
                &["query", query],
                format!("Không biết cách hỏi «{query}». Chọn một trong: {}.", Asks::WORDS.join(", ")),
            );
        }
        let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if form.id.is_empty() || form.id.len() > 60 || !form.id.chars().all(is_plain) {
            self.add(
                Level::Error,
                "id",
                &["id", "="],
                "id chỉ gồm chữ thường không dấu, số và dấu gạch nối, tối đa 60 ký tự.".to_owned(),
            );
        }
        if form.title.trim().is_empty() {
            self.add(
                Level::Error,
                "title",
                &["title"],
                "title trống. Ghi tên máy để người đọc danh sách nhận ra.".to_owned(),
            );
        }
        if form.version == 0 {
            self.add(Level::Error, "version", &["version"], "version bắt đầu từ 1 và tăng mỗi lần sửa.".to_owned());
        }
        if !form.verified {
            self.add(Level::Note, "verified", &[], "Chưa ai đối chiếu hồ sơ này với máy thật. So kết quả đọc với màn hình máy (`benhan device read`), rồi đặt verified = true.".to_owned());
        }
        if form.application.is_empty() && form.recognise.is_empty() {
            self.add(Level::Note, "recognise", &[], "Không có luật nhận máy: hồ sơ chỉ dùng khi [[gateway.device]] ghi profile này, hoặc khi hồ sơ khác dựa trên nó.".to_owned());
        }
    }

    fn places(&mut self, form: &Form) {
        let lists: [(&str, &[String], &[&str]); 4] = [
            ("specimen", &form.specimen, &["OBR", "SPM", "SAC", "O"]),
            ("patient", &form.patient, &["PID", "P"]),
            ("time", &form.time, &["OBX", "OBR", "SPM", "MSH", "R", "O", "H"]),
            ("code", &form.code, &["OBX", "R"]),
        ];
        for (key, places, looked_at) in lists {
            for text in places {
                self.place(key, text, looked_at);
            }
        }
    }

    fn place(&mut self, key: &str, text: &str, looked_at: &[&str]) {
        let Some(place) = Place::parse(text) else {
            return self.add(
                Level::Error,
                key,
                &[text],
                format!("«{text}» không phải chỗ trong bản tin. Ghi như MSH-3, OBX-3.4, O-4.3."),
            );
        };
        if !looked_at.contains(&place.segment.as_str()) {
            let all = looked_at.join(", ");
            self.add(Level::Error, key, &[text], format!("«{text}»: ở khoá {key} chương trình chỉ nhìn vào {all}."));
        }
    }

    fn rules(&mut self, form: &Form) {
        for name in &form.application {
            self.name(name);
        }
        for rule in &form.recognise {
            self.rule("recognise", rule, &["MSH", "H"]);
            rule.values().flatten().for_each(|name| self.name(name));
            for place in rule.keys().filter(|place| NOT_OF_THE_SENDER.contains(&place.as_str())) {
                self.add(
                    Level::Error,
                    "recognise",
                    &[place],
                    format!(
                        "«{place}» khác nhau ở từng bản tin, không cho biết máy nào gửi. Dùng chỗ khác của đầu bản tin."
                    ),
                );
            }
        }
        for aside in &form.aside {
            let seen = ["MSH", "PID", "PV1", "OBR", "SPM", "SAC", "OBX", "H", "P", "O", "R"];
            self.rule("aside", &aside.at, &seen);
            if !REASONS.contains(&aside.why.as_str()) {
                self.wrong_reason(&aside.why);
            }
            if aside.at.values().flatten().any(|text| Pattern::of_text(text).weight() == 0) {
                self.add(
                    Level::Error,
                    "aside",
                    &["why", &aside.why],
                    "Luật này khớp với mọi kết quả: thêm chữ vào mẫu.".to_owned(),
                );
            }
        }
        for (flag, means) in form.flags.iter().filter(|(_, means)| !FLAGS.contains(&means.as_str())) {
            self.add(
                Level::Warning,
                "flags",
                &[flag.as_str(), "="],
                format!("Cờ «{means}» không có trong bảng HL7 0078. Dùng L, H, LL, HH, N, A, AA, < hoặc >."),
            );
        }
    }

    fn rule(&mut self, key: &str, rule: &BTreeMap<String, Vec<String>>, looked_at: &[&str]) {
        if rule.is_empty() || rule.values().any(Vec::is_empty) {
            self.add(
                Level::Error,
                key,
                &[key],
                format!("Luật [[{key}]] thiếu chỗ hoặc thiếu mẫu nên không khớp với gì."),
            );
        }
        for place in rule.keys().filter(|place| place.as_str() != SENDER || key != "recognise") {
            self.place(key, place, looked_at);
        }
    }

    fn name(&mut self, name: &str) {
        if Pattern::of_name(name).weight() < 2 {
            self.add(
                Level::Error,
                "recognise",
                &[name],
                format!("Mẫu «{name}» quá rộng, sẽ nhận nhầm máy khác. Ghi ít nhất hai chữ hoặc số."),
            );
        }
    }

    fn tests(&mut self, form: &Form) {
        let own: HashSet<&str> = form.units.values().map(String::as_str).collect();
        let mut seen = HashSet::new();
        for (unit, ucum) in form.units.iter().filter(|(_, ucum)| !units::is_known(ucum)) {
            self.add(
                Level::Warning,
                "units",
                &[unit.as_str(), ucum.as_str()],
                format!("Đơn vị UCUM «{ucum}» chưa có trong bảng của chương trình. Kiểm tra lại cách viết."),
            );
        }
        for test in &form.test {
            let first = test.code.first().map_or("", String::as_str);
            if test.code.is_empty() || test.code.iter().any(|code| code.trim().is_empty()) {
                self.add(
                    Level::Error,
                    "test.code",
                    &["code", "[]"],
                    "Xét nghiệm không có mã. Ghi mã như máy gửi.".to_owned(),
                );
            }
            for code in test.code.iter().filter(|code| !seen.insert(code.as_str())) {
                self.add(
                    Level::Error,
                    "test.code",
                    &["code", &quoted(code)],
                    format!("Mã «{code}» đứng ở hai xét nghiệm. Bỏ một chỗ."),
                );
            }
            for (ucum, loinc) in &test.loinc {
                if !has_check_digit(loinc) {
                    self.add(
                        Level::Error,
                        "test.loinc",
                        &[loinc],
                        format!("«{loinc}» không phải mã LOINC (sai số kiểm tra). Tra lại mã."),
                    );
                }
                self.unit("test.loinc", ucum, &own, &[loinc]);
            }
            if let Some(unit) = &test.unit {
                self.unit("test.unit", unit, &own, &["unit", unit]);
            }
            for (ucum, [least, most]) in &test.range {
                self.unit("test.range", ucum, &own, &["range", ucum]);
                if !least.is_finite() || !most.is_finite() || least >= most {
                    self.add(
                        Level::Error,
                        "test.range",
                        &["range", ucum],
                        format!("Mã «{first}»: khoảng [{least}, {most}] ngược hoặc trống. Ghi số nhỏ trước."),
                    );
                }
            }
            if test.decimals.is_some_and(|decimals| decimals > 6) {
                self.add(Level::Error, "test.decimals", &["decimals"], format!("Mã «{first}»: decimals tối đa là 6."));
            }
        }
        let without = form.test.iter().filter(|test| test.loinc.is_empty()).count();
        if without > 0 {
            self.add(
                Level::Note,
                "test.loinc",
                &[],
                format!("{without} xét nghiệm chưa có LOINC: kết quả vẫn đọc được nhưng người duyệt phải tự ghép."),
            );
        }
    }

    fn unit(&mut self, key: &str, ucum: &str, own: &HashSet<&str>, near: &[&str]) {
        if !ucum.is_empty() && !units::is_known(ucum) && !own.contains(ucum) {
            self.add(Level::Error, key, near, format!("Đơn vị «{ucum}» không phải UCUM mà chương trình đọc ra, nên dòng này không bao giờ khớp. Sửa cách viết, hoặc thêm vào [units]."));
        }
    }

    fn whole(&mut self, form: &Form, profile: &Profile) {
        let others = shipped().unwrap_or_default();
        for (header, other) in clashes(form, profile, others) {
            let id = &other.id;
            self.add(
                Level::Warning,
                "recognise",
                &[&header],
                format!("«{header}» cũng được hồ sơ {id} nhận, ngang hoặc hơn hồ sơ này. Ghi mẫu cụ thể hơn."),
            );
        }
    }
}

fn quoted(code: &str) -> String {
    format!("\"{code}\"")
}

/// Headers that this profile asks for and another one takes just as well, or better.
pub(super) fn clashes<'a>(form: &Form, profile: &Profile, others: &'a [Arc<Profile>]) -> Vec<(String, &'a Profile)> {
    let mut found = Vec::new();
    for probe in probes(form) {
        let Some(own) = profile.fits(&probe) else { continue };
        let better =
            |other: &&Arc<Profile>| other.id != profile.id && other.fits(&probe).is_some_and(|weight| weight >= own);
        if let Some(other) = others.iter().find(better) {
            found.push((probe.0.first().map(|(_, text)| text.clone()).unwrap_or_default(), other.as_ref()));
        }
    }
    found
}

/// A header as a rule wants it: stars left out, digits put in.
struct Probe(Vec<(String, String)>);

fn probes(form: &Form) -> Vec<Probe> {
    let plain = |text: &String| text.replace('*', "").replace('#', "1");
    let mut probes: Vec<Probe> = Vec::new();
    for name in &form.application {
        probes.extend(["MSH-3", "H-5"].map(|place| Probe(vec![(place.to_owned(), plain(name))])));
    }
    for rule in &form.recognise {
        for at in 0..rule.values().map(Vec::len).max().unwrap_or(0) {
            let wants =
                rule.iter().filter_map(|(place, texts)| Some((place.clone(), plain(texts.get(at).or(texts.first())?))));
            probes.push(Probe(wants.collect()));
        }
    }
    probes
}

impl Said for Probe {
    fn said(&self, place: &Place) -> Vec<String> {
        let at = |name: &str| if name == SENDER { Place::parse("H-5") } else { Place::parse(name) };
        self.0.iter().filter(|(name, _)| at(name).as_ref() == Some(place)).map(|(_, text)| text.clone()).collect()
    }

    fn sender(&self) -> Vec<String> {
        let is_name =
            |name: &str| name == SENDER || ["MSH-3", "MSH-4", "H-5"].iter().any(|start| name.starts_with(start));
        self.0.iter().filter(|(name, _)| is_name(name)).map(|(_, text)| text.clone()).collect()
    }
}
