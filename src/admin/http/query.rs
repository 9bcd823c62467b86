//! Query strings of lists: cursor, limit, filters.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    admin::failure::AdminFailure,
    kernel::{
        failure::Result,
        pagination::{DEFAULT_LIMIT, MAX_LIMIT, Page},
    },
};

/// Longest search text, characters.
const LONGEST: usize = 200;

/// Query of a list without filters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Paged {
    cursor: Option<String>,
    limit: Option<String>,
}

impl Paged {
    /// The page that is wanted.
    ///
    /// # Errors
    /// `AD-104`.
    pub fn page(&self) -> Result<Page> {
        page(self.cursor.as_deref(), self.limit.as_deref())
    }
}

/// Query of a list that can be limited to one data source.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OfSource {
    cursor: Option<String>,
    limit: Option<String>,
    /// Only of the data source with this row id.
    pub data_source: Option<Uuid>,
}

impl OfSource {
    /// The page that is wanted.
    ///
    /// # Errors
    /// `AD-104`.
    pub fn page(&self) -> Result<Page> {
        page(self.cursor.as_deref(), self.limit.as_deref())
    }
}

/// Reads cursor and limit.
///
/// # Errors
/// `AD-104` when either is not acceptable.
pub fn page(cursor: Option<&str>, limit: Option<&str>) -> Result<Page> {
    let after = match cursor.map(Uuid::parse_str) {
        Some(Err(_)) => return Err(AdminFailure::PageInvalid.failure().detail("cursor: is none of ours")),
        Some(Ok(id)) => Some(id),
        None => None,
    };
    let limit = limit.map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
    match limit.filter(|limit| (1..=MAX_LIMIT).contains(limit)) {
        Some(limit) => Ok(Page { after, limit }),
        None => Err(AdminFailure::PageInvalid
            .failure()
            .detail(format!("limit: must lie between 1 and {MAX_LIMIT}"))),
    }
}

/// Checks a search text: not overlong, and without control characters, which PostgreSQL would not take.
///
/// # Errors
/// `AD-105`.
pub fn text<'a>(field: &str, value: Option<&'a str>) -> Result<Option<&'a str>> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    if value.chars().count() > LONGEST || value.chars().any(char::is_control) {
        return Err(AdminFailure::Invalid.failure().detail(format!(
            "{field}: takes up to {LONGEST} characters without control characters"
        )));
    }
    Ok(Some(value))
}

/// Checks a word: one that there is not would find nothing for ever.
///
/// # Errors
/// `AD-105` with the known words.
pub fn word(field: &str, value: Option<&str>, known: &[&str]) -> Result<Option<String>> {
    match text(field, value)? {
        Some(word) if !known.contains(&word) => Err(AdminFailure::Invalid
            .failure()
            .detail(format!("{field}: must be one of {}", known.join(", ")))),
        word => Ok(word.map(str::to_owned)),
    }
}

/// Reads a moment in milliseconds since 1970.
///
/// # Errors
/// `AD-105`.
pub fn moment(field: &str, value: Option<&str>) -> Result<Option<i64>> {
    let Some(value) = text(field, value)? else {
        return Ok(None);
    };
    match value.parse() {
        Ok(millis) if millis >= 0 => Ok(Some(millis)),
        _ => Err(AdminFailure::Invalid
            .failure()
            .detail(format!("{field}: must be a moment in milliseconds since 1970"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages() {
        assert_eq!(page(None, None).unwrap(), Page { after: None, limit: 50 });
        assert_eq!(page(None, Some("200")).unwrap().limit, 200);
        for limit in ["0", "201", "-1", "x", "", "99999999999999999999999"] {
            assert!(page(None, Some(limit)).is_err(), "{limit}");
        }
        for cursor in ["", "x", "../../etc", "\0"] {
            assert!(page(Some(cursor), None).is_err(), "{cursor:?}");
        }
    }

    #[test]
    fn words_and_moments() {
        assert_eq!(word("state", None, &["a"]).unwrap(), None);
        assert_eq!(word("state", Some("a"), &["a", "b"]).unwrap().as_deref(), Some("a"));
        let refused = word("state", Some("c"), &["a", "b"]).unwrap_err();
        assert_eq!(refused.detail.as_deref(), Some("state: must be one of a, b"));
        assert_eq!(moment("since", Some("17")).unwrap(), Some(17));
        for rubbish in ["-1", "1.5", "x", "99999999999999999999"] {
            assert!(moment("since", Some(rubbish)).is_err(), "{rubbish}");
        }
    }

    #[test]
    fn texts() {
        assert_eq!(text("q", Some("")).unwrap(), None);
        assert_eq!(text("q", Some("张")).unwrap(), Some("张"));
        assert!(text("q", Some("a\0")).is_err());
        assert!(text("q", Some(&"a".repeat(201))).is_err());
    }
}
