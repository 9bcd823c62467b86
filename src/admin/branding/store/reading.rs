//! Reads branding, whosever it is.

use super::{company, installation};
use crate::{
    admin::branding::model::{LogoFile, Whose},
    kernel::failure::Result,
    store::Database,
    web::brand::{Brand, Brands},
};

/// The brands that pages bear.
pub(in crate::admin::branding) async fn brands(database: &Database) -> Result<Brands> {
    let mut brands = Brands::of_installation(installation::load(database).await?);
    for company in company::all(database).await? {
        brands = brands.with_company(company.source, company.corp_key, company.own);
    }
    Ok(brands)
}

/// What somebody has of their own.
pub(in crate::admin::branding) async fn own(database: &Database, whose: Whose) -> Result<Brand> {
    match whose {
        Whose::Installation => installation::load(database).await,
        Whose::Source(source) => company::find(database, source).await,
    }
}

/// The logo with this digest.
pub(in crate::admin::branding) async fn logo_file(database: &Database, digest: &str) -> Result<Option<LogoFile>> {
    match installation::logo_file(database, digest).await? {
        Some(file) => Ok(Some(file)),
        None => company::logo_file(database, digest).await,
    }
}
