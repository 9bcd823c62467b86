//! WeCom client: API calls, access tokens, login URLs and callback cryptography. The only code that speaks to WeCom; everything above sees
//! typed answers and a closed classification of errors.
//!
//! Written from the reference alone; what that marks as uncertain is tolerated both ways. WeCom's own words (`errcode`, `userid`,
//! `partyid`) stay inside this room. Only [`transport`] touches the network; everything else here is parsing and deciding.

mod agent;
pub mod answer_table;
mod api_request;
mod arrival;
mod attempt;
mod call_counter;
mod call_span;
pub mod callback;
mod calling;
pub mod card;
mod classify;
pub mod client;
mod contacts;
mod denials;
mod download;
mod download_guard;
pub mod endpoints;
pub mod error;
mod export;
mod export_file;
pub mod failure;
mod held_body;
mod id_conversion;
mod identity;
mod js_ticket;
mod json_object;
mod lenient;
mod list_reader;
mod listed;
pub mod login_sdk;
pub mod login_url;
mod members;
pub mod message;
pub mod model;
mod patience;
mod person_fields;
mod picked_fields;
mod probing;
mod refusal;
mod reply;
mod reply_reader;
mod reply_record;
mod response_code;
mod row_splitter;
mod server_clock;
mod signing_in;
pub mod suite;
#[cfg(test)]
mod testing;
mod text;
mod token_calls;
mod token_holder;
mod tokens;
pub mod transport;

pub use answer_table::Meaning;
pub use api_request::Allowance;
pub use call_counter::CallCounter;
pub use client::{Settings, WeCom};
pub use endpoints::Endpoints;
pub use error::{Class, ExportFault, WeComError};
pub use export::{Export, Exported};
pub use failure::WeComFailure;
pub use held_body::Room;
pub use id_conversion::CONVERTED_AT_ONCE;
pub use js_ticket::signature;
pub use listed::{Listed, UnreadMembers};
pub use refusal::Refusal;
pub use reply_record::{Digest, ReplyRecord};
pub use response_code::ResponseCode;
pub use server_clock::ClockReading;
