//! The database's files hold people's data, the seal key's opens its secrets: they are made readable for their owner alone. SQLite gives its
//! `-wal` and `-shm` files the mode of the database.

use std::{fs::OpenOptions, io, path::Path};

/// Makes an empty file with mode 0600, if there is none. One that was made wider stays so, with a warning: somebody may have decided that.
/// A file that is there is not opened, because closing it would end the locks this process may have on it.
///
/// # Errors
/// When it cannot be made.
pub fn ensure(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            warn_if_wide(path);
            Ok(())
        }
        made => made.map(drop),
    }
}

fn warn_if_wide(path: &Path) {
    if is_wide(path) {
        tracing::warn!(path = %path.display(), "others than its owner may open this file: chmod 600");
    }
}

/// Whether others than the owner of this file may open it.
#[cfg(unix)]
pub fn is_wide(path: &Path) -> bool {
    let mode = path
        .metadata()
        .map(|data| std::os::unix::fs::PermissionsExt::mode(&data.permissions()));
    mode.is_ok_and(|mode| mode & 0o077 != 0)
}

/// Whether others than the owner of this file may open it: not known here.
#[cfg(not(unix))]
pub const fn is_wide(_: &Path) -> bool {
    false
}
