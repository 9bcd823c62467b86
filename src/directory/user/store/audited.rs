//! A user as the audit log keeps them.

use entity::users;
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::documents::{provenance_of, standard_claims_of};
use crate::directory::user::provenance::Field;

/// What an admin decides about a user, by the names of the API.
pub(super) fn shown(row: &users::Model) -> Result<Value, DbErr> {
    let provenance = provenance_of(row.provenance.clone())?;
    let pinned = Field::ALL.into_iter().filter(|field| provenance.is_pinned(*field));
    let pinned: Vec<&str> = pinned.map(Field::word).collect();
    Ok(json!({
        "id": row.id,
        "username": row.username,
        "display_name": row.display_name,
        "email": row.email,
        "email_verified": row.email_verified,
        "phone_number": row.phone_number,
        "phone_verified": row.phone_verified,
        "picture": row.picture,
        "locale": row.locale,
        "profile": standard_claims_of(row)?,
        "pinned": pinned,
        "data_source_id": row.data_source_id,
        "console_role": row.console_role,
        "status": row.status,
        "disabled_reason": row.disabled_reason,
        "access_until": row.access_until,
        "password_set": row.password_hash.is_some(),
    }))
}

/// What is kept of a user who was deleted: who it was, and what they could do; no addresses, since somebody may have asked for that.
pub(super) fn remembered(row: &users::Model) -> Value {
    json!({
        "id": row.id,
        "username": row.username,
        "display_name": row.display_name,
        "data_source_id": row.data_source_id,
        "console_role": row.console_role,
        "status": row.status,
    })
}
