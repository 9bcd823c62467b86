//! WeCom callback cryptography and parsing: verifies who called, decrypts, and reads the event (reference 6 and 7).
//!
//! Pure: no HTTP, no clock, no store. The caller bounds the body while reading it, answers in time, keeps [`Notice::digest`] against
//! repetitions, and re-reads the directory instead of trusting what an event says (reference 6.5).

pub(super) mod cipher;
mod envelope;
mod error;
mod event;
mod external_contact;
mod fields;
mod key;
mod suite_push;

pub use envelope::{CallbackCrypto, LARGEST_BODY, Query};
pub use error::CallbackError;
pub use event::{Activity, Event, Notice};
pub use external_contact::{ExternalChange, ExternalContactEvent};
pub use key::AesKey;
pub use suite_push::{ReceivedSuitePush, SuitePush};
