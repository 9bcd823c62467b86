//! What the address of a page says: its parameters, and the addresses of the same page with others.

use super::{
    frame::Asked,
    visit::{Visit, with_query},
};

/// Parameters that leave nothing out of a list.
const NO_FILTERS: &[&str] = &[
    "cursor",
    "department_q",
    "done",
    "keep",
    "member",
    "saved",
    "setup",
    "sort",
    "tab",
    "typed",
    "ui_locales",
    "zone",
];

impl Visit {
    /// The page's path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value of a parameter of the page's own query string; an empty one counts as absent.
    pub fn param(&self, name: &str) -> Option<&str> {
        let mut values = self
            .query
            .iter()
            .filter(|(known, value)| known == name && !value.is_empty());
        values.next().map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that may be there several times, empty ones left out.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self
            .query
            .iter()
            .filter(move |(known, value)| known == name && !value.is_empty());
        values.map(|(_, value)| value.as_str())
    }

    /// The path, and a query string of those of these parameters that the page has: filters, sorting and cursor of a list are handed on as they
    /// are, and the API judges them.
    pub fn passing(&self, path: &str, names: &[&str]) -> String {
        self.passing_with(path, names, &[])
    }

    /// As [`Visit::passing`], with parameters of the page's own making behind them.
    pub fn passing_with(&self, path: &str, names: &[&str], own: &[(&str, &str)]) -> String {
        let pairs = names.iter().filter_map(|name| Some((*name, self.param(name)?)));
        with_query(path, pairs.chain(own.iter().copied()))
    }

    /// This page with one parameter set, or taken away, and back at the first page of its list, which says no more what was done.
    pub fn here_with(&self, name: &str, value: Option<&str>) -> String {
        let without = [name];
        let kept = self.kept(&without);
        with_query(&self.path, kept.chain(value.map(|value| (name, value))))
    }

    /// The parameters of this page but for those, its place in its list, and what it says was done.
    pub fn kept<'a>(&'a self, without: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        let left_out = move |name: &str| without.contains(&name) || ["cursor", "done"].contains(&name);
        let kept = self.query.iter().filter(move |(name, _)| !left_out(name));
        kept.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Where the list of this page goes on.
    pub fn next(&self, cursor: Option<String>) -> Option<String> {
        cursor.map(|cursor| self.here_with("cursor", Some(&cursor)))
    }

    /// What the page's address says.
    pub(super) fn asked(&self) -> Asked {
        let filters = |(name, value): &(String, String)| !value.is_empty() && !NO_FILTERS.contains(&name.as_str());
        Asked {
            path: self.path.clone(),
            filtered: self.query.iter().any(filters),
            done: self.param("done").map(str::to_owned),
            zone: self.zone,
        }
    }
}
