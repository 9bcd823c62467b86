//! The only code that speaks to WeCom. Everything above sees typed answers and a closed classification of errors.
//!
//! Written from the reference alone; what that marks as uncertain is tolerated both ways. WeCom's own words (`errcode`, `userid`,
//! `partyid`) stay inside this room.

pub mod client;
pub mod error;
pub mod model;

pub use client::WeCom;
pub use error::{Class, WeComError};
