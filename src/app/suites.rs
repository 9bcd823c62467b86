//! Suites, their installations and who may see names, built from the shared dependencies.

use super::infrastructure::Infrastructure;
use crate::directory::{
    Directory,
    corp_move::CorpMoves,
    installation::{self, Installations},
    name_proof::{self, NameProofs},
    suite::{Dependencies, Suites},
    sync::Sync,
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

    /// The use cases of companies that move to an app of their own.
    pub(super) fn corp_moves(&self, directory: &Directory, sync: &Sync) -> CorpMoves {
        CorpMoves::new(directory.clone(), sync.clone(), self.wecom.clone())
    }

    /// The use cases of showing names at the console.
    pub(super) fn name_proofs(&self) -> NameProofs {
        NameProofs::new(name_proof::Dependencies {
            database: self.database.clone(),
            ephemeral: self.ephemeral.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            wecom: self.wecom.clone(),
            public_url: self.public_url.clone(),
        })
    }
}
