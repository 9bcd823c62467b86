//! The JSON documents in rows of users.

use entity::users;
use sea_orm::DbErr;
use serde_json::Value;

use crate::{
    crypto::digest::entity_tag,
    directory::user::{provenance::Provenance, standard_claims::StandardClaims},
    kernel::entity_tag::EntityTag,
    store::database::unreadable,
};

/// The standard claims of a row, from the document and from columns of their own.
///
/// # Errors
/// When the document cannot be read.
pub fn standard_claims_of(row: &users::Model) -> Result<StandardClaims, DbErr> {
    let document: StandardClaims =
        serde_json::from_value(row.profile.clone()).map_err(|_| unreadable("users.profile"))?;
    Ok(StandardClaims {
        nickname: row.nickname.clone(),
        gender: row.gender.clone(),
        ..document
    })
}

/// The provenance in a row.
///
/// # Errors
/// When it cannot be read.
pub fn provenance_of(document: Value) -> Result<Provenance, DbErr> {
    serde_json::from_value(document).map_err(|_| unreadable("users.provenance"))
}

/// The document for a row.
pub fn document(provenance: &Provenance) -> Value {
    serde_json::to_value(provenance).unwrap_or_default()
}

/// The entity tag of a user: it changes with whatever can be edited, by whomever it was changed, and with nothing else.
///
/// # Errors
/// When the provenance cannot be read.
pub fn tag_of(row: &users::Model) -> Result<EntityTag, DbErr> {
    // Every column is named, so that a new one cannot be forgotten.
    let users::Model {
        id: _,
        username,
        username_key: _,
        display_name,
        email,
        email_verified: _,
        phone_number,
        phone_verified: _,
        picture,
        locale,
        nickname,
        gender,
        profile,
        provenance,
        data_source_id: _,
        corp_id: _,
        console_role,
        status,
        disabled_reason: _,
        access_until,
        email_proven: _,
        email_entered: _,
        language: _,
        browsers_known_at: _,
        access_ending_told: _,
        password_hash: _,
        created_at: _,
        updated_at: _,
    } = row;
    let provenance = provenance_of(provenance.clone())?;
    let names = (username, display_name, nickname, gender, picture, locale);
    let terms = (console_role, status, access_until, provenance.pinned());
    Ok(entity_tag(&(names, email, phone_number, profile, terms)))
}
