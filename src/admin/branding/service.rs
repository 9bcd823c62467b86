//! Use cases of the branding: read, replace, change, logo.

use std::sync::Arc;

use super::{
    failure::BrandingFailure,
    image,
    model::{BrandingChange, BrandingView, NewBranding, tag_of},
    store,
};
use crate::{
    admin::service::Admin,
    directory::store::Change,
    kernel::{entity_tag::IfMatch, failure::Result},
    web::brand::Brand,
};

impl Admin {
    /// The brand that pages bear, from memory.
    pub async fn brand(&self) -> Arc<Brand> {
        self.brands.current().await
    }

    /// The branding as it stands.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn branding(&self) -> Result<BrandingView> {
        Ok(BrandingView::from(&*self.brands.reread().await?))
    }

    /// Replaces everything but the logo.
    ///
    /// # Errors
    /// `AD-105` for unacceptable fields, `AD-130` for a colour that cannot be read, `AD-114` where another state was demanded.
    pub async fn replace_branding(&self, actor: &str, wanted: NewBranding, if_match: &IfMatch) -> Result<BrandingView> {
        wanted.check()?;
        self.write_branding((actor, if_match), |_| Ok(wanted)).await
    }

    /// Changes some of it.
    ///
    /// # Errors
    /// As [`Admin::replace_branding`].
    pub async fn change_branding(
        &self,
        actor: &str,
        change: BrandingChange,
        if_match: &IfMatch,
    ) -> Result<BrandingView> {
        let changed = |stands: NewBranding| {
            let wanted = stands.changed(change);
            wanted.check().map(|()| wanted)
        };
        self.write_branding((actor, if_match), changed).await
    }

    /// Reads, decides and writes in one transaction.
    async fn write_branding(
        &self,
        (actor, if_match): (&str, &IfMatch),
        decide: impl FnOnce(NewBranding) -> Result<NewBranding> + Send,
    ) -> Result<BrandingView> {
        let change = self.branding_change(actor).await?;
        let stands = store::locked(&change).await?;
        if_match.judge(&tag_of(&stands))?;
        let stands = NewBranding::of(&stands);
        let wanted = decide(stands.clone())?;
        let fields = differences(&stands, &wanted);
        match fields.is_empty() {
            true => drop(change),
            false => store::replace(change, &stands, &wanted, &fields).await?,
        }
        self.branding().await
    }

    /// Replaces the logo.
    ///
    /// # Errors
    /// `AD-131` when it is no image that is taken, `AD-132` when it is too large, `AD-114` where another state was demanded.
    pub async fn replace_logo(&self, actor: &str, bytes: &[u8], if_match: &IfMatch) -> Result<BrandingView> {
        if bytes.len() > image::LARGEST {
            return Err(BrandingFailure::LogoTooLarge.into());
        }
        image::read(bytes).ok_or(BrandingFailure::LogoUnreadable)?;
        let change = self.branding_change(actor).await?;
        let stands = store::locked(&change).await?;
        if_match.judge(&tag_of(&stands))?;
        store::replace_logo(change, &stands, Some(bytes)).await?;
        self.branding().await
    }

    /// Removes the logo. Where there is none, that is no error.
    ///
    /// # Errors
    /// `AD-114` where another state was demanded; when the database does not answer.
    pub async fn remove_logo(&self, actor: &str, if_match: &IfMatch) -> Result<()> {
        let change = self.branding_change(actor).await?;
        let stands = store::locked(&change).await?;
        if_match.judge(&tag_of(&stands))?;
        match stands.logo.is_some() {
            true => store::replace_logo(change, &stands, None).await?,
            false => drop(change),
        }
        self.brands.reread().await.map(drop)
    }

    async fn branding_change(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.database, &self.entropy, self.clock.now(), actor).await
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
