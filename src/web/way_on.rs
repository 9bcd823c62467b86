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

    /// The ways on from an address at which nothing could be done: the page that it belongs to, and those that are always open.
    pub fn around(lang: Lang, path: &str) -> Vec<Self> {
        let mut parts = path.trim_start_matches('/').split('/');
        let page = match (parts.next(), parts.next()) {
            (Some("signin"), Some(journey)) if is_journey(journey) => {
                Some(Self::new(lang, "way-begin-again", format!("/signin/{journey}")))
            }
            (Some("device"), _) => Some(Self::new(lang, "way-try-again", "/device")),
            _ => None,
        };
        page.into_iter().chain(Self::always(lang)).collect()
    }

    /// The ways that are open whatever failed.
    pub fn always(lang: Lang) -> Vec<Self> {
        vec![Self::start(lang), Self::account(lang)]
    }
}

/// Whether this looks like the id of a journey: a digest, base64url, perhaps with the word of a trial before it.
fn is_journey(text: &str) -> bool {
    let digest = text.strip_prefix("trial.").unwrap_or(text);
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    digest.len() == 43 && digest.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::{Lang, WayOn};

    #[test]
    fn an_address_of_a_journey_leads_back_to_its_login_page_and_nothing_else_becomes_a_link() {
        let first = |path: &str| WayOn::around(Lang::En, path).remove(0).href;
        let journey = "dynNx1-EdBLH3MsoVSITScX_sqEJ7O-zetrPPWY_G1M";
        for (path, href) in [
            (format!("/signin/{journey}/password"), format!("/signin/{journey}")),
            (format!("/signin/{journey}/"), format!("/signin/{journey}")),
            (
                format!("/signin/trial.{journey}/go/x"),
                format!("/signin/trial.{journey}"),
            ),
            (format!("/signin/{journey}x/go"), "/".to_owned()),
            (format!("/signin/\"{}/go", &journey[1..]), "/".to_owned()),
            ("/signin/code/x".to_owned(), "/".to_owned()),
            ("/device".to_owned(), "/device".to_owned()),
            ("/nothing".to_owned(), "/".to_owned()),
        ] {
            assert_eq!(first(&path), href, "{path}");
        }
    }
}
