//! Queries of the branding: one row of `setting` for each part that is set.

use base64::{Engine, engine::general_purpose::STANDARD};
use entity::setting;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, Select, sea_query::OnConflict};
use serde_json::{Value, json};

use super::{
    image,
    model::{BrandingView, NewBranding},
};
use crate::{
    audit::difference::Difference,
    crypto::digest::sha256_base64url,
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

/// How the audit log names the branding.
const SUBJECT: &str = "branding";

pub(super) async fn load(database: &Database) -> Result<Brand> {
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

/// Writes these fields of what is wanted, in the place of what stands.
pub(super) async fn replace(
    change: Change,
    stands: &NewBranding,
    branding: &NewBranding,
    fields: &[&str],
) -> Result<()> {
    for (name, value) in [
        (NAME, &branding.name),
        (NAME_ZH, &branding.name_zh),
        (ACCENT, &branding.accent),
        (CONTACT, &branding.contact),
        (CONTACT_ZH, &branding.contact_zh),
    ] {
        let field = name.strip_prefix(PREFIX).unwrap_or(name);
        if fields.contains(&field) {
            put(&change, name, value.clone()).await?;
        }
    }
    let difference = Difference::between(&told(stands), &told(branding));
    change
        .commit_difference(SUBJECT.to_owned(), ("changed", fields), difference)
        .await
}

pub(super) async fn replace_logo(change: Change, stands: &Brand, bytes: Option<&[u8]>) -> Result<()> {
    let text = bytes.map(|bytes| STANDARD.encode(bytes));
    let wanted = Brand {
        logo: text.as_deref().and_then(logo),
        ..Brand::default()
    };
    put(&change, LOGO, text).await?;
    let difference = Difference::between(&told_of_logo(stands), &told_of_logo(&wanted));
    change
        .commit_difference(SUBJECT.to_owned(), ("changed", &["logo"]), difference)
        .await
}

/// The fields for the audit log.
fn told(branding: &NewBranding) -> Value {
    json!({
        "name": branding.name,
        "name_zh": branding.name_zh,
        "accent": branding.accent,
        "contact": branding.contact,
        "contact_zh": branding.contact_zh,
    })
}

/// The logo for the audit log: its address, type and size, not its bytes.
fn told_of_logo(brand: &Brand) -> Value {
    json!({ "logo": BrandingView::from(brand).logo })
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
