//! Who calls: client authentication (RFC 6749 §2.3, OpenID Connect Core section 9), one file per kind of proof.
//!
//! Only the method a client registered is taken. Unknown client, wrong secret, wrong key and wrong method are one and the same answer; a
//! client whose signature holds is told what is wrong with its assertion.

pub(in crate::oidc) mod assertion_rules;
pub(in crate::oidc) mod authenticate;
pub(in crate::oidc) mod client_assertion;
pub(in crate::oidc) mod client_secret;
pub(in crate::oidc) mod credentials;
pub(in crate::oidc) mod failure;
