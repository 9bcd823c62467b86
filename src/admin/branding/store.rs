//! Queries of the branding: one row of `setting` for each part that is set.

use base64::{Engine, engine::general_purpose::STANDARD};
use entity::setting;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use super::{image, model::NewBranding};
use crate::{
    crypto::digest::sha256_base64url,
    directory::store::Change,
    kernel::failure::Result,
    store::Database,
    web::{
        accent_colour::Colour,
        brand::{Brand, Logo},
    },
};

const NAME: &str = "branding.name";
const NAME_ZH: &str = "branding.name_zh";
const ACCENT: &str = "branding.accent";
const CONTACT: &str = "branding.contact";
const CONTACT_ZH: &str = "branding.contact_zh";
/// The logo's file, base64.
const LOGO: &str = "branding.logo";

/// How the audit log names the branding.
const SUBJECT: &str = "branding";

pub(super) async fn load(database: &Database) -> Result<Brand> {
    let rows = setting::Entity::find()
        .filter(setting::Column::Name.is_in([NAME, NAME_ZH, ACCENT, CONTACT, CONTACT_ZH, LOGO]))
        .all(database.reader())
        .await?;
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
    Ok(brand)
}

fn logo(text: &str) -> Option<Logo> {
    let bytes = STANDARD.decode(text).ok()?;
    let image = image::read(&bytes)?;
    Some(Logo {
        media_type: image.media_type,
        digest: sha256_base64url(&bytes),
        width: image.width,
        height: image.height,
        bytes: bytes.into(),
    })
}

/// Writes everything but the logo; `fields`: what it changes.
pub(super) async fn replace(change: Change, branding: &NewBranding, fields: &[&str]) -> Result<()> {
    for (name, value) in [
        (NAME, &branding.name),
        (NAME_ZH, &branding.name_zh),
        (ACCENT, &branding.accent),
        (CONTACT, &branding.contact),
        (CONTACT_ZH, &branding.contact_zh),
    ] {
        put(&change, name, value.clone()).await?;
    }
    change.commit(SUBJECT.to_owned(), "changed", fields).await
}

pub(super) async fn replace_logo(change: Change, bytes: Option<&[u8]>) -> Result<()> {
    put(&change, LOGO, bytes.map(|bytes| STANDARD.encode(bytes))).await?;
    change.commit(SUBJECT.to_owned(), "changed", &["logo"]).await
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
