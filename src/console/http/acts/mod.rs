//! What the forms of the console do: one table with every address that takes one, where the form stands, which role may send it, whether it needs a fresh
//! proof of who it is, and the call of the admin API that its button makes.

mod act;
mod people;
mod settings;
mod table;
mod wecom;

pub(super) use act::Proof;
pub(super) use table::{all_on, needed, of_path, of_route};
