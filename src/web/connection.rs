//! A client's connection. It ends when the client keeps us waiting: with the head of a request, or with taking an answer. What a client
//! keeps us waiting for in a body is timed where the body is read ([`super::request_body`]), so that it gets an answer.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::{connection_limit::Place, deadline::Deadline};
use crate::config::ConnectionConfig;

/// What goes on on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing has been answered yet; the HTTP service times the head of the first request itself and answers 408.
    First,
    /// Between two requests.
    Idle,
    /// A later request has begun to arrive.
    Arriving,
    /// A request is being answered.
    Answering,
}

/// What the connection and those who answer its requests tell each other. Clones share it.
#[derive(Clone)]
pub struct Exchange {
    phase: Rc<Cell<Phase>>,
    place: Rc<Place>,
    config: ConnectionConfig,
}

impl Exchange {
    /// A request is answered from now on until what this returns is dropped.
    pub fn begin(&self) -> Answering {
        self.phase.set(Phase::Answering);
        Answering(Rc::clone(&self.phase))
    }

    /// Settings of connections.
    pub const fn config(&self) -> &ConnectionConfig {
        &self.config
    }

    /// The connection's place among all.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// A request that is being answered.
pub struct Answering(Rc<Cell<Phase>>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.set(Phase::Idle);
    }
}

/// A connection that was let in.
pub struct Connection {
    stream: TcpStream,
    exchange: Exchange,
    head: Deadline,
    taking: Deadline,
}

impl Connection {
    /// Watches over this stream.
    pub fn new(stream: TcpStream, place: Place, config: ConnectionConfig) -> Self {
        let exchange = Exchange {
            phase: Rc::new(Cell::new(Phase::First)),
            place: Rc::new(place),
            config,
        };
        Self {
            stream,
            exchange,
            head: Deadline::default(),
            taking: Deadline::default(),
        }
    }

    /// For those who answer its requests.
    pub const fn exchange(&self) -> &Exchange {
        &self.exchange
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.stream).poll_read(context, buffer);
        let phase = this.exchange.phase.get();
        if phase == Phase::Idle && buffer.filled().len() > before {
            this.exchange.phase.set(Phase::Arriving);
            this.head.restart(this.exchange.config.head_timeout);
        } else if phase == Phase::Arriving && outcome.is_pending() && this.head.has_passed(context) {
            this.exchange.place.cut_off();
            // The end of the stream: the HTTP service closes in good order.
            return Poll::Ready(Ok(()));
        }
        outcome
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(context, bytes);
        let config = &this.exchange.config;
        match outcome {
            Poll::Ready(Ok(written)) => this.taking.extend(written, config.minimum_rate),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                this.taking.start(config.body_timeout);
                if this.taking.has_passed(context) {
                    this.exchange.place.cut_off();
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
        outcome
    }

    /// The HTTP service calls it when everything is written.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.taking.stop();
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
