//! Branding: view and input types. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::failure::BrandingFailure;
use crate::{
    admin::failure::AdminFailure,
    crypto::digest::{entity_tag, sha256_base64url},
    kernel::{
        entity_tag::{EntityTag, Tagged},
        failure::Result,
        merge_patch, raster_image,
        validation::ValidationErrors,
    },
    web::{
        accent_colour::{Colour, LEAST},
        brand::{Brand, Logo},
    },
};

/// Longest name, characters: it stands in one line at the head of a narrow card.
const LONGEST_NAME: usize = 40;
/// Longest line about whom to ask, characters.
const LONGEST_CONTACT: usize = 160;

/// Whose branding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The installation's.
    Installation,
    /// That of the company of this data source.
    Source(Uuid),
}

impl Whose {
    /// How the audit log names what was changed.
    pub(super) fn subject(self) -> String {
        match self {
            Self::Installation => "branding".to_owned(),
            Self::Source(source) => format!("data_source:{source}"),
        }
    }

    /// How it names a field.
    pub(super) fn field(self, name: &str) -> String {
        match self {
            Self::Installation => name.to_owned(),
            Self::Source(_) => format!("branding.{name}"),
        }
    }
}

/// Media type and content of a logo.
pub(in crate::admin) type LogoFile = (&'static str, Vec<u8>);

/// What is kept of a logo besides its content; `None`: it is no picture that is taken.
pub(super) fn logo_of(bytes: &[u8]) -> Option<Logo> {
    let image = raster_image::read(bytes)?;
    Some(Logo {
        media_type: image.media_type,
        digest: sha256_base64url(bytes),
        width: image.width,
        height: image.height,
        bytes: bytes.len(),
    })
}

/// What a company has of its own.
#[derive(Clone, Debug)]
pub(in crate::admin) struct OwnBrand {
    /// Row id of its data source.
    pub source: Uuid,
    /// What the data source is called.
    pub source_name: String,
    /// Names the corp in the mode of its app.
    pub corp_key: String,
    /// What overrides the installation's.
    pub own: Brand,
}

/// A company that has a branding of its own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CompanyBranding)]
pub struct CompanyView {
    /// Row id of its data source.
    pub data_source_id: Uuid,
    /// What the data source is called.
    pub data_source_name: String,
    /// What it has of its own.
    pub branding: BrandingView,
}

impl From<OwnBrand> for CompanyView {
    fn from(company: OwnBrand) -> Self {
        Self {
            data_source_id: company.source,
            data_source_name: company.source_name,
            branding: BrandingView::from(&company.own),
        }
    }
}

/// The branding of the installation, or what a company has in its place: null is then the installation's.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Branding)]
pub struct BrandingView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Name on English pages; null: that of `name_zh`, or else Menjin's own.
    pub name: Option<String>,
    /// Name on Chinese pages; null: that of `name`, or else Menjin's own.
    pub name_zh: Option<String>,
    /// Accent colour, `#rrggbb`; null: Menjin's own.
    pub accent: Option<String>,
    /// The accent colour as dark pages show it: mixed with white until it can be read there.
    pub accent_on_dark: Option<String>,
    /// Whom to ask, one line on English pages of refusals; null: that of `contact_zh`, or else none.
    pub contact: Option<String>,
    /// Whom to ask, one line on Chinese pages of refusals; null: that of `contact`, or else none.
    pub contact_zh: Option<String>,
    /// The logo; null: a small mark of Menjin's.
    pub logo: Option<LogoView>,
}

impl Tagged for BrandingView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}

/// The entity tag of the branding: it changes with everything that can be edited, the logo included.
pub(in crate::admin) fn tag_of(brand: &Brand) -> EntityTag {
    // Every field is named, so that a new one cannot be forgotten.
    let Brand {
        name,
        name_zh,
        accent,
        contact,
        contact_zh,
        logo,
    } = brand;
    let logo = logo.as_ref().map(|logo| &logo.digest);
    entity_tag(&(name, name_zh, accent.map(Colour::text), contact, contact_zh, logo))
}

/// A logo.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Logo)]
pub struct LogoView {
    /// Where it is served to everybody, below `public_url`; another picture gets another address.
    pub url: String,
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: &'static str,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: usize,
}

/// The whole branding but for the logo: what is left out or null is as Menjin's own, or, of a company, as the installation's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBranding {
    /// Name on English pages, up to 40 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// Name on Chinese pages, up to 40 characters.
    #[serde(default)]
    pub name_zh: Option<String>,
    /// Accent colour, `#rrggbb`, dark enough to be read on white.
    #[serde(default)]
    pub accent: Option<String>,
    /// Whom to ask, one line of up to 160 characters, e.g. `IT desk, extension 8000`.
    #[serde(default)]
    pub contact: Option<String>,
    /// The same for Chinese pages.
    #[serde(default)]
    pub contact_zh: Option<String>,
}

/// A change of the branding (RFC 7396): what is left out stays, null removes.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BrandingChange {
    /// Name on English pages, up to 40 characters; null: that of `name_zh`, or Menjin's own.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub name: Option<Option<String>>,
    /// Name on Chinese pages, up to 40 characters; null: that of `name`, or Menjin's own.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub name_zh: Option<Option<String>>,
    /// Accent colour, `#rrggbb`, dark enough to be read on white; null: Menjin's own.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub accent: Option<Option<String>>,
    /// Whom to ask, one line of up to 160 characters for English pages; null: that of `contact_zh`, or none.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub contact: Option<Option<String>>,
    /// Whom to ask, one line for Chinese pages; null: that of `contact`, or none.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub contact_zh: Option<Option<String>>,
}

impl NewBranding {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `AD-105` with all faults, `AD-130` for a colour that cannot be read.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        for (field, value, longest) in [
            ("name", &self.name, LONGEST_NAME),
            ("name_zh", &self.name_zh, LONGEST_NAME),
            ("contact", &self.contact, LONGEST_CONTACT),
            ("contact_zh", &self.contact_zh, LONGEST_CONTACT),
        ] {
            if let Some(value) = value {
                faults.line(field, value, longest);
            }
        }
        let colour = self.accent.as_deref().map(Colour::of);
        faults.check(colour != Some(None), "accent", "must be a colour like #1769d2");
        faults.into_result(AdminFailure::Invalid.entry())?;
        match colour.flatten().map(Colour::contrast_with_paper) {
            Some(contrast) if contrast < LEAST => {
                let told = format!("accent: has a contrast of {contrast:.1} to 1 with white; {LEAST} to 1 is needed");
                Err(BrandingFailure::AccentTooLight.failure().detail(told))
            }
            _ => Ok(()),
        }
    }

    /// The branding as it stands, to be changed.
    pub(in crate::admin) fn of(brand: &Brand) -> Self {
        Self {
            name: brand.name.clone(),
            name_zh: brand.name_zh.clone(),
            accent: brand.accent.map(Colour::text),
            contact: brand.contact.clone(),
            contact_zh: brand.contact_zh.clone(),
        }
    }

    /// The same with a change.
    #[must_use]
    pub(in crate::admin) fn changed(self, change: BrandingChange) -> Self {
        Self {
            name: change.name.unwrap_or(self.name),
            name_zh: change.name_zh.unwrap_or(self.name_zh),
            accent: change.accent.unwrap_or(self.accent),
            contact: change.contact.unwrap_or(self.contact),
            contact_zh: change.contact_zh.unwrap_or(self.contact_zh),
        }
    }
}

impl From<&Brand> for BrandingView {
    fn from(brand: &Brand) -> Self {
        let logo = brand.logo.as_ref().zip(brand.logo_address());
        Self {
            etag: tag_of(brand),
            name: brand.name.clone(),
            name_zh: brand.name_zh.clone(),
            accent: brand.accent.map(Colour::text),
            accent_on_dark: brand.accent.map(|accent| accent.on_dark_pages().text()),
            contact: brand.contact.clone(),
            contact_zh: brand.contact_zh.clone(),
            logo: logo.map(|(logo, url)| LogoView {
                url,
                media_type: logo.media_type,
                width: logo.width,
                height: logo.height,
                bytes: logo.bytes,
            }),
        }
    }
}
