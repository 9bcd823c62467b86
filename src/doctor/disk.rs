//! Free space of a disk.

use std::path::Path;

/// Megabytes that are free for us on the disk of this file; `None` where that is not known.
#[cfg(unix)]
pub fn free_megabytes(file: &Path) -> Option<u64> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let disk = nix::sys::statvfs::statvfs(folder.unwrap_or_else(|| Path::new("."))).ok()?;
    let bytes = u128::from(disk.blocks_available()).checked_mul(u128::from(disk.fragment_size()))?;
    u64::try_from(bytes / (1024 * 1024)).ok()
}

/// Not known here.
#[cfg(not(unix))]
pub const fn free_megabytes(_: &Path) -> Option<u64> {
    None
}
