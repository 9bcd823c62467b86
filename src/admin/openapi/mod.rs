//! The OpenAPI document of the admin API: what is said about every operation alike. What is said about one stands at its handler and at the
//! types it reads and writes; `admin::http::openapi` lists the resources.

pub mod params;
pub mod problems;
pub mod refine;
