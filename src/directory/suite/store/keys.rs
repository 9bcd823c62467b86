//! What the callbacks of a suite are verified with, opened.

use entity::wecom_suite::Entity;
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    crypto::seal::Sealer,
    directory::suite::model::{AES_KEY, Callback, TOKEN},
    kernel::{clock::Timestamp, failure::Result, secret::Secret},
    store::Database,
};

/// Token, EncodingAESKey and receive ids of the callbacks of a suite.
pub(in crate::directory::suite) struct CallbackKeys {
    pub suite_id: String,
    pub provider_corp_id: Option<String>,
    pub token: Secret<String>,
    pub aes_key: Secret<String>,
    /// When something authentic arrived last at the command callback.
    pub last_push_at: Option<Timestamp>,
    /// The same of the data callback.
    pub last_event_at: Option<Timestamp>,
}

impl CallbackKeys {
    /// When something authentic arrived last at this callback, to the minute.
    pub const fn last(&self, callback: Callback) -> Option<Timestamp> {
        match callback {
            Callback::Command => self.last_push_at,
            Callback::Data => self.last_event_at,
        }
    }
}

/// Finds them; `None`: there is no such suite.
pub(in crate::directory::suite) async fn find(
    database: &Database,
    sealer: &Sealer,
    id: Uuid,
) -> Result<Option<CallbackKeys>> {
    let Some(row) = Entity::find_by_id(id).one(database.reader()).await? else {
        return Ok(None);
    };
    Ok(Some(CallbackKeys {
        token: sealer.open_text(TOKEN, &row.token_sealed)?,
        aes_key: sealer.open_text(AES_KEY, &row.aes_key_sealed)?,
        last_push_at: row.last_push_at.map(Timestamp::from_millis),
        last_event_at: row.last_event_at.map(Timestamp::from_millis),
        suite_id: row.suite_id,
        provider_corp_id: row.provider_corp_id,
    }))
}
