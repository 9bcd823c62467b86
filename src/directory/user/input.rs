//! Input and validation of a user. Pure.
//!
//! No input marks an address as verified: only a proof makes it so.

use std::collections::BTreeSet;

use super::{
    provenance::{Field, PinnableField, field},
    standard_claims::StandardClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use unicode_normalization::is_nfkc;
use utoipa::ToSchema;

use crate::{
    directory::failure::DirectoryFailure,
    kernel::{
        failure::{Failure, Result},
        formats::{is_email, is_phone, is_web_address},
        look_alike::imitates,
        merge_patch,
        validation::ValidationErrors,
    },
};

/// The last moment of the year 9999, milliseconds.
const LAST_MOMENT: i64 = 253_402_300_799_999;

/// What a user may do in the console: `owner` everything, `admin` everything but owners, `operator` read, sync and edit users, `auditor` read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsoleRole {
    /// Everything.
    Owner,
    /// Everything but owners.
    Admin,
    /// Read, sync, users.
    Operator,
    /// Read.
    Auditor,
}

impl ConsoleRole {
    /// All of them, the highest first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Operator, Self::Auditor];
    /// The role that somebody must always have, where anybody has it.
    pub const HIGHEST: Self = Self::ALL[0];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }
}

/// Whether a user may sign in: `active` or `disabled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Yes.
    Active,
    /// No.
    Disabled,
}

impl Status {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// A new user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Name to sign in with, the claim `preferred_username`: 1 to 64 letters, digits or any of `. _ - @ +`, unique without regard to letter
    /// case.
    #[schema(min_length = 1, max_length = 64, example = "zhang.san")]
    pub username: String,
    /// Name that people see, the claim `name`; up to 200 characters.
    #[serde(default)]
    #[schema(max_length = 200, example = "张三")]
    pub display_name: Option<String>,
    /// E-mail address, the claim `email`; not verified until it is proven.
    #[serde(default)]
    #[schema(example = "zhang.san@example.com")]
    pub email: Option<String>,
    /// Phone number, the claim `phone_number`: 3 to 32 digits with blanks and `+ - ( )` between them.
    #[serde(default)]
    #[schema(example = "+86 138 0000 0000")]
    pub phone_number: Option<String>,
    /// Address of a picture, the claim `picture`: an absolute http or https URL.
    #[serde(default)]
    #[schema(example = "https://example.com/zhang.png")]
    pub picture: Option<String>,
    /// Language tag, the claim `locale`.
    #[serde(default)]
    #[schema(max_length = 35, example = "zh-CN")]
    pub locale: Option<String>,
    /// The other standard claims; none unless given.
    #[serde(default)]
    pub profile: StandardClaims,
    /// What they may do in the console; null: nothing. Only a token with the role admin or owner may give one, and only an owner's `owner`.
    #[serde(default)]
    pub console_role: Option<ConsoleRole>,
    /// From this moment on they have no access, milliseconds since 1970; null: no such date.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 253_402_300_799_999_i64, example = 1_830_000_000_000_i64)]
    pub access_until: Option<i64>,
}

/// A change of a user.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Name to sign in with: 1 to 64 letters, digits or any of `. _ - @ +`, unique without regard to letter case.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, min_length = 1, max_length = 64, example = "zhang.san")]
    pub username: Option<String>,
    /// Name that people see, up to 200 characters; null removes it.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(max_length = 200, example = "张三")]
    pub display_name: Option<Option<String>>,
    /// E-mail address; null removes it. Changed, it is no longer verified.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(example = "zhang.san@example.com")]
    pub email: Option<Option<String>>,
    /// Phone number: 3 to 32 digits with blanks and `+ - ( )` between them; null removes it. Changed, it is no longer verified.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(example = "+86 138 0000 0000")]
    pub phone_number: Option<Option<String>>,
    /// Address of a picture: an absolute http or https URL; null removes it.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(example = "https://example.com/zhang.png")]
    pub picture: Option<Option<String>>,
    /// Language tag; null removes it.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(max_length = 35, example = "zh-CN")]
    pub locale: Option<Option<String>>,
    /// The other standard claims: members given replace those there are, null removes one, or all (RFC 7396).
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(value_type = Option<StandardClaims>)]
    pub profile: Option<Option<Map<String, Value>>>,
    /// Whether they may sign in.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub status: Option<Status>,
    /// What they may do in the console; null: nothing. Only a token with the role admin or owner may change it, and only an owner's
    /// from or to `owner`.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub console_role: Option<Option<ConsoleRole>>,
    /// From this moment on they have no access, milliseconds since 1970. One that has passed ends their access at once; one to come, or
    /// null, gives it back to whom the date had ended it.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(minimum = 0, maximum = 253_402_300_799_999_i64, example = 1_830_000_000_000_i64)]
    pub access_until: Option<Option<i64>>,
    /// All fields that no sync changes from now on; absent: those that were pinned, and those that this changes.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, value_type = Option<Vec<PinnableField>>, example = json!(["display_name"]))]
    pub pinned: Option<Vec<String>>,
}

impl NewUser {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        check_username(&mut faults, &self.username);
        for (field, value) in [
            ("display_name", &self.display_name),
            ("email", &self.email),
            ("phone_number", &self.phone_number),
            ("picture", &self.picture),
            ("locale", &self.locale),
        ] {
            check_optional(&mut faults, field, value.as_deref());
        }
        check_access_until(&mut faults, self.access_until);
        self.profile.note(&mut faults);
        faults.into_result(DirectoryFailure::Invalid.entry())
    }
}

impl UserChange {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        if let Some(username) = &self.username {
            check_username(&mut faults, username);
        }
        for (field, value) in [
            ("display_name", &self.display_name),
            ("email", &self.email),
            ("phone_number", &self.phone_number),
            ("picture", &self.picture),
            ("locale", &self.locale),
        ] {
            check_optional(&mut faults, field, value.as_ref().and_then(Option::as_deref));
        }
        check_access_until(&mut faults, self.access_until.flatten());
        field::pinned(&mut faults, self.pinned.as_deref().unwrap_or_default());
        faults.into_result(DirectoryFailure::Invalid.entry())
    }

    /// The other standard claims after this change; `None` when it leaves them alone.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn standard_claims(&self, before: &StandardClaims) -> Result<Option<StandardClaims>> {
        match &self.profile {
            None => Ok(None),
            Some(None) => Ok(Some(StandardClaims::default())),
            Some(Some(patch)) => before.patched(patch).map(Some),
        }
    }

    /// The fields that are pinned from now on, if the change says which.
    pub fn pins(&self) -> Option<BTreeSet<Field>> {
        let words = self.pinned.as_ref()?;
        Some(words.iter().filter_map(|word| Field::of(word)).collect())
    }

    /// Names of the fields that were given, for the audit event.
    pub fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("username", self.username.is_some()),
            ("display_name", self.display_name.is_some()),
            ("email", self.email.is_some()),
            ("phone_number", self.phone_number.is_some()),
            ("picture", self.picture.is_some()),
            ("locale", self.locale.is_some()),
            ("profile", self.profile.is_some()),
            ("status", self.status.is_some()),
            ("console_role", self.console_role.is_some()),
            ("access_until", self.access_until.is_some()),
            ("pinned", self.pinned.is_some()),
        ];
        given.into_iter().filter(|field| field.1).map(|field| field.0).collect()
    }
}

/// Checks a username. No blanks: portals put usernames into paths and command lines, where `.` and `..` have a meaning too.
fn check_username(faults: &mut ValidationErrors, username: &str) {
    faults.check(
        has_letters_of_a_username(username),
        "username",
        "needs 1 to 64 letters, digits or any of . _ - @ +, a letter or digit among them",
    );
    // Otherwise two names that are the same to a person would be two to a portal.
    faults.check(is_nfkc(username), "username", "must be in Unicode's normal form NFKC");
}

fn has_letters_of_a_username(username: &str) -> bool {
    (1..=64).contains(&username.chars().count())
        && username.chars().any(char::is_alphanumeric)
        && username
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+'))
}

/// Whether this may be a username.
pub fn is_username(username: &str) -> bool {
    has_letters_of_a_username(username) && is_nfkc(username)
}

/// Checks a username that an admin gives to a member.
///
/// # Errors
/// `DI-101`.
pub fn check_given_username(username: &str) -> Result<()> {
    let mut faults = ValidationErrors::default();
    check_username(&mut faults, username);
    faults.into_result(DirectoryFailure::Invalid.entry())
}

/// Refuses a username that looks like that of a console user, or like a word for one.
///
/// # Errors
/// `DI-101`.
pub fn check_look_alike<'a>(username: &str, consoles: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let mut faults = ValidationErrors::default();
    let imitates = imitates(username, consoles);
    faults.check(!imitates, "username", "looks like the name of somebody in charge");
    faults.into_result(DirectoryFailure::Invalid.entry())
}

fn check_access_until(faults: &mut ValidationErrors, until: Option<i64>) {
    let fits = until.is_none_or(|until| (0..=LAST_MOMENT).contains(&until));
    faults.check(
        fits,
        "access_until",
        "must be a moment in milliseconds since 1970, before the year 10000, or null",
    );
}

/// The refusal to enable somebody whose date has passed by their status alone.
pub fn past_their_date() -> Failure {
    DirectoryFailure::Invalid
        .failure()
        .field("status", "access_until has passed; move it or set it to null")
}

fn check_optional(faults: &mut ValidationErrors, field: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    match field {
        "email" => faults.check(
            is_email(value),
            field,
            "must be an address like name@example.com, or null",
        ),
        "phone_number" => faults.check(
            is_phone(value),
            field,
            "needs 3 to 32 digits with blanks, + - ( ) between them, or null",
        ),
        "picture" => faults.check(
            is_web_address(value),
            field,
            "must be an absolute http or https URL, or null",
        ),
        "locale" => faults.check(is_locale(value), field, "must be a language tag like zh-CN, or null"),
        _ => faults.line(field, value, 200),
    }
}

fn is_locale(value: &str) -> bool {
    let subtag = |tag: &str| (1..=8).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_alphanumeric());
    value.len() <= 35 && value.split('-').all(subtag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames() {
        for (name, fits) in [
            ("zhang.san", true),
            ("张三", true),
            ("a b", false),
            ("", false),
            ("a/b", false),
            ("a\0", false),
            (".", false),
            ("..", false),
            ("a\u{202e}b", false),
            ("a\u{200b}b", false),
            ("ｚｈａｎｇ", false),
            ("zhang", true),
        ] {
            let mut faults = ValidationErrors::default();
            check_username(&mut faults, name);
            assert_eq!(
                faults.into_result(DirectoryFailure::Invalid.entry()).is_ok(),
                fits,
                "{name:?}"
            );
        }
    }

    #[test]
    fn locales() {
        assert!(is_locale("zh-CN") && is_locale("en") && !is_locale("zh_CN") && !is_locale(""));
    }
}
