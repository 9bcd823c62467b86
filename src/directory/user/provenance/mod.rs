//! Provenance: where each value of a user's profile came from and since when it stands there, and which fields an admin pinned, so that no
//! sync changes them. One small JSON document of the user (`users.provenance`): fields that came together are told together. Pure.

pub mod field;
mod origin;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::{
    field::{Field, PinnableField},
    origin::{EmailSource, Origin},
};

/// The moment of a value that a plan gives: it is told when the plan is applied, as are ids of new rows.
const WHEN_APPLIED: i64 = 0;

/// Where the values of one user came from. A field that is not told of is empty, or of unknown origin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Provenance {
    /// Fields that no sync changes.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pinned: BTreeSet<Field>,
    /// How often the values or pins were edited by hand, or given by consent: what was planned before that is not written after it.
    edits: u32,
    /// In order, so that equal ones are written equally.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    came: Vec<Came>,
}

/// Fields whose values came from one place at one moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Came {
    origin: Origin,
    /// Milliseconds; null: before this was written down.
    at: Option<i64>,
    fields: BTreeSet<Field>,
}

/// An edit by hand, as far as provenance is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    /// As in the audit log.
    pub actor: &'a str,
    /// Milliseconds.
    pub at: i64,
    /// Fields that have another value now, none perhaps.
    pub changed: &'a BTreeSet<Field>,
    /// All fields that are pinned from now on; `None`: those that are, and the changed ones that a sync would change again.
    pub pinned: Option<&'a BTreeSet<Field>>,
}

impl Provenance {
    /// Where the value of a field came from.
    pub fn origin(&self, field: Field) -> &Origin {
        self.of(field).map_or(&Origin::Unknown, |came| &came.origin)
    }

    /// Since when that value stands there, milliseconds; `None`: not known.
    pub fn since(&self, field: Field) -> Option<i64> {
        self.of(field).and_then(|came| came.at)
    }

    /// Whether an admin pinned the field.
    pub fn is_pinned(&self, field: Field) -> bool {
        self.pinned.contains(&field)
    }

    /// The pinned fields.
    pub const fn pinned(&self) -> &BTreeSet<Field> {
        &self.pinned
    }

    /// How often somebody edited values or pins by hand, or gave values by consent.
    pub const fn edits(&self) -> u32 {
        self.edits
    }

    /// Whether the field is told of: it has a value that came from somewhere, was emptied by hand, or is pinned.
    pub fn tells_of(&self, field: Field) -> bool {
        self.is_pinned(field) || self.of(field).is_some()
    }

    /// An admin edits values or pins.
    pub fn edit(&mut self, edit: Edit<'_>) {
        let pinned = match edit.pinned {
            Some(pinned) => pinned.clone(),
            None => {
                let filled = edit.changed.iter().copied().filter(|field| field.is_filled_by_wecom());
                self.pinned.iter().copied().chain(filled).collect()
            }
        };
        if edit.changed.is_empty() && pinned == self.pinned {
            return;
        }
        self.pinned = pinned;
        self.edits = self.edits.saturating_add(1);
        let admin = Origin::Admin {
            actor: Some(edit.actor.to_owned()),
        };
        for field in edit.changed {
            self.set(*field, admin.clone(), Some(edit.at));
        }
    }

    /// A sync takes WeCom's value of a field; `new`: it is not the value that stands there.
    pub fn take(&mut self, field: Field, data_source: Uuid, new: bool) {
        let wecom = Origin::Wecom {
            data_source_id: Some(data_source),
        };
        if new || *self.origin(field) != wecom {
            self.set(field, wecom, Some(WHEN_APPLIED));
        }
    }

    /// The person agreed to show the value; `email_source`: of an address, which. What was planned before is not written after it, as after
    /// an edit.
    pub fn consent(&mut self, field: Field, (data_source_id, email_source): (Uuid, Option<EmailSource>), at: i64) {
        self.edits = self.edits.saturating_add(1);
        let consent = Origin::Consent {
            data_source_id,
            email_source,
        };
        self.set(field, consent, Some(at));
    }

    /// WeCom gives the value outside a sync. What was planned before is not written after it.
    pub fn take_now(&mut self, field: Field, data_source: Uuid, at: i64) {
        self.edits = self.edits.saturating_add(1);
        let wecom = Origin::Wecom {
            data_source_id: Some(data_source),
        };
        self.set(field, wecom, Some(at));
    }

    /// The person takes that back, and the field is empty.
    pub fn take_back(&mut self, field: Field) {
        self.edits = self.edits.saturating_add(1);
        self.forget(field);
    }

    /// A template made the address, or makes it no longer.
    pub fn fill_email(&mut self, made: bool, at: i64) {
        if made {
            self.set(Field::Email, Origin::Template, Some(at));
        } else {
            self.forget(Field::Email);
        }
    }

    /// What a plan gave, with the moment at which it is applied.
    #[must_use]
    pub fn applied(mut self, at: i64) -> Self {
        for came in &mut self.came {
            if came.at == Some(WHEN_APPLIED) {
                came.at = Some(at);
            }
        }
        self
    }

    fn of(&self, field: Field) -> Option<&Came> {
        self.came.iter().find(|came| came.fields.contains(&field))
    }

    fn forget(&mut self, field: Field) {
        for came in &mut self.came {
            came.fields.remove(&field);
        }
        self.came.retain(|came| !came.fields.is_empty());
    }

    fn set(&mut self, field: Field, origin: Origin, at: Option<i64>) {
        self.forget(field);
        let together = self.came.iter_mut().find(|came| came.origin == origin && came.at == at);
        match together {
            Some(came) => {
                came.fields.insert(field);
            }
            None => self.came.push(Came {
                origin,
                at,
                fields: BTreeSet::from([field]),
            }),
        }
        self.came.sort();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SOURCE: Uuid = Uuid::from_u128(7);

    fn edited(provenance: &mut Provenance, changed: &[Field], pinned: Option<&[Field]>) {
        let pinned = pinned.map(|fields| fields.iter().copied().collect());
        provenance.edit(Edit {
            actor: "token:one",
            at: 5,
            changed: &changed.iter().copied().collect(),
            pinned: pinned.as_ref(),
        });
    }

    #[test]
    fn the_document_is_small_and_read_again() {
        let mut provenance = Provenance::default();
        assert_eq!(serde_json::to_value(&provenance).unwrap(), json!({ "edits": 0 }));
        for field in [Field::PhoneNumber, Field::DisplayName, Field::Nickname] {
            provenance.take(field, SOURCE, true);
        }
        provenance.fill_email(true, 9);
        edited(&mut provenance, &[Field::DisplayName, Field::Locale], None);
        let written = serde_json::to_value(provenance.clone().applied(3)).unwrap();
        assert_eq!(
            written,
            json!({
                "pinned": ["display_name"], "edits": 1,
                "came": [
                    { "origin": { "from": "wecom", "data_source_id": SOURCE }, "at": 3, "fields": ["phone_number", "profile.nickname"] },
                    { "origin": { "from": "template" }, "at": 9, "fields": ["email"] },
                    { "origin": { "from": "admin", "actor": "token:one" }, "at": 5, "fields": ["display_name", "locale"] },
                ],
            })
        );
        let read: Provenance = serde_json::from_value(written).unwrap();
        assert_eq!(read, provenance.applied(3));
        assert_eq!(
            serde_json::from_value::<Provenance>(json!({})).unwrap(),
            Provenance::default()
        );
        assert!(serde_json::from_value::<Provenance>(json!({ "pinned": ["status"] })).is_err());
    }

    #[test]
    fn an_edit_pins_what_a_sync_would_change_again_unless_it_says_what_is_pinned() {
        let mut provenance = Provenance::default();
        edited(&mut provenance, &[Field::Email, Field::Website], None);
        assert_eq!(*provenance.pinned(), BTreeSet::from([Field::Email]));
        edited(&mut provenance, &[Field::Gender], None);
        assert_eq!(*provenance.pinned(), BTreeSet::from([Field::Email, Field::Gender]));
        edited(&mut provenance, &[Field::Picture], Some(&[Field::Gender]));
        assert_eq!(*provenance.pinned(), BTreeSet::from([Field::Gender]));
        assert!(matches!(provenance.origin(Field::Picture), Origin::Admin { .. }));
        assert_eq!(provenance.edits(), 3);
        edited(&mut provenance, &[], Some(&[Field::Gender]));
        assert_eq!(provenance.edits(), 3, "nothing was edited");
    }

    #[test]
    fn a_value_that_stays_keeps_its_moment_and_one_from_elsewhere_does_not() {
        let mut provenance = Provenance::default();
        provenance.take(Field::DisplayName, SOURCE, true);
        let mut provenance = provenance.applied(3);
        provenance.take(Field::DisplayName, SOURCE, false);
        assert_eq!(provenance.since(Field::DisplayName), Some(3));
        provenance.take(Field::DisplayName, Uuid::from_u128(8), false);
        assert_eq!(provenance.clone().applied(4).since(Field::DisplayName), Some(4));
        provenance.fill_email(true, 1);
        provenance.fill_email(false, 2);
        assert_eq!(
            (provenance.origin(Field::Email), provenance.tells_of(Field::Email)),
            (&Origin::Unknown, false)
        );
    }
}
