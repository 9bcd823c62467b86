//! Who acts in the tests, each through a public door only.

mod admin;
mod browser;
mod ear;
mod phone;
mod portal;
mod prover;

pub use admin::Admin;
pub use browser::{Browser, Page};
pub use ear::Ear;
pub use phone::{As, Phone};
pub use portal::{Portal, Redemption, VERIFIER, claims, header};
pub use prover::Prover;
