//! Standard claims of a person (OpenID Connect Core 5.1) that Menjin itself never looks at: stored, shown, released. Pure.
//!
//! Nickname and gender have columns of their own, because a sync writes them while an admin may be writing the rest.

use crate::{
    directory::failure::DirectoryFailure,
    kernel::{failure::Result, formats::is_web_address, json, validation::ValidationErrors},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The claims as an admin or WeCom gave them. Absent, never empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StandardClaims {
    /// First name, the claim `given_name`; up to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, example = "三")]
    pub given_name: Option<String>,
    /// Surname, the claim `family_name`; up to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, example = "张")]
    pub family_name: Option<String>,
    /// Middle names, the claim `middle_name`; up to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub middle_name: Option<String>,
    /// Nickname, the claim `nickname`; WeCom's alias unless an admin says otherwise. Up to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, example = "Sam")]
    pub nickname: Option<String>,
    /// Address of their page, the claim `profile`: an absolute http or https URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://example.com/zhang.san")]
    pub profile: Option<String>,
    /// Address of their website, the claim `website`: an absolute http or https URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://zhang.example")]
    pub website: Option<String>,
    /// The claim `gender`: `male`, `female`, or another word of up to 32 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 32, example = "female")]
    pub gender: Option<String>,
    /// The claim `birthdate`: `YYYY-MM-DD`, `YYYY`, or `0000-MM-DD` where the year is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1990-02-28")]
    pub birthdate: Option<String>,
    /// Time zone, the claim `zoneinfo`: a name of the zone database.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, example = "Asia/Shanghai")]
    pub zoneinfo: Option<String>,
    /// Postal address, the claim `address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// A postal address (OpenID Connect Core 5.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Address {
    /// All of it, in lines; up to 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub formatted: Option<String>,
    /// Street and house number; may have lines. Up to 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub street_address: Option<String>,
    /// City; up to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, example = "深圳")]
    pub locality: Option<String>,
    /// Province; up to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, example = "广东")]
    pub region: Option<String>,
    /// Postal code; up to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, example = "518000")]
    pub postal_code: Option<String>,
    /// Country; up to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, example = "中国")]
    pub country: Option<String>,
}

impl StandardClaims {
    /// The claims of the stored JSON document: all but what has a column of its own.
    pub fn document(&self) -> Value {
        let rest = Self {
            nickname: None,
            gender: None,
            ..self.clone()
        };
        serde_json::to_value(rest).unwrap_or_default()
    }

    /// Applies a JSON merge patch (RFC 7396), also to the members of the address.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn patched(&self, patch: &Map<String, Value>) -> Result<Self> {
        let Ok(Value::Object(mut document)) = serde_json::to_value(self) else {
            return Err(DirectoryFailure::Invalid.into());
        };
        lay_over(&mut document, patch);
        let after: Self = json::part("profile", &Value::Object(document))
            .map_err(|faults| faults.into_failure(DirectoryFailure::Invalid.entry()))?;
        let mut faults = ValidationErrors::default();
        after.note(&mut faults);
        faults.into_result(DirectoryFailure::Invalid.entry())?;
        Ok(after)
    }

    /// Validates the claims: adds to `faults` what is not acceptable.
    pub fn note(&self, faults: &mut ValidationErrors) {
        for (field, value, longest) in [
            ("profile.given_name", &self.given_name, 200),
            ("profile.family_name", &self.family_name, 200),
            ("profile.middle_name", &self.middle_name, 200),
            ("profile.nickname", &self.nickname, 200),
            ("profile.gender", &self.gender, 32),
        ] {
            if let Some(value) = value {
                faults.line(field, value, longest);
            }
        }
        let fits = |value: &Option<String>, rule: fn(&str) -> bool| value.as_deref().is_none_or(rule);
        for (field, value) in [("profile.profile", &self.profile), ("profile.website", &self.website)] {
            faults.check(
                fits(value, is_web_address),
                field,
                "must be an absolute http or https URL, or null",
            );
        }
        faults.check(
            fits(&self.birthdate, is_birthdate),
            "profile.birthdate",
            "must be YYYY-MM-DD, YYYY or 0000-MM-DD, or null",
        );
        faults.check(
            fits(&self.zoneinfo, is_zone),
            "profile.zoneinfo",
            "must be a time zone like Asia/Shanghai, or null",
        );
        if let Some(address) = &self.address {
            address.note(faults);
        }
    }
}

impl Address {
    fn note(&self, faults: &mut ValidationErrors) {
        for (field, value) in [
            ("profile.address.formatted", &self.formatted),
            ("profile.address.street_address", &self.street_address),
        ] {
            if let Some(value) = value {
                faults.check(!value.trim().is_empty(), field, "must not be empty");
                faults.paragraph(field, value, 500);
            }
        }
        for (field, value) in [
            ("profile.address.locality", &self.locality),
            ("profile.address.region", &self.region),
            ("profile.address.postal_code", &self.postal_code),
            ("profile.address.country", &self.country),
        ] {
            if let Some(value) = value {
                faults.line(field, value, 100);
            }
        }
    }
}

/// Applies RFC 7396 to members that are texts or one level of texts.
fn lay_over(document: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match (document.get_mut(name), value) {
            (_, Value::Null) => {
                document.remove(name);
            }
            (Some(Value::Object(inner)), Value::Object(patch)) => lay_over(inner, patch),
            (_, Value::Object(patch)) => {
                let mut inner = Map::new();
                lay_over(&mut inner, patch);
                document.insert(name.clone(), Value::Object(inner));
            }
            (_, value) => {
                document.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Whether this is a day that exists, a year, or a day without its year (OpenID Connect Core 5.1).
fn is_birthdate(value: &str) -> bool {
    let number = |text: &str, digits: usize| -> Option<u32> {
        let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| plain)
    };
    let parts: Vec<&str> = value.split('-').collect();
    match parts.as_slice() {
        [year] => number(year, 4).is_some_and(|year| year > 0),
        [year, month, day] => match (number(year, 4), number(month, 2), number(day, 2)) {
            (Some(year), Some(month), Some(day)) => (1..=days(year, month)).contains(&day),
            _ => false,
        },
        _ => false,
    }
}

/// Days of a month; the year 0 stands for an unknown one, which may have been a leap year.
const fn days(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Whether this has the shape of a name in the zone database; which names there are changes more often than this program.
fn is_zone(value: &str) -> bool {
    let word = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-'))
    };
    value.len() <= 64 && value.split('/').count() <= 3 && value.split('/').all(word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn birthdates_are_days_that_exist_years_or_days_without_a_year() {
        for (value, fits) in [
            ("1990-02-28", true),
            ("1990-02-29", false),
            ("2000-02-29", true),
            ("1900-02-29", false),
            ("0000-02-29", true),
            ("1990", true),
            ("0000", false),
            ("1990-13-01", false),
            ("1990-04-31", false),
            ("90-04-01", false),
            ("1990-4-1", false),
            ("1990-04", false),
            ("1990/04/01", false),
            ("+990-04-01", false),
            ("", false),
        ] {
            assert_eq!(is_birthdate(value), fits, "{value}");
        }
    }

    #[test]
    fn zones_have_the_shape_of_the_zone_database() {
        for (value, fits) in [
            ("Asia/Shanghai", true),
            ("America/Argentina/Buenos_Aires", true),
            ("Etc/GMT+8", true),
            ("UTC", true),
            ("+08:00", false),
            ("Asia/", false),
            ("../etc/passwd", false),
            ("", false),
        ] {
            assert_eq!(is_zone(value), fits, "{value}");
        }
    }

    #[test]
    fn a_patch_reaches_into_the_address_and_null_removes() {
        let before: StandardClaims = serde_json::from_value(json!({
            "website": "https://w.example/", "address": { "locality": "深圳", "country": "中国" },
        }))
        .unwrap();
        let patch = json!({ "website": null, "address": { "locality": "广州", "country": null }, "gender": "female" });
        let after = before.patched(patch.as_object().unwrap()).unwrap();
        assert_eq!(
            serde_json::to_value(&after).unwrap(),
            json!({ "gender": "female", "address": { "locality": "广州" } })
        );
        assert_eq!(after.document(), json!({ "address": { "locality": "广州" } }));
    }

    #[test]
    fn nothing_empty_unknown_or_oversized_is_accepted() {
        for patch in [
            json!({ "given_name": " " }),
            json!({ "website": "javascript:alert(1)" }),
            json!({ "zoneinfo": "not a zone" }),
            json!({ "birthdate": "yesterday" }),
            json!({ "address": { "formatted": "" } }),
            json!({ "address": { "planet": "earth" } }),
            json!({ "address": "a text" }),
            json!({ "shoe_size": 42 }),
            json!({ "family_name": "x".repeat(201) }),
        ] {
            let refused = StandardClaims::default().patched(patch.as_object().unwrap());
            assert!(refused.is_err(), "{patch}");
        }
    }
}
