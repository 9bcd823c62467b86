//! What the application tells the admin API of itself: since when it runs, over which stores, and whether they take writes.

use std::sync::Arc;

use futures_util::FutureExt;

use super::{infrastructure::Infrastructure, readiness::Readiness};
use crate::{
    admin::health::Installation,
    config::{Config, EphemeralKind},
};

pub(super) fn installation(config: &Config, infrastructure: &Infrastructure, readiness: &Readiness) -> Installation {
    let readiness = readiness.clone();
    Installation {
        started_at: infrastructure.clock.now(),
        database: match config.database_url.expose().starts_with("sqlite:") {
            true => "sqlite",
            false => "postgresql",
        },
        ephemeral: match config.ephemeral {
            EphemeralKind::Memory => "memory",
            EphemeralKind::Redis { .. } => "redis",
        },
        parts: Arc::new(move || {
            let readiness = readiness.clone();
            async move { readiness.report().await.into() }.boxed()
        }),
    }
}
