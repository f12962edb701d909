//! What happens on a bedside line, counted and said to the operator; never anything of what a device measured.

use benhan_device_codec::driver::Note;
use std::sync::Arc;

/// Those that an alarm may ask for stand at zero from the beginning.
const ALL: &[Note] = &[
    Note::Connected,
    Note::Damaged,
    Note::Garbage,
    Note::Ignored,
    Note::NoAnswer,
    Note::Silent,
    Note::Refused,
    Note::NotStored,
    Note::Overrun,
];

pub struct Notes {
    channel: Arc<str>,
    /// The device answers: from its first answer until it is silent or the line is gone.
    answering: Option<Answering>,
    /// A line at the wrong speed damages everything: it is said once in a connection, and counted each time.
    said_damaged: bool,
}

impl Notes {
    pub fn of(channel: &Arc<str>) -> Self {
        ALL.iter().for_each(|note| count(channel, *note, 0));
        Answering::gauge(channel).increment(0.0);
        Self { channel: Arc::clone(channel), answering: None, said_damaged: false }
    }

    pub fn take(&mut self, note: Note, peer: &str) {
        let channel = &self.channel;
        count(channel, note, 1);
        match note {
            Note::Connected => {
                tracing::info!(%channel, peer, "the device answers");
                self.answering.get_or_insert_with(|| Answering::begin(channel));
            }
            Note::Silent => {
                tracing::warn!(%channel, peer, "the device is silent; it is called anew");
                self.answering = None;
            }
            Note::Garbage | Note::Ignored => tracing::debug!(%channel, peer, ?note, "not for us"),
            Note::Damaged if self.said_damaged => tracing::debug!(%channel, peer, "a frame was damaged and not taken"),
            Note::Damaged => {
                tracing::warn!(%channel, peer, "a frame was damaged and not taken; further ones are counted");
                self.said_damaged = true;
            }
            Note::NoAnswer => tracing::warn!(%channel, peer, "the device did not answer in time"),
            Note::Refused => tracing::warn!(%channel, peer, "the device refused a request"),
            Note::NotStored => tracing::error!(%channel, peer, "a record is lost: the disk did not take it"),
            Note::Overrun => {
                tracing::error!(%channel, peer, "a record was dropped: the disk is slower than the device")
            }
        }
    }
}

fn count(channel: &Arc<str>, note: Note, by: u64) {
    metrics::counter!("benhan_device_notes_total", "channel" => Arc::clone(channel), "note" => word(note))
        .increment(by);
}

fn word(note: Note) -> &'static str {
    match note {
        Note::Connected => "connected",
        Note::Damaged => "damaged",
        Note::Garbage => "garbage",
        Note::Ignored => "ignored",
        Note::NoAnswer => "no-answer",
        Note::Silent => "silent",
        Note::Refused => "refused",
        Note::NotStored => "not-stored",
        Note::Overrun => "overrun",
    }
}

/// Counts devices that answer.
struct Answering(metrics::Gauge);

impl Answering {
    fn gauge(channel: &Arc<str>) -> metrics::Gauge {
        metrics::gauge!("benhan_device_answering", "channel" => Arc::clone(channel))
    }

    fn begin(channel: &Arc<str>) -> Self {
        let gauge = Self::gauge(channel);
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
