//! Table `suite_invitation`. An admin who wants to connect a corp by a service-provider app.

use sea_orm::entity::prelude::*;

/// An admin who wants to connect a corp by a service-provider app.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "suite_invitation")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Row id of the suite.
    pub suite: Uuid,
    /// SHA-256 of the `state` that goes to WeCom, base64url.
    #[sea_orm(unique)]
    pub state_digest: String,
    /// `browser` or `phone`.
    pub way: String,
    /// `all` or `chosen`: who becomes a user.
    pub import_mode: String,
    /// What the app's QR code holds, sealed for `suite_invitation.qr`; null: WeCom gave none, or it is installed in the browser.
    pub qr_sealed: Option<String>,
    /// As in the audit log.
    pub created_by: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub expires_at: i64,
    /// When it was redeemed, milliseconds; null: it was not.
    pub used_at: Option<i64>,
    /// SHA-256 of the auth code with which WeCom's install page came back, base64url.
    pub auth_code_digest: Option<String>,
    /// That code, sealed for `suite_invitation.auth_code`, until it is exchanged.
    pub auth_code_sealed: Option<String>,
    /// SHA-256 of the `state` of the scan that is under way, base64url.
    #[sea_orm(unique)]
    pub scan_digest: Option<String>,
    /// Until when that scan counts, milliseconds.
    pub scan_expires_at: Option<i64>,
    /// When the corp was bound by it, milliseconds.
    pub fulfilled_at: Option<i64>,
    /// Row id of the installation it led to, or, as long as the corp is not bound, of the one that is taken for it.
    pub installation: Option<Uuid>,
    /// Why nothing came of it: a reference number.
    pub refused: Option<String>,
    /// Its words.
    pub refused_detail: Option<String>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
