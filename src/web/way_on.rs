//! Ways on from a page that cannot go on by itself: links in words. Every failure page has at least one.

use super::texts::{Lang, isolated, text, text_with};

/// A link that leads on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayOn {
    /// In the page's language.
    pub label: String,
    /// A local path, or an address that a portal registered.
    pub href: String,
}

impl WayOn {
    /// A way with the text under this key.
    pub fn new(lang: Lang, key: &str, href: impl Into<String>) -> Self {
        Self {
            label: text(lang, key),
            href: href.into(),
        }
    }

    /// A way whose text names a portal.
    pub fn to_portal(lang: Lang, key: &str, (name, href): (&str, &str)) -> Self {
        Self {
            label: text_with(lang, key, &[("portal", &isolated(name))]),
            href: href.to_owned(),
        }
    }

    /// One's own sign-ins.
    pub fn account(lang: Lang) -> Self {
        Self::new(lang, "way-account", "/account")
    }

    /// The start page, which works for everybody.
    pub fn start(lang: Lang) -> Self {
        Self::new(lang, "way-start", "/")
    }

    /// The ways that are open whatever failed.
    pub fn always(lang: Lang) -> Vec<Self> {
        vec![Self::start(lang), Self::account(lang)]
    }
}
