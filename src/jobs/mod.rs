//! Decides *when*: calls the same use cases as the buttons do.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;

use crate::{
    admin::StartSync,
    directory::sync::{Cause, Sync},
};

/// Starts a sync in the background and answers its run at once; what the admin API's button calls.
pub fn starter(sync: Sync) -> StartSync {
    Arc::new(move |data_source| {
        let sync = sync.clone();
        async move {
            let run = sync.start(data_source, Cause::Manual).await?;
            let id = run.id();
            tokio::spawn(async move {
                if let Err(failure) = sync.execute(run).await {
                    tracing::error!(%failure, run = %id, "a sync run failed");
                }
            });
            Ok(id)
        }
        .boxed()
    })
}

/// Looks every `tick` at what is due. A look that fails is logged and tried again at the next.
pub fn start(sync: Sync, tick: Duration) {
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(tick);
        loop {
            interval.tick().await;
            if let Err(failure) = sync.tick().await {
                tracing::error!(%failure, "the sync schedule could not be looked at");
            }
        }
    });
}
