//! Branding of the pages people see: name, accent colour, whom to ask, logo; of the installation, and what a company has in its place.
//!
//! Pages take it from memory ([`brands::HeldBrands`]) as long as nothing changes. A change counts at once, in every process.

pub(in crate::admin) mod brands;
pub mod failure;
pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use failure::BrandingFailure;
pub use model::{BrandingChange, BrandingView, CompanyView, NewBranding, Whose};
