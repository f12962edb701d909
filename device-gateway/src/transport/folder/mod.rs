//! A folder into which a device or its program drops files: each settled file is claimed, kept in the spool, and then
//! put away under its day and hash. A crash between any two steps neither loses nor doubles: what was claimed is taken
//! up again, as of the time of its claim, and the spool knows it if it was kept.
//!
//! Nothing of a name goes into a log: devices put patients' names there.

mod settle;
mod shelf;

pub use shelf::Shelf;

use super::link::{Backoff, Link};
use crate::driver::Desk;
use crate::normalise::sha256_hex;
use benhan_contract::Protocol;
use benhan_device_codec::mllp::{Decoder, Found, VT};
use settle::Settling;
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub async fn watch(shelf: Shelf, protocol: Protocol, every: Duration, desk: Desk, shutdown: CancellationToken) {
    Link::none(&desk.channel);
    let mut watch = Watch { shelf, protocol, every, desk, settling: Settling::default() };
    let mut backoff = Backoff::new();
    let mut link: Option<Link> = None;
    while !shutdown.is_cancelled() {
        let wait = match watch.round(Instant::now()).await {
            Ok(()) => {
                if link.is_none() {
                    tracing::info!(channel = %watch.desk.channel, "the folder is watched");
                    (link, backoff) = (Some(Link::up(&watch.desk.channel)), Backoff::new());
                }
                every
            }
            Err(cause) => {
                if link.take().is_some() {
                    tracing::warn!(channel = %watch.desk.channel, %cause, "the folder is out of reach");
                } else {
                    tracing::error!(channel = %watch.desk.channel, %cause, "the folder cannot be read or written");
                }
                backoff.next(Duration::ZERO, watch.desk.surroundings.random())
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

struct Watch {
    shelf: Shelf,
    protocol: Protocol,
    every: Duration,
    desk: Desk,
    settling: Settling,
}

impl Watch {
    /// Claims what has settled, then takes all that is claimed, also from before.
    async fn round(&mut self, now: Instant) -> io::Result<()> {
        let files = self.off_the_threads(|shelf| shelf.list()).await?;
        for name in self.settling.look(files, now, self.every) {
            let (at, number) = (self.desk.surroundings.now(), self.desk.surroundings.random());
            match self.off_the_threads(move |shelf| shelf.claim(&name, at, number)).await {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
                _ => {}
            }
        }
        for file in self.off_the_threads(|shelf| shelf.claimed()).await? {
            self.take(file).await?;
        }
        Ok(())
    }

    async fn take(&self, file: PathBuf) -> io::Result<()> {
        let (limit, path) = (self.desk.limit, file.clone());
        let Some(bytes) = self.off_the_threads(move |_| shelf::read(&path, limit)).await? else {
            tracing::error!(channel = %self.desk.channel, limit, "a file is empty, too large or no file: it lies in refused/");
            return self.off_the_threads(move |shelf| shelf.refuse(&file)).await;
        };
        let at = shelf::claimed_at(&file).unwrap_or_else(|| self.desk.surroundings.now());
        let hash = sha256_hex(&bytes);
        for message in messages(self.protocol, bytes, limit) {
            let kept = self.desk.keep_as_of(at, self.protocol, "", message).await;
            kept.map_err(|failure| io::Error::other(failure.to_string()))?;
        }
        let day =
            jiff::Timestamp::from_microsecond(at).map(|at| at.to_zoned(self.desk.zone.clone()).date().to_string());
        let day = day.unwrap_or_else(|_| "undated".to_owned());
        tracing::info!(channel = %self.desk.channel, hash, "a file was kept");
        self.off_the_threads(move |shelf| shelf.archive(&file, &day, &hash)).await
    }

    async fn off_the_threads<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shelf) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let shelf = self.shelf.clone();
        tokio::task::spawn_blocking(move || work(&shelf)).await.map_err(io::Error::other)?
    }
}

/// A file is one message, or a batch that is read as one; MLLP frames, which some programs write, are several.
fn messages(protocol: Protocol, bytes: Vec<u8>, limit: usize) -> Vec<Vec<u8>> {
    if protocol != Protocol::Hl7 || bytes.first() != Some(&VT) {
        return vec![bytes];
    }
    let (mut decoder, mut rest) = (Decoder::new(limit), bytes.as_slice());
    let mut messages = Vec::new();
    while let Some(found) = decoder.next(&mut rest) {
        match found {
            Found::Payload(payload) => messages.push(payload),
            // Not frames alone: nothing of it may get lost.
            Found::Garbage(_) | Found::Restarted(_) | Found::TooLong => return vec![bytes],
        }
    }
    if decoder.in_payload() || messages.is_empty() { vec![bytes] } else { messages }
}

#[cfg(test)]
mod tests;
