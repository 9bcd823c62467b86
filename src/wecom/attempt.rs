//! Attempts at a call or a download: how one failed, and how often there was one. Pure.

use super::{
    classify::BUSY,
    error::{Class, WeComError},
    patience::Fault,
};
use crate::kernel::clock::Timestamp;

/// How often something was tried, and since when.
pub(super) struct Tries {
    pub(super) began: Timestamp,
    pub(super) repetitions: u32,
}

impl Tries {
    /// Begins now.
    pub(super) const fn since(began: Timestamp) -> Self {
        Self { began, repetitions: 0 }
    }
}

/// A call that failed.
pub(super) struct Failed {
    pub(super) error: WeComError,
    /// Why the same call may succeed a moment later, if it may.
    pub(super) fault: Option<Fault>,
}

impl Failed {
    /// Failed in a way that lasts.
    pub(super) const fn lasting(error: WeComError) -> Self {
        Self { error, fault: None }
    }

    /// Failed on the way or half-way.
    pub(super) const fn broken(error: WeComError) -> Self {
        Self {
            error,
            fault: Some(Fault::Broken),
        }
    }

    /// A reply that is an error.
    pub(super) fn told(error: WeComError) -> Self {
        let fault = match error.errcode {
            Some(code) if BUSY.contains(&code) => Some(Fault::Busy),
            None if error.class == Class::Retry => Some(Fault::Broken),
            _ => None,
        };
        Self { error, fault }
    }

    /// How it failed, in a word of few.
    pub(super) fn outcome(&self) -> &'static str {
        match (self.error.errcode, self.error.class) {
            (None, Class::Defect) => "defect",
            (None, _) => "no_answer",
            (Some(_), class) => class.word(),
        }
    }
}
