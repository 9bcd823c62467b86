//! What an approver enters. Pure.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    failure::RequestFailure,
    model::{LONGEST_REASON, tame},
};
use crate::kernel::{clock::Timestamp, failure::Result, validation::ValidationErrors};

/// Most portals, and most groups, of one decision.
const MOST: usize = 20;
/// The last moment that a date can have: the year 9999.
const LAST_MOMENT: i64 = 253_402_300_799_999;

/// How a member is let in; may be left out.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = ApproveAccessRequest)]
#[serde(deny_unknown_fields)]
pub struct ApproveInput {
    /// Username of the new user: 1 to 64 letters, digits or any of `. _ - @ +`; null: the member ID.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "zhang.san")]
    pub username: Option<String>,
    /// Row ids or `client_id`s of up to 20 portals that they may enter: of each that is limited to some people they become one. Null: the
    /// portal that was asked for. Others take the role admin.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["wiki"]))]
    pub portals: Option<Vec<String>>,
    /// Row ids or names of up to 20 groups that they come into; null: none. Choosing takes the role admin.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["wiki-editors"]))]
    pub groups: Option<Vec<String>>,
    /// From this moment on they have no access, milliseconds since 1970; null: no such date.
    #[serde(default)]
    #[schema(example = 1_800_000_000_000_i64)]
    pub access_until: Option<i64>,
}

/// Why a member is not let in; may be left out.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = RefuseAccessRequest)]
#[serde(deny_unknown_fields)]
pub struct RefuseInput {
    /// Why, up to 500 characters; null: nothing to say.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: Option<String>,
    /// Whether the person is told the reason; false unless given.
    #[serde(default)]
    #[schema(default = false)]
    pub show_reason: bool,
}

impl ApproveInput {
    /// Checks what can be checked without the request itself.
    ///
    /// # Errors
    /// `AR-107` with all faults.
    pub fn check(&self, now: Timestamp) -> Result<()> {
        let mut faults = ValidationErrors::default();
        for (field, names) in [("portals", &self.portals), ("groups", &self.groups)] {
            let fits = names.as_ref().is_none_or(|names| names.len() <= MOST);
            faults.check(fits, field, format_args!("takes up to {MOST} entries"));
        }
        let fits = self
            .access_until
            .is_none_or(|until| until > now.millis() && until <= LAST_MOMENT);
        faults.check(fits, "access_until", "must lie in the future, before the year 10000");
        faults.into_result(RequestFailure::Invalid.entry())
    }
}

impl RefuseInput {
    /// The reason as it is kept.
    ///
    /// # Errors
    /// `AR-107`.
    pub fn reason(&self) -> Result<Option<String>> {
        let reason = self.reason.as_deref().map(tame).filter(|reason| !reason.is_empty());
        if let Some(reason) = &reason {
            check_reason(reason)?;
        }
        Ok(reason)
    }
}

/// Refuses a reason that is too long.
///
/// # Errors
/// `AR-107`.
pub fn check_reason(reason: &str) -> Result<()> {
    let mut faults = ValidationErrors::default();
    let fits = reason.chars().count() <= LONGEST_REASON;
    faults.check(fits, "reason", format_args!("takes up to {LONGEST_REASON} characters"));
    faults.into_result(RequestFailure::Invalid.entry())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_has_passed_is_none() {
        let now = Timestamp::from_millis(1000);
        for (until, fits) in [
            (None, true),
            (Some(1001), true),
            (Some(1000), false),
            (Some(-1), false),
            (Some(i64::MAX), false),
        ] {
            let input = ApproveInput {
                access_until: until,
                ..ApproveInput::default()
            };
            assert_eq!(input.check(now).is_ok(), fits, "{until:?}");
        }
    }

    #[test]
    fn a_reason_is_bounded_by_its_letters_and_an_empty_one_is_none() {
        let reason = |text: &str| RefuseInput {
            reason: Some(text.to_owned()),
            show_reason: true,
        };
        assert_eq!(reason(" \u{200b} ").reason().unwrap(), None);
        assert_eq!(
            reason(&"密".repeat(500)).reason().unwrap().unwrap().chars().count(),
            500
        );
        assert!(reason(&"密".repeat(501)).reason().is_err());
    }
}
