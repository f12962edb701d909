//! HL7 over MLLP, the receiving side: payload → spool → answer, one message after another.
//!
//! Seen: monitors that stay connected for days, analyzers that connect for each result, senders that do not
//! wait for the answer. Nothing is parsed before the answer but MSH; unknown senders are welcome, since
//! what is stored waits on a list.

use super::memory::Share;
use super::{ANSWER_TIMEOUT, Desk};
use crate::clock;
use benhan_contract::Protocol;
use benhan_device_codec::hl7::ack::{self, Answer, Code, Mode};
use benhan_device_codec::hl7::{Message, batch};
use benhan_device_codec::mllp::{Decoder, Found, frame};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

/// Holds one connection until the peer, a time limit or `shutdown` ends it.
///
/// # Errors
/// What the socket answered; `TimedOut` when a message was begun and not ended, or an answer not taken.
pub async fn converse<S>(mut stream: S, desk: &Desk, address: &str, shutdown: &CancellationToken) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut decoder = Decoder::new(desk.limit);
    let mut buffer = vec![0u8; 16 << 10];
    let mut deadline: Option<Instant> = None;
    let mut share = Share::of(&desk.pool);
    loop {
        let read = tokio::select! {
            biased;
            () = shutdown.cancelled() => return Ok(()),
            read = read_before(&mut stream, &mut buffer, deadline) => read?,
        };
        if read == 0 {
            return Ok(());
        }
        let mut input = buffer.get(..read).unwrap_or_default();
        while let Some(found) = decoder.next(&mut input) {
            if !matches!(found, Found::Garbage(_)) {
                share.release();
            }
            // One that begins anew again and again has no more time than one that goes on.
            if matches!(found, Found::Payload(_)) {
                deadline = None;
            }
            let answer = match found {
                Found::Payload(payload) => received(desk, address, payload).await.1,
                Found::TooLong => {
                    tracing::warn!(channel = %desk.channel, peer = address, limit = desk.limit, "a message is too long");
                    Some(rejection(desk, Code::StorageFailed, "the message is too long"))
                }
                Found::Garbage(bytes) | Found::Restarted(bytes) => {
                    tracing::debug!(channel = %desk.channel, peer = address, bytes, "bytes outside a message");
                    None
                }
            };
            if let Some(answer) = answer {
                timeout(ANSWER_TIMEOUT, stream.write_all(&frame(&answer))).await??;
                timeout(ANSWER_TIMEOUT, stream.flush()).await??;
            }
        }
        if !decoder.in_payload() {
            deadline = None;
            share.release();
            continue;
        }
        deadline = deadline.or_else(|| Instant::now().checked_add(desk.message_timeout));
        if let Some(deadline) = deadline {
            timeout_at(deadline, share.cover(decoder.held())).await?;
        }
    }
}

async fn read_before<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut [u8],
    deadline: Option<Instant>,
) -> io::Result<usize> {
    match deadline {
        Some(deadline) => timeout_at(deadline, stream.read(buffer)).await?,
        None => stream.read(buffer).await,
    }
}

/// Stores a payload: is nothing of it owed any more, and the answer to give, if one is wanted.
pub async fn received(desk: &Desk, address: &str, payload: Vec<u8>) -> (bool, Option<Vec<u8>>) {
    // The header is needed after the bytes have gone into the spool.
    let header = header_of(&payload);
    let message = header.as_deref().and_then(|bytes| Message::parse(bytes).ok());
    if message.as_ref().is_some_and(|message| message.header().field(9).component(1).trimmed() == b"ACK") {
        return (true, None);
    }
    let kept = desk.keep(Protocol::Hl7, address, payload).await;
    let (code, own_id, text) = match &kept {
        Ok(kept) => (Code::Accepted, format!("BH{}", kept.sequence), ""),
        Err(failure) => {
            tracing::error!(channel = %desk.channel, peer = address, %failure, "a message could not be stored; the device was told to send it again");
            (Code::StorageFailed, control_id(desk), "the message could not be stored, send it again")
        }
    };
    let Some(message) = message else {
        let code = if kept.is_ok() { Code::Rejected } else { code };
        tracing::warn!(channel = %desk.channel, peer = address, "a message is not HL7; it waits for a person");
        return (kept.is_ok(), Some(rejection(desk, code, "not an HL7 message")));
    };
    let answer = ack::wanted(&message, code).then(|| {
        let time = clock::format(desk.surroundings.now(), &desk.zone);
        let mode = mode_for(desk, address, &message);
        ack::build(&message, Answer { code, mode, control_id: &own_id, time: &time, text })
    });
    (kept.is_ok(), answer)
}

/// The first MSH segment; of a batch, the first message's.
fn header_of(payload: &[u8]) -> Option<Vec<u8>> {
    let message = batch::messages(payload).next()?;
    let end = message.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(message.len());
    message.get(..end).map(<[u8]>::to_vec)
}

fn mode_for(desk: &Desk, address: &str, message: &Message<'_>) -> Mode {
    desk.readers.reader_of(&desk.channel, address, &message.header()).profile.ack
}

fn rejection(desk: &Desk, code: Code, text: &str) -> Vec<u8> {
    let time = clock::format(desk.surroundings.now(), &desk.zone);
    ack::build_rejection(Answer { code, mode: Mode::Application, control_id: &control_id(desk), time: &time, text })
}

/// MSH-10 of an answer about nothing stored: the microsecond, within the 20 characters of old versions.
fn control_id(desk: &Desk) -> String {
    format!("BH{}", desk.surroundings.now())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_message_begun_anew_holds_no_memory_for_what_it_had_sent() {
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::in_dir(dir.path(), "mllp");
        let (mut device, ours) = tokio::io::duplex(1024);
        let own = desk.clone();
        let talk = tokio::spawn(async move { converse(ours, &own, "10.0.9.1", &CancellationToken::new()).await });
        device.write_all(&[b"\x0b".to_vec(), vec![b'x'; 500_000]].concat()).await.unwrap();
        assert!(desk.pool.taken() > 0);
        device.write_all(b"\x0bMSH|").await.unwrap();
        let released = async {
            while desk.pool.taken() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), released).await.expect("it is held for ever");
        talk.abort();
    }
}
