//! HL7 over MLLP: payload → spool → answer, one message after another, and what a question brings in turn.
//!
//! Seen: monitors that stay connected for days, analyzers that connect for each result, senders that do not
//! wait for the answer. Where the port or the profile is lenient, messages without a frame are taken too.

use super::forgiven::Tally;
use super::memory::Share;
use super::{ANSWER_TIMEOUT, Desk, hl7};
use crate::profile::Framing;
use benhan_device_codec::hl7::ack::Code;
use benhan_device_codec::mllp::{Decoder, Found, SILENCE, frame};
use std::collections::VecDeque;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

/// More than this waits for no device: it is told nothing more of what it asked before.
const MOST_IN_TURN: usize = 256;
/// A device that has not answered an order by then gets the next one all the same.
const TURN: Duration = Duration::from_secs(15);

/// Holds one connection until the peer, a time limit or `shutdown` ends it.
///
/// # Errors
/// What the socket answered; `TimedOut` when a message was begun and not ended, or an answer not taken.
pub async fn converse<S>(stream: S, desk: &Desk, address: &str, shutdown: &CancellationToken) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let framing = desk.framing.unwrap_or_else(|| desk.readers.line(&desk.channel, address).framing);
    let decoder = match framing {
        Framing::Strict => Decoder::new(desk.limit),
        Framing::Lenient => Decoder::lenient(desk.limit),
    };
    let line = Line { stream, desk, address, decoder, in_turn: VecDeque::new(), turn: None, tally: Tally::default() };
    line.run(shutdown).await
}

struct Line<'a, S> {
    stream: S,
    desk: &'a Desk,
    address: &'a str,
    decoder: Decoder,
    in_turn: VecDeque<Vec<u8>>,
    /// When the next of them goes out without the device's answer.
    turn: Option<Instant>,
    tally: Tally,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<'_, S> {
    async fn run(mut self, shutdown: &CancellationToken) -> io::Result<()> {
        let mut buffer = vec![0u8; 16 << 10];
        let mut deadline: Option<Instant> = None;
        let mut silence: Option<Instant> = None;
        let mut share = Share::of(&self.desk.pool);
        loop {
            // In this order: a peer that never pauses holds off neither the end nor what it is owed.
            let read = tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(()),
                () = super::until(self.turn) => {
                    self.next_in_turn().await?;
                    continue;
                }
                read = read_before(&mut self.stream, &mut buffer, deadline) => read?,
                () = super::until(silence) => {
                    silence = None;
                    let whole = self.decoder.silence();
                    self.deal_with(whole).await?;
                    (deadline, share) = (None, Share::of(&self.desk.pool));
                    continue;
                }
            };
            if read == 0 {
                let whole = self.decoder.silence();
                return self.deal_with(whole).await;
            }
            let mut input = buffer.get(..read).unwrap_or_default();
            while let Some(found) = self.decoder.next(&mut input) {
                if !matches!(found, Found::Garbage(_)) {
                    share.release();
                }
                // One that begins anew again and again has no more time than one that goes on.
                if matches!(found, Found::Payload(_)) {
                    deadline = None;
                }
                self.deal_with(Some(found)).await?;
            }
            self.tally.mllp(&self.desk.channel, &self.decoder);
            let waits = self.decoder.waits_for_silence();
            silence = waits.then(|| Instant::now().checked_add(SILENCE)).flatten();
            if !self.decoder.in_payload() {
                deadline = None;
                share.release();
                continue;
            }
            deadline = deadline.or_else(|| Instant::now().checked_add(self.desk.message_timeout));
            if let Some(deadline) = deadline {
                timeout_at(deadline, share.cover(self.decoder.held())).await?;
            }
        }
    }

    async fn deal_with(&mut self, found: Option<Found>) -> io::Result<()> {
        let (desk, address) = (self.desk, self.address);
        match found {
            None => Ok(()),
            Some(Found::Payload(payload)) => {
                let reply = hl7::received(desk, address, payload).await;
                for answer in &reply.at_once {
                    self.say(answer).await?;
                }
                if !reply.in_turn.is_empty() {
                    self.in_turn.extend(reply.in_turn);
                    self.in_turn.truncate(MOST_IN_TURN);
                    self.turn = Instant::now().checked_add(TURN);
                }
                if reply.is_answer { self.next_in_turn().await } else { Ok(()) }
            }
            Some(Found::TooLong) => {
                tracing::warn!(channel = %desk.channel, peer = address, limit = desk.limit, "a message is too long");
                self.say(&hl7::rejection(desk, Code::StorageFailed, "the message is too long")).await
            }
            Some(Found::Garbage(bytes) | Found::Restarted(bytes)) => {
                tracing::debug!(channel = %desk.channel, peer = address, bytes, "bytes outside a message");
                Ok(())
            }
        }
    }

    async fn next_in_turn(&mut self) -> io::Result<()> {
        let next = self.in_turn.pop_front();
        self.turn = if self.in_turn.is_empty() { None } else { Instant::now().checked_add(TURN) };
        match next {
            Some(message) => self.say(&message).await,
            None => Ok(()),
        }
    }

    async fn say(&mut self, message: &[u8]) -> io::Result<()> {
        timeout(ANSWER_TIMEOUT, self.stream.write_all(&frame(message))).await??;
        timeout(ANSWER_TIMEOUT, self.stream.flush()).await?
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

#[cfg(test)]
mod tests {
    use super::*;

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

    #[tokio::test(start_paused = true)]
    async fn a_device_that_says_nothing_of_an_order_has_the_next_one_after_a_while() {
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::in_dir(dir.path(), "mllp");
        let (mut device, stream) = tokio::io::duplex(1024);
        let own = desk.clone();
        tokio::spawn(async move {
            let in_turn = VecDeque::from([b"one".to_vec(), b"two".to_vec()]);
            let turn = Instant::now().checked_add(TURN);
            let (decoder, tally) = (Decoder::new(1024), Tally::default());
            let line = Line { stream, desk: &own, address: "10.0.9.1", decoder, in_turn, turn, tally };
            line.run(&CancellationToken::new()).await
        });
        let began = Instant::now();
        for (number, order) in [(1, b"\x0bone\x1c\r"), (2, b"\x0btwo\x1c\r")] {
            let mut heard = [0; 6];
            device.read_exact(&mut heard).await.unwrap();
            assert_eq!((&heard, began.elapsed().as_secs()), (order, TURN.as_secs() * number));
        }
    }
}
