//! A line that the gateway holds: opened, spoken over, lost, opened again with back-off, for ever. Each time with a
//! conversation of its own, so that nothing of what was cut off reaches the next one.

use crate::driver::{self, Desk};
use crate::port::Speaks;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A line that held so long was up: the next failure is a new one.
const UP: Duration = Duration::from_secs(60);
/// Somebody is told once of a line that is away so long.
const ALARM: Duration = Duration::from_secs(60);

/// Counts what is connected, for whoever watches: lines and connections of a channel that are up.
#[derive(Debug)]
pub struct Link(metrics::Gauge);

impl Link {
    fn gauge(channel: &str) -> metrics::Gauge {
        metrics::gauge!("benhan_device_links", "channel" => channel.to_owned())
    }

    /// So that a channel that was never up is seen too.
    pub fn none(channel: &str) {
        Self::gauge(channel).increment(0.0);
    }

    pub fn up(channel: &str) -> Self {
        let gauge = Self::gauge(channel);
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// How long to wait before the next try: 1 s, doubled up to 30 s.
#[derive(Debug)]
pub struct Backoff {
    wait: Duration,
}

impl Backoff {
    pub fn new() -> Self {
        Self { wait: FIRST_WAIT }
    }

    /// After something that lasted so long; `dice` spreads it by a fifth either way, so that lines of one lost
    /// adapter do not come back in step.
    pub fn next(&mut self, lasted: Duration, dice: u64) -> Duration {
        if lasted >= UP {
            self.wait = FIRST_WAIT;
        }
        let spread = u32::try_from(dice % 401).unwrap_or(200) + 800;
        let wait = self.wait.saturating_mul(spread) / 1000;
        self.wait = self.wait.saturating_mul(2).min(LONGEST_WAIT);
        wait
    }
}

/// `open` gives the line and the address of the device behind it, empty where there is none.
pub async fn keep<S, F>(speaks: Speaks, desk: Desk, shutdown: CancellationToken, mut open: impl FnMut() -> F)
where
    F: Future<Output = io::Result<(S, String)>>,
    S: AsyncRead + AsyncWrite + Unpin,
{
    Link::none(&desk.channel);
    let mut backoff = Backoff::new();
    let mut lost: Option<Instant> = None;
    let mut told = false;
    while !shutdown.is_cancelled() {
        let since = Instant::now();
        let opened = tokio::select! {
            opened = open() => opened,
            () = shutdown.cancelled() => return,
        };
        match opened {
            Ok((line, address)) => {
                tracing::info!(channel = %desk.channel, peer = address, "the line is up");
                (lost, told) = (None, false);
                let link = Link::up(&desk.channel);
                let ended = driver::converse(speaks, line, &desk, &address, &shutdown).await;
                drop(link);
                if shutdown.is_cancelled() {
                    return;
                }
                tracing::warn!(channel = %desk.channel, cause = ?ended.err(), "the line is down");
            }
            Err(cause) if lost.is_none() => {
                tracing::warn!(channel = %desk.channel, %cause, "the line cannot be opened; it is tried again");
            }
            Err(cause) => tracing::debug!(channel = %desk.channel, %cause, "the line cannot be opened"),
        }
        let away = *lost.get_or_insert_with(Instant::now);
        if away.elapsed() >= ALARM && !told {
            tracing::error!(channel = %desk.channel, "the line has been down for a minute: look at device, cable and converter");
            told = true;
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.next(since.elapsed(), desk.surroundings.random())) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[test]
    fn tries_grow_apart_from_one_second_to_thirty_and_a_line_that_held_begins_anew() {
        let mut backoff = Backoff::new();
        let waits: Vec<u64> = (0..7).map(|_| backoff.next(Duration::ZERO, 200).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(backoff.next(UP, 200), FIRST_WAIT);
        let spread = |dice| Backoff::new().next(Duration::ZERO, dice).as_millis();
        assert_eq!((spread(0), spread(400)), (800, 1200));
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_that_is_away_is_tried_for_ever_and_spoken_with_anew_when_it_is_back() {
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::in_dir(dir.path(), "may-1");
        let shutdown = CancellationToken::new();
        let tries = Arc::new(Mutex::new(Vec::new()));
        let (hand_over, mut devices) = tokio::sync::mpsc::channel(4);
        let (began, seen) = (Instant::now(), Arc::clone(&tries));
        let kept = keep(Speaks::Astm, desk, shutdown.clone(), move || {
            seen.lock().unwrap().push(began.elapsed());
            let (count, hand_over) = (seen.lock().unwrap().len(), hand_over.clone());
            async move {
                if count < 12 {
                    return Err(io::ErrorKind::ConnectionRefused.into());
                }
                let (device, ours) = tokio::io::duplex(64);
                hand_over.send(device).await.unwrap();
                Ok((ours, "10.0.9.4".to_owned()))
            }
        });
        let kept = tokio::spawn(kept);
        let mut device = devices.recv().await.unwrap();
        let waits: Vec<Duration> = tries.lock().unwrap().windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(waits[0] >= Duration::from_millis(800) && waits[0] <= Duration::from_millis(1200), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(36)), "{waits:?}");
        assert!(waits[10] >= Duration::from_secs(24), "{waits:?}");
        // It is cut off in the middle of a frame; the next conversation knows nothing of it.
        device.write_all(b"\x05").await.unwrap();
        assert_eq!(device.read_u8().await.unwrap(), 6);
        device.write_all(b"\x021H|").await.unwrap();
        drop(device);
        let mut device = devices.recv().await.unwrap();
        device.write_all(b"\x05").await.unwrap();
        assert_eq!(device.read_u8().await.unwrap(), 6);
        shutdown.cancel();
        kept.await.unwrap();
    }
}
