//! The brand that our pages bear: name, logo, accent colour, and whom to ask; that of the company which the page is of, or else the installation's. It
//! follows the request's own task, so that no page has to be handed it; a page that is made outside a request bears our own.

use std::{collections::HashMap, future::Future, sync::Arc};

use uuid::Uuid;

use super::{
    accent_colour::Colour,
    context::{self, Company},
    texts::Lang,
};

tokio::task_local! {
    static BRANDS: Arc<Brands>;
}

/// A logo. Its file is served at [`Brand::logo_address`].
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
    /// Size of the file, bytes.
    pub bytes: usize,
}

/// What an installation or a company calls itself, and how it looks. Empty: as Menjin, or as the installation.
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

/// The brands of an installation.
#[derive(Clone, Debug, Default)]
pub struct Brands {
    installation: Arc<Brand>,
    by_source: HashMap<Uuid, Arc<Brand>>,
    by_corp: HashMap<String, Arc<Brand>>,
}

impl Brands {
    /// That of the installation alone.
    pub fn of_installation(brand: Brand) -> Self {
        Self {
            installation: Arc::new(brand),
            ..Self::default()
        }
    }

    /// With what a company has of its own in the place of the installation's.
    #[must_use]
    pub fn with_company(mut self, source: Uuid, corp_key: String, own: Brand) -> Self {
        let brand = Arc::new(own.over(&self.installation));
        self.by_source.insert(source, Arc::clone(&brand));
        self.by_corp.insert(corp_key, brand);
        self
    }

    /// That of the installation.
    pub const fn installation(&self) -> &Arc<Brand> {
        &self.installation
    }

    /// What pages of this company bear.
    pub fn of(&self, company: &Company) -> &Arc<Brand> {
        let own = match company {
            Company::None => None,
            Company::Source(source) => self.by_source.get(source),
            Company::Corp(corp_key) => self.by_corp.get(corp_key),
        };
        own.unwrap_or(&self.installation)
    }

    /// Whether some page bears a logo with this digest.
    pub fn have_logo(&self, digest: &str) -> bool {
        let all = self.by_source.values().chain([&self.installation]);
        all.filter_map(|brand| brand.logo.as_ref())
            .any(|logo| logo.digest == digest)
    }
}

impl Brand {
    /// What is set here, and another's where it is not. A name, and whom to ask, are one thing in two languages: where one is set here, the
    /// other's are not taken.
    #[must_use]
    pub fn over(self, other: &Self) -> Self {
        let named = self.name.is_some() || self.name_zh.is_some();
        let asked = self.contact.is_some() || self.contact_zh.is_some();
        let (names, contacts) = (if named { &self } else { other }, if asked { &self } else { other });
        Self {
            name: names.name.clone(),
            name_zh: names.name_zh.clone(),
            accent: self.accent.or(other.accent),
            contact: contacts.contact.clone(),
            contact_zh: contacts.contact_zh.clone(),
            logo: self.logo.clone().or_else(|| other.logo.clone()),
        }
    }

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

/// Runs a future whose pages bear one of these brands.
pub fn scope<F: Future>(brands: Arc<Brands>, future: F) -> impl Future<Output = F::Output> {
    BRANDS.scope(brands, future)
}

/// Makes a page that bears this brand.
pub fn wearing<T>(brand: Brand, make: impl FnOnce() -> T) -> T {
    let brands = Brands::of_installation(brand);
    BRANDS.sync_scope(Arc::new(brands), make)
}

/// The brands among which the request being served finds its own.
pub fn all() -> Arc<Brands> {
    BRANDS.try_with(Arc::clone).unwrap_or_default()
}

/// The brand of the request being served: that of the company which was noted for it; our own outside a request.
pub fn current() -> Arc<Brand> {
    let brand = BRANDS.try_with(|brands| Arc::clone(brands.of(&context::noted_company())));
    brand.unwrap_or_default()
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

    fn named(name: &str) -> Brand {
        Brand {
            name: Some(name.to_owned()),
            ..Brand::default()
        }
    }

    #[tokio::test]
    async fn the_brand_follows_the_request_and_nobody_else() {
        assert_eq!(*current(), Brand::default());
        let brands = Arc::new(Brands::of_installation(named("Qingyun")));
        let inside = scope(brands, async { current() }).await;
        assert_eq!(*inside, named("Qingyun"));
        assert_eq!(*current(), Brand::default());
    }

    #[tokio::test]
    async fn a_page_bears_the_brand_of_the_company_that_was_noted_last_and_of_its_visitor_only_where_none_was() {
        let (ours, theirs) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let brands = Brands::of_installation(named("Group"))
            .with_company(ours, "ww1".to_owned(), named("One"))
            .with_company(theirs, "ww2".to_owned(), named("Two"));
        let served = scope(Arc::new(brands), async {
            let mut seen = vec![current().name.clone()];
            context::visitors_company(Some(ours));
            seen.push(current().name.clone());
            context::company(|| Company::Corp("ww2".to_owned()));
            seen.push(current().name.clone());
            context::visitors_company(Some(ours));
            seen.push(current().name.clone());
            context::company(|| Company::Corp("ww3".to_owned()));
            seen.push(current().name.clone());
            context::company(|| Company::None);
            seen.push(current().name.clone());
            seen
        });
        let (seen, _) = context::scope(served).await;
        let seen: Vec<_> = seen.iter().map(|name| name.as_deref().unwrap()).collect();
        assert_eq!(seen, ["Group", "One", "Two", "Two", "Group", "Group"]);
    }

    #[test]
    fn a_company_overrides_what_it_has_and_a_text_in_both_languages() {
        let installation = Brand {
            name: Some("Group".to_owned()),
            name_zh: Some("集团".to_owned()),
            contact: Some("IT desk".to_owned()),
            contact_zh: Some("信息部".to_owned()),
            accent: Colour::of("#0b7a4b"),
            logo: None,
        };
        let own = Brand {
            name_zh: Some("青云".to_owned()),
            ..Brand::default()
        };
        let worn = own.over(&installation);
        assert_eq!(
            (worn.name_in(Lang::Zh), worn.name_in(Lang::En)),
            (Some("青云"), Some("青云"))
        );
        assert_eq!(worn.contact_in(Lang::En), Some("IT desk"));
        assert_eq!(worn.accent, installation.accent);
    }
}
