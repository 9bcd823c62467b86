//! The brand that our pages bear: name, logo, accent colour, and whom to ask. It follows the request's own task, so that no page has to be
//! handed it; a page that is made outside a request bears our own.

use std::{future::Future, sync::Arc};

use actix_web::web::Bytes;

use super::{accent_colour::Colour, texts::Lang};

tokio::task_local! {
    static BRAND: Arc<Brand>;
}

/// A logo as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: &'static str,
    /// Digest of the content, base64url: the same address never shows another picture.
    pub digest: String,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// The file.
    pub bytes: Bytes,
}

/// What an installation calls itself, and how it looks. Empty: as Menjin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// Name on English pages, and on Chinese ones where they have none of their own.
    pub name: Option<String>,
    /// Name on Chinese pages, and on English ones where they have none of their own.
    pub name_zh: Option<String>,
    /// Accent colour.
    pub accent: Option<Colour>,
    /// Whom to ask, on English pages, and on Chinese ones where they have none of their own.
    pub contact: Option<String>,
    /// Whom to ask, on Chinese pages, and on English ones where they have none of their own.
    pub contact_zh: Option<String>,
    /// Logo.
    pub logo: Option<Logo>,
}

impl Brand {
    /// The name on pages in this language.
    pub fn name_in(&self, lang: Lang) -> Option<&str> {
        in_language(lang, self.name.as_deref(), self.name_zh.as_deref())
    }

    /// Whom to ask, on pages in this language.
    pub fn contact_in(&self, lang: Lang) -> Option<&str> {
        in_language(lang, self.contact.as_deref(), self.contact_zh.as_deref())
    }

    /// Address of the logo.
    pub fn logo_address(&self) -> Option<String> {
        let logo = self.logo.as_ref()?;
        Some(format!("/branding/logo?v={}", logo.digest))
    }

    /// Address of the style sheet with the accent colour.
    pub fn style_address(&self) -> Option<String> {
        let colour = self.accent?.text();
        Some(format!("/branding/accent.css?v={}", colour.trim_start_matches('#')))
    }
}

fn in_language<'a>(lang: Lang, english: Option<&'a str>, chinese: Option<&'a str>) -> Option<&'a str> {
    match lang {
        Lang::En => english.or(chinese),
        Lang::Zh => chinese.or(english),
    }
}

/// Runs a future whose pages bear this brand.
pub fn scope<F: Future>(brand: Arc<Brand>, future: F) -> impl Future<Output = F::Output> {
    BRAND.scope(brand, future)
}

/// The brand of the request being served; our own outside one.
pub fn current() -> Arc<Brand> {
    BRAND.try_with(Arc::clone).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_without_a_text_of_its_own_shows_the_other_ones() {
        let brand = Brand {
            name_zh: Some("青云".to_owned()),
            ..Brand::default()
        };
        assert_eq!(brand.name_in(Lang::En), Some("青云"));
        assert_eq!(brand.contact_in(Lang::Zh), None);
    }

    #[tokio::test]
    async fn the_brand_follows_the_request_and_nobody_else() {
        assert_eq!(*current(), Brand::default());
        let brand = Arc::new(Brand {
            name: Some("Qingyun".to_owned()),
            ..Brand::default()
        });
        let inside = scope(Arc::clone(&brand), async { current() }).await;
        assert_eq!(inside, brand);
        assert_eq!(*current(), Brand::default());
    }
}
