//! Suites and their installations, built from the shared dependencies.

use super::infrastructure::Infrastructure;
use crate::directory::{
    installation::{self, Installations},
    suite::{Dependencies, Suites},
    wecom_events::Callbacks,
};
use crate::kernel::home_runtime::HomeRuntime;

impl Infrastructure {
    /// The use cases of suites; `callbacks` act on the events of companies.
    pub(super) fn suites(&self, callbacks: &Callbacks) -> Suites {
        Suites::new(Dependencies {
            database: self.database.clone(),
            ephemeral: self.ephemeral.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            wecom: self.wecom.clone(),
            callbacks: callbacks.clone(),
            public_url: self.public_url.clone(),
        })
    }

    /// The use cases of companies that install suites.
    pub(super) fn installations(&self) -> Installations {
        Installations::new(installation::Dependencies {
            database: self.database.clone(),
            ephemeral: self.ephemeral.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            wecom: self.wecom.clone(),
            offboarding: self.offboarding(),
            public_url: self.public_url.clone(),
            home: HomeRuntime::current(),
        })
    }
}
