//! A minimal HTTP/1.1 client for the load benchmark: one kept-alive connection, one request at a time, replies with Content-Length.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A connection to each of some servers, which are asked in turns.
pub struct Wires {
    wires: Vec<Wire>,
    next: usize,
}

impl Wires {
    /// Connects to all of them.
    pub async fn connect(authorities: &[String]) -> Self {
        let mut wires = Vec::new();
        for authority in authorities {
            wires.push(Wire::connect(authority).await);
        }
        Self { wires, next: 0 }
    }

    /// Sends a whole request to the next one and reads its reply.
    pub async fn call(&mut self, request: &[u8]) -> Reply {
        let at = self.next % self.wires.len();
        self.next += 1;
        self.wires[at].call(request).await
    }
}

/// A reply.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Location`, if there is one.
    pub location: Option<String>,
    /// Body.
    pub body: Vec<u8>,
}

impl Wire {
    /// Connects to `127.0.0.1:port` and friends.
    pub async fn connect(authority: &str) -> Self {
        let stream = TcpStream::connect(authority).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        }
    }

    /// Sends a whole request and reads its reply.
    pub async fn call(&mut self, request: &[u8]) -> Reply {
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        let head = loop {
            if let Some(end) = end_of_head(&self.buffer) {
                break end;
            }
            self.more().await;
        };
        let text = std::str::from_utf8(&self.buffer[..head]).unwrap();
        let status = text[9..12].parse().unwrap();
        let (mut length, mut location) = (0, None);
        for line in text.split("\r\n").skip(1) {
            // Cheap on purpose: reading headers must not be what is measured.
            match line.as_bytes().get(..9) {
                Some(name) if name.eq_ignore_ascii_case(b"content-l") => length = line[16..].parse().unwrap(),
                Some(name) if name.eq_ignore_ascii_case(b"location:") => location = Some(line[10..].to_owned()),
                _ => {}
            }
        }
        while self.buffer.len() < head + 4 + length {
            self.more().await;
        }
        Reply {
            status,
            location,
            body: self.buffer[head + 4..head + 4 + length].to_vec(),
        }
    }

    async fn more(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
        assert!(read > 0, "the server closed the connection");
    }
}

/// Where the head ends: at the first empty line.
fn end_of_head(buffer: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + buffer[from..].iter().position(|byte| *byte == b'\n')?;
        if buffer.get(at + 1..at + 3) == Some(b"\r\n") {
            return Some(at - 1);
        }
        from = at + 1;
    }
}

/// A GET, with more header lines if there are any (each ending in CRLF).
pub fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n").into_bytes()
}

/// A form POST.
pub fn post(path: &str, headers: &str, form: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{headers}\r\n{form}",
        form.len()
    )
    .into_bytes()
}
