//! Looks that may wait for a disk, apart from the threads on which checks and server run: a file system that hangs must hang nobody.

use super::failure::DoctorFinding;
use crate::kernel::failure::Result;

/// Looks, and answers what was seen.
///
/// # Errors
/// When the look panics.
pub async fn apart<T: Send + 'static>(look: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let looked = tokio::task::spawn_blocking(look).await;
    looked.map_err(|error| DoctorFinding::CheckFailed.failure().cause(error))
}
