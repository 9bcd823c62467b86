//! The seal key's file: 64 hex digits, created at the first start where that is allowed, readable by its owner alone.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;

use super::{reader::Reader, validate::parse_key};
use crate::{
    crypto::seal::KEY_BYTES,
    kernel::{entropy::Entropy, secret::Secret},
};

impl Reader<'_> {
    /// Reads `seal.previous_key`, which opens what was sealed before the key was replaced.
    pub(super) fn previous_seal_key(&mut self) -> Option<Secret<Vec<u8>>> {
        let given = self.secret("seal", "previous_key")?;
        let key = parse_key(given.expose());
        match key {
            None => self.fault("seal.previous_key must be 64 hex digits"),
            Some(_) => self.warn("seal.previous_key is set: run menjin keys reseal, and then take it out"),
        }
        key
    }
}

/// Reads the key; creates the file first if it is missing and `create` is set.
///
/// # Errors
/// A sentence for the operator.
pub fn seal_key(path: &Path, create: bool, entropy: &Entropy) -> Result<Secret<Vec<u8>>, String> {
    if create {
        make(path, entropy).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let content = std::fs::read_to_string(path).map_err(|error| {
        format!(
            "{}: {error}; restore it from its copy, or for a new installation create it with 64 hex digits, for example by: openssl rand -hex 32",
            path.display()
        )
    })?;
    parse_key(&content).ok_or_else(|| format!("{} does not hold 64 hex digits", path.display()))
}

/// Creates the key file atomically: the key is written to a temporary file beside it and then hard-linked, so a crash never leaves an empty
/// file. The link lets one of several starting processes win; an existing key is never overwritten.
fn make(path: &Path, entropy: &Entropy) -> std::io::Result<()> {
    if path.try_exists()? {
        return Ok(());
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.new", entropy.hex_id()));
    let temporary = PathBuf::from(temporary);
    let outcome = write(&temporary, entropy).and_then(|()| std::fs::hard_link(&temporary, path));
    drop(std::fs::remove_file(&temporary));
    match outcome {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn write(path: &Path, entropy: &Entropy) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let digits = HEXLOWER.encode(&entropy.bytes::<KEY_BYTES>());
    file.write_all(digits.as_bytes())?;
    file.sync_all()
}
