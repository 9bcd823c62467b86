//! A bounded queue before the log: lines are written by a thread of its own, so that a log nobody reads (a full pipe) never holds up a
//! request. While it is full lines are lost, and counted.

use std::{
    io::Write,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

/// Lines that wait at most.
const MOST_WAITING: usize = 8192;
/// How long the end of the process waits for a log that is not read.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

static QUEUE: OnceLock<SyncSender<Entry>> = OnceLock::new();
static LOST: AtomicU64 = AtomicU64::new(0);

enum Entry {
    Line(Vec<u8>),
    /// Everything before it is written.
    Flush(SyncSender<()>),
}

/// Puts lines into the queue of this process, whose thread starts with the first.
#[derive(Clone, Copy)]
pub(super) struct LogQueue;

impl Write for LogQueue {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let queue = QUEUE.get_or_init(|| start(std::io::stderr()));
        if queue.try_send(Entry::Line(line.to_vec())).is_err() {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Waits until what was logged is written, but no longer than a second.
pub fn flush() {
    let Some(queue) = QUEUE.get() else { return };
    let (written, wait) = sync_channel(1);
    if queue.try_send(Entry::Flush(written)).is_ok() {
        let _in_time = wait.recv_timeout(FLUSH_TIMEOUT);
    }
}

fn start(log: impl Write + Send + 'static) -> SyncSender<Entry> {
    let (queue, lines) = sync_channel(MOST_WAITING);
    // Without the thread every line is lost, and counted.
    drop(
        std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write_all(log, &lines)),
    );
    queue
}

fn write_all(mut log: impl Write, lines: &Receiver<Entry>) {
    while let Ok(entry) = lines.recv() {
        match entry {
            Entry::Line(line) => drop(log.write_all(&line)),
            Entry::Flush(written) => drop(written.try_send(())),
        }
        let lost = LOST.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(lost, "lines of the log were lost, because nobody read it");
        }
    }
}
