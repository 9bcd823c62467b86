//! URLs of WeCom's own login pages, for the redirect to WeCom (reference 2): parameter order as in its published examples, every value
//! percent-encoded.
//!
//! Pure; the caller has made and stored `state` before.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::endpoints::Endpoints;
use crate::kernel::secret::Secret;

/// Path of the web login page.
const LOGIN_PAGE: &str = "/wwlogin/sso/login";

/// Language of WeCom's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

/// What an in-app sign-in asks the member for (reference 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Who they are; silent.
    Base,
    /// Also email, mobile and avatar, on a consent page of WeCom's; only for members in the visible scope.
    PrivateInfo,
}

impl Scope {
    const fn code(self) -> &'static str {
        match self {
            Self::Base => "snsapi_base",
            Self::PrivateInfo => "snsapi_privateinfo",
        }
    }
}

/// Parameters of every login page of WeCom. The values are given unencoded.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// Corp ID.
    pub corp_id: &'a str,
    /// AgentId of the app that signs in.
    pub agent_id: i64,
    /// Id of the suite, where the app is a third-party one: then people sign in at the suite, whatever their corp (reference 9.8).
    pub suite_id: Option<&'a str>,
    /// Where WeCom sends the browser back to; its host must be the app's trusted domain.
    pub redirect_uri: &'a str,
    /// Comes back unchanged. In the WeCom client only `[A-Za-z0-9]`, at most 128 characters, or WeCom answers 84025.
    pub state: &'a str,
}

/// URL of the web login page for any browser (reference 2.1).
pub fn web_login(endpoints: &Endpoints, login: Login<'_>, lang: Lang) -> String {
    let page = address(&endpoints.web_login, LOGIN_PAGE);
    format!("{page}?{}", query_of(&web_parameters(login, lang)))
}

fn web_parameters(login: Login<'_>, lang: Lang) -> Vec<(&'static str, String)> {
    let login_type = if login.suite_id.is_some() {
        "ServiceApp"
    } else {
        "CorpApp"
    };
    let mut parameters = vec![("login_type", login_type.to_owned())];
    parameters.extend(page_parameters(login, lang));
    parameters
}

/// The web login page itself, without parameters, as browsers write it.
pub fn web_login_page(endpoints: &Endpoints) -> String {
    let page = address(&endpoints.web_login, LOGIN_PAGE);
    Url::parse(&page).map_or(page, String::from)
}

/// The origin of the web login page.
pub fn web_login_origin(endpoints: &Endpoints) -> String {
    let page = Url::parse(&endpoints.web_login);
    page.map_or_else(|_| String::new(), |page| page.origin().ascii_serialization())
}

/// What `createWWLoginPanel` of `@wecom/jssdk` takes as `params` to show the web login page as a panel of 320 by 380 pixels; after the scan it sends the whole
/// window back (reference 2.2).
pub fn web_panel(login: Login<'_>, lang: Lang) -> Vec<(&'static str, String)> {
    let shape = [
        ("redirect_type", "top"),
        ("panel_size", "small"),
        ("color_scheme", "auto"),
    ];
    let shape = shape.map(|(name, value)| (name, value.to_owned()));
    web_parameters(login, lang).into_iter().chain(shape).collect()
}

/// URL of the older QR page (reference 2.3).
pub fn legacy_qr(endpoints: &Endpoints, login: Login<'_>, lang: Lang) -> String {
    let page = address(&endpoints.legacy_qr, "/wwopen/sso/qrConnect");
    format!("{page}?{}", query_of(&page_parameters(login, lang)))
}

/// URL of OAuth2 inside the WeCom client (reference 2.4).
pub fn in_app(endpoints: &Endpoints, login: Login<'_>, scope: Scope) -> String {
    let page = address(&endpoints.oauth, "/connect/oauth2/authorize");
    let agent_id = login.agent_id.to_string();
    let mut parameters = vec![
        ("appid", login.app_id()),
        ("redirect_uri", login.redirect_uri),
        ("response_type", "code"),
        ("scope", scope.code()),
        ("state", login.state),
    ];
    if login.suite_id.is_none() {
        parameters.push(("agentid", &agent_id));
    }
    format!("{page}?{}#wechat_redirect", query(&parameters))
}

/// URL of the page on which an admin installs a suite for their corp, who comes back to `redirect_uri` with `auth_code` and `state` (reference 9.2).
/// `state` holds at most 128 of `[A-Za-z0-9]`.
pub fn install(
    endpoints: &Endpoints,
    suite_id: &str,
    pre_auth_code: &Secret<String>,
    redirect_uri: &str,
    state: &str,
) -> String {
    let page = address(&endpoints.install, "/3rdapp/install");
    let query = query(&[
        ("suite_id", suite_id),
        ("pre_auth_code", pre_auth_code.expose()),
        ("redirect_uri", redirect_uri),
        ("state", state),
    ]);
    format!("{page}?{query}")
}

fn address(base: &str, path: &str) -> String {
    format!("{}{path}", base.trim_end_matches('/'))
}

impl<'a> Login<'a> {
    /// Whom WeCom lets sign in: the corp's app, or the suite.
    fn app_id(self) -> &'a str {
        self.suite_id.unwrap_or(self.corp_id)
    }
}

/// The parameters that both pages with a QR code take.
fn page_parameters(login: Login<'_>, lang: Lang) -> Vec<(&'static str, String)> {
    let mut parameters = vec![("appid", login.app_id().to_owned())];
    if login.suite_id.is_none() {
        parameters.push(("agentid", login.agent_id.to_string()));
    }
    parameters.extend([
        ("redirect_uri", login.redirect_uri.to_owned()),
        ("state", login.state.to_owned()),
        ("lang", lang.code().to_owned()),
    ]);
    parameters
}

fn query_of(parameters: &[(&str, String)]) -> String {
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    query(&pairs)
}

/// Whether [`in_app`] signs in where this User-Agent is: in the WeCom client (`wxwork`), or in WeChat (`MicroMessenger` alone), where members
/// sign in through the WeCom plugin and nobody could scan a code on their own screen (reference 2 and 2.5).
pub fn is_in_app(user_agent: &str) -> bool {
    let agent = user_agent.to_ascii_lowercase();
    agent.contains("wxwork/") || agent.contains("micromessenger/")
}

/// Whether this is the WeCom client itself, which alone shows the consent page of [`Scope::PrivateInfo`].
pub fn is_wecom_client(user_agent: &str) -> bool {
    user_agent.to_ascii_lowercase().contains("wxwork/")
}

/// All but the unreserved characters of RFC 3986 §2.3; a `+` for a space would not survive every reader.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn query(parameters: &[(&str, &str)]) -> String {
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, RESERVED)));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_panel_is_the_web_login_page_in_a_frame_that_sends_the_whole_window_back() {
        let login = Login {
            corp_id: "ww1",
            agent_id: 1_000_002,
            suite_id: None,
            redirect_uri: "https://sso.example/wecom/callback",
            state: "s",
        };
        let mut whole = web_parameters(login, Lang::Zh);
        let shape = [
            ("redirect_type", "top"),
            ("panel_size", "small"),
            ("color_scheme", "auto"),
        ];
        whole.extend(shape.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(web_panel(login, Lang::Zh), whole);
        let page = web_login(&Endpoints::default(), login, Lang::Zh);
        let named = |name: &str| whole.iter().any(|(known, _)| *known == name);
        assert!(Url::parse(&page).unwrap().query_pairs().all(|(name, _)| named(&name)));
    }

    const BACK: &str = "https://sso.corp.example:8443/cb?a=1&b=é #x";
    const ENCODED: &str = "https%3A%2F%2Fsso.corp.example%3A8443%2Fcb%3Fa%3D1%26b%3D%C3%A9%20%23x";
    const LOGIN: Login<'_> = Login {
        corp_id: "ww01",
        agent_id: 1_000_002,
        suite_id: None,
        redirect_uri: BACK,
        state: "abc",
    };

    #[test]
    fn the_login_urls_have_the_published_order() {
        let at = Endpoints::default();
        assert_eq!(
            web_login(&at, LOGIN, Lang::En),
            format!(
                "https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&appid=ww01&agentid=1000002&redirect_uri={ENCODED}&state=abc&lang=en"
            )
        );
        assert_eq!(
            legacy_qr(&at, LOGIN, Lang::Zh),
            format!(
                "https://open.work.weixin.qq.com/wwopen/sso/qrConnect?appid=ww01&agentid=1000002&redirect_uri={ENCODED}&state=abc&lang=zh"
            )
        );
        assert_eq!(
            in_app(&at, LOGIN, Scope::PrivateInfo),
            format!(
                "https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww01&redirect_uri={ENCODED}&response_type=code&scope=snsapi_privateinfo&state=abc&agentid=1000002#wechat_redirect"
            )
        );
    }

    #[test]
    fn people_of_a_third_party_app_sign_in_at_the_suite() {
        let at = Endpoints::default();
        let login = Login {
            suite_id: Some("wwSUITE"),
            ..LOGIN
        };
        assert_eq!(
            web_login(&at, login, Lang::Zh),
            format!(
                "https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=ServiceApp&appid=wwSUITE&redirect_uri={ENCODED}&state=abc&lang=zh"
            )
        );
        assert_eq!(
            in_app(&at, login, Scope::Base),
            format!(
                "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wwSUITE&redirect_uri={ENCODED}&response_type=code&scope=snsapi_base&state=abc#wechat_redirect"
            )
        );
        assert_eq!(
            install(&at, "wwSUITE", &Secret::new("p&re".to_owned()), BACK, "s1"),
            format!(
                "https://open.work.weixin.qq.com/3rdapp/install?suite_id=wwSUITE&pre_auth_code=p%26re&redirect_uri={ENCODED}&state=s1"
            )
        );
    }

    #[test]
    fn base_urls_are_configurable_and_values_cannot_break_out() {
        let at = Endpoints {
            oauth: "http://127.0.0.1:9/".to_owned(),
            ..Endpoints::default()
        };
        let login = Login {
            corp_id: "ww&x=1",
            agent_id: 1,
            suite_id: None,
            redirect_uri: BACK,
            state: "s&code=1",
        };
        let url = in_app(&at, login, Scope::Base);
        assert!(url.starts_with("http://127.0.0.1:9/connect/oauth2/authorize?appid=ww%26x%3D1&"));
        assert!(url.contains("&scope=snsapi_base&state=s%26code%3D1&agentid=1#wechat_redirect"));
    }

    #[test]
    fn the_client_is_known_by_its_own_name() {
        assert!(is_in_app("… Mobile/14F89 wxwork/2.2.0 MicroMessenger/6.3.2"));
        assert!(is_in_app("… WXWork/4.1.0 (MicroMessenger/6.2) WindowsWechat"));
        assert!(
            is_in_app("… MicroMessenger/8.0.40 NetType/WIFI"),
            "the WeCom plugin of WeChat"
        );
        assert!(!is_in_app("Mozilla/5.0 (X11; Linux x86_64)"));
    }
}
