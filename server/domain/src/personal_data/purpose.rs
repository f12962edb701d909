//! What personal data is used for, as data: a purpose rests on law and is only told, or on consent and is asked for.

use crate::record::Requester;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

words! {
    Basis {
        Consent "consent" "Sự đồng ý",
        Law "law" "Luật định, không cần đồng ý",
    }
}

/// One version of one purpose; a new text is a new version with its own first day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    pub code: String,
    pub title: String,
    /// What is put before the person, word for word.
    pub text: String,
    pub version: u32,
    pub valid_from: Date,
    pub basis: Basis,
    /// Of law, or why consent is needed.
    pub reference: String,
    /// The person is told so (dữ liệu cá nhân nhạy cảm).
    pub sensitive: bool,
    /// Which data, and who gets it.
    pub data: String,
    pub recipients: String,
    /// Whom a standing consent lets have a copy of the record.
    #[serde(default)]
    pub opens: Vec<Requester>,
}

impl Purpose {
    /// What is wrong with it; nothing when it can be used.
    pub fn flaw(&self) -> Option<String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(2..=60).contains(&self.code.len()) || !self.code.chars().all(plain) {
            return Some("code: 2 to 60 small letters, digits and hyphens".into());
        }
        let fits = |text: &str, most: usize| (1..=most).contains(&text.trim().chars().count());
        let parts = [
            ("title", &self.title, 120),
            ("text", &self.text, 2_000),
            ("reference", &self.reference, 300),
            ("data", &self.data, 500),
            ("recipients", &self.recipients, 500),
        ];
        if let Some((name, _, most)) = parts.into_iter().find(|(_, text, most)| !fits(text, *most)) {
            return Some(format!("{name}: 1 to {most} characters"));
        }
        if self.version == 0 {
            return Some("version: from 1".into());
        }
        if self.basis == Basis::Law && !self.opens.is_empty() {
            return Some("opens: what rests on law opens nothing".into());
        }
        if self.opens.iter().any(|requester| !requester.needs_the_patients_will()) {
            return Some("opens: only those who need the patient's will".into());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn teaching() -> Purpose {
        Purpose {
            code: "giang-day".into(),
            title: "Giảng dạy".into(),
            text: "Bệnh viện xin dùng hồ sơ để giảng dạy.".into(),
            version: 1,
            valid_from: jiff::civil::date(2026, 1, 1),
            basis: Basis::Consent,
            reference: "Luật 91/2025/QH15".into(),
            sensitive: true,
            data: "hồ sơ bệnh án".into(),
            recipients: "học viên".into(),
            opens: vec![],
        }
    }

    // Clauses: PDP-2
    #[test]
    fn a_purpose_without_a_text_or_a_basis_is_none() {
        assert_eq!(teaching().flaw(), None);
        assert!(Purpose { text: " ".into(), ..teaching() }.flaw().is_some_and(|flaw| flaw.starts_with("text")));
        assert!(Purpose { code: "Giảng dạy".into(), ..teaching() }.flaw().is_some());
        let court = Purpose { opens: vec![Requester::Court], ..teaching() };
        assert!(court.flaw().is_some(), "a court needs nobody's consent");
        let insurer = Purpose { opens: vec![Requester::PrivateInsurer], ..teaching() };
        assert_eq!(insurer.flaw(), None);
        assert!(Purpose { basis: Basis::Law, ..insurer }.flaw().is_some());
    }
}
