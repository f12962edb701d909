//! Answers to devices that ask their host: which tests a tube is for, who a patient is. From the worklist, in the
//! device's own codes and dialect, and in less than a second whether the server is there or not.
//!
//! Not here: how a question and its answer are written (`codec::query`), nor how they travel (`driver`).

mod found;
mod order;

use crate::clock;
use crate::normalise::Reader;
use crate::profile::Asks;
use crate::worklist::Worklist;
use benhan_device_codec::query::{About, Found, Ours, Query, answer};
use jiff::tz::TimeZone;

/// What we are called in an answer where the device gave us no name.
const OUR_NAME: &str = "BENHAN";

/// What an answer is given from.
#[derive(Clone)]
pub struct Answering {
    pub worklist: Worklist,
    /// Of the hospital, for times in answers.
    pub zone: TimeZone,
}

impl Answering {
    /// Is this device answered? One that is said never to ask is not.
    pub fn is_for(&self, reader: &Reader) -> bool {
        self.worklist.is_kept() && reader.profile.asking.asks != Asks::Never
    }

    /// The answer, message by message; nothing where none is due. `control_id` is MSH-10 of the first.
    pub async fn to(&self, query: &Query, reader: &Reader, channel: &str, now: i64) -> Vec<Vec<u8>> {
        if query.about == About::TakenBack {
            count(channel, "taken-back");
            return Vec::new();
        }
        let found = match self.worklist.list(|list| found::knows(list, &query.about)).await {
            Some(list) => found::found(&list, query, reader, &self.zone),
            None => Found::Failed,
        };
        let outcome = match &found {
            Found::Orders(_) | Found::People(_) => "found",
            Found::Nothing => "nothing",
            Found::Failed => "no-list",
        };
        count(channel, outcome);
        tracing::debug!(channel, dialect = ?query.dialect, outcome, "a device asked");
        let (control_id, time) = (format!("BH{now}"), clock::format(now, &self.zone));
        let ours = Ours { control_id: &control_id, time: &time, name: OUR_NAME };
        answer(query, &found, &ours).unwrap_or_else(|_| {
            // More than any device takes: it is told that there is nothing, and must not wait.
            tracing::error!(channel, dialect = ?query.dialect, "an answer would be too long; the device was told nothing");
            answer(query, &Found::Nothing, &ours).unwrap_or_default()
        })
    }
}

/// For whoever watches.
pub fn count(channel: &str, outcome: &'static str) {
    metrics::counter!("benhan_device_queries_total", "channel" => channel.to_owned(), "outcome" => outcome)
        .increment(1);
}

#[cfg(test)]
impl Answering {
    /// Nobody is answered.
    pub(crate) fn without_list(dir: &std::path::Path) -> Self {
        let surroundings = benhan_uplink::Surroundings::system();
        Self { worklist: Worklist::open(dir.join("worklist.json"), None, surroundings), zone: TimeZone::UTC }
    }
}
