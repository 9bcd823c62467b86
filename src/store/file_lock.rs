//! File lock: lets only one process serve from a SQLite file.
//!
//! The read cache ([`super::read_cache::ReadCache`]) is exact only while nobody writes without raising a counter, so a second
//! server on the same file is refused, by a lock on `<file>.lock` that the operating system releases when its process ends, however it
//! ends. Inside one process any number of connections share the lock and the counters. Commands that write what is never cached (signing
//! keys) do not take it.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, PoisonError},
};

use super::{failure::StoreFailure, private_file, versions::ChangeCounter};
use crate::kernel::failure::Result;

/// Locks held by this process, by canonical path.
static LOCKS: LazyLock<Mutex<HashMap<PathBuf, SharedLock>>> = LazyLock::new(Mutex::default);

struct SharedLock {
    /// Number of [`FileLock`]s that share it.
    holders: usize,
    changes: ChangeCounter,
    /// The locked file; unlocked when closed.
    _lock: File,
}

/// A share in the lock of one SQLite file, and so the right to cache its content. Given back when dropped.
#[derive(Debug)]
pub struct FileLock {
    path: PathBuf,
    changes: ChangeCounter,
    /// Nobody in this process had it before.
    first: bool,
}

impl FileLock {
    /// Locks the file, which must exist, for this process, or shares the lock this process already has.
    ///
    /// # Errors
    /// `ST-104` when another process has it.
    pub fn acquire(file: &Path) -> Result<Self> {
        let refused = |error: std::io::Error| StoreFailure::Owned.failure().cause(error);
        let path = file.canonicalize().map_err(refused)?;
        let mut owned = LOCKS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ours) = owned.get_mut(&path) {
            ours.holders += 1;
            let changes = ours.changes.clone();
            return Ok(Self {
                path,
                changes,
                first: false,
            });
        }
        let lock = lock(&path).map_err(refused)?;
        let changes = ChangeCounter::default();
        let ours = SharedLock {
            holders: 1,
            changes: changes.clone(),
            _lock: lock,
        };
        owned.insert(path.clone(), ours);
        Ok(Self {
            path,
            changes,
            first: true,
        })
    }

    /// Whether nobody else held the lock when it was taken: whoever wrote to the file before is dead.
    pub const fn is_first(&self) -> bool {
        self.first
    }

    /// The counters of this file, raised by every change in this process.
    pub const fn changes(&self) -> &ChangeCounter {
        &self.changes
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        let mut owned = LOCKS.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ours) = owned.get_mut(&self.path) else { return };
        ours.holders -= 1;
        if ours.holders == 0 {
            owned.remove(&self.path);
        }
    }
}

fn lock(path: &Path) -> std::io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    private_file::ensure(Path::new(&name))?;
    let file = OpenOptions::new().append(true).open(name)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => std::io::Error::other("another process holds the lock"),
        TryLockError::Error(error) => error,
    })?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::FileLock;
    use crate::store::versions::About;

    #[test]
    fn a_process_shares_its_file_and_nobody_else_gets_it_meanwhile() {
        let id = uuid::Uuid::from_u128(rand::random());
        let path = std::env::temp_dir().join(format!("menjin-owner-{id}.db"));
        std::fs::write(&path, b"").unwrap();
        let (first, second) = (FileLock::acquire(&path).unwrap(), FileLock::acquire(&path).unwrap());
        assert!(first.is_first() && !second.is_first());
        first.changes().raise(About::Everybody);
        assert_eq!(second.changes().version(About::Everybody), 1);
        // A file description of its own is to the lock what another process is.
        let lock = path.with_extension("db.lock");
        let other = || std::fs::File::open(&lock).unwrap();
        drop(first);
        assert!(other().try_lock().is_err(), "the second owner is still there");
        drop(second);
        let stranger = other();
        stranger.try_lock().unwrap();
        let refused = FileLock::acquire(&path).unwrap_err();
        assert_eq!(refused.entry.number, "ST-104");
        drop(stranger);
        assert!(FileLock::acquire(&path).is_ok());
        drop((std::fs::remove_file(&path), std::fs::remove_file(&lock)));
    }
}
