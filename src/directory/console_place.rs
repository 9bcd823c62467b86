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

/// The secret of 客户联系.
pub const CUSTOMERS: &str =
    "客户与上下游 → 客户联系 → API → Secret (Customers & Partners → Customer Contact → API → Secret)";
/// Its list of apps that may do the same.
pub const CUSTOMERS_APPS: &str =
    "客户与上下游 → 客户联系 → API → 可调用应用 (Customers & Partners → Customer Contact → API → apps that may call)";
/// Its trusted addresses.
pub const CUSTOMERS_IP: &str =
    "客户与上下游 → 客户联系 → API → 企业可信IP (Customers & Partners → Customer Contact → API → trusted IPs)";
/// Where its callback is entered.
pub const CUSTOMERS_CALLBACK: &str =
    "客户与上下游 → 客户联系 → API → 接收事件服务器 (Customers & Partners → Customer Contact → API → event server)";

/// Where the contacts-sync helper's callback is entered.
pub const CONTACTS_CALLBACK: &str =
    "管理工具 → 通讯录同步 → 设置接收事件服务器 (Management Tools → Contacts Sync → event server)";
/// Where an app's callback is entered.
pub const APP_CALLBACK: &str =
    "应用管理 → 应用 → 接收消息 → 设置API接收 (App Management → the app → Receive Messages → API)";

/// The page of a suite in the console of its service provider.
pub const SUITE: &str = "服务商管理后台 → 应用管理 → 应用详情 (Provider console → App Management → the app)";
/// Where the callbacks of a suite are entered, and its ticket is refreshed.
pub const SUITE_CALLBACKS: &str =
    "服务商管理后台 → 应用管理 → 应用详情 → 回调配置 (Provider console → App Management → the app → callbacks)";

const PROVIDER: &str =
    "服务商管理后台 → 服务商信息 → 基本信息 (Provider console → provider's information: corp ID, ProviderSecret)";
const PROVIDER_IP: &str =
    "服务商管理后台 → 服务商信息 → IP白名单 (Provider console → provider's information → IP list)";
const CORP: &str = "我的企业 → 企业信息 → 企业ID (My Company → Company Information)";
const APP_IP: &str = "应用管理 → 应用 → 企业可信IP (App Management → the app → trusted IPs)";
const APP_DOMAIN: &str = "应用管理 → 应用 → 网页授权及JS-SDK → 可信域名 (App Management → the app → trusted domain)";
const LOGIN_DOMAIN: &str = "应用管理 → 应用 → 企业微信授权登录 → 授权回调域 (App Management → the app → WeCom login → callback domain), and 网页授权及JS-SDK → 可信域名";
const APP_SCOPE: &str = "应用管理 → 应用 → 可见范围 (App Management → the app → visible scope)";

const PLACES: &[(&str, &[&str])] = &[
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
    (CUSTOMERS, &["DI-247"]),
    (CUSTOMERS_APPS, &["DI-248", "DI-250"]),
    (SUITE, &["WC-114", "WC-115", "SU-110", "SU-111", "SU-122", "SU-123"]),
    (SUITE_CALLBACKS, &["WC-117", "SU-120", "SU-121", "SU-127"]),
    (PROVIDER, &["SU-112", "SU-113", "SU-128", "SU-129", "SU-130"]),
    (PROVIDER_IP, &["SU-124"]),
];

const WARNINGS: &[&str] = &[
    "DI-208", "DI-210", "DI-211", "DI-216", "DI-217", "DI-221", "DI-223", "DI-224", "DI-225", "SU-126", "SU-128",
    "SU-131",
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
