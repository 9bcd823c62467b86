//! Roles of API tokens: four ranks, from least to most, and two kinds that reach only what their scope names. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Role of a token: `auditor` reads; `operator` also starts syncs and edits users without a console role; `admin` configures; `owner` does
/// everything. `sync` and `portal` reach only what they name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Scoped: read data sources, start their syncs and read their runs. No rank.
    Sync,
    /// Scoped: look after the portals it names. No rank.
    Portal,
    /// Read.
    Auditor,
    /// Read, start syncs, edit users without a console role.
    Operator,
    /// Everything but owners: their tokens and their console role.
    Admin,
    /// Everything.
    Owner,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Sync,
        Self::Portal,
        Self::Auditor,
        Self::Operator,
        Self::Admin,
        Self::Owner,
    ];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Portal => "portal",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Place among the ranks; `None`: a scoped kind, which stands below all of them.
    const fn rank(self) -> Option<u8> {
        match self {
            Self::Sync | Self::Portal => None,
            Self::Auditor => Some(0),
            Self::Operator => Some(1),
            Self::Admin => Some(2),
            Self::Owner => Some(3),
        }
    }

    /// Whether it reaches only what its scope names.
    pub const fn is_scoped(self) -> bool {
        self.rank().is_none()
    }

    /// Whether this role may do all that `needed`, a rank, may. A scoped kind covers no rank.
    pub const fn covers(self, needed: Self) -> bool {
        match (self.rank(), needed.rank()) {
            (Some(own), Some(needed)) => own >= needed,
            _ => false,
        }
    }

    /// Whether a token of this role may create and revoke tokens of that one: from admin on, and never more power than its own.
    pub const fn may_give(self, given: Self) -> bool {
        self.covers(Self::Admin) && (given.is_scoped() || self.covers(given))
    }
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn ranks_cover_what_is_below_and_scoped_kinds_cover_nothing() {
        let ranks = [Role::Auditor, Role::Operator, Role::Admin, Role::Owner];
        for (place, role) in ranks.into_iter().enumerate() {
            for (other, needed) in ranks.into_iter().enumerate() {
                assert_eq!(role.covers(needed), place >= other, "{role:?} {needed:?}");
            }
        }
        for scoped in [Role::Sync, Role::Portal] {
            assert!(
                Role::ALL
                    .into_iter()
                    .all(|role| !scoped.covers(role) && !role.covers(scoped))
            );
        }
    }

    #[test]
    fn nobody_gives_more_power_than_their_own() {
        for (giver, given, may) in [
            (Role::Owner, Role::Owner, true),
            (Role::Owner, Role::Portal, true),
            (Role::Admin, Role::Owner, false),
            (Role::Admin, Role::Admin, true),
            (Role::Admin, Role::Sync, true),
            (Role::Operator, Role::Auditor, false),
            (Role::Portal, Role::Portal, false),
            (Role::Sync, Role::Sync, false),
        ] {
            assert_eq!(giver.may_give(given), may, "{giver:?} {given:?}");
        }
    }

    #[test]
    fn words_lead_back() {
        for role in Role::ALL {
            assert_eq!(Role::of(role.word()), Some(role));
        }
        assert_eq!(Role::of("root"), None);
    }
}
