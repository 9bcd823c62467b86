//! Where in WeCom's console something stands, as the public documentation names it, and how grave a problem is: by reference number. Pure.

use serde::Serialize;
use utoipa::ToSchema;

/// How grave a problem is: `error`: something does not work, or nobody can sign in; `warning`: something works in part, may stop to, or is
/// not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProblemSeverity)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something does not work, or nobody can sign in.
    Error,
    /// Something works in part, may stop to, or is not known.
    Warning,
}

/// The contacts-sync helper.
pub const CONTACTS: &str = "管理工具 → 通讯录同步 (Management Tools → Contacts Sync)";
/// Its trusted addresses.
pub const CONTACTS_IP: &str = "管理工具 → 通讯录同步 → 企业可信IP (Management Tools → Contacts Sync → trusted IPs)";
/// The page of an app.
pub const APP: &str = "应用管理 → 应用 (App Management → the app)";

const CORP: &str = "我的企业 → 企业信息 → 企业ID (My Company → Company Information)";
const APP_IP: &str = "应用管理 → 应用 → 企业可信IP (App Management → the app → trusted IPs)";
const APP_DOMAIN: &str = "应用管理 → 应用 → 网页授权及JS-SDK → 可信域名 (App Management → the app → trusted domain)";
const LOGIN_DOMAIN: &str = "应用管理 → 应用 → 企业微信授权登录 → 授权回调域 (App Management → the app → WeCom login → callback domain), and 网页授权及JS-SDK → 可信域名";
const APP_SCOPE: &str = "应用管理 → 应用 → 可见范围 (App Management → the app → visible scope)";

const PLACES: [(&str, &[&str]); 7] = [
    (CORP, &["WC-111", "DI-236"]),
    (
        APP,
        &[
            "WC-110", "WC-112", "WC-113", "DI-206", "DI-213", "DI-219", "DI-221", "DI-222", "DI-223", "DI-224",
            "DI-225", "DI-237", "DI-239", "DI-241",
        ],
    ),
    (APP_IP, &["WC-120", "DI-212"]),
    (APP_DOMAIN, &["DI-207"]),
    (LOGIN_DOMAIN, &["WC-121"]),
    (APP_SCOPE, &["DI-208", "DI-210", "DI-215"]),
    (CONTACTS, &["DI-214", "DI-216", "DI-238", "DI-240"]),
];

const WARNINGS: [&str; 9] = [
    "DI-208", "DI-210", "DI-211", "DI-216", "DI-217", "DI-221", "DI-223", "DI-224", "DI-225",
];

/// The place where what has this number is mended, if it is one in WeCom's console.
pub fn place_of(number: &str) -> Option<&'static str> {
    let found = PLACES.iter().find(|(_, numbers)| numbers.contains(&number));
    found.map(|(place, _)| *place)
}

/// How grave the problem with this number is.
pub fn severity_of(number: &str) -> Severity {
    match WARNINGS.contains(&number) {
        true => Severity::Warning,
        false => Severity::Error,
    }
}
