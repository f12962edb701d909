//! The questions in a message of ASTM records.

use super::Desk;
use crate::normalise::Reader;
use benhan_device_codec::astm::frame::{frames, text};
use benhan_device_codec::astm::record::{self, Message};
use benhan_device_codec::charset::Charset;
use benhan_device_codec::query::{About, NoQuery, read_astm};

/// Messages in one transmission that are looked at.
const MOST_MESSAGES: usize = 16;

/// Does it ask, and bring nothing that is to be kept?
pub fn only_asks(received: &[u8]) -> bool {
    let text = text(received);
    let mut records = record::messages(&text).flat_map(|message| message.records().map(|record| record.kind()));
    let mut asks = false;
    let is_kept = records.any(|kind| {
        asks |= kind == b'Q';
        matches!(kind, b'R' | b'O' | b'M' | b'S')
    });
    asks && !is_kept
}

/// What is to be sent for a whole message.
#[derive(Debug, Default)]
pub struct Answers {
    /// Frame by frame, one entry an answer.
    pub frames: Vec<Vec<Vec<u8>>>,
    pub took_back: bool,
}

/// The answers to what it asks.
pub async fn answers(desk: &Desk, address: &str, received: &[u8]) -> Answers {
    let text = text(received);
    let mut answers = Answers::default();
    for message in record::messages(&text).take(MOST_MESSAGES) {
        let reader = desk.readers.reader_of(&desk.channel, address, &message.header());
        if desk.answering.is_for(&reader) {
            answer(desk, &reader, &message, received, &mut answers).await;
        }
    }
    answers
}

async fn answer(desk: &Desk, reader: &Reader, message: &Message<'_>, received: &[u8], answers: &mut Answers) {
    let charset = Charset::of(received, b"", reader.charset);
    let query = match read_astm(message, charset, reader.profile.asking.astm()) {
        Ok(query) => query,
        Err(NoQuery::NotAQuery) => return,
        Err(why) => {
            crate::answer::count(&desk.channel, "refused");
            return tracing::warn!(channel = %desk.channel, %why, "a device asked what cannot be answered");
        }
    };
    answers.took_back |= query.about == About::TakenBack;
    let now = desk.surroundings.now();
    for records in desk.answering.to(&query, reader, &desk.channel, now).await {
        answers.frames.push(frames(&records, reader.profile.line.form));
    }
}
