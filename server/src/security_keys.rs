//! What security keys have been asked, and where browsers have the program open.
//!
//! In memory alone: whoever was asked before a restart is asked again. Each question is for one person and one purpose, is
//! answered once, and stands five minutes. Only who knew the password is asked anything, so that strangers push nobody out.

use benhan_domain::id::{SessionId, UserId};
use benhan_domain::time::{Instant, MINUTE};
use benhan_webauthn::{CHALLENGE, Site};
use rand::RngCore;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

pub const STANDS_MINUTES: i64 = 5;
/// Questions that one person may have open: several terminals, and a second try at each.
const MOST_OF_ONE: usize = 8;
/// Questions at one time; beyond it the oldest is forgotten.
const MOST: usize = 4_000;

pub type Challenge = [u8; CHALLENGE];

/// What an answer is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The second half of a login.
    Login,
    /// To show, in an open session, that it is still its owner.
    Prove(SessionId),
    /// A new key of whoever has this session.
    Register(SessionId),
}

#[derive(Debug)]
struct Question {
    user: UserId,
    purpose: Purpose,
    site: Site,
    asked_at: Instant,
}

impl Question {
    fn stands(&self, now: Instant) -> bool {
        now.since(self.asked_at) <= STANDS_MINUTES.saturating_mul(MINUTE)
    }
}

#[derive(Debug, Default)]
pub struct SecurityKeys {
    sites: OnceLock<Vec<Site>>,
    asked: Mutex<HashMap<Challenge, Question>>,
}

impl SecurityKeys {
    /// Where browsers open the program, known once its port is. Said once, before the first request.
    pub fn opened_at(&self, sites: Vec<Site>) {
        drop(self.sites.set(sites));
    }

    pub fn sites(&self) -> &[Site] {
        self.sites.get().map_or(&[], Vec::as_slice)
    }

    /// The site that a browser has open which sends this `Host`. Only one that is known: the header alone proves nothing.
    pub fn site(&self, authority: &str) -> Option<Site> {
        self.sites().iter().find(|site| site.authority().eq_ignore_ascii_case(authority)).cloned()
    }

    /// Asks this person something new.
    pub fn ask(&self, user: UserId, purpose: Purpose, site: &Site, now: Instant) -> Challenge {
        let mut challenge = [0_u8; CHALLENGE];
        rand::rng().fill_bytes(&mut challenge);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= MOST {
            asked.retain(|_, question| question.stands(now));
        }
        while asked.values().filter(|question| question.user == user).count() >= MOST_OF_ONE {
            forget_oldest(&mut asked, |question| question.user == user);
        }
        if asked.len() >= MOST {
            forget_oldest(&mut asked, |_| true);
        }
        asked.insert(challenge, Question { user, purpose, site: site.clone(), asked_at: now });
        challenge
    }

    /// What was asked with this challenge, which is used up by it. None where it was another person's, for something else,
    /// too long ago, or answered before.
    pub fn answered(&self, challenge: &Challenge, user: UserId, purpose: Purpose, now: Instant) -> Option<Site> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let question = asked.remove(challenge)?;
        let fits = question.user == user && question.purpose == purpose && question.stands(now);
        fits.then_some(question.site)
    }
}

/// The sites of these origins; without any, of these hosts that have a name at this port.
///
/// # Errors
/// The origin that is none.
pub fn sites(origins: &[String], hosts: &[String], port: u16) -> Result<Vec<Site>, String> {
    if origins.is_empty() {
        return Ok(hosts.iter().filter_map(|host| Site::at(host, port)).collect());
    }
    origins.iter().map(|origin| Site::parse(origin).ok_or_else(|| origin.clone())).collect()
}

fn forget_oldest(asked: &mut HashMap<Challenge, Question>, of: impl Fn(&Question) -> bool) {
    let oldest = asked.iter().filter(|(_, question)| of(question)).min_by_key(|(_, question)| question.asked_at);
    if let Some(challenge) = oldest.map(|(challenge, _)| *challenge) {
        asked.remove(&challenge);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn person(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    // Clauses: SEC-2
    #[test]
    fn a_question_is_answered_once_by_whom_it_was_put_to() {
        let (keys, site, now) = (SecurityKeys::default(), Site::at("localhost", 8443).expect("a site"), Instant(0));
        let (lan, minh) = (person(1), person(2));
        let session = Purpose::Register(SessionId(Uuid::from_u128(3)));
        let ask = || keys.ask(lan, Purpose::Login, &site, now);
        assert_eq!(keys.answered(&ask(), minh, Purpose::Login, now), None);
        assert_eq!(keys.answered(&ask(), lan, session, now), None);
        assert_eq!(keys.answered(&ask(), lan, Purpose::Login, now.plus(5 * MINUTE + 1)), None);
        let asked = ask();
        assert_eq!(keys.answered(&asked, lan, Purpose::Login, now.plus(5 * MINUTE)), Some(site.clone()));
        assert_eq!(keys.answered(&asked, lan, Purpose::Login, now), None, "once");
        assert_eq!(keys.answered(&[0; CHALLENGE], lan, Purpose::Login, now), None);
    }

    #[test]
    fn what_is_asked_is_bounded_and_the_newest_stay() {
        let (keys, site) = (SecurityKeys::default(), Site::at("localhost", 8443).expect("a site"));
        let of_one: Vec<_> = (0..20).map(|n| keys.ask(person(0), Purpose::Login, &site, Instant(n))).collect();
        let left = |challenge: &&Challenge| keys.answered(challenge, person(0), Purpose::Login, Instant(20)).is_some();
        assert_eq!(of_one.iter().filter(left).count(), MOST_OF_ONE);
        let mut last = [0; CHALLENGE];
        for n in 0..5_000 {
            last = keys.ask(person(n), Purpose::Login, &site, Instant(0));
        }
        assert_eq!(keys.asked.lock().expect("a map").len(), MOST);
        assert!(keys.answered(&last, person(4_999), Purpose::Login, Instant(0)).is_some());
    }

    #[test]
    fn sites_are_set_or_come_from_the_servers_names() {
        let text = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let origins = |sites: Result<Vec<Site>, String>| {
            sites.map(|sites| sites.iter().map(|site| site.origin().to_owned()).collect::<Vec<_>>())
        };
        let hosts = text(&["benhan.lan", "10.0.0.5", "::1"]);
        assert_eq!(origins(sites(&[], &hosts, 8443)), Ok(text(&["https://benhan.lan:8443"])));
        let set = text(&["https://benhan.bvx.vn"]);
        assert_eq!(origins(sites(&set, &hosts, 8443)), Ok(set));
        assert_eq!(sites(&text(&["https://10.0.0.5"]), &hosts, 8443), Err("https://10.0.0.5".into()));
    }

    #[test]
    fn a_site_is_one_of_those_that_are_known() {
        let keys = SecurityKeys::default();
        assert_eq!(keys.site("localhost:8443"), None);
        keys.opened_at(vec![Site::at("localhost", 8443).expect("a site")]);
        assert_eq!(keys.site("LOCALHOST:8443").expect("known").host(), "localhost");
        for other in ["localhost", "localhost:9000", "evil.com", "127.0.0.1:8443", ""] {
            assert_eq!(keys.site(other), None, "{other}");
        }
    }
}
