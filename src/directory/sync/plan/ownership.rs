//! The table of owners: which field of a user a sync may change. The one place where that is decided; `docs/operations.md` has the same rows.
//! Pure.

use crate::directory::{
    sync::source::DuplicateRule,
    user::provenance::{Field, Origin, Provenance},
};

/// Whose the value is that a user has in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An admin pinned the field.
    Pinned,
    /// WeCom gave it, unasked or because the person agreed to it.
    Wecom,
    /// A template made it.
    Template,
    /// An admin typed it in, and did not pin it.
    Admin,
    /// Nobody knows whose the value is.
    Nobody,
    /// There is no value, and nobody decided that there is none.
    Vacant,
}

/// What a sync does with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// WeCom's value replaces what is there, and its origin.
    Taken,
    /// Value and origin stay.
    Kept,
}

impl Owner {
    /// The owner of a field. `is_empty`: it has no value.
    pub fn of(provenance: &Provenance, field: Field, is_empty: bool) -> Self {
        match provenance.origin(field) {
            _ if provenance.is_pinned(field) => Self::Pinned,
            Origin::Unknown if is_empty => Self::Vacant,
            Origin::Wecom { .. } | Origin::Consent { .. } => Self::Wecom,
            Origin::Template => Self::Template,
            Origin::Admin { .. } => Self::Admin,
            Origin::Unknown => Self::Nobody,
        }
    }
}

/// What a sync does with a field of a user it may touch. `given`: WeCom gives a value; withheld and empty look the same (reference 3.4). What is
/// vacant is filled whatever the rule: it says what becomes of values that are there.
pub fn outcome(field: Field, owner: Owner, rule: DuplicateRule, given: bool) -> Outcome {
    match (owner, rule, given) {
        _ if !field.is_filled_by_wecom() => Outcome::Kept,
        (Owner::Pinned, _, _) => Outcome::Kept,
        (_, _, false) => Outcome::Kept,
        (Owner::Vacant, _, true) => Outcome::Taken,
        (_, DuplicateRule::Skip, _) => Outcome::Kept,
        (Owner::Wecom | Owner::Template | Owner::Admin | Owner::Nobody, DuplicateRule::Overwrite, true) => {
            Outcome::Taken
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNERS: &[Owner] = &[
        Owner::Pinned,
        Owner::Wecom,
        Owner::Template,
        Owner::Admin,
        Owner::Nobody,
        Owner::Vacant,
    ];

    #[test]
    fn what_wecom_gives_is_taken_where_nobody_pinned_by_overwrite_or_where_nothing_is_there() {
        for field in Field::ALL {
            for owner in OWNERS.iter().copied() {
                for rule in [DuplicateRule::Overwrite, DuplicateRule::Skip] {
                    for given in [true, false] {
                        let taken = outcome(field, owner, rule, given) == Outcome::Taken;
                        let may = Field::FILLED_BY_WECOM.contains(&field) && owner != Owner::Pinned;
                        let replaces = rule == DuplicateRule::Overwrite || owner == Owner::Vacant;
                        assert_eq!(taken, may && replaces && given, "{field:?} {owner:?} {rule:?}");
                    }
                }
            }
        }
    }
}
