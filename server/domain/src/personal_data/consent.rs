//! Who answers for whom, what an answer is worth today, and when to ask again (Law 91/2025/QH15: explicit, for each
//! purpose; of children by age).

use crate::patient_signature::{Ground, NotTheSigner, Representative, signer};
use crate::person::age_years;
use jiff::civil::Date;

words! {
    Answer {
        Agreed "agreed" "Đồng ý",
        Refused "refused" "Không đồng ý",
        Withdrawn "withdrawn" "Đã rút lại",
        /// Nobody could be asked: an emergency (Art. 19.1a). To be asked afterwards.
        Deferred "deferred" "Chưa hỏi được (cấp cứu)",
    }
    /// How the answer was given.
    Channel {
        Desk "desk" "Trả lời trực tiếp trước nhân viên",
        Paper "paper" "Ký trên giấy",
    }
    AskAgain {
        TurnedSeven "turned-seven" "Trẻ đã đủ 7 tuổi: hỏi lại cả trẻ và người đại diện",
        TurnedEighteen "turned-eighteen" "Người bệnh đã đủ 18 tuổi: hỏi lại chính người bệnh",
        NewText "new-text" "Lời hỏi đã thay đổi: hỏi lại theo lời mới",
        AfterEmergency "after-emergency" "Khi cấp cứu chưa hỏi được: hỏi bây giờ",
    }
}

/// A child of this age is asked beside its representative.
const ASKED_TOO: u16 = 7;
const ADULT: u16 = 18;

/// Who answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    Patient,
    Representative(Representative),
    /// The child and its representative.
    Both(Representative),
}

impl By {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Representative(_) => "representative",
            Self::Both(_) => "both",
        }
    }

    pub fn representative(&self) -> Option<&Representative> {
        match self {
            Self::Patient => None,
            Self::Representative(one) | Self::Both(one) => Some(one),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTheirs {
    #[error("Trẻ chưa đủ 7 tuổi: chỉ người đại diện trả lời")]
    TooYoung,
    #[error("Trẻ từ 7 đến dưới 18 tuổi: cần cả trẻ và người đại diện cùng trả lời")]
    BothAreAsked,
    #[error("Người bệnh đã đủ 18 tuổi: tự trả lời, hoặc người đại diện có lý do trả lời thay; không cả hai")]
    OneAnswers,
    #[error("Chọn ai trả lời: người bệnh hay người đại diện")]
    Nobody,
    #[error("Người bệnh chưa đủ 18 tuổi: lý do đại diện là «chưa thành niên»")]
    GroundOfAMinor,
    #[error(transparent)]
    Representative(#[from] NotTheSigner),
}

impl NotTheirs {
    /// The field that must be mended.
    pub fn place(self) -> &'static str {
        match self {
            Self::TooYoung | Self::BothAreAsked | Self::OneAnswers | Self::Nobody => "patientAnswers",
            Self::GroundOfAMinor => "representative/ground",
            Self::Representative(no) => no.place(),
        }
    }
}

fn named(representative: Representative, age: Option<u16>) -> Result<Representative, NotTheirs> {
    let minor = age.map(|age| age < ADULT);
    if minor == Some(true) && representative.ground != Ground::Minor {
        return Err(NotTheirs::GroundOfAMinor);
    }
    signer(Some(representative), minor)?.ok_or(NotTheirs::Nobody)
}

/// For the screen that asks: whose answer [`answerer`] will take.
pub fn who_is_asked(age: Option<u16>) -> &'static str {
    match age {
        None => "either",
        Some(age) if age < ASKED_TOO => "representative",
        Some(age) if age < ADULT => "both",
        Some(_) => "patient",
    }
}

/// Whoever answers, as the age wants it; without a birth date whoever takes the answer knows.
pub fn answerer(patient: bool, representative: Option<Representative>, age: Option<u16>) -> Result<By, NotTheirs> {
    match (patient, representative, age) {
        (true, _, Some(age)) if age < ASKED_TOO => Err(NotTheirs::TooYoung),
        (true, Some(_), Some(age)) if age >= ADULT => Err(NotTheirs::OneAnswers),
        (true, None, Some(age)) if age < ADULT => Err(NotTheirs::BothAreAsked),
        (false, Some(_), Some(age)) if (ASKED_TOO..ADULT).contains(&age) => Err(NotTheirs::BothAreAsked),
        (true, None, _) => Ok(By::Patient),
        (true, Some(one), age) => Ok(By::Both(named(one, age)?)),
        (false, Some(one), age) => Ok(By::Representative(named(one, age)?)),
        (false, None, _) => Err(NotTheirs::Nobody),
    }
}

/// To withdraw is as easy as it can be: a child from seven on, or its representative, alone.
pub fn withdrawer(patient: bool, representative: Option<Representative>, age: Option<u16>) -> Result<By, NotTheirs> {
    match (patient, representative) {
        (true, _) if age.is_some_and(|age| age < ASKED_TOO) => Err(NotTheirs::TooYoung),
        (true, Some(_)) if age.is_some_and(|age| age >= ADULT) => Err(NotTheirs::OneAnswers),
        (true, None) => Ok(By::Patient),
        (true, Some(one)) => Ok(By::Both(named(one, age)?)),
        (false, Some(one)) => Ok(By::Representative(named(one, age)?)),
        (false, None) => Err(NotTheirs::Nobody),
    }
}

/// The newest answer for a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    pub answer: Answer,
    /// Of the text.
    pub version: u32,
    pub day: Date,
}

/// What an answer is worth today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// None: nobody was asked. Silence is no consent.
    pub answer: Option<Answer>,
    pub ask_again: Option<AskAgain>,
}

impl Standing {
    /// Data may be used for the purpose. What must be asked again does not carry any more.
    pub fn stands(&self) -> bool {
        self.answer == Some(Answer::Agreed) && self.ask_again.is_none()
    }
}

/// `version` is the one of today's text. A no is not asked again.
pub fn standing(last: Option<Last>, version: u32, birth: Option<Date>, today: Date) -> Standing {
    let Some(last) = last else { return Standing { answer: None, ask_again: None } };
    let passed =
        |years: u16| birth.is_some_and(|birth| age_years(birth, last.day) < years && age_years(birth, today) >= years);
    let ask_again = match last.answer {
        Answer::Refused | Answer::Withdrawn => None,
        Answer::Deferred => Some(AskAgain::AfterEmergency),
        Answer::Agreed if passed(ADULT) => Some(AskAgain::TurnedEighteen),
        Answer::Agreed if passed(ASKED_TOO) => Some(AskAgain::TurnedSeven),
        Answer::Agreed if last.version < version => Some(AskAgain::NewText),
        Answer::Agreed => None,
    };
    Standing { answer: Some(last.answer), ask_again }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient_signature::{IdPaper, Relation};
    use jiff::civil::date;

    fn mother() -> Representative {
        Representative {
            name: "Lê Thị Mẹ".into(),
            relation: Relation::Parent,
            ground: Ground::Minor,
            id_paper: IdPaper::CitizenCard,
            id_number: "033188001234".into(),
        }
    }

    // Clauses: PDP-8
    #[test]
    fn a_small_child_is_answered_for_and_an_older_one_is_asked_too() {
        assert_eq!(answerer(false, Some(mother()), Some(5)), Ok(By::Representative(mother())));
        assert_eq!(answerer(true, Some(mother()), Some(6)), Err(NotTheirs::TooYoung));
        assert_eq!(answerer(false, Some(mother()), Some(7)), Err(NotTheirs::BothAreAsked));
        assert_eq!(answerer(true, None, Some(17)), Err(NotTheirs::BothAreAsked));
        assert_eq!(answerer(true, Some(mother()), Some(12)), Ok(By::Both(mother())));
        assert_eq!(answerer(true, None, Some(18)), Ok(By::Patient));
        assert_eq!(answerer(true, Some(mother()), Some(40)), Err(NotTheirs::OneAnswers));
        let chosen = Representative { ground: Ground::Chosen, ..mother() };
        assert_eq!(answerer(false, Some(chosen.clone()), Some(40)), Ok(By::Representative(chosen.clone())));
        assert_eq!(answerer(false, Some(chosen), Some(3)), Err(NotTheirs::GroundOfAMinor));
        assert_eq!(answerer(false, None, None), Err(NotTheirs::Nobody));
        assert_eq!(withdrawer(true, None, Some(12)), Ok(By::Patient), "to withdraw, one of them is enough");
        assert_eq!(withdrawer(true, None, Some(4)), Err(NotTheirs::TooYoung));
    }

    // Clauses: PDP-3, PDP-8
    #[test]
    fn silence_is_no_consent_and_a_child_is_asked_again_at_seven_and_eighteen() {
        let birth = Some(date(2014, 5, 20));
        let asked = |answer, day| Some(Last { answer, version: 2, day });
        let at = |last, today| standing(last, 2, birth, today);
        assert!(!at(None, date(2020, 1, 1)).stands());
        let five = asked(Answer::Agreed, date(2019, 6, 1));
        assert!(at(five, date(2021, 5, 19)).stands());
        assert_eq!(at(five, date(2021, 5, 20)).ask_again, Some(AskAgain::TurnedSeven));
        assert_eq!(at(five, date(2032, 5, 20)).ask_again, Some(AskAgain::TurnedEighteen));
        let nine = asked(Answer::Agreed, date(2023, 6, 1));
        assert!(at(nine, date(2032, 5, 19)).stands());
        assert!(!at(nine, date(2032, 5, 20)).stands());
        let no = asked(Answer::Refused, date(2019, 6, 1));
        assert_eq!(at(no, date(2032, 5, 20)).ask_again, None, "a no is a no");
        assert_eq!(standing(nine, 3, birth, date(2024, 1, 1)).ask_again, Some(AskAgain::NewText));
        let emergency = at(asked(Answer::Deferred, date(2023, 6, 1)), date(2023, 6, 2));
        assert!(!emergency.stands() && emergency.ask_again == Some(AskAgain::AfterEmergency));
    }
}
