//! The fields of a user's profile, by the names they have in the API. Pure.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::{kernel::validation::ValidationErrors, word_schema};

/// A field of a user's profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Field {
    /// `name`.
    DisplayName,
    /// `email`.
    Email,
    /// `phone_number`.
    PhoneNumber,
    /// `picture`.
    Picture,
    /// `nickname`.
    Nickname,
    /// `gender`.
    Gender,
    /// `locale`.
    Locale,
    /// `given_name`.
    GivenName,
    /// `family_name`.
    FamilyName,
    /// `middle_name`.
    MiddleName,
    /// `profile`.
    Page,
    /// `website`.
    Website,
    /// `birthdate`.
    Birthdate,
    /// `zoneinfo`.
    Zoneinfo,
    /// `address`.
    Address,
}

impl Field {
    /// The fields that WeCom fills; only these can be pinned, since nothing else changes the others by itself.
    pub const FILLED_BY_WECOM: [Self; 6] = [
        Self::DisplayName,
        Self::Email,
        Self::PhoneNumber,
        Self::Picture,
        Self::Nickname,
        Self::Gender,
    ];

    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::DisplayName,
        Self::Email,
        Self::PhoneNumber,
        Self::Picture,
        Self::Nickname,
        Self::Gender,
        Self::Locale,
        Self::GivenName,
        Self::FamilyName,
        Self::MiddleName,
        Self::Page,
        Self::Website,
        Self::Birthdate,
        Self::Zoneinfo,
        Self::Address,
    ];

    /// Where it stands in a user as the API shows it; what begins with `profile.` is a member of `profile`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::DisplayName => "display_name",
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
            Self::Picture => "picture",
            Self::Nickname => "profile.nickname",
            Self::Gender => "profile.gender",
            Self::Locale => "locale",
            Self::GivenName => "profile.given_name",
            Self::FamilyName => "profile.family_name",
            Self::MiddleName => "profile.middle_name",
            Self::Page => "profile.profile",
            Self::Website => "profile.website",
            Self::Birthdate => "profile.birthdate",
            Self::Zoneinfo => "profile.zoneinfo",
            Self::Address => "profile.address",
        }
    }

    /// Whether WeCom fills it.
    pub fn is_filled_by_wecom(self) -> bool {
        Self::FILLED_BY_WECOM.contains(&self)
    }

    /// Its name among the standard claims, if it is one of them there.
    pub fn claim(self) -> Option<&'static str> {
        self.word().strip_prefix("profile.")
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.word() == word)
    }
}

impl From<Field> for &'static str {
    fn from(field: Field) -> Self {
        field.word()
    }
}

/// A field that can be pinned, as the API names it.
#[derive(Debug)]
pub struct PinnableField;

word_schema!(
    PinnableField,
    "PinnableField",
    "A field that WeCom fills, and that can therefore be pinned.",
    Field::FILLED_BY_WECOM.map(Field::word)
);

/// A word that names no field.
#[derive(Clone, Copy, Debug)]
pub struct NoField;

impl fmt::Display for NoField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names no field of a user")
    }
}

impl TryFrom<String> for Field {
    type Error = NoField;

    fn try_from(word: String) -> Result<Self, NoField> {
        Self::of(&word).ok_or(NoField)
    }
}

/// The fields that an admin says are pinned; adds a fault for each word that names none that can be.
pub fn pinned(faults: &mut ValidationErrors, words: &[String]) -> BTreeSet<Field> {
    let names = Field::FILLED_BY_WECOM.map(Field::word).join(", ");
    let mut pinned = BTreeSet::new();
    for (index, word) in words.iter().enumerate() {
        let field = format!("pinned[{index}]");
        match Field::of(word).filter(|field| field.is_filled_by_wecom()) {
            Some(named) => faults.check(pinned.insert(named), &field, "is listed twice"),
            None => faults.add(field, format_args!("must be a field that WeCom fills: {names}")),
        }
    }
    pinned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::failure::DirectoryFailure;

    #[test]
    fn every_field_has_a_word_of_its_own() {
        for field in Field::ALL {
            assert_eq!(Field::of(field.word()), Some(field));
        }
        assert_eq!(Field::of("status"), None);
    }

    #[test]
    fn what_cannot_be_pinned_is_told_by_its_place_and_never_repeated() {
        let words = ["display_name", "status", "locale", "display_name", "password_hash"];
        let mut faults = ValidationErrors::default();
        let read = pinned(&mut faults, &words.map(str::to_owned));
        assert_eq!(read, BTreeSet::from([Field::DisplayName]));
        let told = faults.into_failure(DirectoryFailure::Invalid.entry()).detail.unwrap();
        for place in [
            "pinned[1]: must",
            "pinned[2]: must",
            "pinned[3]: is listed twice",
            "pinned[4]: must",
        ] {
            assert!(told.contains(place), "{told}");
        }
        assert!(!told.contains("password_hash") && !told.contains("status"), "{told}");
    }
}
