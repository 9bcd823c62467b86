//! Cookies: host-only, `HttpOnly`, `SameSite=Lax` (a top-level return from WeCom carries them), `Secure` when we are served by https.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// Session of a signed-in browser.
    Session,
    /// Binds a sign-in under way to the browser that started it.
    Journey,
    /// Trusted browser: somebody signed in with a password here before.
    TrustedBrowser,
    /// The language that somebody chose here: `zh-CN` or `en`.
    Language,
    /// Row id of the auth source that this browser signed in through last.
    AuthSource,
    /// Row id of the portal that this browser was on its way to last.
    Portal,
    /// Somebody puts the set-up off, until this browser is closed.
    SetUpLater,
    /// By how many minutes the viewer's clock is ahead of UTC; the console's script writes it.
    Zone,
}

/// Makes and reads our cookies; `secure` follows the scheme of `public_url`.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    /// For a site served by https (`secure`) or by plain http on loopback.
    pub const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// `__Host-` keeps sub-domains from planting it (RFC 6265bis §4.1.3); browsers accept that prefix only with `Secure`.
    const fn name(self, name: Name) -> &'static str {
        match (name, self.secure) {
            (Name::Session, true) => "__Host-menjin_session",
            (Name::Session, false) => "menjin_session",
            (Name::Journey, true) => "__Host-menjin_journey",
            (Name::Journey, false) => "menjin_journey",
            (Name::TrustedBrowser, true) => "__Host-menjin_known",
            (Name::TrustedBrowser, false) => "menjin_known",
            (Name::Language, true) => "__Host-menjin_language",
            (Name::Language, false) => "menjin_language",
            (Name::AuthSource, true) => "__Host-menjin_company",
            (Name::AuthSource, false) => "menjin_company",
            (Name::Portal, true) => "__Host-menjin_portal",
            (Name::Portal, false) => "menjin_portal",
            (Name::SetUpLater, true) => "__Host-menjin_setup_later",
            (Name::SetUpLater, false) => "menjin_setup_later",
            (Name::Zone, true) => "__Host-menjin_zone",
            (Name::Zone, false) => "menjin_zone",
        }
    }

    /// The value the browser sent. Read from the header itself: a parser that percent-decodes names would let a sub-domain plant a cookie
    /// under another spelling of the `__Host-` prefix, and one foreign cookie that is not UTF-8 must not hide ours.
    pub fn read(self, request: &HttpRequest, name: Name) -> Option<String> {
        let wanted = self.name(name).as_bytes();
        let headers = request.headers().get_all("cookie");
        let mut pairs = headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
        pairs.find_map(|pair| {
            let pair = pair.trim_ascii();
            let at = pair.iter().position(|byte| *byte == b'=')?;
            let (known, value) = pair.split_at_checked(at)?;
            let value = value.get(1..)?;
            (known == wanted).then(|| String::from_utf8(value.to_vec()).ok())?
        })
    }

    /// A cookie to set, until the browser closes (`max_age` none) or for so many seconds.
    pub fn set(self, name: Name, value: &str, max_age: Option<i64>) -> Cookie<'static> {
        let mut cookie = Cookie::build(self.name(name), value.to_owned())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .finish();
        if let Some(seconds) = max_age {
            cookie.set_max_age(Duration::seconds(seconds));
        }
        cookie
    }

    /// A cookie that removes it.
    pub fn clear(self, name: Name) -> Cookie<'static> {
        self.set(name, "", Some(0))
    }
}
