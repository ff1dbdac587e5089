//! Connections that can be cut: at once, or in the middle of a reply's body.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// What is to become of a connection's next reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It is sent.
    #[default]
    None,
    /// Nothing of it is sent, and the connection is reset.
    Reset,
    /// Nothing of it is sent, and the connection is closed.
    Close,
    /// Its head and so many bytes of its body are sent, then the connection is closed.
    AfterBody(usize),
    /// So many bytes more are sent, then the connection is closed.
    AfterBytes(usize),
}

/// The handle by which a request's handler cuts its connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line(Arc<Mutex<Cut>>);

impl Line {
    /// Cuts the connection at the reply that follows.
    pub(crate) fn cut(&self, cut: Cut) {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = cut;
    }

    fn state(&self) -> Cut {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A listener whose connections can be cut.
pub(crate) struct Entrance(pub(crate) TcpListener);

impl Listener for Entrance {
    type Io = Cuttable;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Cuttable, Self::Addr) {
        let (stream, from) = Listener::accept(&mut self.0).await;
        // Without it small replies wait for the client's acknowledgement; failing costs only time.
        let _ = stream.set_nodelay(true);
        (Cuttable { stream, line: Line::default() }, from)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Entrance>> for Line {
    fn connect_info(stream: IncomingStream<'_, Entrance>) -> Self {
        stream.io().line.clone()
    }
}

/// A TCP connection that can be cut.
pub(crate) struct Cuttable {
    stream: TcpStream,
    line: Line,
}

impl AsyncRead for Cuttable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let left = match self.line.state() {
            Cut::None => return Pin::new(&mut self.stream).poll_write(context, bytes),
            Cut::Reset => {
                // Closing without lingering makes the kernel send RST instead of FIN.
                let _ = self.stream.set_zero_linger();
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            Cut::Close | Cut::AfterBytes(0) => {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            // A reply's first write begins with its whole head.
            Cut::AfterBody(body) => head_length(bytes) + body,
            Cut::AfterBytes(left) => left,
        };
        let allowed = bytes.get(..left).unwrap_or(bytes);
        let sent = ready!(Pin::new(&mut self.stream).poll_write(context, allowed))?;
        self.line.cut(Cut::AfterBytes(left.saturating_sub(sent)));
        Poll::Ready(Ok(sent))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

fn head_length(bytes: &[u8]) -> usize {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4)
}
