//! The line as a stream of its data: commands are answered on the way, and never reach whoever reads.

use super::session::{Session, Setting};
use super::telnet::{Decoder, double};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Read at one time; what is held of data is never more.
const PIECE: usize = 4 << 10;
/// Of what waits to be sent. A server that asks and takes no answer is given up.
const LARGEST_OUT: usize = 16 << 10;

#[derive(Debug)]
pub struct Telnet<S> {
    inner: S,
    decoder: Decoder,
    session: Session,
    /// Data that nobody has read yet, and how far it was read.
    data: Vec<u8>,
    read: usize,
    out: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Telnet<S> {
    pub fn begin(inner: S, settings: Vec<Setting>) -> Self {
        let mut out = Vec::new();
        let session = Session::begin(settings, &mut out);
        Self { inner, decoder: Decoder::default(), session, data: Vec::new(), read: 0, out }
    }

    /// Until data may flow.
    pub async fn agree(&mut self) -> io::Result<()> {
        std::future::poll_fn(|context| {
            while !self.session.is_ready() {
                // What a device says before its line is set is noise at a wrong speed.
                self.data.clear();
                if ready!(self.poll_more(context))? == 0 {
                    return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                }
            }
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// Reads once, and sends what is owed for it.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Err(cause)) = self.poll_out(context) {
            return Poll::Ready(Err(cause));
        }
        let mut piece = [0; PIECE];
        let mut piece = ReadBuf::new(&mut piece);
        ready!(Pin::new(&mut self.inner).poll_read(context, &mut piece))?;
        let mut heard = Vec::new();
        self.decoder.feed(piece.filled(), &mut self.data, &mut heard);
        for heard in &heard {
            self.session.hear(heard, &mut self.out).map_err(io::Error::other)?;
        }
        if self.out.len() > LARGEST_OUT {
            return Poll::Ready(Err(io::Error::other("the terminal server asks and takes no answer")));
        }
        Poll::Ready(Ok(piece.filled().len()))
    }

    fn poll_out(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let sent = ready!(Pin::new(&mut self.inner).poll_write(context, &self.out))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.drain(..sent.min(self.out.len()));
        }
        Pin::new(&mut self.inner).poll_flush(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Telnet<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while self.read >= self.data.len() {
            self.data.clear();
            self.read = 0;
            if ready!(self.poll_more(context))? == 0 {
                return Poll::Ready(Ok(()));
            }
        }
        let unread = self.data.get(self.read..).unwrap_or_default();
        let taken = unread.get(..unread.len().min(into.remaining())).unwrap_or_default();
        into.put_slice(taken);
        let taken = taken.len();
        self.read += taken;
        // What was owed for the last piece leaves even if nothing comes any more.
        let _ = self.poll_out(context)?;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Telnet<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_out(context))?;
        let taken = bytes.get(..bytes.len().min(PIECE)).unwrap_or_default();
        double(taken, &mut self.out);
        let _ = self.poll_out(context)?;
        Poll::Ready(Ok(taken.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_out(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_out(context))?;
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
