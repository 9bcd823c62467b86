//! Table `users`. A person as Menjin knows them. The OIDC `sub` derives from `id`, never from a userid.

use sea_orm::entity::prelude::*;

/// A person as Menjin knows them. The OIDC `sub` derives from `id`, never from a userid.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Immutable.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Shown and sent as `preferred_username`.
    pub username: String,
    /// Lower-cased.
    #[sea_orm(unique)]
    pub username_key: String,
    /// `name`; null where nobody gave one.
    pub display_name: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// Only ever true when proven, or vouched for by an admin.
    pub email_verified: bool,
    /// `phone_number`.
    pub phone_number: Option<String>,
    /// Only ever true when proven.
    pub phone_verified: bool,
    /// `picture`, a URL.
    pub picture: Option<String>,
    /// `locale`, e.g. `zh-CN`.
    pub locale: Option<String>,
    /// `nickname`; a column of its own because syncs write it.
    pub nickname: Option<String>,
    /// `gender`; a column of its own because syncs write it.
    pub gender: Option<String>,
    /// The rest of the standard claims, as `directory::user::particulars` reads them.
    pub profile: Json,
    /// Where the values came from and which are pinned, as `directory::user::provenance` reads it.
    pub provenance: Json,
    /// The corp this user came from; null: made here.
    pub data_source_id: Option<Uuid>,
    /// Corp ID of the corp a sync took this user from; stays when the data source goes. Null: never any corp's.
    pub corp_id: Option<String>,
    /// `admin`, `operator` or `auditor`; null: no console admin.
    pub console_role: Option<String>,
    /// `active` or `disabled`.
    pub status: String,
    /// `departed`, `admin`, …; null while active.
    pub disabled_reason: Option<String>,
    /// From this moment on they have no access, milliseconds; null: no such date.
    pub access_until: Option<i64>,
    /// The `access_until` of which they were told that it comes, milliseconds; null: they were told of none.
    pub access_ending_told: Option<i64>,
    /// The address, lower-cased, at which they proved by a link that mail reaches them; of one user at a time. It counts as long as it is `email`.
    #[sea_orm(unique)]
    pub email_proven: Option<String>,
    /// The address, lower-cased, that somebody entered who may give them their console role, with it or since; null: none. Links of people with a
    /// console role are mailed there alone.
    pub email_entered: Option<String>,
    /// The language that they chose on our pages, `zh-CN` or `en`; null: they chose none.
    pub language: Option<String>,
    /// Since when a browser in which they sign in for the first time is an unknown one, milliseconds; null: none of theirs is known yet.
    pub browsers_known_at: Option<i64>,
    /// argon2id in PHC form; null: no password.
    pub password_hash: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; sent as `updated_at` in seconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
