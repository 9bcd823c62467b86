//! What a run has heard from WeCom. A value.

use super::{
    snapshot::{AppFact, Snapshot},
    store::proof::Proof,
};

/// What a run has heard.
pub enum Heard {
    /// What was said to the run of the proof, which stands.
    AsBefore {
        /// The proof.
        proof: Box<Proof>,
        /// The integration app.
        app: Option<AppFact>,
    },
    /// Something else.
    Anew(Box<Snapshot>),
}
