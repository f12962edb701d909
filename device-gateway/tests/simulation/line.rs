//! The gateway's end of a line that may be cut at any byte, in pieces of any size.

use super::world::Shared;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

pub struct Line {
    stream: DuplexStream,
    shared: Shared,
    /// Bytes that still come through, in and out.
    left: Option<(usize, usize)>,
    /// Cut on the way out: the sender does not notice.
    silent: bool,
}

impl Line {
    /// A line, and the device's end of it.
    pub fn open(shared: &Shared) -> (Self, DuplexStream) {
        let mut world = shared.lock();
        let cuts = world.script.faults.cuts;
        let capacity = world.dice.pick(&[7, 64, 512, 4096]);
        let left = world.chance(cuts).then(|| (world.dice.size(0, 900), world.dice.size(0, 200)));
        let silent = world.dice.per_mille(500);
        drop(world);
        let (ours, theirs) = tokio::io::duplex(capacity);
        (Self { stream: ours, shared: shared.clone(), left, silent }, theirs)
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.shared.lock().dead {
            return Poll::Pending;
        }
        let most = self.left.map_or(usize::MAX, |(left, _)| left);
        if most == 0 {
            return Poll::Ready(if self.silent { Ok(()) } else { Err(io::ErrorKind::ConnectionReset.into()) });
        }
        let piece = self.shared.lock().dice.pick(&[1, 5, 50, 500, 5000]);
        let mut bytes = vec![0; piece.min(most).min(into.remaining())];
        let mut part = ReadBuf::new(&mut bytes);
        let polled = Pin::new(&mut self.stream).poll_read(context, &mut part);
        let read = part.filled();
        into.put_slice(read);
        if let Some((left, _)) = &mut self.left {
            *left -= read.len();
        }
        polled
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.shared.point("an answer") {
            return Poll::Pending;
        }
        let most = self.left.map_or(usize::MAX, |(_, left)| left);
        if most == 0 {
            let ended = if self.silent { Ok(bytes.len()) } else { Err(io::ErrorKind::BrokenPipe.into()) };
            return Poll::Ready(ended);
        }
        let polled = Pin::new(&mut self.stream).poll_write(context, &bytes[..bytes.len().min(most)]);
        if let (Poll::Ready(Ok(written)), Some((_, left))) = (&polled, &mut self.left) {
            *left -= written;
        }
        polled
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
