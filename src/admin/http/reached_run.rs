//! A sync run as far as the caller reaches its data source.

use uuid::Uuid;

use super::authorization::{Caller, OrSync};
use crate::{admin::service::Admin, directory::sync_runs::RunView, kernel::failure::Result};

/// The run, if its data source is one that the caller reaches.
pub(super) async fn reached<N, Q>(caller: &Caller<OrSync<N>, Q>, admin: &Admin, id: Uuid) -> Result<RunView> {
    let run = admin.directory().run(id).await?;
    caller.reaches_source(run.data_source_id)?;
    Ok(run)
}
