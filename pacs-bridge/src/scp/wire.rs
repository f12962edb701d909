//! One association's connection: bytes to messages under time limits, answers in one write.

use super::ended::Ended;
use benhan_dimse::pdu::{Abort, Event, Limits, Pdu, RELEASE_REPLY, Reader, write_message};
use benhan_dimse::{Assembler, CommandSet, Part, Response};
use bytes::{Bytes, BytesMut};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

const READ_SIZE: usize = 64 * 1024;
const MAX_ASSOCIATE: u32 = 1024 * 1024;
/// A peer that does not take an answer for so long is gone.
const WRITE_LIMIT: Duration = Duration::from_secs(30);
/// Below this rate an association counts as idle.
const SLOWEST_PER_SECOND: u64 = 1024;

/// What a peer sends between its association and its release.
#[derive(Debug)]
pub(crate) enum Incoming {
    Command { context: u8, set: CommandSet },
    Release,
}

pub(crate) struct Wire {
    stream: TcpStream,
    input: BytesMut,
    reader: Reader,
    assembler: Assembler,
    idle: Duration,
    /// The window in which enough must come, and what came in it.
    window: Instant,
    arrived: u64,
    pub(crate) peer_max_pdu: u32,
}

impl Wire {
    /// Takes over a connection; small writes leave at once.
    pub(crate) fn new(stream: TcpStream, max_pdu: u32, idle: Duration) -> Result<Self, Ended> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            input: BytesMut::new(),
            reader: Reader::new(Limits { associate: MAX_ASSOCIATE, data: max_pdu }),
            assembler: Assembler::default(),
            idle,
            window: Instant::now(),
            arrived: 0,
            peer_max_pdu: 0,
        })
    }

    /// The first PDU, whole, within the ARTIM time (PS3.8 §9.1.5).
    pub(crate) async fn first_pdu(&mut self, artim: Duration) -> Result<Pdu, Ended> {
        let first = async {
            loop {
                match self.reader.next(&mut self.input)? {
                    Some(Event::Pdu(pdu)) => return Ok(pdu),
                    Some(Event::Fragment(_)) => return Err(Ended::Order("data before the association")),
                    None => self.receive().await?,
                }
            }
        };
        timeout(artim, first).await.map_err(|_| Ended::Idle)?
    }

    /// The next command or the release. Ends at once on shutdown, since nothing is under way here.
    pub(crate) async fn command(&mut self, shutdown: &CancellationToken) -> Result<Incoming, Ended> {
        self.begin_window();
        loop {
            match self.buffered_event()? {
                Some(Event::Pdu(Pdu::ReleaseRq)) => return Ok(Incoming::Release),
                Some(Event::Pdu(Pdu::Abort(_))) => return Err(Ended::Aborted),
                Some(Event::Pdu(_)) => return Err(Ended::Order("an association PDU inside an association")),
                Some(Event::Fragment(fragment)) => match self.assembler.accept(fragment)? {
                    Some(Part::Command { context, set }) => return Ok(Incoming::Command { context, set }),
                    Some(Part::Dataset { .. }) => return Err(Ended::Order("a dataset that nobody announced")),
                    None => {}
                },
                None => tokio::select! {
                    biased;
                    () = shutdown.cancelled() => return Err(Ended::Shutdown),
                    more = self.receive_in_window() => more?,
                },
            }
        }
    }

    /// The next piece of the dataset of the last command; `true` with the last one.
    pub(crate) async fn dataset(&mut self) -> Result<(Bytes, bool), Ended> {
        loop {
            match self.buffered_event()? {
                Some(Event::Fragment(fragment)) => match self.assembler.accept(fragment)? {
                    Some(Part::Dataset { data, last }) => {
                        if last {
                            self.begin_window();
                        }
                        return Ok((data, last));
                    }
                    _ => return Err(Ended::Order("a command inside a dataset")),
                },
                Some(Event::Pdu(Pdu::Abort(_))) => return Err(Ended::Aborted),
                Some(Event::Pdu(_)) => return Err(Ended::Order("a PDU of another kind inside a dataset")),
                None => self.receive_in_window().await?,
            }
        }
    }

    /// A command that has already come, without waiting: between two answers, that is a C-CANCEL.
    pub(crate) fn command_at_hand(&mut self) -> Result<Option<CommandSet>, Ended> {
        loop {
            match self.buffered_event()? {
                Some(Event::Fragment(fragment)) => match self.assembler.accept(fragment)? {
                    Some(Part::Command { set, .. }) if !set.has_dataset() => return Ok(Some(set)),
                    Some(_) => return Err(Ended::Order("a new request before the last one was answered")),
                    None => {}
                },
                Some(Event::Pdu(Pdu::Abort(_))) => return Err(Ended::Aborted),
                Some(Event::Pdu(_)) => return Err(Ended::Order("a release before the last answer")),
                None => {
                    self.input.reserve(READ_SIZE);
                    match self.stream.try_read_buf(&mut self.input) {
                        Ok(0) => return Err(Ended::Closed),
                        Ok(_) => {}
                        Err(cause) if cause.kind() == std::io::ErrorKind::WouldBlock => return Ok(None),
                        Err(cause) => return Err(cause.into()),
                    }
                }
            }
        }
    }

    /// Sends an answer, its command and dataset in one write.
    pub(crate) async fn answer(
        &mut self,
        context: u8,
        response: &Response,
        dataset: Option<&[u8]>,
    ) -> Result<(), Ended> {
        let mut out = Vec::with_capacity(512);
        write_message(&mut out, context, &response.to_set().encode(), dataset, self.peer_max_pdu);
        self.send(&out).await
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        timeout(WRITE_LIMIT, self.stream.write_all(bytes)).await.map_err(|_| Ended::Stalled)??;
        Ok(())
    }

    /// Confirms the release and lets the peer close first, as PS3.8 asks, for a moment.
    pub(crate) async fn release(mut self) {
        if self.send(&RELEASE_REPLY).await.is_ok() {
            self.linger().await;
        }
    }

    /// Says why the association ends, if the peer still listens.
    pub(crate) async fn abort(mut self, abort: Abort) {
        if self.send(&abort.to_pdu()).await.is_ok() {
            self.linger().await;
        }
    }

    /// After a last word: wait for the peer to close, so that no reset overtakes it.
    pub(crate) async fn linger(&mut self) {
        if self.stream.shutdown().await.is_ok() {
            let drain = async {
                let mut sink = [0_u8; 4096];
                while self.stream.read(&mut sink).await.is_ok_and(|read| read > 0) {}
            };
            // Nothing depends on the outcome: the connection is dropped either way.
            timeout(Duration::from_secs(2), drain).await.unwrap_or_default();
        }
    }

    fn buffered_event(&mut self) -> Result<Option<Event>, Ended> {
        Ok(self.reader.next(&mut self.input)?)
    }

    async fn receive(&mut self) -> Result<(), Ended> {
        self.input.reserve(READ_SIZE);
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(Ended::Closed),
            read => {
                self.arrived = self.arrived.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
                Ok(())
            }
        }
    }

    fn begin_window(&mut self) {
        self.window = Instant::now();
        self.arrived = 0;
    }

    /// Receives, and every idle time asks whether enough came in it.
    async fn receive_in_window(&mut self) -> Result<(), Ended> {
        let end = self.window + self.idle;
        match timeout_at(end, self.receive()).await {
            Ok(received) => {
                received?;
                if Instant::now() >= end {
                    return self.judge_window();
                }
                Ok(())
            }
            Err(_) => self.judge_window(),
        }
    }

    fn judge_window(&mut self) -> Result<(), Ended> {
        if self.arrived < self.idle.as_secs().saturating_mul(SLOWEST_PER_SECOND) {
            return Err(Ended::Idle);
        }
        self.begin_window();
        Ok(())
    }
}
