//! Load benchmark: a proxy that stands for the way to a database far away. Each byte waits half of the delay in each direction, as many
//! bytes as come at once together; nothing is lost or reordered. Threads, since an asynchronous timer is no finer than a millisecond.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
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
pub fn run(port: u16, target: u16, delay: u64) {
    let half = Duration::from_micros(delay * 500);
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    for near in listener.incoming().flatten() {
        let Ok(far) = TcpStream::connect(("127.0.0.1", target)) else {
            continue;
        };
        drop(near.set_nodelay(true));
        drop(far.set_nodelay(true));
        pass(near.try_clone().unwrap(), far.try_clone().unwrap(), half);
        pass(far, near, half);
    }
}

/// Passes on in one direction what was read so long ago.
fn pass(mut from: TcpStream, mut to: TcpStream, after: Duration) {
    let (sender, under_way) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let bytes = buffer.get(..read).unwrap_or_default().to_vec();
            if sender.send((now() + after, bytes)).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (due, bytes) in under_way {
            thread::sleep(due.saturating_duration_since(now()));
            if to.write_all(&bytes).is_err() {
                return;
            }
        }
        drop(to.shutdown(Shutdown::Write));
    });
}
