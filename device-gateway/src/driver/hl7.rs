//! One HL7 payload: kept and acknowledged, or a question answered, or the device's word on what it was sent.
//!
//! Nothing is parsed before the acknowledgement but MSH; unknown senders are welcome, since what is stored waits on a
//! list. A question is not stored: nothing of it is owed once it is answered.

use super::Desk;
use crate::answer;
use crate::clock;
use crate::normalise::Reader;
use benhan_contract::Protocol;
use benhan_device_codec::charset::Charset;
use benhan_device_codec::hl7::ack::{self, Answer, Code, Mode};
use benhan_device_codec::hl7::{Kind, Message, Whole, batch};
use benhan_device_codec::query::{self, NoQuery};
use std::borrow::Cow;

/// Messages of one batch that are each acknowledged, or asked and answered.
const MOST_OF_A_BATCH: usize = 200;

/// What goes back for a payload.
#[derive(Debug, Default)]
pub struct Reply {
    /// Nothing of it is owed any more.
    pub is_settled: bool,
    pub at_once: Vec<Vec<u8>>,
    /// Each after the device has answered the one before.
    pub in_turn: Vec<Vec<u8>>,
    /// It was the device's answer to something sent.
    pub is_answer: bool,
}

impl Reply {
    fn settled(at_once: Vec<Vec<u8>>) -> Self {
        Self { is_settled: true, at_once, ..Self::default() }
    }
}

pub async fn received(desk: &Desk, address: &str, payload: Vec<u8>) -> Reply {
    // The header is needed after the bytes have gone into the spool. In UTF-16 it is found only once it is decoded.
    let header = header_of(&payload).map(|header| (header, None)).or_else(|| wide_header(&payload));
    let Some((header, wide)) = header else { return unknown(desk, address, payload).await };
    let Ok(message) = Message::parse(&header) else { return unknown(desk, address, payload).await };
    let kind = Kind::of(&message);
    if kind.is_answer() {
        note_answer(desk, address, &payload);
        return Reply { is_settled: true, is_answer: true, ..Reply::default() };
    }
    let reader = desk.readers.reader_of(&desk.channel, address, &message.header());
    if kind.is_query() && desk.answering.is_for(&reader) {
        return asked(desk, &reader, &payload).await;
    }
    let is_whole_batch = reader.profile.ack_by_standard && wide.is_none();
    let headers = if is_whole_batch { headers_of(&payload) } else { vec![header.clone()] };
    let kept = desk.keep(Protocol::Hl7, address, payload).await;
    let (code, own_id, text) = match &kept {
        Ok(kept) => (Code::Accepted, format!("BH{}", kept.sequence), ""),
        Err(failure) => {
            tracing::error!(channel = %desk.channel, peer = address, %failure, "a message could not be stored; the device was told to send it again");
            (Code::StorageFailed, control_id(desk), "the message could not be stored, send it again")
        }
    };
    let time = clock::format(desk.surroundings.now(), &desk.zone);
    let acknowledge = |message: &Message<'_>, code, mode| {
        let text = ack::build(message, Answer { code, mode, control_id: &own_id, time: &time, text });
        wide.map_or(text.clone(), |charset: Charset| charset.encode(&String::from_utf8_lossy(&text)))
    };
    let mut at_once = Vec::new();
    if reader.profile.ack_by_standard {
        for message in headers.iter().filter_map(|header| Message::parse(header).ok()) {
            let due = ack::due(&message, code, code);
            at_once.extend(due.commit.map(|code| acknowledge(&message, code, Mode::Commit)));
            at_once.extend(due.application.map(|code| acknowledge(&message, code, Mode::Application)));
        }
    } else if ack::wanted(&message, code) {
        at_once.push(acknowledge(&message, code, reader.profile.ack));
    }
    Reply { is_settled: kept.is_ok(), at_once, ..Reply::default() }
}

/// A question; of a batch, each of its questions. Results between them would be no honest batch: it is kept whole, and
/// nobody is answered from it.
async fn asked(desk: &Desk, reader: &Reader, payload: &[u8]) -> Reply {
    let whole = Whole::of(payload, reader.charset);
    let mut reply = Reply { is_settled: true, ..Reply::default() };
    let several: Vec<&[u8]> = batch::messages(&whole.bytes).take(MOST_OF_A_BATCH).collect();
    let one = [payload];
    // Taken apart only where there is more than one, so that each is read in the bytes in which it was sent.
    for bytes in if several.len() > 1 { several.as_slice() } else { one.as_slice() } {
        answer_one(desk, reader, bytes, &mut reply).await;
    }
    if several.len() > 1 && whole.sent_in != whole.read_as {
        let sent = |message: Vec<u8>| whole.sent_in.encode(&String::from_utf8_lossy(&message));
        reply.at_once = reply.at_once.into_iter().map(sent).collect();
        reply.in_turn = reply.in_turn.into_iter().map(sent).collect();
    }
    reply
}

async fn answer_one(desk: &Desk, reader: &Reader, bytes: &[u8], reply: &mut Reply) {
    let now = desk.surroundings.now();
    let read = query::read_hl7(bytes, reader.charset);
    let whole = Whole::of(bytes, reader.charset);
    let parsed = Message::parse(&whole.bytes).ok();
    // IHE LAW is by the standard; of others the profile must say that they are.
    let is_law = parsed.is_some_and(|message| Kind::of(&message) == Kind::QbpQ11);
    let by_standard = is_law || reader.profile.ack_by_standard;
    let due = parsed.map(|message| ack::due(&message, Code::Accepted, Code::Accepted)).unwrap_or_default();
    let time = clock::format(now, &desk.zone);
    let said = |code, mode, text| {
        let control_id = control_id(desk);
        let answer = Answer { code, mode, control_id: &control_id, time: &time, text };
        parsed.map(|message| whole.answer(ack::build(&message, answer)))
    };
    // Enhanced mode: that it has come, before what is known of it. The answer itself is due whatever MSH-16 says.
    if let Some(code) = due.commit.filter(|_| by_standard) {
        reply.at_once.extend(said(code, Mode::Commit, ""));
    }
    match read {
        Ok(query) => {
            let mut messages = desk.answering.to(&query, reader, &desk.channel, now).await.into_iter();
            // The reply, and the first of what follows it; more only as the device takes it.
            reply.at_once.extend(messages.by_ref().take(2));
            reply.in_turn.extend(messages);
        }
        Err(why) => {
            answer::count(&desk.channel, "refused");
            tracing::warn!(channel = %desk.channel, %why, "a device asked what cannot be answered");
            let text = match why {
                NoQuery::NoSubject => "the query names nobody and nothing",
                NoQuery::TooLong => "the query is too long",
                NoQuery::NotAQuery | NoQuery::UnknownName => "this query is not answered here",
            };
            reply.at_once.extend(said(Code::Rejected, Mode::Application, text));
        }
    }
}

async fn unknown(desk: &Desk, address: &str, payload: Vec<u8>) -> Reply {
    match desk.keep(Protocol::Hl7, address, payload).await {
        Ok(_) => {
            tracing::warn!(channel = %desk.channel, peer = address, "a message is not HL7; it waits for a person");
            Reply::settled(vec![rejection(desk, Code::Rejected, "not an HL7 message")])
        }
        Err(failure) => {
            tracing::error!(channel = %desk.channel, peer = address, %failure, "a message could not be stored; the device was told to send it again");
            let text = "the message could not be stored, send it again";
            Reply { at_once: vec![rejection(desk, Code::StorageFailed, text)], ..Reply::default() }
        }
    }
}

/// MSA-1 of the device's word on what it was sent: somebody may have to look why it refuses.
fn note_answer(desk: &Desk, address: &str, payload: &[u8]) {
    let whole = Whole::of(payload, None);
    let Ok(message) = Message::parse(&whole.bytes) else { return };
    let code = message.segment(b"MSA").map(|msa| msa.field(1).trimmed().to_vec()).unwrap_or_default();
    if !matches!(code.as_slice(), b"AA" | b"CA" | b"") {
        let code = code.escape_ascii().to_string();
        metrics::counter!("benhan_device_refusals_total", "channel" => desk.channel.to_string()).increment(1);
        tracing::warn!(channel = %desk.channel, peer = address, code = code.get(..8).unwrap_or(&code), "a device refused what it was sent");
    }
}

/// The first MSH segment; of a batch, the first message's.
fn header_of(payload: &[u8]) -> Option<Vec<u8>> {
    batch::messages(payload).next().map(first_segment)
}

fn headers_of(payload: &[u8]) -> Vec<Vec<u8>> {
    batch::messages(payload).take(MOST_OF_A_BATCH).map(first_segment).collect()
}

fn first_segment(message: &[u8]) -> Vec<u8> {
    let end = message.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(message.len());
    message.get(..end).unwrap_or(message).to_vec()
}

fn wide_header(payload: &[u8]) -> Option<(Vec<u8>, Option<Charset>)> {
    let whole = Whole::of(payload, None);
    match &whole.bytes {
        Cow::Borrowed(_) => None,
        Cow::Owned(decoded) => Some((header_of(decoded)?, Some(whole.sent_in))),
    }
}

pub fn rejection(desk: &Desk, code: Code, text: &str) -> Vec<u8> {
    let time = clock::format(desk.surroundings.now(), &desk.zone);
    ack::build_rejection(Answer { code, mode: Mode::Application, control_id: &control_id(desk), time: &time, text })
}

/// MSH-10 of an answer about nothing stored: the microsecond, within the 20 characters of old versions.
fn control_id(desk: &Desk) -> String {
    format!("BH{}", desk.surroundings.now())
}
