//! Use cases of the branding: read, replace, change, logo; of the installation and of companies.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    failure::BrandingFailure,
    model::{BrandingChange, BrandingView, CompanyView, LogoFile, NewBranding, Whose, logo_of, tag_of},
    store::{
        company, reading,
        writing::{locked, remove, replace, replace_logo},
    },
};
use crate::{
    admin::service::Admin,
    directory::store::Change,
    kernel::{
        entity_tag::IfMatch,
        failure::Result,
        pagination::{Listing, Page},
        raster_image,
    },
    web::brand::{Brand, Brands},
};

impl Admin {
    /// The brands that pages bear, from memory.
    pub async fn brands(&self) -> Arc<Brands> {
        self.brands.current().await
    }

    /// Media type and content of the logo with this digest, where pages bear it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn logo_file(&self, digest: &str) -> Result<Option<LogoFile>> {
        match self.brands().await.have_logo(digest) {
            true => reading::logo_file(&self.database, digest).await,
            false => Ok(None),
        }
    }

    /// The branding as it stands; of a company what it has of its own.
    ///
    /// # Errors
    /// `SY-111` for an unknown data source; when the database does not answer.
    pub async fn branding(&self, whose: Whose) -> Result<BrandingView> {
        Ok(BrandingView::from(&reading::own(&self.database, whose).await?))
    }

    /// The companies that have a branding of their own, the oldest data source first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn company_brandings(&self, page: Page) -> Result<Listing<CompanyView>> {
        let all = company::all(&self.database).await?;
        Ok(Listing::of_all(all, page, |company| company.source).map(CompanyView::from))
    }

    /// Replaces everything but the logo.
    ///
    /// # Errors
    /// `AD-105` for unacceptable fields, `AD-130` for a colour that cannot be read, `AD-114` where another state was demanded, `SY-111` for an
    /// unknown data source.
    pub async fn replace_branding(
        &self,
        (actor, whose): (&str, Whose),
        wanted: NewBranding,
        if_match: &IfMatch,
    ) -> Result<BrandingView> {
        wanted.check()?;
        self.write_branding((actor, whose), if_match, |_| Ok(wanted)).await
    }

    /// Changes some of it.
    ///
    /// # Errors
    /// As [`Admin::replace_branding`].
    pub async fn change_branding(
        &self,
        by: (&str, Whose),
        change: BrandingChange,
        if_match: &IfMatch,
    ) -> Result<BrandingView> {
        let changed = |stands: NewBranding| {
            let wanted = stands.changed(change);
            wanted.check().map(|()| wanted)
        };
        self.write_branding(by, if_match, changed).await
    }

    /// Reads, decides and writes in one transaction.
    async fn write_branding(
        &self,
        (actor, whose): (&str, Whose),
        if_match: &IfMatch,
        decide: impl FnOnce(NewBranding) -> Result<NewBranding> + Send,
    ) -> Result<BrandingView> {
        let (change, stands) = self.branding_in_state((actor, whose), if_match).await?;
        let stands = NewBranding::of(&stands);
        let wanted = decide(stands.clone())?;
        let fields = differences(&stands, &wanted);
        match fields.is_empty() {
            true => drop(change),
            false => replace(change, whose, (&stands, &wanted), &fields).await?,
        }
        self.branding(whose).await
    }

    /// Replaces the logo.
    ///
    /// # Errors
    /// `AD-131` when it is no image that is taken, `AD-132` when it is too large, else as [`Admin::replace_branding`].
    pub async fn replace_logo(
        &self,
        (actor, whose): (&str, Whose),
        bytes: &[u8],
        if_match: &IfMatch,
    ) -> Result<BrandingView> {
        if bytes.len() > raster_image::LARGEST {
            return Err(BrandingFailure::LogoTooLarge.into());
        }
        logo_of(bytes).ok_or(BrandingFailure::LogoUnreadable)?;
        let (change, stands) = self.branding_in_state((actor, whose), if_match).await?;
        replace_logo(change, whose, &stands, Some(bytes)).await?;
        self.branding(whose).await
    }

    /// Removes the logo. Where there is none, that is no error.
    ///
    /// # Errors
    /// As [`Admin::replace_branding`].
    pub async fn remove_logo(&self, (actor, whose): (&str, Whose), if_match: &IfMatch) -> Result<()> {
        let (change, stands) = self.branding_in_state((actor, whose), if_match).await?;
        match stands.logo.is_some() {
            true => replace_logo(change, whose, &stands, None).await?,
            false => drop(change),
        }
        Ok(())
    }

    /// Removes what a company has of its own, logo and all. Where there is nothing, that is no error.
    ///
    /// # Errors
    /// As [`Admin::replace_branding`].
    pub async fn remove_company_branding(&self, actor: &str, source: Uuid, if_match: &IfMatch) -> Result<()> {
        let (change, stands) = self.branding_in_state((actor, Whose::Source(source)), if_match).await?;
        let mut fields = differences(&NewBranding::of(&stands), &NewBranding::default());
        fields.extend(stands.logo.is_some().then_some("logo"));
        match fields.is_empty() {
            true => drop(change),
            false => remove(change, source, &stands, &fields).await?,
        }
        Ok(())
    }

    /// Begins a change of what is in the demanded state.
    async fn branding_in_state(&self, (actor, whose): (&str, Whose), if_match: &IfMatch) -> Result<(Change, Brand)> {
        let change = Change::begin(&self.database, &self.entropy, self.clock.now(), actor).await?;
        let stands = locked(&change, whose).await?;
        if_match.judge(&tag_of(&stands))?;
        Ok((change, stands))
    }
}

/// The names of the fields that differ.
fn differences(one: &NewBranding, other: &NewBranding) -> Vec<&'static str> {
    let pairs = [
        ("name", &one.name, &other.name),
        ("name_zh", &one.name_zh, &other.name_zh),
        ("accent", &one.accent, &other.accent),
        ("contact", &one.contact, &other.contact),
        ("contact_zh", &one.contact_zh, &other.contact_zh),
    ];
    let different = pairs.into_iter().filter(|(_, one, other)| one != other);
    different.map(|(field, _, _)| field).collect()
}
