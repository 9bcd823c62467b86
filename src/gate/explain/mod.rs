//! Who can sign in, and why not: the gate's own checks over facts from the database, for one person or for everybody at a portal, as things
//! stand or as they would after a change (what-if).
//!
//! A visit asks WeCom; a list cannot. What is stored is taken for what WeCom would say ([`expected`]), and every check says whose word
//! it rests on. Nothing here changes anything or lets anybody in: only [`super::admit`] makes permits.

pub mod chain;
pub mod everywhere;
pub mod expected;
pub mod model;
pub mod service;
pub mod view;

pub use model::{DOOR_SORTS, Question, SORTS, ScopeChange, WhatIf, Who};
pub use view::{Change, Counts, Explanation, Filter, PersonLine, Today, WayKind, WayLine};
