//! Sorted lists: by which words a list can be sorted, where a page begins, and cursors that carry that place. Pure.
//!
//! A page is found by the value of the sort column and the id of the last row before it (keyset pagination), so that it costs the same
//! wherever it is. A list that is sorted by `created_at` is sorted by its ids, which carry the moment they were made (UUIDv7).

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::validation::is_line;

/// Longest cursor that is read, characters.
const LONGEST: usize = 2000;

/// What stands in a column that a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing but the row's id.
    Id,
    /// A whole number, never null.
    Number,
    /// A text, never null.
    Text,
}

/// The words by which a list can be sorted.
#[derive(Clone, Copy, Debug)]
pub struct SortWords {
    known: &'static [(&'static str, Kind)],
    unasked: Sort,
}

/// By what a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// One of the list's words.
    pub by: &'static str,
    /// What stands in that column.
    pub kind: Kind,
    /// From the largest to the smallest.
    pub descending: bool,
}

impl Sort {
    /// Upwards.
    pub const fn up(by: &'static str, kind: Kind) -> Self {
        Self {
            by,
            kind,
            descending: false,
        }
    }

    /// Downwards.
    pub const fn down(by: &'static str, kind: Kind) -> Self {
        Self {
            by,
            kind,
            descending: true,
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.descending { "-" } else { "" };
        write!(f, "{sign}{}", self.by)
    }
}

impl SortWords {
    /// These words, and how the list is sorted when nothing is asked for.
    pub const fn new(known: &'static [(&'static str, Kind)], unasked: Sort) -> Self {
        Self { known, unasked }
    }

    /// How the list is sorted when nothing is asked for.
    pub const fn unasked(&self) -> Sort {
        self.unasked
    }

    /// Reads a word, with `-` before it for the other direction; `None` for an unknown one.
    pub fn read(&self, word: Option<&str>) -> Option<Sort> {
        let Some(word) = word else {
            return Some(self.unasked);
        };
        let (descending, name) = match word.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, word),
        };
        let (by, kind) = self.known.iter().copied().find(|(known, _)| *known == name)?;
        Some(Sort { by, kind, descending })
    }
}

impl fmt::Display for SortWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (word, _)) in self.known.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{word}, -{word}")?;
        }
        Ok(())
    }
}

/// Records, which are only ever added: the newest first unless asked otherwise.
pub const RECORDS: SortWords = SortWords::new(&[("created_at", Kind::Id)], Sort::down("created_at", Kind::Id));

/// A value of the column that a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortValue {
    /// See [`Kind::Id`].
    Id,
    /// See [`Kind::Number`].
    Number(i64),
    /// See [`Kind::Text`].
    Text(String),
}

/// The row behind which a page begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Its value in the sort column.
    pub value: SortValue,
    /// Its id.
    pub id: Uuid,
}

/// Which page of a sorted list is wanted.
#[derive(Clone, Debug)]
pub struct SortedPage {
    /// By what.
    pub sort: Sort,
    /// Behind which row; `None`: the first page.
    pub after: Option<Position>,
    /// How many entries at most.
    pub limit: u64,
}

/// One page of a sorted list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SortedListing<T> {
    /// The entries of this page.
    pub items: Vec<T>,
    /// Pass as `cursor` for the next page, with the same `sort`; null: this was the last.
    pub next_cursor: Option<String>,
}

/// Why a cursor is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorFault {
    /// It was not made here.
    Foreign,
    /// It was made for a list that is sorted otherwise.
    OtherSort,
}

impl SortedPage {
    /// The page behind this cursor.
    ///
    /// # Errors
    /// Why the cursor is refused.
    pub fn read(sort: Sort, cursor: Option<&str>, limit: u64) -> Result<Self, CursorFault> {
        let after = cursor.map(|cursor| position(sort, cursor)).transpose()?;
        Ok(Self { sort, after, limit })
    }

    /// The first page.
    pub const fn first(sort: Sort, limit: u64) -> Self {
        Self {
            sort,
            after: None,
            limit,
        }
    }

    /// How many rows to fetch: one more than shown tells whether there is a next page.
    pub const fn fetch(&self) -> u64 {
        self.limit.saturating_add(1)
    }

    /// The page behind the cursor of this one, if there is one.
    pub fn after_that(&self, cursor: Option<&str>) -> Option<Self> {
        Self::read(self.sort, Some(cursor?), self.limit).ok()
    }

    /// Makes the page from rows fetched with [`Self::fetch`]: drops the extra row and sets the next cursor.
    pub fn cut<T>(&self, mut fetched: Vec<T>, at: impl Fn(&T, &'static str) -> Position) -> SortedListing<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = fetched.len() > limit;
        fetched.truncate(limit);
        let last = fetched.last().filter(|_| more);
        SortedListing {
            next_cursor: last.map(|last| self.cursor(&at(last, self.sort.by))),
            items: fetched,
        }
    }

    /// [`Self::cut`] of a list that is sorted by nothing but ids.
    pub fn cut_by_id<T>(&self, fetched: Vec<T>, id: impl Fn(&T) -> Uuid) -> SortedListing<T> {
        self.cut(fetched, |entry, _| Position {
            value: SortValue::Id,
            id: id(entry),
        })
    }

    /// The page of a short list that is in memory as a whole, in any order.
    pub fn of_all<T>(&self, all: Vec<T>, at: impl Fn(&T, &'static str) -> Position) -> SortedListing<T> {
        let mut placed: Vec<(Position, T)> = all
            .into_iter()
            .map(|entry| (at(&entry, self.sort.by), entry))
            .filter(|(place, _)| {
                self.after
                    .as_ref()
                    .is_none_or(|after| (place > after) != self.sort.descending && place != after)
            })
            .collect();
        placed.sort_by(|(left, _), (right, _)| left.cmp(right));
        if self.sort.descending {
            placed.reverse();
        }
        self.cut(placed.into_iter().map(|(_, entry)| entry).collect(), at)
    }

    /// The cursor of the page that begins behind this row.
    pub fn cursor(&self, at: &Position) -> String {
        let value = match &at.value {
            SortValue::Id => String::new(),
            SortValue::Number(number) => number.to_string(),
            SortValue::Text(text) => text.clone(),
        };
        URL_SAFE_NO_PAD.encode(format!("{}\n{}\n{value}", self.sort, at.id))
    }
}

impl<T> SortedListing<T> {
    /// The same page with each entry converted.
    pub fn map<U>(self, shape: impl FnMut(T) -> U) -> SortedListing<U> {
        SortedListing {
            items: self.items.into_iter().map(shape).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

fn position(sort: Sort, cursor: &str) -> Result<Position, CursorFault> {
    if cursor.len() > LONGEST {
        return Err(CursorFault::Foreign);
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| CursorFault::Foreign)?;
    let text = String::from_utf8(bytes).map_err(|_| CursorFault::Foreign)?;
    let mut parts = text.splitn(3, '\n');
    let (Some(made_for), Some(id), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(CursorFault::Foreign);
    };
    let id = Uuid::parse_str(id).map_err(|_| CursorFault::Foreign)?;
    if made_for != sort.to_string() {
        return Err(CursorFault::OtherSort);
    }
    let value = match sort.kind {
        Kind::Id if value.is_empty() => SortValue::Id,
        Kind::Number => SortValue::Number(value.parse().map_err(|_| CursorFault::Foreign)?),
        Kind::Text if is_line(value) => SortValue::Text(value.to_owned()),
        Kind::Id | Kind::Text => return Err(CursorFault::Foreign),
    };
    Ok(Position { value, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: SortWords = SortWords::new(
        &[("created_at", Kind::Id), ("name", Kind::Text), ("age", Kind::Number)],
        Sort::up("created_at", Kind::Id),
    );

    fn entries() -> Vec<(u128, &'static str, i64)> {
        vec![(1, "c", 3), (2, "a", 3), (3, "b", -1), (4, "a", 7), (5, "d", 3)]
    }

    fn at((id, name, age): &(u128, &'static str, i64), by: &'static str) -> Position {
        let value = match by {
            "name" => SortValue::Text((*name).to_owned()),
            "age" => SortValue::Number(*age),
            _ => SortValue::Id,
        };
        Position {
            value,
            id: Uuid::from_u128(*id),
        }
    }

    fn walk(word: Option<&str>) -> Vec<u128> {
        let sort = WORDS.read(word).unwrap();
        let (mut cursor, mut seen) = (None, Vec::new());
        loop {
            let page = SortedPage::read(sort, cursor.as_deref(), 2).unwrap();
            let listing = page.of_all(entries(), at);
            seen.extend(listing.items.iter().map(|entry| entry.0));
            cursor = listing.next_cursor;
            if cursor.is_none() {
                return seen;
            }
        }
    }

    #[test]
    fn pages_meet_without_gap_or_overlap_in_every_order() {
        assert_eq!(walk(None), [1, 2, 3, 4, 5]);
        assert_eq!(walk(Some("-created_at")), [5, 4, 3, 2, 1]);
        assert_eq!(walk(Some("name")), [2, 4, 3, 1, 5]);
        assert_eq!(walk(Some("-name")), [5, 1, 3, 4, 2]);
        assert_eq!(walk(Some("age")), [3, 1, 2, 5, 4]);
        assert_eq!(walk(Some("-age")), [4, 5, 2, 1, 3]);
    }

    #[test]
    fn a_cursor_fits_its_own_sort_only() {
        let by_name = SortedPage::read(WORDS.read(Some("name")).unwrap(), None, 2).unwrap();
        let cursor = by_name.of_all(entries(), at).next_cursor.unwrap();
        for other in [None, Some("-name"), Some("age")] {
            let refused = SortedPage::read(WORDS.read(other).unwrap(), Some(&cursor), 2).unwrap_err();
            assert_eq!(refused, CursorFault::OtherSort);
        }
        let forged = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let id = Uuid::nil();
        let by_age = WORDS.read(Some("age")).unwrap();
        for foreign in [
            "x",
            "",
            "\0",
            &forged("age"),
            &forged(&format!("age\n{id}\nx")),
            &forged("age\nx\n1"),
            &"A".repeat(2001),
        ] {
            assert_eq!(
                SortedPage::read(by_age, Some(foreign), 2).unwrap_err(),
                CursorFault::Foreign,
                "{foreign}"
            );
        }
        let by_name = WORDS.read(Some("name")).unwrap();
        assert!(SortedPage::read(by_name, Some(&forged(&format!("name\n{id}\na\0"))), 2).is_err());
    }

    #[test]
    fn words() {
        assert!(
            WORDS.read(Some("colour")).is_none()
                && WORDS.read(Some("--age")).is_none()
                && WORDS.read(Some("")).is_none()
        );
        assert_eq!(WORDS.to_string(), "created_at, -created_at, name, -name, age, -age");
    }
}
