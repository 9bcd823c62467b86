//! The admin use cases of an installation, for the command line: nothing is served or migrated.

use super::infrastructure::Infrastructure;
use crate::{
    admin::Admin,
    config::Config,
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    signin::Journeys,
};

/// What an admin on the machine may do.
pub struct Administration {
    /// API tokens, users, sessions.
    pub admin: Admin,
    /// One-time links.
    pub journeys: Journeys,
}

impl Administration {
    /// See [`super::App::administration`].
    pub(super) async fn open(config: &Config, clock: Clock, entropy: Entropy, beside: bool) -> Result<Self> {
        let infrastructure = Infrastructure::for_command(config, clock, entropy, beside).await?;
        let sessions = infrastructure.sessions(config);
        let journeys = infrastructure.journeys(config, infrastructure.gate(config), sessions.clone());
        let admin = infrastructure.admin(infrastructure.sync(), sessions, infrastructure.recorder());
        Ok(Self { admin, journeys })
    }
}
