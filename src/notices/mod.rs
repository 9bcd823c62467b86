//! The post room: what Menjin tells people, by e-mail, by WeCom and by webhook. A notice is put into the outbox in the transaction of what it tells of,
//! and delivered later: retried, by one replica at a time, visible and resendable.

mod alert_kind;
pub mod alert_memory;
mod alert_presence;
pub mod alerts;
mod attempt;
pub mod card_state;
pub mod cards;
pub mod channel;
pub mod channels;
pub mod delivery;
mod echo;
mod emergency;
mod ending;
pub mod failure;
mod lanes;
mod mail_text;
pub mod model;
pub mod personal;
mod recipient;
pub mod record_view;
mod records;
pub mod rendering;
mod sending;
pub mod service;
pub mod store;
pub mod subscription;
pub mod timing;
mod visible;

pub use alert_kind::AlertKind;
pub use alerts::Trouble;
pub use failure::NoticeFailure;
pub use model::{Card, NewNotice, To, Topic};
pub use service::{Dependencies, Notices};
pub use store::{
    cards::{Origin, card_path, origin, settle_cards},
    outbox::enqueue,
    people::{is_mailed, language_of},
    told::{is_told, last_told},
};

#[cfg(test)]
mod wecom_testing;
