//! The operating system's limit of open files: each connection is one.

/// Files that are not clients' connections: databases, calls to others, logs, what libraries open.
const RESERVED: u64 = 200;
/// Fewer files than this are worth a warning.
const FEW: u64 = 4096;

/// Raises the limit as far as the system lets us, and warns where that is not far.
pub fn raise() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) if limit < FEW => tracing::warn!(
            limit,
            "few files may be open (ulimit -n, LimitNOFILE of systemd): at most {} connections are let in",
            left_for_connections()
        ),
        Ok(limit) => tracing::debug!(limit, "open files"),
        Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
    }
}

/// Connections for which there are files now: at least a few, so that a low limit does not shut everybody out.
pub fn left_for_connections() -> usize {
    let limit = rlimit::Resource::NOFILE.get_soft().unwrap_or(u64::MAX);
    let left = limit.saturating_sub(RESERVED).max(limit / 4);
    usize::try_from(left).unwrap_or(usize::MAX)
}
