//! Bodies that are written away while they come: files of any size, never whole in memory.

use std::io;

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use super::{
    counting::Traffic,
    request::{Failure, Reply, Request},
    socket::Socket,
};

/// Bytes of an error's body that are kept, to be told.
const MOST_TOLD: usize = 16 << 10;

/// A reply whose body was written away.
#[derive(Clone, Debug)]
pub struct Download {
    /// Status and headers; the beginning of the body where the status tells no success.
    pub reply: Reply,
    /// Bytes that were written.
    pub bytes: u64,
}

/// Why a body was not written to its end.
#[derive(Debug, Error)]
pub enum DownloadError {
    /// No reply, or a part of one.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The writer takes no more.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// Sends a request, and writes the body of a success to `into`.
pub(super) async fn exchange(
    socket: &Socket,
    traffic: &Traffic,
    request: Request,
    into: &mut (dyn io::Write + Send),
) -> Result<Download, DownloadError> {
    let sent = request.body.as_ref().map_or(0, |(body, _)| body.len() as u64);
    traffic.left(sent);
    let (mut reply, mut response) = socket.begin(request).await.inspect_err(|failure| {
        // What did not leave was not sent.
        if matches!(failure, Failure::NotSent { .. }) {
            traffic.stayed(sent);
        }
    })?;
    let succeeded = (200..300).contains(&reply.status);
    let expected = response.content_length();
    let (mut told, mut bytes) = (BytesMut::new(), 0);
    while let Some(piece) = socket.piece(&mut response).await? {
        traffic.received(piece.len() as u64);
        if succeeded {
            bytes += piece.len() as u64;
            into.write_all(&piece)?;
        } else {
            told.extend_from_slice(&piece[..piece.len().min(MOST_TOLD - told.len())]);
            if told.len() == MOST_TOLD {
                break;
            }
        }
    }
    if succeeded && let Some(expected) = expected.filter(|expected| *expected != bytes) {
        let reason = format!("the reply was cut off: {bytes} of {expected} bytes came");
        return Err(Failure::Lost { reason, timed_out: false }.into());
    }
    reply.body = Bytes::from(told);
    Ok(Download { reply, bytes })
}
