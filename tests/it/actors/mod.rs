//! Who acts in the tests, each through public interfaces only.

mod admin;
mod browser;
mod logout_receiver;
mod passkey;
mod phone;
mod portal;
mod prover;
mod signer;
mod tls_server;

pub use admin::{Admin, Reply};
pub use browser::{Browser, Page};
pub use logout_receiver::LogoutReceiver;
pub use passkey::{PRESENT, Passkey, VERIFIED};
pub use phone::{As, Phone};
pub use portal::{Portal, Redemption, VERIFIER, claims, header, id, id_claims, text};
pub use prover::Prover;
pub use signer::{JWT_BEARER, KeyServer, Keyholder, Signer, post, unsigned};
pub use tls_server::{Relay, TlsServer};
