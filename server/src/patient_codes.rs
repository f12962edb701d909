//! Codes that were sent to patients' phones and are waited for.
//!
//! In memory alone: after a restart a new one is sent. Each is for one place on one version of a sheet, one signer, one phone
//! and one witness; it stands five minutes and three wrong answers.

use crate::app::signing::ToSign;
use benhan_domain::id::UserId;
use benhan_domain::patient_signature::phone_code::{TRIES, stands};
use benhan_domain::patient_signature::{Phone, PhoneCode, Representative};
use benhan_domain::time::{Instant, MINUTE};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Messages that one person may have sent in [`COUNTED`]: each costs the hospital something, and somebody's peace.
const MOST_OF_ONE: usize = 10;
const COUNTED: i64 = 10 * MINUTE;

/// For whom, where, by which phone.
#[derive(Clone, Debug)]
pub struct Asked {
    pub witness: UserId,
    pub place: ToSign,
    pub representative: Option<Representative>,
    pub phone: Phone,
}

/// What is known once the right code came back.
#[derive(Clone, Debug)]
pub struct Answered {
    pub phone: Phone,
    pub sent_at: Instant,
    /// The service's number for the message.
    pub number: String,
}

#[derive(Debug)]
struct Waiting {
    asked: Asked,
    code: PhoneCode,
    sent_at: Instant,
    number: String,
    wrong: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTheCode {
    /// Never sent, used, too old, given up, or for something else.
    Gone,
    Wrong {
        left: u8,
    },
}

#[derive(Debug, Default)]
pub struct PatientCodes {
    waiting: Mutex<HashMap<Uuid, Waiting>>,
}

impl PatientCodes {
    /// A new code for this, or none where this person had too many sent.
    pub fn ask(&self, asked: Asked, random: u32, now: Instant) -> Option<(Uuid, PhoneCode)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, one| (0..=COUNTED).contains(&now.since(one.sent_at)));
        if waiting.values().filter(|one| one.asked.witness == asked.witness).count() >= MOST_OF_ONE {
            return None;
        }
        let (id, code) = (Uuid::now_v7(), PhoneCode::of(random));
        waiting.insert(id, Waiting { asked, code, sent_at: now, number: String::new(), wrong: 0 });
        Some((id, code))
    }

    /// The service took the message.
    pub fn sent(&self, id: Uuid, number: String) {
        if let Some(one) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&id) {
            one.number = number;
        }
    }

    /// Whether this is the code; it stays good until it is [`PatientCodes::used`].
    pub fn answer(&self, id: Uuid, asked: &For<'_>, code: PhoneCode, now: Instant) -> Result<Answered, NotTheCode> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let one = waiting.get_mut(&id).filter(|one| asked.is(&one.asked) && stands(one.sent_at, now));
        let one = one.filter(|one| one.wrong < TRIES).ok_or(NotTheCode::Gone)?;
        if one.code != code {
            one.wrong = one.wrong.saturating_add(1);
            let left = TRIES.saturating_sub(one.wrong);
            return Err(if left == 0 { NotTheCode::Gone } else { NotTheCode::Wrong { left } });
        }
        Ok(Answered { phone: one.asked.phone.clone(), sent_at: one.sent_at, number: one.number.clone() })
    }

    /// It confirmed something, and confirms nothing else.
    pub fn used(&self, id: Uuid) {
        if let Some(one) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&id) {
            one.wrong = TRIES;
        }
    }
}

/// What an answer is given for.
#[derive(Clone, Copy, Debug)]
pub struct For<'a> {
    pub witness: UserId,
    pub place: &'a ToSign,
    pub representative: Option<&'a Representative>,
}

impl For<'_> {
    fn is(&self, asked: &Asked) -> bool {
        (self.witness, self.place, self.representative) == (asked.witness, &asked.place, asked.representative.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use benhan_domain::id::DocumentId;

    fn place(version: i64) -> ToSign {
        ToSign { document: DocumentId(Uuid::from_u128(1)), version, slot: "nguoi-benh".into() }
    }

    fn asked(witness: u128) -> Asked {
        let phone = Phone::parse("0912345678").expect("a number");
        Asked { witness: UserId(Uuid::from_u128(witness)), place: place(2), representative: None, phone }
    }

    fn of<'a>(witness: u128, place: &'a ToSign) -> For<'a> {
        For { witness: UserId(Uuid::from_u128(witness)), place, representative: None }
    }

    // Clauses: C13-3
    #[test]
    fn a_code_is_good_for_what_it_was_sent_for_and_once() {
        let (codes, now, here) = (PatientCodes::default(), Instant(0), place(2));
        let (id, code) = codes.ask(asked(7), 123_456, now).expect("sent");
        codes.sent(id, "MS-1".into());
        let gone = Some(NotTheCode::Gone);
        assert_eq!(codes.answer(id, &of(8, &here), code, now).err(), gone, "another witness");
        assert_eq!(codes.answer(id, &of(7, &place(3)), code, now).err(), gone, "another version");
        assert_eq!(codes.answer(Uuid::nil(), &of(7, &here), code, now).err(), gone, "never sent");
        assert_eq!(codes.answer(id, &of(7, &here), code, now.plus(5 * MINUTE + 1)).err(), gone, "too late");
        let answered = codes.answer(id, &of(7, &here), code, now.plus(MINUTE)).expect("the code");
        assert_eq!((answered.phone.as_str(), answered.number.as_str()), ("0912345678", "MS-1"));
        assert!(codes.answer(id, &of(7, &here), code, now).is_ok(), "a wrong PIN of the witness does not use it up");
        codes.used(id);
        assert_eq!(codes.answer(id, &of(7, &here), code, now).err(), gone, "once");
    }

    #[test]
    fn a_code_is_given_up_after_three_wrong_ones_and_nobody_is_flooded() {
        let (codes, now, here) = (PatientCodes::default(), Instant(0), place(2));
        let (id, code) = codes.ask(asked(7), 1, now).expect("sent");
        let tries = [2, 3, 4].map(|n| codes.answer(id, &of(7, &here), PhoneCode::of(n), now).err());
        let expected = [NotTheCode::Wrong { left: 2 }, NotTheCode::Wrong { left: 1 }, NotTheCode::Gone];
        assert_eq!(tries, expected.map(Some));
        assert_eq!(codes.answer(id, &of(7, &here), code, now).err(), Some(NotTheCode::Gone), "nor the right one");
        for n in 1..MOST_OF_ONE {
            assert!(codes.ask(asked(7), 1, now).is_some(), "{n}");
        }
        assert!(codes.ask(asked(7), 1, now).is_none() && codes.ask(asked(8), 1, now).is_some());
        assert!(codes.ask(asked(7), 1, now.plus(COUNTED + 1)).is_some());
    }
}
