//! The auth sources to WeCom's own login pages (reference 2): parameter order as in its published examples, every value percent-encoded.
//!
//! Pure text; whoever sends the browser there has made and remembered `state` before.

use super::endpoints::Endpoints;

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

/// The web login page for any browser (reference 2.1). `redirect_uri` is given plain.
pub fn web_login(
    endpoints: &Endpoints,
    corp_id: &str,
    agent_id: i64,
    redirect_uri: &str,
    state: &str,
    lang: Lang,
) -> String {
    let base = endpoints.web_login.trim_end_matches('/');
    let (corp_id, redirect_uri, state) = (encode(corp_id), encode(redirect_uri), encode(state));
    format!(
        "{base}/wwlogin/sso/login?login_type=CorpApp&appid={corp_id}&agentid={agent_id}&redirect_uri={redirect_uri}&state={state}&lang={}",
        lang.code()
    )
}

/// The older QR page (reference 2.3).
pub fn legacy_qr(
    endpoints: &Endpoints,
    corp_id: &str,
    agent_id: i64,
    redirect_uri: &str,
    state: &str,
    lang: Lang,
) -> String {
    let base = endpoints.legacy_qr.trim_end_matches('/');
    let (corp_id, redirect_uri, state) = (encode(corp_id), encode(redirect_uri), encode(state));
    format!(
        "{base}/wwopen/sso/qrConnect?appid={corp_id}&agentid={agent_id}&redirect_uri={redirect_uri}&state={state}&lang={}",
        lang.code()
    )
}

/// OAuth2 inside the WeCom client (reference 2.4). `state` must be `[A-Za-z0-9]`, at most 128 characters, or WeCom answers 84025.
pub fn in_app(
    endpoints: &Endpoints,
    corp_id: &str,
    agent_id: i64,
    redirect_uri: &str,
    state: &str,
    scope: Scope,
) -> String {
    let base = endpoints.oauth.trim_end_matches('/');
    let (corp_id, redirect_uri, state) = (encode(corp_id), encode(redirect_uri), encode(state));
    format!(
        "{base}/connect/oauth2/authorize?appid={corp_id}&redirect_uri={redirect_uri}&response_type=code&scope={}&state={state}&agentid={agent_id}#wechat_redirect",
        scope.code()
    )
}

/// Whether this User-Agent is the WeCom client, where [`in_app`] is the auth source; it also says `MicroMessenger`, as WeChat does (reference 2.5).
pub fn is_wecom_client(user_agent: &str) -> bool {
    user_agent.to_ascii_lowercase().contains("wxwork/")
}

/// Percent-encodes all but the unreserved characters of RFC 3986 §2.3; a `+` for a space would not survive every reader.
fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACK: &str = "https://sso.corp.example:8443/cb?a=1&b=é #x";
    const ENCODED: &str = "https%3A%2F%2Fsso.corp.example%3A8443%2Fcb%3Fa%3D1%26b%3D%C3%A9%20%23x";

    #[test]
    fn the_doors_have_the_published_order() {
        let at = Endpoints::default();
        assert_eq!(
            web_login(&at, "ww01", 1_000_002, BACK, "abc", Lang::En),
            format!(
                "https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&appid=ww01&agentid=1000002&redirect_uri={ENCODED}&state=abc&lang=en"
            )
        );
        assert_eq!(
            legacy_qr(&at, "ww01", 1_000_002, BACK, "abc", Lang::Zh),
            format!(
                "https://open.work.weixin.qq.com/wwopen/sso/qrConnect?appid=ww01&agentid=1000002&redirect_uri={ENCODED}&state=abc&lang=zh"
            )
        );
        assert_eq!(
            in_app(&at, "ww01", 1_000_002, BACK, "abc", Scope::PrivateInfo),
            format!(
                "https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww01&redirect_uri={ENCODED}&response_type=code&scope=snsapi_privateinfo&state=abc&agentid=1000002#wechat_redirect"
            )
        );
    }

    #[test]
    fn base_urls_are_configurable_and_values_cannot_break_out() {
        let at = Endpoints {
            oauth: "http://127.0.0.1:9/".to_owned(),
            ..Endpoints::default()
        };
        let url = in_app(&at, "ww&x=1", 1, BACK, "s&code=1", Scope::Base);
        assert!(url.starts_with("http://127.0.0.1:9/connect/oauth2/authorize?appid=ww%26x%3D1&"));
        assert!(url.contains("&scope=snsapi_base&state=s%26code%3D1&agentid=1#wechat_redirect"));
    }

    #[test]
    fn the_client_is_known_by_its_own_name() {
        assert!(is_wecom_client("… Mobile/14F89 wxwork/2.2.0 MicroMessenger/6.3.2"));
        assert!(is_wecom_client("… WXWork/4.1.0 (MicroMessenger/6.2) WindowsWechat"));
        assert!(!is_wecom_client("… MicroMessenger/8.0.40 NetType/WIFI"));
        assert!(!is_wecom_client("Mozilla/5.0 (X11; Linux x86_64)"));
    }
}
