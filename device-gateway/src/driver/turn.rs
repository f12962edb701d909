//! Our turn on an ASTM line: answers to questions, sent when the device has given the line back. Who enquires, who gives
//! way and what is sent again is the codec's ([`Sender`]); this holds what waits, and its timer.

use super::{ANSWER_TIMEOUT, until};
use crate::answer;
use benhan_device_codec::astm::frame::{ENQ, Order, Sender, Side};
use std::collections::VecDeque;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};

/// LIS02-A2 has one question outstanding; a device that asks on and on is answered the newest.
const MOST_WAITING: usize = 8;
/// A device has gone on without its answer by then.
const STALE: Duration = Duration::from_secs(60);

pub struct Turn<'a> {
    channel: &'a str,
    address: &'a str,
    sender: Sender,
    waiting: VecDeque<(Instant, Vec<Vec<u8>>)>,
    timer: Option<Instant>,
}

impl<'a> Turn<'a> {
    pub fn new(channel: &'a str, address: &'a str) -> Self {
        Self { channel, address, sender: Sender::new(Side::Host), waiting: VecDeque::new(), timer: None }
    }

    /// Frames to be sent once the line is free.
    pub fn add(&mut self, frames: Vec<Vec<u8>>) {
        if self.waiting.len() >= MOST_WAITING {
            self.waiting.pop_front();
            answer::count(self.channel, "dropped");
            tracing::warn!(channel = self.channel, peer = self.address, "a device asks faster than it takes answers");
        }
        self.waiting.push_back((Instant::now(), frames));
    }

    /// The device does not want what it asked for.
    pub fn take_back(&mut self) {
        self.waiting.clear();
    }

    /// Takes the bytes that are ours to take; what is left belongs to the receiver, and begins with ENQ where the line
    /// was given away just now.
    pub async fn feed<W>(&mut self, bytes: &[u8], out: &mut W) -> io::Result<Vec<u8>>
    where
        W: AsyncWrite + Unpin,
    {
        if !self.sender.is_busy() || self.sender.gave_way() {
            return Ok(bytes.to_vec());
        }
        let mut orders = Vec::new();
        let rest = self.sender.feed(bytes, &mut orders);
        let enquiry: &[u8] = if orders.contains(&Order::GiveWay) { &[ENQ] } else { &[] };
        self.act(orders, out).await?;
        Ok([enquiry, rest].concat())
    }

    /// Returns when the sender's time is up.
    pub async fn time_is_up(&self) {
        until(self.timer).await;
    }

    pub async fn timer<W: AsyncWrite + Unpin>(&mut self, out: &mut W) -> io::Result<()> {
        self.timer = None;
        let mut orders = Vec::new();
        self.sender.timer(&mut orders);
        self.act(orders, out).await
    }

    /// The device holds the line no more: what waits may go.
    pub async fn line_is_free<W: AsyncWrite + Unpin>(&mut self, out: &mut W) -> io::Result<()> {
        let mut orders = Vec::new();
        self.sender.given_back(&mut orders);
        self.act(orders, out).await?;
        while !self.sender.is_busy() {
            let Some((since, frames)) = self.waiting.pop_front() else { return Ok(()) };
            if since.elapsed() > STALE {
                answer::count(self.channel, "stale");
                continue;
            }
            let mut orders = Vec::new();
            if self.sender.begin(frames, &mut orders) {
                self.act(orders, out).await?;
            }
        }
        Ok(())
    }

    async fn act<W: AsyncWrite + Unpin>(&mut self, orders: Vec<Order>, out: &mut W) -> io::Result<()> {
        for order in orders {
            match order {
                Order::Send(bytes) => {
                    timeout(ANSWER_TIMEOUT, out.write_all(&bytes)).await??;
                    timeout(ANSWER_TIMEOUT, out.flush()).await??;
                }
                Order::Timer(after) => self.timer = after.and_then(|after| Instant::now().checked_add(after)),
                Order::GiveWay => {}
                Order::Done => answer::count(self.channel, "taken"),
                Order::GivenUp(why) => {
                    answer::count(self.channel, "given-up");
                    tracing::warn!(
                        channel = self.channel,
                        peer = self.address,
                        ?why,
                        "a device did not take its answer"
                    );
                }
            }
        }
        Ok(())
    }
}
