//! Bedside devices: the one loop that carries out what the codec's drivers ask for, whatever the protocol.
//!
//! Records go to the spool one after the other, so that they stand there in the order in which they came; the line is
//! heard and the device kept awake meanwhile. While more than one waits for the disk nothing more is read, and the device
//! (or the kernel's buffer) waits too. Each connection has a driver of its own.

mod notes;

use super::memory::Share;
use super::{ANSWER_TIMEOUT, Desk, until};
use crate::port::Bedside;
use benhan_contract::Protocol;
use benhan_device_codec::bedside;
use benhan_device_codec::driver::{Action, Close, Driver, Event};
use benhan_device_codec::printer::Instrument;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use notes::Notes;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// A device that has not said good-bye by then is left without.
const FAREWELL: Duration = Duration::from_secs(10);
/// A read from a line: it holds fewer records than a driver lets wait.
const LINE: usize = 4 << 10;
/// The largest datagram.
const DATAGRAM: usize = 64 << 10;

/// Holds one line until the driver closes it, the line breaks or `shutdown` has been told to the device.
///
/// # Errors
/// What the line answered, or why the driver gave it up.
pub async fn converse<S>(
    mut stream: S,
    Bedside { protocol, every }: Bedside,
    desk: &Desk,
    address: &str,
    shutdown: &CancellationToken,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut talk = Talk::new(protocol, protocol.driver(every), desk, address);
    let ended = talk.run(&mut stream, shutdown).await;
    talk.end().await;
    // So that the last word arrives before the connection goes.
    let _ = timeout(Duration::from_secs(1), stream.shutdown()).await;
    ended
}

/// How a port's protocol is called in the spool and in deliveries.
pub fn called(protocol: bedside::Protocol) -> Protocol {
    match protocol {
        bedside::Protocol::Medibus => Protocol::Medibus,
        bedside::Protocol::Dri => Protocol::Dri,
        bedside::Protocol::IntellivueUdp => Protocol::IntellivueUdp,
        bedside::Protocol::IntellivueSerial => Protocol::IntellivueSerial,
        bedside::Protocol::Poct1 => Protocol::Poct1A,
        bedside::Protocol::Printer(Instrument::SysmexK1000) => Protocol::SysmexK1000,
        bedside::Protocol::Printer(Instrument::SpotchemEl) => Protocol::SpotchemEl,
        bedside::Protocol::Printer(Instrument::MiniVidas) => Protocol::MiniVidas,
    }
}

struct Talk<'a> {
    driver: Box<dyn Driver + Send>,
    protocol: Protocol,
    desk: &'a Desk,
    address: &'a str,
    notes: Notes,
    began: Instant,
    due: Option<Instant>,
    /// On its way to the disk, and behind it what waits for that.
    storing: Option<BoxFuture<'a, bool>>,
    waiting: VecDeque<Vec<u8>>,
    closed: Option<Close>,
    buffer: usize,
    /// By when what has begun must end.
    deadline: Option<Instant>,
    share: Share,
}

impl<'a> Talk<'a> {
    fn new(protocol: bedside::Protocol, driver: Box<dyn Driver + Send>, desk: &'a Desk, address: &'a str) -> Self {
        Self {
            driver,
            protocol: called(protocol),
            desk,
            address,
            notes: Notes::of(&desk.channel),
            began: Instant::now(),
            due: None,
            storing: None,
            waiting: VecDeque::new(),
            closed: None,
            buffer: if protocol == bedside::Protocol::IntellivueUdp { DATAGRAM } else { LINE },
            deadline: None,
            share: Share::of(&desk.pool),
        }
    }

    async fn run<S>(&mut self, stream: &mut S, shutdown: &CancellationToken) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut buffer = vec![0u8; self.buffer];
        let mut leave_at = None;
        self.happens(Event::LinkUp, stream).await?;
        loop {
            match self.closed {
                None => {}
                Some(Close::Done) => return Ok(()),
                Some(why) => return Err(given_up(why)),
            }
            tokio::select! {
                ok = stored(&mut self.storing) => {
                    self.store_next();
                    self.happens(Event::Stored { ok }, stream).await?;
                }
                read = stream.read(&mut buffer), if self.waiting.is_empty() => {
                    let bytes = buffer.get(..read?).unwrap_or_default();
                    if bytes.is_empty() {
                        return Ok(());
                    }
                    self.heard(bytes, stream).await?;
                }
                () = until(self.due) => {
                    self.due = None;
                    self.happens(Event::Timer, stream).await?;
                }
                () = until(self.deadline) => return Err(io::ErrorKind::TimedOut.into()),
                () = shutdown.cancelled(), if leave_at.is_none() => {
                    leave_at = Instant::now().checked_add(FAREWELL);
                    self.happens(Event::Stop, stream).await?;
                }
                () = until(leave_at) => return Ok(()),
            }
        }
    }

    /// The line is gone: what the driver still wants kept is kept, and nobody hears of it.
    async fn end(&mut self) {
        let gone = &mut tokio::io::sink();
        // Writing there cannot fail.
        let _ = self.happens(Event::LinkDown, gone).await;
        while self.storing.is_some() {
            let ok = stored(&mut self.storing).await;
            self.store_next();
            let _ = self.happens(Event::Stored { ok }, gone).await;
        }
    }

    async fn heard<W: AsyncWrite + Unpin>(&mut self, bytes: &[u8], out: &mut W) -> io::Result<()> {
        let actions = self.asks(Event::Bytes(bytes));
        // What goes on without an end, however slowly, is no message.
        if self.driver.held() == 0 || actions.iter().any(|action| !matches!(action, Action::Timer(_))) {
            self.deadline = None;
            self.share.release();
        }
        if self.driver.held() > 0 {
            self.deadline = self.deadline.or_else(|| Instant::now().checked_add(self.desk.message_timeout));
            timeout(ANSWER_TIMEOUT, self.share.cover(self.driver.held())).await?;
        }
        self.act(actions, out).await
    }

    async fn happens<W: AsyncWrite + Unpin>(&mut self, event: Event<'_>, out: &mut W) -> io::Result<()> {
        let actions = self.asks(event);
        self.act(actions, out).await
    }

    fn asks(&mut self, event: Event<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        self.driver.handle(event, self.began.elapsed(), &mut actions);
        actions
    }

    /// Does all of it even when the device takes no answer any more: what it has sent is kept, and only then is the
    /// failure told.
    async fn act<W: AsyncWrite + Unpin>(&mut self, actions: Vec<Action>, out: &mut W) -> io::Result<()> {
        let mut sent = Ok(());
        for action in actions {
            match action {
                Action::Send(bytes) if sent.is_ok() => sent = send(out, &bytes).await,
                Action::Send(_) => {}
                Action::Store(record) => {
                    self.waiting.push_back(record);
                    self.store_next();
                }
                Action::Timer(after) => self.due = after.and_then(|after| Instant::now().checked_add(after)),
                Action::Close(why) => self.closed = Some(why),
                Action::Note(note) => self.notes.take(note, self.address),
            }
        }
        sent
    }

    fn store_next(&mut self) {
        if self.storing.is_some() {
            return;
        }
        let Some(record) = self.waiting.pop_front() else { return };
        let (desk, protocol, address) = (self.desk, self.protocol, self.address);
        let kept = async move {
            let kept = desk.keep(protocol, address, record).await;
            if let Err(failure) = &kept {
                tracing::error!(channel = %desk.channel, peer = address, %failure, "a record could not be stored");
            }
            kept.is_ok()
        };
        self.storing = Some(kept.boxed());
    }
}

/// The answer of the disk, once; never, where nothing is on its way.
async fn stored(storing: &mut Option<BoxFuture<'_, bool>>) -> bool {
    match storing.as_mut() {
        Some(kept) => {
            let ok = kept.await;
            *storing = None;
            ok
        }
        None => std::future::pending().await,
    }
}

async fn send<W: AsyncWrite + Unpin>(out: &mut W, bytes: &[u8]) -> io::Result<()> {
    timeout(ANSWER_TIMEOUT, out.write_all(bytes)).await??;
    timeout(ANSWER_TIMEOUT, out.flush()).await?
}

fn given_up(why: Close) -> io::Error {
    let (kind, text) = match why {
        Close::Done => (io::ErrorKind::Other, "all is said"),
        Close::Lost => (io::ErrorKind::TimedOut, "the device went silent or gave up"),
        Close::Refused => (io::ErrorKind::ConnectionRefused, "the device does not want to talk"),
        Close::OutOfStep => (io::ErrorKind::InvalidData, "the device breaks the order of its protocol"),
    };
    io::Error::new(kind, text)
}

#[cfg(test)]
mod tests;
