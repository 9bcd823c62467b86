//! The branding of the installation: one row of `setting` for each part that is set.

use base64::{Engine, engine::general_purpose::STANDARD};
use entity::setting;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, Select, sea_query::OnConflict};

use crate::{
    admin::branding::model::{LogoFile, NewBranding, logo_of},
    directory::store::Change,
    kernel::failure::Result,
    store::Database,
    web::{
        accent_colour::Colour,
        brand::{Brand, Logo},
    },
};

/// How the names of the parts begin; the fields of the API follow.
const PREFIX: &str = "branding.";
const NAME: &str = "branding.name";
const NAME_ZH: &str = "branding.name_zh";
const ACCENT: &str = "branding.accent";
const CONTACT: &str = "branding.contact";
const CONTACT_ZH: &str = "branding.contact_zh";
/// The logo's file, base64.
const LOGO: &str = "branding.logo";

/// An empty row by which changes wait for each other.
const TURN: &str = "branding.turn";

/// What stands in the database.
pub(in crate::admin::branding) async fn load(database: &Database) -> Result<Brand> {
    Ok(brand(rows().all(database.reader()).await?))
}

/// Reads it within a change, after all changes that began before: two admins who change different fields at once both succeed, and of two who
/// demand one state one does.
pub(super) async fn locked(change: &Change) -> Result<Brand> {
    // Rows that are not there cannot be locked.
    put(change, TURN, Some(String::new())).await?;
    Ok(brand(rows().all(change.transaction()).await?))
}

fn rows() -> Select<setting::Entity> {
    let names = [NAME, NAME_ZH, ACCENT, CONTACT, CONTACT_ZH, LOGO];
    setting::Entity::find().filter(setting::Column::Name.is_in(names))
}

fn brand(rows: Vec<setting::Model>) -> Brand {
    let mut brand = Brand::default();
    for row in rows {
        match row.name.as_str() {
            NAME => brand.name = Some(row.value),
            NAME_ZH => brand.name_zh = Some(row.value),
            ACCENT => brand.accent = Colour::of(&row.value),
            CONTACT => brand.contact = Some(row.value),
            CONTACT_ZH => brand.contact_zh = Some(row.value),
            _ => brand.logo = logo(&row.value),
        }
    }
    brand
}

fn logo(text: &str) -> Option<Logo> {
    logo_of(&STANDARD.decode(text).ok()?)
}

/// The logo, where it has this digest: media type and file.
pub(super) async fn logo_file(database: &Database, digest: &str) -> Result<Option<LogoFile>> {
    let row = setting::Entity::find_by_id(LOGO.to_owned())
        .one(database.reader())
        .await?;
    let bytes = row.and_then(|row| STANDARD.decode(row.value).ok());
    let file = bytes.and_then(|bytes| Some((logo_of(&bytes)?, bytes)));
    Ok(file
        .filter(|(logo, _)| logo.digest == digest)
        .map(|(logo, bytes)| (logo.media_type, bytes)))
}

/// Writes these fields.
pub(super) async fn write(change: &Change, branding: &NewBranding, fields: &[&str]) -> Result<()> {
    for (name, value) in [
        (NAME, &branding.name),
        (NAME_ZH, &branding.name_zh),
        (ACCENT, &branding.accent),
        (CONTACT, &branding.contact),
        (CONTACT_ZH, &branding.contact_zh),
    ] {
        let field = name.strip_prefix(PREFIX).unwrap_or(name);
        if fields.contains(&field) {
            put(change, name, value.clone()).await?;
        }
    }
    Ok(())
}

/// Writes the logo; `None` removes it.
pub(super) async fn write_logo(change: &Change, bytes: Option<&[u8]>) -> Result<()> {
    put(change, LOGO, bytes.map(|bytes| STANDARD.encode(bytes))).await
}

async fn put(change: &Change, name: &str, value: Option<String>) -> Result<()> {
    let Some(value) = value else {
        setting::Entity::delete_by_id(name.to_owned())
            .exec(change.transaction())
            .await?;
        return Ok(());
    };
    let row = setting::ActiveModel {
        name: Set(name.to_owned()),
        value: Set(value),
        created_at: Set(change.millis()),
    };
    let replace = OnConflict::column(setting::Column::Name)
        .update_columns([setting::Column::Value, setting::Column::CreatedAt])
        .to_owned();
    setting::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(change.transaction())
        .await?;
    Ok(())
}
