//! Parses decrypted callbacks into events (reference 7). Events are hints to look again, so every field but the subject may be missing.

use super::{error::CallbackError, external_contact::ExternalContactEvent, fields::Fields};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::clock::Timestamp,
    wecom::{model::is_userid, response_code::ResponseCode, text},
};

/// A decrypted callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub event: Event,
    /// When, by WeCom's clock; order of arrival means nothing (reference 6.5).
    pub created: Option<Timestamp>,
    /// SHA-256 of the decrypted document: the same for every retry of one event and different for two events of one second, which WeCom's
    /// own advice (sender and time) confuses. To be kept for deduplication for an hour at least.
    pub digest: String,
}

/// The events Menjin knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A member came into an app's visible scope (7.6).
    Subscribe {
        /// Who.
        userid: String,
        /// Which app.
        agent_id: Option<i64>,
    },
    /// A member left an app's visible scope (7.6).
    Unsubscribe {
        /// Who.
        userid: String,
        /// Which app.
        agent_id: Option<i64>,
    },
    /// A member opened the app (7.6).
    EnterAgent {
        /// Who.
        userid: String,
        /// Which app.
        agent_id: Option<i64>,
    },
    /// A member was created (7.2).
    CreateUser {
        /// Who.
        userid: String,
        /// Their departments; empty when not given.
        departments: Vec<i64>,
    },
    /// A member's userid or departments changed (7.2); nothing else is told since 2022.
    UpdateUser {
        /// The userid before.
        userid: String,
        /// The userid now, when it changed.
        new_userid: Option<String>,
        /// Their departments; empty when not given.
        departments: Vec<i64>,
    },
    /// A member was deleted or left (7.2).
    DeleteUser {
        /// Who.
        userid: String,
    },
    /// A department was created (7.3).
    CreateParty {
        /// Its id.
        id: i64,
        /// Its parent's.
        parent_id: Option<i64>,
    },
    /// A department moved (7.3).
    UpdateParty {
        /// Its id.
        id: i64,
        /// Its parent's, when it changed.
        parent_id: Option<i64>,
    },
    /// A department was deleted (7.3).
    DeleteParty {
        /// Its id.
        id: i64,
    },
    /// A tag's content changed (7.4).
    UpdateTag {
        /// Its id.
        id: i64,
    },
    /// An asynchronous job ended (7.5).
    BatchJob {
        /// Its id.
        job_id: String,
        /// E.g. `sync_user`.
        job_type: Option<String>,
        /// How it ended.
        errcode: Option<i64>,
    },
    /// A member pressed a button of a card (7.6).
    CardPressed {
        /// Who.
        userid: String,
        /// Of which app; not every sender says so.
        agent_id: Option<i64>,
        /// The card.
        task_id: String,
        /// The button.
        key: String,
        /// Updates the card once, for a day.
        response_code: Option<ResponseCode>,
    },
    /// Something happened to a customer, a chat with customers or the tags of customers (8).
    ExternalContact(ExternalContactEvent),
    /// WeCom watches how much an app is used, or a licence ran out (17.1).
    AppActivity {
        /// What it says.
        activity: Activity,
        /// Which app.
        agent_id: Option<i64>,
        /// From when on it takes effect.
        effective_at: Option<Timestamp>,
    },
    /// Something else, or one of the above without its subject: acknowledged and ignored.
    Other {
        /// `MsgType`, `Event` and `ChangeType` as far as told, for the log.
        kind: String,
    },
}

/// What WeCom says about the use of an app (17.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// `inactive_alert`: unused, and switched off from a date on.
    InactiveAlert,
    /// `close_inactive_agent`: switched off because unused.
    CloseInactiveAgent,
    /// `reopen_inactive_agent`: switched on again.
    ReopenInactiveAgent,
    /// `low_active_alert`: little used, and treated so from a date on.
    LowActiveAlert,
    /// `low_active`: little used.
    LowActive,
    /// `active_restored`: used enough again.
    ActiveRestored,
    /// `unlicensed_notify`: members without a licence use it.
    UnlicensedNotify,
}

impl Activity {
    const ALL: [Self; 7] = [
        Self::InactiveAlert,
        Self::CloseInactiveAgent,
        Self::ReopenInactiveAgent,
        Self::LowActiveAlert,
        Self::LowActive,
        Self::ActiveRestored,
        Self::UnlicensedNotify,
    ];

    /// WeCom's name of the event.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InactiveAlert => "inactive_alert",
            Self::CloseInactiveAgent => "close_inactive_agent",
            Self::ReopenInactiveAgent => "reopen_inactive_agent",
            Self::LowActiveAlert => "low_active_alert",
            Self::LowActive => "low_active",
            Self::ActiveRestored => "active_restored",
            Self::UnlicensedNotify => "unlicensed_notify",
        }
    }

    /// Reads the name.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|activity| activity.word() == word)
    }
}

impl Notice {
    /// Reads a decrypted document.
    pub(super) fn read(document: &[u8]) -> Result<Self, CallbackError> {
        let fields = Fields::read(document)?;
        Ok(Self {
            event: event(&fields).unwrap_or_else(|| other(&fields)),
            created: fields.int("CreateTime").map(Timestamp::from_secs),
            digest: sha256_base64url(document),
        })
    }
}

/// The event, if it is a known one and says whom it is about.
fn event(fields: &Fields) -> Option<Event> {
    let owned = |path| fields.text(path).map(str::to_owned);
    let (sender, agent_id) = (userid(fields, "FromUserName"), fields.int("AgentID"));
    match fields.text("Event")?.to_ascii_lowercase().as_str() {
        "subscribe" => sender.map(|userid| Event::Subscribe { userid, agent_id }),
        "unsubscribe" => sender.map(|userid| Event::Unsubscribe { userid, agent_id }),
        "enter_agent" => sender.map(|userid| Event::EnterAgent { userid, agent_id }),
        "change_contact" => change(fields),
        head if head.starts_with("change_external_") => {
            ExternalContactEvent::read(head, fields).map(Event::ExternalContact)
        }
        "template_card_event" => Some(Event::CardPressed {
            userid: sender?,
            agent_id,
            task_id: owned("TaskId")?,
            key: owned("EventKey")?,
            response_code: owned("ResponseCode").map(ResponseCode::new),
        }),
        "batch_job_result" => Some(Event::BatchJob {
            job_id: owned("BatchJob/JobId")?,
            job_type: owned("BatchJob/JobType"),
            errcode: fields.int("BatchJob/ErrCode"),
        }),
        word => Activity::of_word(word).map(|activity| Event::AppActivity {
            activity,
            agent_id,
            effective_at: fields
                .int("EffectTime")
                .filter(|seconds| *seconds > 0)
                .map(Timestamp::from_secs),
        }),
    }
}

/// A change of the contacts (7.2 to 7.4), which suites hear of in the same words (7.7).
pub(super) fn change(fields: &Fields) -> Option<Event> {
    let (new_userid, userid) = (userid(fields, "NewUserID"), userid(fields, "UserID"));
    let departments = fields.ints("Department");
    let (id, parent_id) = (fields.int("Id"), fields.int("ParentId"));
    match fields.text("ChangeType")? {
        "create_user" => userid.map(|userid| Event::CreateUser { userid, departments }),
        "update_user" => userid.map(|userid| Event::UpdateUser {
            userid,
            new_userid,
            departments,
        }),
        "delete_user" => userid.map(|userid| Event::DeleteUser { userid }),
        "create_party" => id.map(|id| Event::CreateParty { id, parent_id }),
        "update_party" => id.map(|id| Event::UpdateParty { id, parent_id }),
        "delete_party" => id.map(|id| Event::DeleteParty { id }),
        "update_tag" => fields.int("TagId").map(|id| Event::UpdateTag { id }),
        _ => None,
    }
}

/// What is no userid is nobody's.
fn userid(fields: &Fields, path: &str) -> Option<String> {
    fields.text(path).filter(|found| is_userid(found)).map(str::to_owned)
}

fn other(fields: &Fields) -> Event {
    let told = ["InfoType", "MsgType", "Event", "ChangeType"]
        .into_iter()
        .filter_map(|path| fields.text(path));
    let told = told.collect::<Vec<_>>().join("/");
    Event::Other {
        kind: text::line(&told, text::LONGEST).text.unwrap_or_default(),
    }
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
