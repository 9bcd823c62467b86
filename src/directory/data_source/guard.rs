//! The guard of a data source: how much a sync may do unasked, and what an admin enters for it. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{merge_patch, validation::ValidationErrors};

/// Share of the members whose users a first sync may take over unasked, percent.
const OVERWRITES_PERCENT: i64 = 50;
/// Largest number that can be entered.
const MOST: i64 = 10_000_000;

/// How much of one kind a sync may do unasked. Both may be set; the smaller one counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = GuardLimit)]
pub struct Limit {
    /// So many and not more; null: no number is set.
    #[schema(minimum = 0)]
    pub count: Option<i64>,
    /// Share in percent, 1 to 100; a few always pass. null: no share is set.
    #[schema(minimum = 1, maximum = 100)]
    pub percent: Option<i64>,
}

/// The guard: what else a sync may do unasked, kind by kind; a run that would do more pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Guard {
    /// Members who are gone; the share is of the members there are.
    pub departures: Limit,
    /// Members who are there and newly lose their access; the share is of the members there are.
    pub outside: Limit,
    /// Users made here who are taken over; the share is of the members that WeCom shows.
    pub overwrites: Limit,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            departures: Limit::default(),
            outside: Limit::default(),
            overwrites: Limit {
                count: None,
                percent: Some(OVERWRITES_PERCENT),
            },
        }
    }
}

/// A change of a guard (merge patch): what is left out stays, null removes a number or a share.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardChange {
    /// Members who are gone; the share is of the members there are.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub departures: Option<LimitChange>,
    /// Members who are there and newly lose their access; the share is of the members there are.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub outside: Option<LimitChange>,
    /// Users made here who are taken over; the share is of the members that WeCom shows.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub overwrites: Option<LimitChange>,
}

/// A change of a limit: what is left out stays, null removes.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[schema(as = GuardLimitChange)]
#[serde(deny_unknown_fields)]
pub struct LimitChange {
    /// So many and not more; null: no number.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(minimum = 0)]
    pub count: Option<Option<i64>>,
    /// Share in percent; null: no share.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(minimum = 1, maximum = 100)]
    pub percent: Option<Option<i64>>,
}

impl Guard {
    /// This guard after a change.
    #[must_use]
    pub fn changed(&self, change: &GuardChange) -> Self {
        Self {
            departures: self.departures.changed(change.departures),
            outside: self.outside.changed(change.outside),
            overwrites: self.overwrites.changed(change.overwrites),
        }
    }

    /// Checks numbers and shares.
    pub fn check(&self, faults: &mut ValidationErrors) {
        let limits = [
            ("departures", self.departures),
            ("outside", self.outside),
            ("overwrites", self.overwrites),
        ];
        for (kind, limit) in limits {
            if let Some(count) = limit.count {
                faults.within(&format!("guard.{kind}.count"), count, 0, MOST);
            }
            if let Some(percent) = limit.percent {
                faults.within(&format!("guard.{kind}.percent"), percent, 1, 100);
            }
        }
    }
}

impl Limit {
    fn changed(self, change: Option<LimitChange>) -> Self {
        let change = change.unwrap_or_default();
        Self {
            count: change.count.unwrap_or(self.count),
            percent: change.percent.unwrap_or(self.percent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(text: &str) -> GuardChange {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_change_leaves_alone_what_it_does_not_name_and_null_removes() {
        let guard = Guard::default().changed(&change(r#"{"departures":{"count":5},"overwrites":{"percent":null}}"#));
        assert_eq!(
            guard.departures,
            Limit {
                count: Some(5),
                percent: None
            }
        );
        assert_eq!(guard.overwrites, Limit::default());
        let guard = guard.changed(&change(r#"{"departures":{"percent":10}}"#));
        assert_eq!(
            guard.departures,
            Limit {
                count: Some(5),
                percent: Some(10)
            }
        );
    }

    #[test]
    fn what_is_stored_as_nothing_is_the_default() {
        assert_eq!(serde_json::from_str::<Guard>("{}").unwrap(), Guard::default());
    }

    #[test]
    fn numbers_that_make_no_sense_are_faults() {
        let told = |text: &str| {
            let mut faults = ValidationErrors::default();
            Guard::default().changed(&change(text)).check(&mut faults);
            faults.to_string()
        };
        assert_eq!(told("{}"), "");
        assert!(told(r#"{"departures":{"count":-1}}"#).starts_with("guard.departures.count: "));
        assert!(told(r#"{"outside":{"percent":0}}"#).starts_with("guard.outside.percent: "));
        assert!(told(r#"{"overwrites":{"percent":101}}"#).starts_with("guard.overwrites.percent: "));
    }
}
