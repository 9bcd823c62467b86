//! Offboarding reports: why and when somebody's access ended, what ended with it, and which portals were told. Written by
//! `directory::offboarding`; here they are read, exported, and what was not delivered is sent again.

pub(in crate::admin) mod csv;
pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use csv::csv;
pub use model::{ReportFilter, ReportLine, ReportView};
