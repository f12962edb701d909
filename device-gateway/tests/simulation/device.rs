//! The devices: they send, wait, lose patience, connect anew and send again; what they remember outlives the gateway.

use super::line::Line;
use super::world::Shared;
use crate::driver::{self, Desk};
use crate::port::Speaks;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const FRAME_TRIES: usize = 6;
const ENQ: u8 = 0x05;
const EOT: u8 = 0x04;
const ACK: u8 = 0x06;

/// The line is of no use any more.
struct Broken;

impl<E: std::error::Error> From<E> for Broken {
    fn from(_: E) -> Self {
        Self
    }
}

/// Runs until the device is rid of all its messages.
pub async fn work(shared: Shared, device: usize, desk: Desk, shutdown: CancellationToken) {
    loop {
        shared.pause(20).await;
        if shared.next(device).is_empty() {
            return;
        }
        let (ours, mut line) = Line::open(&shared);
        tokio::spawn(converse(shared.clone(), device, ours, desk.clone(), shutdown.clone()));
        while shared.talk(device, &mut line).await.is_ok() {
            shared.pause(60).await;
            if shared.next(device).is_empty() || shared.lock().chance(100) {
                break;
            }
        }
    }
}

async fn converse(shared: Shared, device: usize, line: Line, desk: Desk, shutdown: CancellationToken) {
    let (speaks, address) = {
        let world = shared.lock();
        (world.script.devices[device].speaks, world.script.devices[device].address.clone())
    };
    let talk = driver::converse(speaks, line, &desk, &address, &shutdown);
    if AssertUnwindSafe(talk).catch_unwind().await.is_err() {
        shared.violated("a conversation panicked");
    }
}

impl Shared {
    async fn pause(&self, most_seconds: u64) {
        let time = Duration::from_millis(self.lock().dice.between(0, most_seconds * 1000));
        sleep(time).await;
    }

    /// What it sends next, in order. It may have lost its patience with some of it.
    fn next(&self, device: usize) -> Vec<usize> {
        let mut world = self.lock();
        let own = world.script.devices[device].clone();
        let mut next = Vec::new();
        for message in own.messages {
            let sent = world.sent[message];
            if sent.acknowledged.is_some() || sent.given_up {
                continue;
            }
            if !world.calm && own.patience.is_some_and(|most| sent.tries >= most) {
                world.sent[message].given_up = true;
                world.note(format!("M{message} given up"));
                continue;
            }
            next.push(message);
        }
        next.truncate(own.at_once);
        next
    }

    /// Sends what is next, and now and then what it sent before.
    async fn talk(&self, device: usize, line: &mut DuplexStream) -> Result<(), Broken> {
        let mut messages = self.next(device);
        let speaks = {
            let mut world = self.lock();
            let done = world.script.devices[device].messages.clone();
            let done: Vec<usize> = done.into_iter().filter(|m| world.sent[*m].acknowledged.is_some()).collect();
            let repeats = world.script.faults.repeats;
            if !done.is_empty() && world.chance(repeats) {
                messages.insert(0, world.dice.pick(&done));
            }
            world.script.devices[device].speaks
        };
        match speaks {
            Speaks::Astm => {
                for message in messages {
                    self.in_frames(message, line).await?;
                }
                Ok(())
            }
            _ => self.in_blocks(&messages, line).await,
        }
    }

    /// The bytes of the next try.
    fn bytes(&self, message: usize) -> String {
        let mut world = self.lock();
        let tries = world.sent[message].tries;
        world.sent[message].tries += 1;
        world.note(format!("M{message} sent, try {}", tries + 1));
        world.script.text(message, tries)
    }

    async fn in_blocks(&self, messages: &[usize], line: &mut DuplexStream) -> Result<(), Broken> {
        for message in messages {
            let block = [b"\x0b", self.bytes(*message).as_bytes(), b"\x1c\r"].concat();
            timeout(ANSWER_WITHIN, line.write_all(&block)).await??;
        }
        for _ in messages {
            let mut answer = Vec::new();
            while !answer.ends_with(b"\x1c\r") {
                answer.push(timeout(ANSWER_WITHIN, line.read_u8()).await??);
            }
            let answer = String::from_utf8_lossy(&answer).into_owned();
            let told = answer.split("\rMSA|").nth(1).unwrap_or_default();
            let told = told.split('\r').next().unwrap_or_default().split('|').collect::<Vec<_>>();
            match told[..] {
                ["AA" | "CA", id, ..] => {
                    let message = id.strip_prefix('M').and_then(|id| id.parse().ok());
                    match message.filter(|message| messages.contains(message)) {
                        Some(message) => self.lock().acknowledge(message),
                        None => self.violated(format!("an answer about {id}")),
                    }
                }
                _ => self.note(format!("told {told:?}")),
            }
        }
        Ok(())
    }

    async fn in_frames(&self, message: usize, line: &mut DuplexStream) -> Result<(), Broken> {
        let text = self.bytes(message);
        let size = self.lock().dice.size(60, 240);
        if asked(line, &[ENQ]).await? != ACK {
            return Ok(());
        }
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        for (index, piece) in pieces.iter().enumerate() {
            let frame = frame(index, piece, index + 1 == pieces.len());
            let mut tries = 0;
            while asked(line, &frame).await? != ACK {
                tries += 1;
                if tries == FRAME_TRIES {
                    return Ok(line.write_all(&[EOT]).await?);
                }
                self.pause(5).await;
            }
            // An answer that was lost is not the device's to tell from a frame that was.
            if self.lock().chance(20) && asked(line, &frame).await? != ACK {
                return Err(Broken);
            }
        }
        self.lock().acknowledge(message);
        Ok(line.write_all(&[EOT]).await?)
    }
}

async fn asked(line: &mut DuplexStream, bytes: &[u8]) -> Result<u8, Broken> {
    timeout(ANSWER_WITHIN, line.write_all(bytes)).await??;
    Ok(timeout(ANSWER_WITHIN, line.read_u8()).await??)
}

fn frame(index: usize, text: &[u8], last: bool) -> Vec<u8> {
    let end: &[u8] = if last { b"\x03" } else { b"\x17" };
    let body = [((index + 1) % 8).to_string().as_bytes(), text, end].concat();
    let sum = body.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    [b"\x02", body.as_slice(), format!("{sum:02X}\r\n").as_bytes()].concat()
}
