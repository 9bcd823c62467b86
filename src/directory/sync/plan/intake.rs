//! Letting WeCom's values into users, as the table of owners says.

use uuid::Uuid;

use super::{
    model::{Row, RowOutcome},
    ownership::{Outcome, Owner, outcome},
};
use crate::directory::{
    sync::{
        mirror::UserProfile,
        snapshot::{Person, Profile},
        source::DuplicateRule,
    },
    user::provenance::Field,
};

/// By way of which data source values come in, and by which rule.
#[derive(Clone, Copy, Debug)]
pub struct Intake {
    /// The data source.
    pub data_source: Uuid,
    /// Its rule for users there are.
    pub rule: DuplicateRule,
}

impl Intake {
    /// A user's profile with those of WeCom's values that the table of owners lets in.
    pub fn taken(self, held: &UserProfile, given: &Profile) -> UserProfile {
        let mut after = held.clone();
        for field in Field::FILLED_BY_WECOM {
            let owner = Owner::of(&held.provenance, field, held.value(field).is_none());
            match given.value(field) {
                Some(value) if outcome(field, owner, self.rule, true) == Outcome::Taken => {
                    after.take(field, value, self.data_source);
                }
                _ => {}
            }
        }
        after
    }

    /// The remark that pins keep out values of WeCom, where it gave none or others `before`: each is told once.
    pub fn kept_out(self, held: &UserProfile, person: &Person, before: Option<&Profile>) -> Option<Row> {
        let news = |field: &&Field| {
            let given = person.profile.value(**field);
            given.is_some() && given != held.value(**field) && given != before.and_then(|before| before.value(**field))
        };
        let pinned = held.provenance.pinned().iter();
        let fields: Vec<&str> = pinned.filter(news).map(|field| field.word()).collect();
        let told = self.rule == DuplicateRule::Overwrite && !fields.is_empty();
        told.then(|| Row {
            userid: person.userid.clone(),
            outcome: RowOutcome::Pinned,
            reason: format!(
                "WeCom gives another value, which a pin keeps out: {}",
                fields.join(", ")
            ),
        })
    }
}
