//! Which program this is: what a proof of the sync says about plans holds for the program that made it, and for no other build of it.

use std::{fs::File, io, sync::Arc};

use futures_util::FutureExt;
use tokio::sync::OnceCell;

use crate::{crypto::digest::sha256_of, directory::sync::WhichProgram, wecom::Digest};

static PROGRAM: OnceCell<Option<Digest>> = OnceCell::const_new();

/// Tells the SHA-256 of the running executable, which is read once, when it is first asked for.
pub(super) fn which() -> WhichProgram {
    Arc::new(|| async { *PROGRAM.get_or_init(read).await }.boxed())
}

/// Opens the file that runs. On Linux that is the same one after an upgrade has put another in its place.
fn open() -> io::Result<File> {
    match File::open("/proc/self/exe") {
        Ok(file) if cfg!(target_os = "linux") => Ok(file),
        Ok(_) | Err(_) => File::open(std::env::current_exe()?),
    }
}

async fn read() -> Option<Digest> {
    let read = tokio::task::spawn_blocking(|| sha256_of(open()?)).await;
    match read.map_err(io::Error::other).and_then(|read| read) {
        Ok(digest) => Some(digest),
        Err(error) => {
            tracing::warn!(%error, "the program cannot be read: every sync compares everything");
            None
        }
    }
}
