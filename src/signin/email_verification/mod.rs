//! Verification of e-mail addresses by link: whoever has the mailbox opens the link that was mailed there, and presses a button. Besides an admin's word
//! for a whole domain it is the only thing that makes an address verified.

pub(in crate::signin) mod model;
mod service;
mod store;

pub use model::{OwnEmail, SentVerification, ToVerify};
