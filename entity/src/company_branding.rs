//! Table `company_branding`. What a company's pages bear in the place of the installation's branding.

use sea_orm::entity::prelude::*;

/// What a company's pages bear in the place of the installation's branding. Null: the installation's.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "company_branding")]
pub struct Model {
    /// The data source of the company.
    #[sea_orm(primary_key, auto_increment = false)]
    pub data_source_id: Uuid,
    /// Name on English pages.
    pub name: Option<String>,
    /// Name on Chinese pages.
    pub name_zh: Option<String>,
    /// `#rrggbb`.
    pub accent: Option<String>,
    /// Whom to ask, on English pages.
    pub contact: Option<String>,
    /// Whom to ask, on Chinese pages.
    pub contact_zh: Option<String>,
    /// The logo's file.
    pub logo: Option<Vec<u8>>,
    /// Digest of it, base64url.
    pub logo_digest: Option<String>,
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub logo_media_type: Option<String>,
    /// Pixels.
    pub logo_width: Option<i32>,
    /// Pixels.
    pub logo_height: Option<i32>,
    /// Size of the file.
    pub logo_bytes: Option<i32>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
