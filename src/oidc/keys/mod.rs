//! Signing keys: RS256 and ES256, persisted sealed, published as JWKS.
//!
//! A key is `next` (published, not used yet), `active` (signs) or `retired` (published until its last token died). The ring keeps them
//! parsed in memory and reads them again when somebody shows a `kid` it does not know. Rotation is decided elsewhere.

mod material;
mod ring;
mod store;
mod words;

pub use material::Alg;
pub use ring::Keyring;
