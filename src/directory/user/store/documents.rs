//! The JSON documents in rows of users.

use entity::users;
use sea_orm::DbErr;
use serde_json::Value;

use crate::{
    directory::user::{provenance::Provenance, standard_claims::StandardClaims},
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
