//! Query strings of lists: cursor, limit, sort, filters.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    admin::failure::AdminFailure,
    kernel::{
        failure::Result,
        pagination::{DEFAULT_LIMIT, MAX_LIMIT, Page},
        sorting::{CursorFault, SortWords, SortedPage},
        validation::ValidationErrors,
    },
};

/// Longest search text, characters.
const LONGEST: usize = 200;

/// Most row ids that one parameter names.
const MOST_IDS: usize = 100;

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
        let mut reading = Reading::default();
        let page = reading.page(self.cursor.as_deref(), self.limit.as_deref());
        reading.done().map(|()| page)
    }
}

/// Query of what is made, or only judged.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Judging {
    /// `true`: it is judged as if it were to be made, and nothing is made.
    #[param(value_type = Option<bool>)]
    dry_run: Option<String>,
}

impl Judging {
    /// Whether nothing is made.
    ///
    /// # Errors
    /// `AD-104`.
    pub fn dry_run(&self) -> Result<bool> {
        let mut reading = Reading::default();
        let dry_run = reading.flag("dry_run", self.dry_run.as_deref());
        reading.done().map(|()| dry_run.unwrap_or_default())
    }
}

/// The page of a list that can be sorted and has no filters.
///
/// # Errors
/// `AD-105`, `AD-104`.
pub fn sorted(words: &SortWords, wanted: [&Option<String>; 3]) -> Result<SortedPage> {
    let mut reading = Reading::default();
    let page = reading.sorted(words, wanted);
    reading.done().map(|()| page)
}

/// Reads the parameters of a list, and collects what is wrong with them: after [`Reading::done`] what was read is what was sent.
#[derive(Debug, Default)]
pub struct Reading {
    filters: ValidationErrors,
    page: ValidationErrors,
}

impl Reading {
    /// A text to search for: not overlong, and without control characters, which PostgreSQL would not take. An empty one counts as none.
    pub fn text<'a>(&mut self, name: &str, value: Option<&'a str>) -> Option<&'a str> {
        let value = value.filter(|value| !value.is_empty())?;
        let fits = value.chars().count() <= LONGEST && !value.chars().any(char::is_control);
        let expected = format_args!("takes up to {LONGEST} characters without control characters");
        self.filters.check(fits, name, expected);
        fits.then_some(value)
    }

    /// As [`Self::text`], to be kept.
    pub fn owned(&mut self, name: &str, value: Option<&str>) -> Option<String> {
        self.text(name, value).map(str::to_owned)
    }

    /// Adds a fault of this parameter unless `holds`.
    pub fn check(&mut self, holds: bool, name: &str, expected: impl Display) {
        self.filters.check(holds, name, expected);
    }

    /// A word: one that there is not would find nothing for ever.
    pub fn word(&mut self, name: &str, value: Option<&str>, known: &[&str]) -> Option<String> {
        let word = self.text(name, value)?;
        let expected = format_args!("must be one of {}", known.join(", "));
        self.filters.check(known.contains(&word), name, expected);
        Some(word.to_owned())
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str, value: Option<&str>) -> Option<bool> {
        match value? {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.filters.add(name, "takes true or false");
                None
            }
        }
    }

    /// Row ids with commas between them; an empty text counts as none.
    pub fn ids(&mut self, name: &str, value: Option<&str>) -> Option<Vec<Uuid>> {
        let value = value.filter(|value| !value.is_empty())?;
        let ids: Result<Vec<Uuid>, _> = value.split(',').take(MOST_IDS + 1).map(Uuid::parse_str).collect();
        let ids = ids.ok().filter(|ids| ids.len() <= MOST_IDS);
        let expected = format_args!("takes up to {MOST_IDS} row ids with commas between them");
        self.filters.check(ids.is_some(), name, expected);
        ids
    }

    /// A moment in milliseconds since 1970.
    pub fn moment(&mut self, name: &str, value: Option<&str>) -> Option<i64> {
        let moment = self.text(name, value)?.parse().ok().filter(|millis| *millis >= 0);
        self.filters
            .check(moment.is_some(), name, "must be a moment in milliseconds since 1970");
        moment
    }

    /// A whole number within a range.
    pub fn number(&mut self, name: &str, value: Option<&str>, range: RangeInclusive<i64>) -> Option<i64> {
        let number = self
            .text(name, value)?
            .parse()
            .ok()
            .filter(|number| range.contains(number));
        let expected = format_args!("must lie between {} and {}", range.start(), range.end());
        self.filters.check(number.is_some(), name, expected);
        number
    }

    /// The page of a list that is sorted by id.
    pub fn page(&mut self, cursor: Option<&str>, limit: Option<&str>) -> Page {
        let after = cursor.map(Uuid::parse_str);
        self.page
            .check(!matches!(after, Some(Err(_))), "cursor", "is none of ours");
        Page {
            after: after.and_then(Result::ok),
            limit: self.limit(limit),
        }
    }

    /// The page of a list that can be sorted by these words: `cursor`, `limit` and `sort` as they were sent.
    pub fn sorted(&mut self, words: &SortWords, [cursor, limit, sort]: [&Option<String>; 3]) -> SortedPage {
        let limit = self.limit(limit.as_deref());
        let known = words.read(sort.as_deref());
        self.filters
            .check(known.is_some(), "sort", format_args!("must be one of {words}"));
        // A cursor is judged by the sort that was asked for, if there is such a one.
        let cursor = cursor.as_deref().filter(|_| known.is_some());
        let sort = known.unwrap_or(words.unasked());
        SortedPage::read(sort, cursor, limit).unwrap_or_else(|fault| {
            let expected = match fault {
                CursorFault::Foreign => "is none of ours",
                CursorFault::OtherSort => "belongs to a list that is sorted otherwise; begin anew without it",
            };
            self.page.add("cursor", expected);
            SortedPage::first(sort, limit)
        })
    }

    fn limit(&mut self, limit: Option<&str>) -> u64 {
        let limit = limit.map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
        let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
        let expected = format_args!("must lie between 1 and {MAX_LIMIT}");
        self.page.check(limit.is_some(), "limit", expected);
        limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// `Ok` where all could be read.
    ///
    /// # Errors
    /// `AD-105` with all faults, `AD-104` where only cursor or limit are not acceptable.
    pub fn done(self) -> Result<()> {
        let kind = match self.filters.is_empty() {
            true => AdminFailure::PageInvalid,
            false => AdminFailure::Invalid,
        };
        let mut faults = self.filters.numbered(AdminFailure::Invalid.entry());
        faults.append(self.page.numbered(AdminFailure::PageInvalid.entry()));
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults.into_query_failure(kind.entry())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of one parameter.
    fn one<T>(read: impl FnOnce(&mut Reading) -> T) -> Result<T> {
        let mut reading = Reading::default();
        let value = read(&mut reading);
        reading.done().map(|()| value)
    }

    #[test]
    fn pages() {
        let page = |cursor, limit| one(|reading| reading.page(cursor, limit));
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
        let word = |value, known: &[&str]| one(|reading| reading.word("state", value, known));
        assert_eq!(word(None, &["a"]).unwrap(), None);
        assert_eq!(word(Some("a"), &["a", "b"]).unwrap().as_deref(), Some("a"));
        let refused = word(Some("c"), &["a", "b"]).unwrap_err();
        assert_eq!(refused.detail.as_deref(), Some("state: must be one of a, b"));
        let moment = |value| one(|reading| reading.moment("since", Some(value)));
        assert_eq!(moment("17").unwrap(), Some(17));
        for rubbish in ["-1", "1.5", "x", "99999999999999999999"] {
            assert!(moment(rubbish).is_err(), "{rubbish}");
        }
    }

    #[test]
    fn texts() {
        let text = |value: &str| one(|reading| reading.text("q", Some(value)).map(str::to_owned));
        assert_eq!(text("").unwrap(), None);
        assert_eq!(text("张").unwrap().as_deref(), Some("张"));
        assert!(text("a\0").is_err());
        assert!(text(&"a".repeat(201)).is_err());
    }

    #[test]
    fn row_ids_are_read_with_commas_between_them_and_bounded() {
        let ids = |value: &str| one(|reading| reading.ids("ids", Some(value)));
        let id = Uuid::from_u128(7);
        assert_eq!(ids("").unwrap(), None);
        assert_eq!(ids(&format!("{id},{id}")).unwrap(), Some(vec![id, id]));
        for wrong in ["x".to_owned(), ",".to_owned(), vec![id.to_string(); 101].join(",")] {
            assert!(ids(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let refused = one(|reading| {
            reading.page(Some("x"), Some("0"));
            reading.flag("revoked", Some("perhaps"));
            reading.moment("since", Some("yesterday"));
            reading.check(false, "until", "must not lie before since");
        });
        let refused = refused.unwrap_err();
        let told: Vec<&str> = refused
            .faults
            .iter()
            .filter_map(|fault| fault.parameter.as_deref())
            .collect();
        assert_eq!(told, ["revoked", "since", "until", "cursor", "limit"]);
    }
}
