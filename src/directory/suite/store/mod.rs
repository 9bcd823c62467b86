//! Queries of suites.

mod credential;
pub(in crate::directory::suite) mod editing;
mod installed;
pub(in crate::directory::suite) mod keys;
mod opening;
pub(in crate::directory::suite) mod pushes;
pub(in crate::directory::suite) mod reading;
pub(in crate::directory::suite) mod refusals;
pub(in crate::directory::suite) mod state;

pub(in crate::directory::suite) use credential::ticketed;
pub use credential::{credential, open};
pub use opening::{app_credential, sealed, sign_in_suites, suites_of};
