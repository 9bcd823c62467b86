//! The configuration and the files of the demo's Menjin.

use std::path::{Path, PathBuf};

use crate::{
    config::{Config, Sources},
    kernel::entropy::Entropy,
};

/// A directory that is removed when dropped, so also when a later step of the start fails or is interrupted.
pub struct TemporaryDirectory(pub PathBuf);

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Creates a new temporary directory, open to its owner alone.
pub fn temporary_directory(entropy: &Entropy) -> Result<TemporaryDirectory, String> {
    let directory = std::env::temp_dir().join(format!("menjin-demo-{}", entropy.hex_id()));
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(&directory)
        .map_err(|error| format!("{}: {error}", directory.display()))?;
    Ok(TemporaryDirectory(directory))
}

/// Settings of a Menjin at this URL, before this WeCom. The portals hear of logouts on loopback, which is allowed as any private network is:
/// by `outbound.allow`.
pub fn settings(menjin: &str, directory: &Path, wecom: &str, token: &str) -> Result<Config, String> {
    let set = |name: &str, value: &str| (format!("MENJIN__{name}"), value.to_owned());
    let environment = vec![
        set("SERVER__PUBLIC_URL", menjin),
        set("SERVER__WORKERS", "1"),
        set("DATABASE__URL", &format!("sqlite://{}/menjin.db", directory.display())),
        set("SEAL__KEY_FILE", &directory.join("menjin.key").display().to_string()),
        set("WECOM__API_URL", wecom),
        set("WECOM__WEB_LOGIN_URL", wecom),
        set("WECOM__LEGACY_QR_URL", wecom),
        set("WECOM__OAUTH_URL", wecom),
        set("WECOM__INSTALL_URL", wecom),
        set("WECOM__OPEN_DATA_SCRIPT", &format!("{wecom}/open-data.js")),
        set("WECOM__OPEN_DATA_FRAME", wecom),
        set("OUTBOUND__ALLOW", "127.0.0.0/8, ::1"),
        set("ADMIN__TOKEN", token),
    ];
    let sources = Sources {
        file: None,
        environment,
    };
    Config::load_with_plain_http(&sources).map_err(|faults| faults.join("; "))
}
