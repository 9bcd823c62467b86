//! A delivery: one notice on its way to one address, its states, and what a channel says of an attempt. Pure.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::Topic;
use crate::{
    kernel::{clock::Timestamp, secret::Secret},
    web::texts::Lang,
    word_schema,
};

/// The kind of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// E-mail by SMTP.
    Email,
    /// Messages of a WeCom app.
    Wecom,
    /// Signed HTTP requests.
    Webhook,
}

impl ChannelKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Email, Self::Wecom, Self::Webhook];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Wecom => "wecom",
            Self::Webhook => "webhook",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

word_schema!(
    ChannelKind,
    "NoticeChannelKind",
    "By what a channel reaches people: `email`: SMTP; `wecom`: messages of a WeCom app; `webhook`: signed HTTP requests.",
    ChannelKind::ALL.map(ChannelKind::word)
);

/// The state of a delivery. It says what is known, and no more: accepted by the other side, not read by anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// To be sent.
    Pending,
    /// Waits for the end of quiet hours, or for its digest.
    Held,
    /// The mail server, WeCom or the webhook accepted it.
    Delivered,
    /// Refused for good.
    Failed,
    /// Not accepted in time, or its channel is gone.
    Abandoned,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Held,
        Self::Delivered,
        Self::Failed,
        Self::Abandoned,
    ];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

word_schema!(
    State,
    "NoticeDeliveryState",
    "State of a delivery: `pending`: to be sent; `held`: waits for the end of quiet hours or for its digest; `delivered`: the mail server, WeCom or the webhook \
     accepted it, which does not mean that somebody read it; `failed`: refused for good; `abandoned`: not accepted in time, or its channel is gone.",
    State::ALL.map(State::word)
);

/// A message, ready for one address.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Row id of the delivery; the same at each attempt.
    pub delivery: Uuid,
    /// By what the other side tells messages apart: the delivery's id, and another one where something that was accepted is sent again on purpose.
    pub mark: String,
    /// What it is about.
    pub topic: Topic,
    /// Whose WeCom app sends (WeCom only).
    pub data_source: Option<Uuid>,
    /// The matter: `access_request:<uuid>`.
    pub subject: String,
    /// E-mail address or member ID.
    pub address: Option<String>,
    /// Its language.
    pub lang: Lang,
    /// One line.
    pub title: String,
    /// Lines of text, without the link. Characters that steer or hide are gone; markup is not escaped.
    pub lines: Vec<String>,
    /// Where it leads, whole.
    pub link: Option<String>,
    /// Of a digest the notices that it carries, each by itself; `lines` then tells of all of them.
    pub parts: Vec<Part>,
    /// The facts of the notice, cleaned; empty for a digest.
    pub facts: BTreeMap<String, String>,
    /// Task id of a card with buttons (WeCom only).
    pub card: Option<String>,
    /// It is for the person whom it concerns, who did not subscribe.
    pub personal: bool,
    /// When it was made.
    pub at: Timestamp,
}

/// One notice of a digest.
#[derive(Clone, Debug)]
pub struct Part {
    /// One line.
    pub title: String,
    /// Lines of text.
    pub lines: Vec<String>,
    /// Where it leads, whole.
    pub link: Option<String>,
}

/// A card with buttons that was accepted.
#[derive(Clone, Debug)]
pub struct SentCard {
    /// AgentId of the app that sent it; only that app's presses count, and only it can update the card.
    pub agent_id: i64,
    /// By which it can be updated once; none where WeCom swallowed a repetition.
    pub response_code: Option<Secret<String>>,
}

/// What a channel says of an attempt.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Accepted by the other side.
    Accepted {
        /// Its status: of HTTP or SMTP, or WeCom's errcode.
        status: Option<i32>,
        /// What it calls the message.
        provider_id: Option<String>,
        /// The card with buttons that it is (WeCom only).
        card: Option<SentCard>,
    },
    /// It may go well later.
    Later {
        /// Status of the answer, if there was one.
        status: Option<i32>,
        /// What was wrong: reference number and sentence.
        error: String,
        /// How long to wait at least, where the other side says so.
        after: Option<Duration>,
    },
    /// The channel cannot send now, whatever the message: nobody answers, the login is refused, there is too much. What else is due by it waits as well.
    Blocked {
        /// Status of the answer, if there was one.
        status: Option<i32>,
        /// What was wrong: reference number and sentence.
        error: String,
        /// How long to wait at least, where the other side says so.
        after: Option<Duration>,
    },
    /// It will not go well: the address is refused.
    Refused {
        /// Status of the answer, if there was one.
        status: Option<i32>,
        /// What was wrong: reference number and sentence.
        error: String,
    },
}
