//! A page of a list of the API, and the heads of its columns by which it is sorted.

use serde::Deserialize;

use super::visit::Visit;

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Listing<T> {
    /// Its items.
    pub items: Vec<T>,
    /// Where the next page begins; none: this is the last one.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            next_cursor: None,
        }
    }
}

/// The head of a column: a click sorts by it, a second one the other way round. What is sorted stands in the page's address.
pub(super) struct Head {
    /// The page sorted so.
    pub address: String,
    /// How it is sorted by this column now, as `aria-sort` has it; none: by another.
    pub direction: Option<&'static str>,
}

impl Head {
    /// Of the column with this word of the API; `first`: `word` or `-word`, whichever the first click asks for. `unasked`: how the list is sorted where
    /// its address says nothing.
    pub(super) fn of(visit: &Visit, first: &'static str, unasked: &str) -> Self {
        let word = first.trim_start_matches('-');
        let stands = visit.param("sort").unwrap_or(unasked);
        let back = match first.strip_prefix('-') {
            Some(word) => word.to_owned(),
            None => format!("-{first}"),
        };
        let wanted = if stands == first { back.as_str() } else { first };
        Self {
            address: visit.here_with("sort", Some(wanted)),
            direction: match stands.strip_prefix('-') {
                Some(by) if by == word => Some("descending"),
                None if stands == word => Some("ascending"),
                _ => None,
            },
        }
    }
}
