//! The WeCom API under `/cgi-bin/…`: one entry for every call, with checks in the order in which WeCom seems to check: faults, frequency,
//! token, app state, caller IP, kind of secret, then the call itself.
//!
//! Each API is a plain function of its parameters and the state; only `dispatch` and `wire` know HTTP.

mod admission;
mod agent;
pub(crate) mod call;
mod card;
mod department;
pub(crate) mod dispatch;
pub(crate) mod export;
mod external;
mod gettoken;
mod identity;
mod js_ticket;
mod lookup;
mod message;
mod receivers;
mod shaping;
mod suite;
mod tag;
mod user;
mod wire;
mod write;

pub(crate) use dispatch::handle;
