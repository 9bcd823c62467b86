//! Settings of clients' connections: how long each may keep us waiting, and how many there may be.

use std::time::Duration;

use super::reader::Reader;

/// Maximum of connections.
const MOST_CONNECTIONS: i64 = 1_000_000;

/// Connection settings.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionConfig {
    /// How long a connection stays open without a request.
    pub keep_alive: Duration,
    /// Until the head of a request must have arrived.
    pub head_timeout: Duration,
    /// How long a client may keep us waiting for a body or for taking an answer, besides what its bytes earn at `minimum_rate`.
    pub body_timeout: Duration,
    /// Bytes that earn one more second.
    pub minimum_rate: u64,
    /// Maximum of connections at the same time.
    pub most: usize,
    /// Maximum of them from one address.
    pub most_per_address: usize,
}

impl Reader<'_> {
    /// Reads the settings of connections.
    pub fn connections(&mut self) -> ConnectionConfig {
        ConnectionConfig {
            keep_alive: self.seconds("server", "keep_alive"),
            head_timeout: self.seconds("server", "head_timeout"),
            body_timeout: self.seconds("server", "body_timeout"),
            minimum_rate: self.between("server", "minimum_rate", (1, i64::from(u32::MAX))),
            most: self.between("server", "connections", (1, MOST_CONNECTIONS)),
            most_per_address: self.between("server", "connections_per_address", (1, MOST_CONNECTIONS)),
        }
    }
}
