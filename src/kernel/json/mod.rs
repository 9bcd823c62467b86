//! Reading JSON from strangers. Pure.
//!
//! A document is read in two steps. [`tree`] parses it and finds what no schema allows: names that stand twice (RFC 8259 §4 leaves their
//! meaning open) and control characters. [`fields`] then reads the tree as a type. Unlike serde's own way it insists on objects where the
//! type has named fields (a list would be taken in the order of the fields), finds all faults instead of the first, and names them by the
//! path of the field and by what was expected there, never by what was sent: a secret may have been put into the wrong place.

mod fields;
mod path;
mod read;
mod tree;

pub use read::{Kind, Strict, Unreadable, object, part, query, read};

#[cfg(test)]
mod tests;
