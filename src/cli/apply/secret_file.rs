//! Secrets in files of their own, so that the file with the set-up can lie in a repository.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use crate::{
    cli::{sync::report::printable, terminal::complain},
    kernel::{entropy::Entropy, secret::Secret},
    store::private_file::is_wide,
};

/// Longest file that is read, bytes: the API takes 512 characters.
const LONGEST: u64 = 4096;

/// Where a secret comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// It was read from a file.
    Read(Secret<String>),
    /// It is made when it is needed, and kept in this file.
    Made(PathBuf),
}

impl Source {
    /// The secret; one that is made is written before it is answered, so that a portal never has a secret that nobody knows.
    ///
    /// # Errors
    /// A sentence, when the file cannot be written or read.
    pub(super) fn get(&self, entropy: &Entropy) -> Result<Secret<String>, String> {
        match self {
            Self::Read(secret) => Ok(secret.clone()),
            Self::Made(path) => make(path, entropy),
        }
    }
}

/// Reads a secret; blanks and line breaks around it do not count. Warns where others may read it too.
///
/// # Errors
/// A sentence.
pub(super) fn read(path: &Path) -> Result<Secret<String>, String> {
    let failed = |why: String| format!("{} cannot be read: {why}", path.display());
    let about = path.metadata().map_err(|error| failed(error.to_string()))?;
    if !about.is_file() || about.len() > LONGEST {
        return Err(failed(format!("it is no file of at most {LONGEST} bytes")));
    }
    let text = Secret::new(std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?);
    match text.expose().trim() {
        "" => Err(failed("it is empty".to_owned())),
        secret => {
            if is_wide(path) {
                complain(&printable(&format!(
                    "{}: others than its owner may open this file: chmod 600",
                    path.display()
                )));
            }
            Ok(Secret::new(secret.to_owned()))
        }
    }
}

/// Makes a secret and keeps it in a new file that its owner alone may open. One that is there already is taken as it is.
fn make(path: &Path, entropy: &Entropy) -> Result<Secret<String>, String> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |error: std::io::Error| format!("{} cannot be written: {error}", path.display());
    let mut file = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return read(path),
        opened => opened.map_err(failed)?,
    };
    let secret = entropy.token();
    let written = file
        .write_all(secret.expose().as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all());
    written.map_err(failed)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::{Source, read};
    use crate::kernel::entropy::Entropy;

    #[test]
    fn a_made_secret_is_kept_for_its_owner_alone_and_never_replaced() {
        let directory = std::env::temp_dir().join(format!("menjin-secret-{}", Entropy::system().hex_id()));
        std::fs::create_dir(&directory).unwrap();
        let path = directory.join("wiki");
        assert!(read(&path).unwrap_err().contains("cannot be read"));
        let source = Source::Made(path.clone());
        let first = source.get(&Entropy::system()).unwrap();
        let again = source.get(&Entropy::system()).unwrap();
        assert_eq!(first.expose(), again.expose());
        assert_eq!(read(&path).unwrap().expose(), first.expose());
        #[cfg(unix)]
        assert!(!super::is_wide(&path));
        std::fs::write(&path, " \n").unwrap();
        assert!(read(&path).unwrap_err().contains("it is empty"));
        assert!(read(&directory).unwrap_err().contains("no file"));
        std::fs::remove_dir_all(directory).unwrap();
    }
}
