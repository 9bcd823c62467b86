//! Input and validation of a group. Pure.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    directory::failure::DirectoryFailure,
    kernel::{
        failure::Result,
        look_alike::{NORMAL_FORM, is_normal},
        merge_patch,
        validation::ValidationErrors,
    },
};

/// Longest name, characters.
const LONGEST_NAME: usize = 100;
/// Longest description, characters.
const LONGEST_DESCRIPTION: usize = 2000;
/// Most users of one request.
const MOST_USERS: usize = 200;

/// A new group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// Name, on one line, up to 100 characters, not beginning with `/`, as paths of departments do; compared without regard to letter case.
    #[schema(min_length = 1, max_length = 100, example = "wiki-editors")]
    pub name: String,
    /// Free text of up to 2000 characters; empty unless given.
    #[serde(default)]
    #[schema(default = "", max_length = 2000)]
    pub description: String,
}

/// A change of a group (merge patch).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupChange {
    /// Name, on one line, up to 100 characters, not beginning with `/`; portals that are told of groups are told the new one.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "wiki-editors")]
    pub name: Option<String>,
    /// Free text of up to 2000 characters.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, max_length = 2000)]
    pub description: Option<String>,
}

/// Users who come into a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroupUsers {
    /// Row ids of 1 to 200 users; who is in it already stays.
    #[schema(min_items = 1, max_items = 200)]
    pub users: Vec<Uuid>,
}

impl NewGroup {
    /// Checks it.
    ///
    /// # Errors
    /// `DI-101` with every field that is not acceptable.
    pub fn check(&self) -> Result<()> {
        checked(Some(&self.name), Some(&self.description))
    }
}

impl GroupChange {
    /// Checks it.
    ///
    /// # Errors
    /// `DI-101` with every field that is not acceptable.
    pub fn check(&self) -> Result<()> {
        checked(self.name.as_deref(), self.description.as_deref())
    }

    /// The fields that were given.
    pub fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("name", self.name.is_some()),
            ("description", self.description.is_some()),
        ];
        given
            .into_iter()
            .filter(|(_, given)| *given)
            .map(|(name, _)| name)
            .collect()
    }
}

impl NewGroupUsers {
    /// The users, each once, in the order in which everybody locks them.
    ///
    /// # Errors
    /// `DI-101` where there are none, or too many.
    pub fn ids(&self) -> Result<Vec<Uuid>> {
        let mut faults = ValidationErrors::default();
        let fits = (1..=MOST_USERS).contains(&self.users.len());
        faults.check(fits, "users", format_args!("needs 1 to {MOST_USERS} entries"));
        faults.into_result(DirectoryFailure::Invalid.entry())?;
        let mut ids = self.users.clone();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}

fn checked(name: Option<&str>, description: Option<&str>) -> Result<()> {
    let mut faults = ValidationErrors::default();
    if let Some(name) = name {
        faults.line("name", name, LONGEST_NAME);
        faults.check(is_normal(name), "name", NORMAL_FORM);
        let bare = name.trim() == name && !name.starts_with('/');
        faults.check(
            bare,
            "name",
            "must not begin with / or stand between blanks: portals compare it character by character",
        );
    }
    if let Some(description) = description {
        faults.paragraph("description", description, LONGEST_DESCRIPTION);
    }
    faults.into_result(DirectoryFailure::Invalid.entry())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_no_department_can_have_as_a_path() {
        for (name, fits) in [
            ("wiki-editors", true),
            ("运维 值班", true),
            ("a/b", true),
            ("/总部/研发", false),
            ("", false),
            (" a", false),
            ("a\n", false),
            ("ﬁnance", false),
        ] {
            assert_eq!(checked(Some(name), None).is_ok(), fits, "{name}");
        }
        assert!(checked(Some(&"x".repeat(101)), None).is_err());
        assert!(checked(None, Some("two\nlines")).is_ok());
    }
}
