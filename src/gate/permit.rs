//! What the gate answers. A [`Permit`] has no public constructor: holding one proves that every check passed a moment ago.

use uuid::Uuid;

use super::{
    checks::Chain,
    facts::{Facts, Person, Session},
    failure::GateFailure,
};

/// Proof that the gate said yes to this person, for this portal, now. Consumed by whoever acts on it.
#[derive(Debug)]
pub struct Permit {
    person: Person,
    portal: Uuid,
    auth_source: Option<Uuid>,
    member: Option<Uuid>,
    session: Option<Session>,
}

impl Permit {
    /// Only [`super::admit::Gate::admit`] calls this, after all checks passed.
    pub(super) fn of(facts: Facts) -> Option<Self> {
        Some(Self {
            person: facts.person?,
            portal: facts.portal.id,
            auth_source: facts.auth_source.map(|source| source.id),
            member: facts.member.map(|member| member.id),
            session: facts.session,
        })
    }

    /// Who may enter.
    pub const fn person(&self) -> &Person {
        &self.person
    }

    /// Which portal (row id).
    pub const fn portal(&self) -> Uuid {
        self.portal
    }

    /// Through which auth source.
    pub const fn auth_source(&self) -> Option<Uuid> {
        self.auth_source
    }

    /// As which member.
    pub const fn member(&self) -> Option<Uuid> {
        self.member
    }

    /// The session it rests on; none at the sign-in that is about to open one.
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }
}

/// The gate's no, already on record under `reference`.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Which check.
    pub reason: GateFailure,
    /// Code to show to the person; the audit event has the whole chain.
    pub reference: String,
    /// Every check with its result.
    pub chain: Chain,
}
