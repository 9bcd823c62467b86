//! *Can everybody sign in?*

mod bars;
mod page;
mod things;

pub(super) use page::routes;
