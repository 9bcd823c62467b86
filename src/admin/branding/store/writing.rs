//! Writes branding, whosever it is, and tells the audit log of it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{company, installation};
use crate::{
    admin::branding::model::{BrandingView, NewBranding, Whose, logo_of},
    audit::difference::Difference,
    directory::store::Change,
    kernel::failure::Result,
    web::brand::Brand,
};

/// Reads it within a change, after all changes that began before: two admins who change different fields at once both succeed, and of two who
/// demand one state one does.
pub(in crate::admin::branding) async fn locked(change: &Change, whose: Whose) -> Result<Brand> {
    match whose {
        Whose::Installation => installation::locked(change).await,
        Whose::Source(source) => company::locked(change, source).await,
    }
}

/// Writes these fields of what is wanted, in the place of what stands.
pub(in crate::admin::branding) async fn replace(
    change: Change,
    whose: Whose,
    (stands, wanted): (&NewBranding, &NewBranding),
    fields: &[&str],
) -> Result<()> {
    match whose {
        Whose::Installation => installation::write(&change, wanted, fields).await?,
        Whose::Source(source) => company::write(&change, source, wanted).await?,
    }
    commit(change, whose, (told(stands), told(wanted)), ("changed", fields)).await
}

/// Writes the logo; `None` removes it.
pub(in crate::admin::branding) async fn replace_logo(
    change: Change,
    whose: Whose,
    stands: &Brand,
    bytes: Option<&[u8]>,
) -> Result<()> {
    match whose {
        Whose::Installation => installation::write_logo(&change, bytes).await?,
        Whose::Source(source) => company::write_logo(&change, source, bytes).await?,
    }
    let wanted = Brand {
        logo: bytes.and_then(logo_of),
        ..Brand::default()
    };
    let values = (told_of_logo(stands), told_of_logo(&wanted));
    commit(change, whose, values, ("changed", &["logo"])).await
}

/// Removes what a company has, logo and all.
pub(in crate::admin::branding) async fn remove(
    change: Change,
    source: Uuid,
    stands: &Brand,
    fields: &[&str],
) -> Result<()> {
    company::remove(&change, source).await?;
    let all = |brand: &Brand| {
        let mut all = told(&NewBranding::of(brand));
        if let (Some(fields), Value::Object(logo)) = (all.as_object_mut(), told_of_logo(brand)) {
            fields.extend(logo);
        }
        all
    };
    let values = (all(stands), all(&Brand::default()));
    commit(change, Whose::Source(source), values, ("changed", fields)).await
}

async fn commit(
    change: Change,
    whose: Whose,
    (before, after): (Value, Value),
    (action, fields): (&str, &[&str]),
) -> Result<()> {
    let (before, after) = match whose {
        Whose::Installation => (before, after),
        Whose::Source(_) => (json!({ "branding": before }), json!({ "branding": after })),
    };
    let fields: Vec<String> = fields.iter().map(|field| whose.field(field)).collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let difference = Difference::between(&before, &after);
    change
        .commit_difference(whose.subject(), (action, &fields), difference)
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
