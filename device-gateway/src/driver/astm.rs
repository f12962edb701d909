//! ASTM over TCP or a serial line: each frame is on disk before its `<ACK>`, and a question is answered in our turn.
//!
//! The link's state machines are the codec's; this driver gives them bytes, timers and the news from the disk.
//! A message counts as whole at EOT, or when its last record is L: the sender, having all its `<ACK>`s,
//! believes so too, even if the line or this program ended in between.

use super::asked::{answers, only_asks};
use super::forgiven::Tally;
use super::memory::Share;
use super::turn::Turn;
use super::{ANSWER_TIMEOUT, Desk, until};
use benhan_device_codec::astm::frame::{Action, Receiver, text};
use benhan_device_codec::astm::record;
use benhan_uplink::PartialId;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Between tries to write the end of a message whose frames are all on disk and acknowledged.
const RETRY: Duration = Duration::from_secs(2);

/// A message may last as long as the configuration says, and longer by what it has brought: a slow serial line
/// stays, and a peer that only keeps the line busy does not.
const SLOWEST_LINE: u64 = 50;

/// Holds one line until it closes or `shutdown` ends it.
///
/// # Errors
/// What the line answered.
pub async fn converse<S>(mut stream: S, desk: &Desk, address: &str, shutdown: &CancellationToken) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut line = Line {
        desk,
        address,
        receiver: Receiver::new(desk.limit).tolerating(desk.readers.line(&desk.channel, address).tolerance),
        turn: Turn::new(&desk.channel, address),
        tally: Tally::default(),
        partial: None,
        frames: 0,
        accepted: Vec::new(),
        timer: None,
        begun: None,
        share: Share::of(&desk.pool),
    };
    let ended = line.run(&mut stream, shutdown).await;
    let mut actions = Vec::new();
    line.receiver.closed(&mut actions);
    // The line is gone: only what must be kept is still done.
    let kept = line.act(actions, &mut tokio::io::sink(), shutdown).await;
    ended.and(kept)
}

struct Line<'a> {
    desk: &'a Desk,
    address: &'a str,
    receiver: Receiver,
    turn: Turn<'a>,
    tally: Tally,
    /// The message under way, in the spool.
    partial: Option<PartialId>,
    frames: i64,
    accepted: Vec<u8>,
    timer: Option<Instant>,
    /// When the message under way began.
    begun: Option<Instant>,
    share: Share,
}

impl Line<'_> {
    async fn run<S>(&mut self, stream: &mut S, shutdown: &CancellationToken) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut buffer = vec![0u8; 4 << 10];
        loop {
            let mut actions = Vec::new();
            self.begun = self.begun.or_else(|| Some(Instant::now())).filter(|_| self.receiver.is_busy());
            // In this order: a peer that never pauses holds off neither the end nor its deadline.
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(()),
                () = until(self.deadline()) => return Err(io::ErrorKind::TimedOut.into()),
                read = stream.read(&mut buffer) => match read? {
                    0 => return Ok(()),
                    read => {
                        let bytes = self.turn.feed(buffer.get(..read).unwrap_or_default(), stream).await?;
                        self.receiver.feed(&bytes, &mut actions);
                    }
                },
                () = self.turn.time_is_up() => self.turn.timer(stream).await?,
                () = until(self.timer) => {
                    self.timer = None;
                    self.receiver.timer(&mut actions);
                }
            }
            self.act(actions, stream, shutdown).await?;
            if !self.receiver.is_busy() {
                self.turn.line_is_free(stream).await?;
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let brought = u64::try_from(self.accepted.len()).unwrap_or(u64::MAX);
        self.begun?.checked_add(self.desk.message_timeout + Duration::from_secs(brought / SLOWEST_LINE))
    }

    /// Does all of it even when the peer takes no answer any more: what it has sent is kept as whole or as begun,
    /// and only then is the failure told.
    async fn act<W>(&mut self, actions: Vec<Action>, out: &mut W, shutdown: &CancellationToken) -> io::Result<()>
    where
        W: AsyncWrite + Unpin,
    {
        let mut queue = VecDeque::from(actions);
        let mut answered = Ok(());
        while let Some(action) = queue.pop_front() {
            match action {
                Action::Send(byte) => {
                    if answered.is_ok() {
                        answered = answer(out, byte).await;
                    }
                }
                Action::Store(bytes) => {
                    let stored = self.store(bytes).await;
                    let mut more = Vec::new();
                    self.receiver.stored(stored, &mut more);
                    // What follows from it stands before what came later.
                    more.into_iter().rev().for_each(|action| queue.push_front(action));
                }
                Action::Timer(after) => self.timer = after.and_then(|after| Instant::now().checked_add(after)),
                Action::Complete(message) => {
                    self.tally.astm(&self.desk.channel, self.receiver.forgiven());
                    let asked = answers(self.desk, self.address, &message).await;
                    self.end(message, true, shutdown).await;
                    if asked.took_back {
                        self.turn.take_back();
                    }
                    asked.frames.into_iter().for_each(|frames| self.turn.add(frames));
                }
                Action::Park(why) => {
                    let message = std::mem::take(&mut self.accepted);
                    let complete = ends_with_terminator(&message);
                    tracing::warn!(channel = %self.desk.channel, peer = self.address, ?why, complete, "a message was begun and not ended");
                    self.end(message, complete, shutdown).await;
                }
                Action::Note(note) => {
                    tracing::warn!(channel = %self.desk.channel, peer = self.address, ?note, "a frame was not as it should be");
                }
            }
        }
        answered
    }

    async fn store(&mut self, bytes: Vec<u8>) -> bool {
        let covered = timeout(ANSWER_TIMEOUT, self.share.cover(self.accepted.len() + bytes.len())).await;
        if covered.is_err() {
            tracing::error!(channel = %self.desk.channel, peer = self.address, "a frame was refused: other messages hold the memory");
            return false;
        }
        let stored = self
            .desk
            .spool
            .keep_frame(self.partial, &self.desk.channel, self.address, self.frames, bytes.clone())
            .await;
        match stored {
            Ok(partial) => {
                self.partial = Some(partial);
                self.frames += 1;
                self.accepted.extend_from_slice(&bytes);
                true
            }
            Err(failure) => {
                tracing::error!(channel = %self.desk.channel, peer = self.address, %failure, "a frame could not be stored and was refused");
                false
            }
        }
    }

    /// The frames are on disk and acknowledged, so this must succeed: it is tried until it does, and the sender's next
    /// message waits for it. What is left at the end of the program is taken up at its next start.
    async fn end(&mut self, message: Vec<u8>, complete: bool, shutdown: &CancellationToken) {
        self.accepted = Vec::new();
        self.frames = 0;
        self.share.release();
        let Some(partial) = self.partial.take() else {
            return;
        };
        let mut turn = tokio::select! {
            biased;
            turn = self.desk.ends.turn(self.address) => turn,
            () = shutdown.cancelled() => return,
        };
        if *turn {
            return;
        }
        // Of a question nothing is owed, answered or not.
        let forget = self.desk.answering.worklist.is_kept() && only_asks(&message);
        loop {
            let ended = match forget {
                true => self.desk.spool.forget(partial).await,
                false => self.desk.keep_assembled(partial, self.address, complete, message.clone()).await.map(drop),
            };
            match ended {
                Ok(()) => return,
                Err(failure) => {
                    tracing::error!(channel = %self.desk.channel, %failure, "the end of a message could not be stored yet");
                }
            }
            tokio::select! {
                biased;
                () = shutdown.cancelled() => {
                    *turn = true;
                    return;
                }
                () = tokio::time::sleep(RETRY) => {}
            }
        }
    }
}

async fn answer<W: AsyncWrite + Unpin>(out: &mut W, byte: u8) -> io::Result<()> {
    timeout(ANSWER_TIMEOUT, out.write_all(&[byte])).await??;
    timeout(ANSWER_TIMEOUT, out.flush()).await?
}

/// Does the text end with an L record, all of it? One that is cut inside it goes on in a frame that never came: the
/// device sends all of it again, and then it would be another message.
pub fn ends_with_terminator(frames: &[u8]) -> bool {
    let text = text(frames);
    if !matches!(text.last(), Some(b'\r' | b'\n')) {
        return false;
    }
    let last = record::messages(&text).last();
    last.and_then(|message| message.records().last()).is_some_and(|record| record.kind() == b'L')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    #[test]
    fn a_message_is_whole_with_its_last_record_and_not_with_a_part_of_it() {
        for (frames, is_whole) in [
            ("\x021H|\\^&\rL|1|N\r\x0334\r\n", true),
            ("\x021H|\\^&\rL|1|N\x0334\r\n", true),
            ("\x021H|\\^&\rL|1|N\r\x1734\r\n", true),
            ("\x021H|\\^&\rL|1\x1734\r\n", false),
            ("\x021H|\\^&\rL|1\x1734\r\n\x022|N\r\x0334\r\n", true),
            ("\x021H|\\^&\rR|1\r\x0334\r\n", false),
        ] {
            assert_eq!(ends_with_terminator(frames.as_bytes()), is_whole, "{frames:?}");
        }
    }

    /// An analyzer that sends all at once and has gone before the first answer.
    struct Gone(std::io::Cursor<Vec<u8>>);

    impl AsyncRead for Gone {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            into: &mut tokio::io::ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(context, into)
        }
    }

    impl AsyncWrite for Gone {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn a_whole_message_is_kept_though_its_sender_takes_no_answer() {
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::in_dir(dir.path(), "astm");
        let mut wire = b"\x05\x021H|\\^&\rR|1|^^^WBC|8.1\rL|1\r\x03".to_vec();
        let sum = wire[2..].iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        wire.extend_from_slice(format!("{sum:02X}\r\n\x04").as_bytes());
        let ended = converse(Gone(std::io::Cursor::new(wire)), &desk, "10.0.9.2", &CancellationToken::new()).await;
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        let unread = desk.spool.unread(10).await.unwrap();
        assert_eq!(unread.len(), 1);
        assert!(unread[0].complete);
    }
}
