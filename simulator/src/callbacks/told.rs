//! What was sent, and what became of it.

use serde::Serialize;

use super::{
    delivery::{DeliveryReport, Owner},
    events::Event,
    pushes::Push,
};

/// An event that was sent, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// Whose callback.
    pub owner: Owner,
    /// The event.
    pub event: Event,
    /// Its delivery; no attempts where no callback is configured.
    pub report: DeliveryReport,
}

/// A push that was sent to a suite, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pushed {
    /// The suite.
    pub suite: String,
    /// The push.
    pub push: Push,
    /// Its delivery; no attempts where no command callback is configured.
    pub report: DeliveryReport,
}

/// Everything that a change was told by.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Acted {
    /// Events, in their order.
    pub told: Vec<Told>,
    /// Pushes, which came after the events.
    pub pushed: Vec<Pushed>,
}
