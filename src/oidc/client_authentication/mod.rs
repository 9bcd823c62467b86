//! Client authentication (RFC 6749 §2.3, OpenID Connect Core section 9), one file per kind of proof.
//!
//! Only the method a client registered is accepted. Unknown client, wrong secret, wrong key and wrong method get one and the same answer; a
//! client whose signature verifies gets the precise error of its assertion.

pub(in crate::oidc) mod assertion_rules;
pub(in crate::oidc) mod authenticate;
pub(in crate::oidc) mod client_assertion;
pub(in crate::oidc) mod client_secret;
pub(in crate::oidc) mod credentials;
pub(in crate::oidc) mod failure;
pub(in crate::oidc) mod refused_client;
