//! Who asks for a record and what they may get (khai thác, cung cấp hồ sơ bệnh án: Law 15/2023/QH15 Art. 69.3–69.5,
//! Circular 46/2018 Art. 7), and how long an answer may take.

use super::RecordState;
use crate::time::{HOUR, Instant};
use serde::{Deserialize, Serialize};

macro_rules! requesters {
    ($($(#[$doc:meta])* $name:ident $code:literal $vietnamese:literal,)+) => {
        /// As the law tells them apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Requester { $($(#[$doc])* $name,)+ }

        impl Requester {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            pub fn vietnamese(self) -> &'static str {
                match self { $(Self::$name => $vietnamese,)+ }
            }
        }
    };
}

requesters! {
    Patient "patient" "Người bệnh",
    Representative "representative" "Người đại diện theo điểm c khoản 2 Điều 8",
    /// Point d stands in both lists of the law; the strict reading is the one here.
    ChosenRepresentative "chosen-representative" "Người đại diện theo điểm a, d khoản 2 Điều 8",
    Lawyer "lawyer" "Luật sư của người bệnh",
    HealthAuthority "health-authority" "Cơ quan quản lý nhà nước về y tế",
    Investigation "investigation" "Cơ quan điều tra",
    Procuracy "procuracy" "Viện kiểm sát",
    Court "court" "Tòa án",
    Inspection "inspection" "Thanh tra chuyên ngành y tế",
    Forensic "forensic" "Tổ chức giám định pháp y, pháp y tâm thần",
    SocialInsurance "social-insurance" "Cơ quan bảo hiểm xã hội",
    /// Law 15/2023 gives them nothing; the patient may.
    PrivateInsurer "private-insurer" "Doanh nghiệp bảo hiểm sức khỏe, nhân thọ",
    StateCompensation "state-compensation" "Cơ quan giải quyết bồi thường nhà nước",
    Learner "learner" "Học viên, nghiên cứu viên",
    Practitioner "practitioner" "Người hành nghề của cơ sở",
    OtherFacility "other-facility" "Người hành nghề của cơ sở khác",
}

/// How much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// Bản tóm tắt hồ sơ bệnh án.
    Summary,
    Record,
}

/// What is done with it, each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// Read on the spot, notes taken.
    Read,
    /// The signed summary was handed over.
    Summary,
    /// A copy of the whole record left the house.
    Copy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotForThem {
    #[error("Người đại diện này chỉ được cấp bản tóm tắt (Luật 15/2023/QH15, Điều 69 khoản 4 điểm đ)")]
    SummaryOnly,
    #[error("Cơ quan, tổ chức này được cung cấp hồ sơ đã lưu trữ: lưu trữ hồ sơ trước (Điều 69 khoản 4)")]
    OnceArchived,
}

impl Requester {
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.as_str() == text)
    }

    /// Whether they may ask for so much of a record in this state.
    pub fn may_ask(self, extent: Extent, record: RecordState) -> Result<(), NotForThem> {
        if extent > self.most() {
            return Err(NotForThem::SummaryOnly);
        }
        let whenever = self.is_for_the_patient()
            || self.needs_the_patients_will()
            || matches!(self, Self::Learner | Self::Practitioner);
        if whenever || record == RecordState::Archived { Ok(()) } else { Err(NotForThem::OnceArchived) }
    }

    /// Other care providers and private insurers get nothing but by the patient's written request or standing consent
    /// (Law 91/2025/QH15 on health data).
    pub fn needs_the_patients_will(self) -> bool {
        matches!(self, Self::PrivateInsurer | Self::OtherFacility)
    }

    pub fn most(self) -> Extent {
        if self == Self::ChosenRepresentative { Extent::Summary } else { Extent::Record }
    }

    fn is_for_the_patient(self) -> bool {
        matches!(self, Self::Patient | Self::Representative | Self::ChosenRepresentative)
    }

    /// Whoever asks for an office says which.
    pub fn has_organisation(self) -> bool {
        !self.is_for_the_patient()
    }

    /// Two working days for an answer, whoever asks (Decree on personal data, for the data subject).
    pub fn answer_by(received: Instant) -> Instant {
        received.working_days_later(2)
    }

    /// Ten days until the patient, or who stands for them, has it.
    pub fn provide_by(self, received: Instant) -> Option<Instant> {
        self.is_for_the_patient().then(|| received.plus(10 * 24 * HOUR))
    }
}

impl Extent {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Record => "record",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Summary, Self::Record].into_iter().find(|e| e.as_str() == text)
    }
}

impl Use {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Summary => "summary",
            Self::Copy => "copy",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Summary, Self::Copy].into_iter().find(|u| u.as_str() == text)
    }
}

/// What the head of the hospital allowed: to read is not to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub extent: Extent,
    pub copy: bool,
    pub until: Instant,
}

impl Grant {
    pub fn allows(&self, what: Use, now: Instant) -> Result<(), NotThisRequest> {
        if now > self.until {
            return Err(NotThisRequest::Over);
        }
        match what {
            Use::Summary => Ok(()),
            Use::Read | Use::Copy if self.extent == Extent::Summary => Err(NotThisRequest::SummaryAlone),
            Use::Read => Ok(()),
            Use::Copy if self.copy => Ok(()),
            Use::Copy => Err(NotThisRequest::ReadAlone),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    Received,
    Granted,
    Refused,
    /// Taken back by who asked, or entered by mistake.
    Withdrawn,
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStep {
    Grant,
    Refuse,
    Withdraw,
    Finish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotThisRequest {
    #[error("Yêu cầu chưa được người đứng đầu hoặc người được ủy quyền quyết định")]
    NotDecided,
    #[error("Yêu cầu đã được đồng ý")]
    Granted,
    #[error("Yêu cầu đã bị từ chối")]
    Refused,
    #[error("Yêu cầu đã được rút")]
    Withdrawn,
    #[error("Yêu cầu đã thực hiện xong")]
    Done,
    #[error("Thời hạn cho phép đã hết: lập yêu cầu mới")]
    Over,
    #[error("Chỉ được cấp bản tóm tắt")]
    SummaryAlone,
    #[error("Chỉ được đọc, ghi chép tại chỗ; không được sao chụp")]
    ReadAlone,
}

impl RequestState {
    const ALL: [Self; 5] = [Self::Received, Self::Granted, Self::Refused, Self::Withdrawn, Self::Done];

    pub fn after(self, step: RequestStep) -> Result<Self, NotThisRequest> {
        use {NotThisRequest as No, RequestStep as T};
        match (self, step) {
            (Self::Received, T::Grant) => Ok(Self::Granted),
            (Self::Received, T::Refuse) => Ok(Self::Refused),
            (Self::Received | Self::Granted, T::Withdraw) => Ok(Self::Withdrawn),
            (Self::Granted, T::Finish) => Ok(Self::Done),
            (Self::Received, T::Finish) => Err(No::NotDecided),
            (Self::Granted, T::Grant | T::Refuse) => Err(No::Granted),
            (Self::Refused, _) => Err(No::Refused),
            (Self::Withdrawn, _) => Err(No::Withdrawn),
            (Self::Done, _) => Err(No::Done),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Done => "done",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: KCB-69.3b, KCB-69.4a, KCB-69.4b, KCB-69.4c, KCB-69.4đ
    #[test]
    fn a_chosen_representative_gets_a_summary_and_an_office_what_is_archived() {
        use {Extent as E, RecordState as S, Requester as R};
        assert_eq!(R::ChosenRepresentative.may_ask(E::Record, S::Archived), Err(NotForThem::SummaryOnly));
        assert_eq!(R::ChosenRepresentative.may_ask(E::Summary, S::Active), Ok(()));
        assert_eq!(R::Patient.may_ask(E::Record, S::Active), Ok(()));
        for office in R::ALL.iter().filter(|r| r.has_organisation()) {
            assert_eq!(office.may_ask(E::Record, S::Archived), Ok(()));
        }
        assert_eq!(R::Court.may_ask(E::Record, S::Closed), Err(NotForThem::OnceArchived));
        assert_eq!(R::Learner.may_ask(E::Record, S::Active), Ok(()), "69.3: while it is being treated");
    }

    // Clauses: PDP-9
    #[test]
    fn an_insurer_and_another_hospital_need_the_patients_will() {
        let needing: Vec<_> = Requester::ALL.iter().filter(|r| r.needs_the_patients_will()).collect();
        assert_eq!(needing, [&Requester::PrivateInsurer, &Requester::OtherFacility]);
    }

    // Clauses: C46-7.1
    #[test]
    fn to_read_is_not_to_copy_and_a_grant_ends() {
        let (now, later) = (Instant(10), Instant(30));
        let grant = Grant { extent: Extent::Record, copy: false, until: Instant(20) };
        assert_eq!(grant.allows(Use::Read, now), Ok(()));
        assert_eq!(grant.allows(Use::Copy, now), Err(NotThisRequest::ReadAlone));
        assert_eq!(grant.allows(Use::Read, later), Err(NotThisRequest::Over));
        let summary = Grant { extent: Extent::Summary, copy: true, ..grant };
        assert_eq!(summary.allows(Use::Summary, now), Ok(()));
        assert_eq!(summary.allows(Use::Copy, now), Err(NotThisRequest::SummaryAlone));
    }

    // Clauses: PDP-4/5
    #[test]
    fn an_answer_is_due_in_two_working_days_and_the_patients_copy_in_ten() {
        let friday = Instant::parse("2026-11-27T09:00:00+07:00").expect("an instant");
        assert_eq!(Requester::answer_by(friday), Instant::parse("2026-12-01T09:00:00+07:00").expect("an instant"));
        let ten = Instant::parse("2026-12-07T09:00:00+07:00");
        assert_eq!(Requester::Patient.provide_by(friday), ten);
        assert_eq!(Requester::Court.provide_by(friday), None);
    }
}
