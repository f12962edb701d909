//! Incidents that the law wants reported: an attack on the systems (sự cố an ninh mạng), personal data that got out (vi
//! phạm dữ liệu cá nhân), or both. Which reports are due and by when; a downtime is `it_incident`.
//!
//! The hours are settings: what the law says of them was read at second hand.

use crate::time::{HOUR, Instant};
use serde::{Deserialize, Serialize};

/// What it is; the reports that are owed follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concerns {
    Systems,
    PersonalData,
    Both,
}

/// How bad the part that concerns the systems is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Ordinary,
    Serious,
    /// A sign of harm to national security, or the hospital's work seriously interrupted.
    AtOnce,
}

/// A report that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// The first word of a serious incident.
    FirstNotice,
    IncidentReport,
    /// To the authority for personal data.
    BreachNotice,
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),+ })+) => {$(
        impl $name {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn parse(text: &str) -> Option<Self> {
                [$(Self::$variant),+].into_iter().find(|one| one.as_str() == text)
            }
        }
    )+};
}

words! {
    Concerns { Systems = "systems", PersonalData = "personal-data", Both = "both" }
    Severity { Ordinary = "ordinary", Serious = "serious", AtOnce = "at-once" }
    Duty { FirstNotice = "first-notice", IncidentReport = "incident-report", BreachNotice = "breach-notice" }
}

/// `[incident_reports]` of benhan.toml: hours after the discovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clocks {
    pub first_notice_hours: i64,
    pub incident_report_hours: i64,
    pub breach_notice_hours: i64,
}

impl Default for Clocks {
    fn default() -> Self {
        Self { first_notice_hours: 24, incident_report_hours: 72, breach_notice_hours: 72 }
    }
}

impl Clocks {
    /// What is owed for an incident that was discovered then, the most urgent first.
    pub fn owed(&self, concerns: Concerns, severity: Severity, discovered: Instant) -> Vec<(Duty, Instant)> {
        let after = |hours: i64| discovered.plus(hours.max(0).saturating_mul(HOUR));
        let mut owed = Vec::new();
        if concerns != Concerns::PersonalData {
            match severity {
                Severity::Ordinary => {}
                Severity::Serious => owed.push((Duty::FirstNotice, after(self.first_notice_hours))),
                Severity::AtOnce => owed.push((Duty::FirstNotice, discovered)),
            }
            owed.push((Duty::IncidentReport, after(self.incident_report_hours)));
        }
        if concerns != Concerns::Systems {
            owed.push((Duty::BreachNotice, after(self.breach_notice_hours)));
        }
        owed.sort_by_key(|(duty, due)| (*due, *duty));
        owed
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReportable {
    #[error("Giờ phát hiện còn ở phía trước: kiểm tra lại")]
    Future,
    #[error("Giờ gửi phải từ lúc phát hiện đến bây giờ: kiểm tra lại")]
    SentOutside,
}

/// A discovery lies behind; a report was sent after it and before now.
pub fn plausible(discovered: Instant, sent: Option<Instant>, now: Instant) -> Result<(), NotReportable> {
    if discovered > now {
        return Err(NotReportable::Future);
    }
    match sent {
        Some(sent) if sent < discovered || sent > now => Err(NotReportable::SentOutside),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(concerns: Concerns, severity: Severity) -> Vec<(Duty, i64)> {
        let owed = Clocks::default().owed(concerns, severity, Instant(100 * HOUR));
        owed.into_iter().map(|(duty, due)| (duty, due.0 / HOUR - 100)).collect()
    }

    // Clauses: SEC-9
    #[test]
    fn an_incident_is_reported_in_three_days_and_a_serious_one_announced_first() {
        use Duty::{FirstNotice, IncidentReport};
        assert_eq!(hours(Concerns::Systems, Severity::Ordinary), [(IncidentReport, 72)]);
        assert_eq!(hours(Concerns::Systems, Severity::Serious), [(FirstNotice, 24), (IncidentReport, 72)]);
        assert_eq!(hours(Concerns::Systems, Severity::AtOnce), [(FirstNotice, 0), (IncidentReport, 72)]);
    }

    // Clauses: PDP-17
    #[test]
    fn a_breach_of_personal_data_is_notified_in_three_days_however_bad() {
        for severity in [Severity::Ordinary, Severity::Serious, Severity::AtOnce] {
            assert_eq!(hours(Concerns::PersonalData, severity), [(Duty::BreachNotice, 72)]);
        }
        let both = hours(Concerns::Both, Severity::Serious);
        assert_eq!(both, [(Duty::FirstNotice, 24), (Duty::IncidentReport, 72), (Duty::BreachNotice, 72)]);
    }

    #[test]
    fn the_hours_are_the_hospitals_to_set() {
        let strict = Clocks { breach_notice_hours: 48, ..Clocks::default() };
        let owed = strict.owed(Concerns::Both, Severity::Ordinary, Instant(0));
        assert_eq!(owed, [(Duty::BreachNotice, Instant(48 * HOUR)), (Duty::IncidentReport, Instant(72 * HOUR))]);
    }

    #[test]
    fn what_was_sent_was_sent_between_the_discovery_and_now() {
        let at = |hour: i64| Instant(hour * HOUR);
        assert_eq!(plausible(at(5), None, at(4)), Err(NotReportable::Future));
        assert_eq!(plausible(at(5), Some(at(4)), at(9)), Err(NotReportable::SentOutside));
        assert_eq!(plausible(at(5), Some(at(10)), at(9)), Err(NotReportable::SentOutside));
        assert_eq!(plausible(at(5), Some(at(5)), at(9)), Ok(()));
    }

    #[test]
    fn every_word_is_read_back() {
        for word in ["systems", "personal-data", "both"] {
            assert_eq!(Concerns::parse(word).map(Concerns::as_str), Some(word));
        }
        assert_eq!(Severity::parse("at-once"), Some(Severity::AtOnce));
        assert_eq!(Duty::parse("breach-notice"), Some(Duty::BreachNotice));
        assert_eq!(Duty::parse("else"), None);
    }
}
