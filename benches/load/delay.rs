//! Load benchmark: a proxy that stands for the way to a database far away. Each byte waits half of the delay in each direction, as many
//! bytes as come at once together; nothing is lost or reordered.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
};

use super::{
    backends::{free_port, wait_for},
    now,
};

/// A proxy in a process of its own; stopped when dropped.
pub struct Proxy {
    process: Child,
    /// Where it listens, on loopback.
    pub port: u16,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Proxy {
    /// Starts one on this core that leads to a port of loopback; `delay`: milliseconds of an exchange.
    pub fn start(core: &str, target: u16, delay: u64) -> Self {
        let port = free_port();
        let own = std::env::current_exe().unwrap();
        let mut command = Command::new("taskset");
        command.args(["-c", core]).arg(own);
        let words = [
            "delay".to_owned(),
            port.to_string(),
            target.to_string(),
            delay.to_string(),
        ];
        let process = command.args(words).stdout(Stdio::null()).spawn().unwrap();
        wait_for(port);
        Self { process, port }
    }
}

/// Runs in the process that [`Proxy::start`] starts, until it is killed.
pub async fn run(port: u16, target: u16, delay: u64) {
    let half = Duration::from_micros(delay * 500);
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    loop {
        let Ok((near, _)) = listener.accept().await else {
            continue;
        };
        let Ok(far) = TcpStream::connect(("127.0.0.1", target)).await else {
            continue;
        };
        drop(near.set_nodelay(true));
        drop(far.set_nodelay(true));
        let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
        pass(from_near, to_far, half);
        pass(from_far, to_near, half);
    }
}

/// Passes on in one direction what was read so long ago.
fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, after: Duration) {
    let (sender, mut under_way) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    actix_web::rt::spawn(async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let bytes = buffer.get(..read).unwrap_or_default().to_vec();
            if sender.send((now() + after, bytes)).is_err() {
                return;
            }
        }
    });
    actix_web::rt::spawn(async move {
        while let Some((due, bytes)) = under_way.recv().await {
            tokio::time::sleep_until(due.into()).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        drop(to.shutdown().await);
    });
}
