//! Base URLs of WeCom: one per role, so that a simulator or a forwarding proxy can stand in for each.

/// Base URLs, without `/cgi-bin` or the path of a login page; a trailing slash does no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The API (reference 1.1).
    pub api: String,
    /// The web login page (reference 2.1).
    pub web_login: String,
    /// The older QR page (reference 2.3).
    pub legacy_qr: String,
    /// OAuth2 inside the WeCom client (reference 2.4).
    pub oauth: String,
    /// The page on which a corp installs a suite (reference 9.2).
    pub install: String,
    /// Address of the script that brings the display component (reference 2.2, 9.10).
    pub open_data_script: String,
    /// Origin of the frames in which that shows names.
    pub open_data_frame: String,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            api: "https://qyapi.weixin.qq.com".to_owned(),
            web_login: "https://login.work.weixin.qq.com".to_owned(),
            legacy_qr: "https://open.work.weixin.qq.com".to_owned(),
            oauth: "https://open.weixin.qq.com".to_owned(),
            install: "https://open.work.weixin.qq.com".to_owned(),
            open_data_script: "https://wwcdn.weixin.qq.com/node/open/js/wecom-jssdk-2.4.0.js".to_owned(),
            open_data_frame: "https://open.work.weixin.qq.com".to_owned(),
        }
    }
}
