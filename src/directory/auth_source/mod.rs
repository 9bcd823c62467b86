//! Auth sources: the WeCom apps through which people sign in. Added with a data source, or later and on their own with a corp ID; if that
//! differs from the data source's, synced users cannot sign in, and both sides say why.

mod entered;
pub mod input;
pub mod store;
pub mod view;

pub mod model;
pub mod service;

pub use model::AuthSource;
