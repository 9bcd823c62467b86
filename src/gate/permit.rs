//! Permit and refusal: the gate's results. A [`Permit`] has no public constructor: holding one proves that every check passed a moment ago.

use uuid::Uuid;

use super::{
    facts::{Facts, Person, Session},
    failure::GateFailure,
    seen::SeenCheck,
};
use crate::kernel::failure::Failure;

/// Proof that the gate admitted this person to this portal just now. Taken by value by whatever acts on it.
#[derive(Debug)]
pub struct Permit {
    person: Person,
    portal: Uuid,
    auth_source: Option<Uuid>,
    data_source: Option<Uuid>,
    member: Option<Uuid>,
    session: Option<Session>,
    seen: Vec<SeenCheck>,
}

impl Permit {
    /// Only [`super::admit::Gate::admit`] calls this, after all checks passed.
    pub(super) fn of(facts: Facts) -> Option<Self> {
        Some(Self {
            person: facts.person?,
            portal: facts.portal.id,
            auth_source: facts.auth_source.map(|source| source.id),
            data_source: facts.data_source.map(|source| source.id),
            member: facts.member.map(|member| member.id),
            session: facts.session,
            seen: Vec::new(),
        })
    }

    /// The same with what each check saw.
    pub(super) fn with_seen(self, seen: Vec<SeenCheck>) -> Self {
        Self { seen, ..self }
    }

    /// The person who may enter.
    pub const fn person(&self) -> &Person {
        &self.person
    }

    /// The portal (row id).
    pub const fn portal(&self) -> Uuid {
        self.portal
    }

    /// The auth source used, if any.
    pub const fn auth_source(&self) -> Option<Uuid> {
        self.auth_source
    }

    /// The data source that the auth source is bound to, or that the person comes from, if any.
    pub const fn data_source(&self) -> Option<Uuid> {
        self.data_source
    }

    /// The member the person signed in as, if any.
    pub const fn member(&self) -> Option<Uuid> {
        self.member
    }

    /// What each check saw; empty unless the visit was tried out.
    pub fn seen(&self) -> &[SeenCheck] {
        &self.seen
    }

    /// The existing session; none at a sign-in that is about to open one.
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }
}

/// A refusal, already in the audit log under `reference`.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The check that failed.
    pub reason: GateFailure,
    /// Code to show to the person; the audit event has the whole chain.
    pub reference: String,
    /// Every check with its result and what it saw.
    pub seen: Vec<SeenCheck>,
    /// The user, where there is one.
    pub person: Option<Box<Person>>,
}

impl Refusal {
    /// The refusal as a failure that keeps its reference.
    pub fn failure(&self) -> Failure {
        self.reason.failure().recorded(&self.reference)
    }
}
