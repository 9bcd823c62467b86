//! Verification files: WeCom proves that a domain is the company's by a file `WW_verify_….txt` at its root (reference 2.4). An admin uploads
//! name and content, and Menjin serves it.

pub mod http;
pub mod model;
pub mod service;
mod store;
