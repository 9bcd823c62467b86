//! User as the API shows it: never with the password hash.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::{provenance::Origin, standard_claims::StandardClaims};
use crate::directory::setup_problem::Problem;

/// A user.
#[derive(Debug, Serialize)]
pub struct UserView {
    /// Immutable.
    pub id: Uuid,
    /// `preferred_username`.
    pub username: String,
    /// `name`.
    pub display_name: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// Verified by a proof, or vouched for by an admin.
    pub email_verified: bool,
    /// `phone_number`.
    pub phone_number: Option<String>,
    /// Verified by a proof.
    pub phone_verified: bool,
    /// `picture`.
    pub picture: Option<String>,
    /// `locale`.
    pub locale: Option<String>,
    /// The other standard claims.
    pub profile: StandardClaims,
    /// Where each field came from, by its place in this document (`profile.nickname`): those that have a value, were emptied by hand or
    /// are pinned.
    pub sources: BTreeMap<&'static str, FieldSource>,
    /// The data source they came from; null: created in Menjin.
    pub data_source_id: Option<Uuid>,
    /// null: no console admin.
    pub console_role: Option<String>,
    /// `active` or `disabled`.
    pub status: String,
    /// Why they are disabled.
    pub disabled_reason: Option<String>,
    /// From this moment on they have no access, milliseconds; null: no such date.
    pub access_until: Option<i64>,
    /// Whether a password is set.
    pub password_set: bool,
    /// Whether one-time codes are set up.
    pub totp_set: bool,
    /// The linked members.
    pub members: Vec<MemberFacts>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Where the value of a field came from.
#[derive(Debug, Serialize)]
pub struct FieldSource {
    /// `from`: `wecom`, `template`, `admin` or `unknown`, and by way of which data source or by whom.
    #[serde(flatten)]
    pub origin: Origin,
    /// Since when it stands there, milliseconds; null: not known.
    pub at: Option<i64>,
    /// Whether no sync changes it.
    pub pinned: bool,
    /// What WeCom gives, where that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wecom_value: Option<String>,
}

/// A member linked to a user.
#[derive(Debug, Serialize)]
pub struct MemberFacts {
    /// Row id.
    pub id: Uuid,
    /// Of which data source.
    pub data_source_id: Uuid,
    /// Its corp ID.
    pub corp_id: Option<String>,
    /// As WeCom writes it.
    pub userid: String,
    /// WeCom's department ids.
    pub departments: Vec<i64>,
    /// `present` or `departed`.
    pub state: String,
    /// `imported`, `skipped`, `conflict`, `not_chosen`, `ignored` or `removed`.
    pub import_outcome: String,
    /// Why, or under which condition.
    pub import_reason: Option<String>,
    /// What is wrong, in the one shape of everything that is wrong; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// When WeCom confirmed the membership last, milliseconds.
    pub checked_at: i64,
}

/// Somebody with a console role.
#[derive(Debug, Serialize)]
pub struct OperatorView {
    /// User id.
    pub user_id: Uuid,
    /// Their username.
    pub username: String,
    /// Their name; null where nobody gave one.
    pub display_name: Option<String>,
    /// What they may do: `admin` (everything), `operator` (read, sync, users) or `auditor` (read).
    pub role: String,
    /// `active` or `disabled`; a disabled one cannot sign in, and does not count as the last of a role.
    pub status: String,
    /// The data source they came from; null: created in Menjin.
    pub data_source_id: Option<Uuid>,
    /// Whether a password is set.
    pub password_set: bool,
    /// Whether one-time codes are set up.
    pub totp_set: bool,
    /// From this moment on they have no access, milliseconds; null: no such date.
    pub access_until: Option<i64>,
    /// When their user was made, milliseconds.
    pub created_at: i64,
}
