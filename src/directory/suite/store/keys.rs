//! What the callbacks of a suite are verified with, opened.

use entity::wecom_suite::Entity;
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    crypto::seal::Sealer,
    directory::suite::model::{AES_KEY, TOKEN},
    kernel::{failure::Result, secret::Secret},
    store::Database,
};

/// Token, EncodingAESKey and receive ids of the callbacks of a suite.
pub(in crate::directory::suite) struct CallbackKeys {
    pub suite_id: String,
    pub provider_corp_id: Option<String>,
    pub token: Secret<String>,
    pub aes_key: Secret<String>,
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
        suite_id: row.suite_id,
        provider_corp_id: row.provider_corp_id,
    }))
}
