//! Branding of the pages people see: name, accent colour, whom to ask, logo; for the whole installation.
//!
//! Pages take it from memory ([`brands::Brands`]), so that no request reads the database for it. A change counts at once in the process that
//! took it, and within seconds in the others.

pub(in crate::admin) mod brands;
pub mod failure;
pub(in crate::admin) mod image;
pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use failure::BrandingFailure;
pub use image::LARGEST;
pub use model::{BrandingChange, BrandingView, NewBranding};
