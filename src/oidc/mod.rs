//! The OpenID provider.

pub mod registration;
