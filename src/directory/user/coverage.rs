//! Coverage: how many people have which field of those that WeCom fills. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::provenance::{Field, PinnableField};

/// How many people have which field.
#[derive(Debug, Serialize, ToSchema)]
pub struct Coverage {
    /// People who are counted: active users.
    pub people: u64,
    /// Of them, those who lack at least one field that is needed.
    pub lacking: u64,
    /// Each field that WeCom fills.
    pub fields: Vec<FieldCoverage>,
}

/// How many people have one field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldCoverage {
    /// Which.
    #[schema(value_type = PinnableField)]
    pub field: &'static str,
    /// Whether it is needed; of a data source none is.
    pub needed: bool,
    /// People who have it.
    pub with: u64,
    /// People who do not.
    pub without: u64,
    /// The share of those who have it, in percent, rounded down: 100 is everybody.
    #[schema(maximum = 100)]
    pub percent: u64,
    /// People whose value is verified; null: of this field nothing is.
    pub verified: Option<u64>,
    /// People who were asked for it inside WeCom, declined, and do not have it.
    pub declined: u64,
    /// People of whom WeCom did not pass it on, although they were asked, and who do not have it.
    pub withheld: u64,
}

/// Whom WeCom may be asked about again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AskedAgain {
    /// People who are asked again, the next time they open a portal inside WeCom that requires what was not passed on.
    pub people: u64,
}

/// The word that stands among what somebody lacks whose address is not verified.
const NOT_VERIFIED: &str = "email_verified";

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// People.
    pub people: u64,
    /// Those who lack a needed field.
    pub lacking: u64,
    /// Those whose address is verified.
    pub verified: u64,
    /// Those who have each field.
    pub with: BTreeMap<Field, u64>,
    /// Those who declined each field.
    pub declined: BTreeMap<Field, u64>,
    /// Those of whom it was not passed on.
    pub withheld: BTreeMap<Field, u64>,
}

impl Counted {
    /// Adds so many people who lack these fields: words with commas between them, of which one more tells that the address is not verified.
    pub fn add(&mut self, lacks: &str, people: u64, needed: &[Field]) {
        let lacks: BTreeSet<&str> = lacks.split(',').collect();
        let lacking = |field: &Field| lacks.contains(field.word());
        self.people = self.people.saturating_add(people);
        if needed.iter().any(lacking) {
            self.lacking = self.lacking.saturating_add(people);
        }
        if !lacks.contains(NOT_VERIFIED) {
            self.verified = self.verified.saturating_add(people);
        }
        for field in Field::FILLED_BY_WECOM.into_iter().filter(|field| !lacking(field)) {
            let with = self.with.entry(field).or_default();
            *with = with.saturating_add(people);
        }
    }
}

impl Coverage {
    /// From what was counted, with the fields that are needed.
    pub fn of(counted: Counted, needed: &[Field]) -> Self {
        let of = |counts: &BTreeMap<Field, u64>, field: Field| counts.get(&field).copied().unwrap_or_default();
        let people = counted.people;
        let fields = Field::FILLED_BY_WECOM.map(|field| {
            let with = of(&counted.with, field);
            FieldCoverage {
                field: field.word(),
                needed: needed.contains(&field),
                with,
                without: people.saturating_sub(with),
                percent: with.saturating_mul(100).checked_div(people).unwrap_or(100),
                verified: (field == Field::Email).then_some(counted.verified),
                declined: of(&counted.declined, field),
                withheld: of(&counted.withheld, field),
            }
        });
        Self {
            people,
            lacking: counted.lacking,
            fields: fields.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_everybody_is_a_hundred_percent_and_of_nobody_everybody_has_all() {
        let counted = Counted {
            people: 1000,
            with: BTreeMap::from([(Field::Email, 999), (Field::Picture, 1000)]),
            ..Counted::default()
        };
        let coverage = Coverage::of(counted, &[Field::Email]);
        let told: Vec<_> = coverage
            .fields
            .iter()
            .map(|of| (of.field, of.needed, of.percent, of.without))
            .collect();
        assert_eq!(told[1], ("email", true, 99, 1));
        assert_eq!(told[3], ("picture", false, 100, 0));
        assert_eq!(told[0], ("display_name", false, 0, 1000));
        let nobody = Coverage::of(Counted::default(), &[]);
        assert!(nobody.fields.iter().all(|of| of.percent == 100));
    }
}
