//! The OpenID provider, put together of what the application has.

use super::infrastructure::Infrastructure;
use crate::{
    config::Config,
    gate::Gate,
    oidc::{self, Provider},
    signin::{Journeys, Sessions},
    web::cookies::Cookies,
};

/// Puts the provider together.
pub(super) fn provider(
    config: &Config,
    infrastructure: &Infrastructure,
    (gate, sessions, journeys): (&Gate, &Sessions, &Journeys),
    cookies: Cookies,
) -> Provider {
    Provider::new(oidc::Dependencies {
        database: infrastructure.database.clone(),
        ephemeral: infrastructure.ephemeral.clone(),
        sealer: infrastructure.sealer.clone(),
        clock: infrastructure.clock.clone(),
        entropy: infrastructure.entropy.clone(),
        gate: gate.clone(),
        sessions: sessions.clone(),
        journeys: journeys.clone(),
        cookies,
        outbound: infrastructure.outbound.clone(),
        settings: oidc::Settings {
            issuer: config.public_url.clone(),
            code_lifetime: config.code_lifetime,
            refresh_retry: config.refresh_retry,
            keys: config.keys,
        },
    })
}
