//! Pagination values: keyset (cursor) pages by primary key, so that a page costs the same wherever it starts.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Entries of a page unless asked otherwise.
pub const DEFAULT_LIMIT: u64 = 50;
/// Most entries of a page.
pub const MAX_LIMIT: u64 = 200;

/// Which page is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The last id of the page before; `None`: the first page.
    pub after: Option<Uuid>,
    /// How many entries at most; 1 to [`MAX_LIMIT`].
    pub limit: u64,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T> {
    /// The entries of this page.
    pub items: Vec<T>,
    /// Pass as `cursor` for the next page; null: this was the last.
    pub next_cursor: Option<Uuid>,
}

impl Page {
    /// How many rows to fetch: one more than shown tells whether there is a next page.
    pub const fn fetch(&self) -> u64 {
        self.limit.saturating_add(1)
    }
}

impl<T> Listing<T> {
    /// Makes the page from rows fetched with [`Page::fetch`]: drops the extra row and sets the next cursor.
    pub fn cut(mut fetched: Vec<T>, page: Page, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = fetched.len() > limit;
        fetched.truncate(limit);
        let next_cursor = fetched.last().filter(|_| more).map(id);
        Self {
            items: fetched,
            next_cursor,
        }
    }

    /// The page of a short list that is in memory as a whole, sorted by id.
    pub fn of_all(all: Vec<T>, page: Page, id: impl Fn(&T) -> Uuid) -> Self {
        let rest = all
            .into_iter()
            .filter(|entry| page.after.is_none_or(|after| id(entry) > after))
            .collect();
        Self::cut(rest, page, id)
    }

    /// The same page with each entry converted.
    pub fn map<U>(self, shape: impl FnMut(T) -> U) -> Listing<U> {
        Listing {
            items: self.items.into_iter().map(shape).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: &u128) -> Uuid {
        Uuid::from_u128(*number)
    }

    #[test]
    fn pages_meet_without_gap_or_overlap() {
        let all: Vec<u128> = (1..=5).collect();
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = Listing::of_all(all.clone(), Page { after, limit: 2 }, id);
            seen.extend(page.items);
            after = page.next_cursor;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_full_last_page_has_no_next() {
        let page = Page { after: None, limit: 2 };
        assert_eq!(Listing::cut(vec![1, 2], page, id).next_cursor, None);
        assert_eq!(Listing::cut(vec![1, 2, 3], page, id).next_cursor, Some(id(&2)));
    }
}
