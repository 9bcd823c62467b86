//! Who acts in the tests, each through a public door only.

mod admin;
mod browser;
mod phone;
mod portal;
mod prover;
mod signer;

pub use admin::Admin;
pub use browser::{Browser, Page};
pub use phone::{As, Phone};
pub use portal::{Portal, Redemption, VERIFIER, claims, header};
pub use prover::Prover;
pub use signer::{JWT_BEARER, KeyServer, Keyholder, Signer, post, unsigned};
