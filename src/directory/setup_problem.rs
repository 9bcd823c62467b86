//! Setup problems: faults between resources whose single fields are all fine; shown live with the data source and the auth source.

use serde::Serialize;
use utoipa::ToSchema;

use super::console_place::{Severity, place_of, severity_of};
use crate::{
    catalogue,
    kernel::{clock::Timestamp, failure::Entry},
};

catalogue! {
    /// Problems of a data source or an auth source.
    pub enum SetupProblem {
        /// WeCom login is on, but no auth source is bound to this data source.
        NoAuthSource = "DI-201", 409, "WeCom login is on, but no auth source has this corp ID, so nobody can sign in with WeCom.",
            "已开启企业微信登录，但没有企业 ID 相同的认证源。", "Create an auth source with exactly this corp ID.", "请用完全相同的企业ID新建认证源。";
        /// WeCom login is on without AgentId and secret.
        NoLoginApp = "DI-202", 409, "WeCom login is on, but the AgentId and app secret are missing.",
            "已开启企业微信登录，但缺少 AgentId 和应用 Secret。", "Enter app.agent_id and app.secret of a self-built app of this corp.", "请填写该企业某个自建应用的app.agent_id和app.secret。";
        /// No secret to sync with.
        NoCredential = "DI-203", 409, "There is neither a contacts secret nor an app, so nothing can be synced.",
            "既没有通讯录 Secret，也没有应用，无法同步。", "Enter contacts_secret, or app.agent_id and app.secret.", "请填写contacts_secret，或填写app.agent_id和app.secret。";
        /// Every auth source bound to it is disabled.
        AuthSourcesDisabled = "DI-204", 409, "Every auth source of this data source is disabled.",
            "该数据源的认证源均已停用。", "Enable one of the auth sources named in the detail.", "请启用详情所列的某个认证源。";
        /// The data source does not let its users sign in with WeCom.
        LoginOff = "DI-205", 409, "The data source of this auth source is disabled or has WeCom login switched off.",
            "该认证源对应的数据源已停用或未开启企业微信登录。", "Enable the data source and add wecom_qr to its login_methods.", "请启用该数据源，并在其login_methods中加入wecom_qr。";
        /// WeCom says the app is disabled.
        AppClosed = "DI-206", 409, "The app is disabled in WeCom.",
            "该应用在企业微信中已停用。", "Enable the app in the WeCom console.", "请在企业微信管理后台启用该应用。";
        /// The trusted domain of in-app OAuth.
        WrongDomain = "DI-207", 409, "The trusted domain that WeCom has for this app is not the host of public_url, so signing in inside WeCom fails.",
            "企业微信中该应用的可信域名与 public_url 的主机不一致，无法在企业微信内登录。",
            "Enter the host named in the detail in the WeCom console: the app's page - 网页授权及JS-SDK - 可信域名. WeCom is asked again within the hour, or at the next sync.",
            "请在企业微信管理后台填入详情所列的主机：该应用的页面→网页授权及JS-SDK→可信域名。系统会在一小时内或下次同步时重新查询。";
        /// Product S2.4.
        ScopeOutside = "DI-208", 409, "Members inside this app's visible scope lie outside the integration app's, so they are synced in part or not at all and may be refused.",
            "该应用可见范围内的部分成员不在集成应用的可见范围内，可能未同步或无法登录。",
            "Widen the integration app's visible scope in the WeCom console, or narrow this app's, then synchronise.", "请在企业微信管理后台扩大集成应用的可见范围，或缩小此应用的可见范围，然后同步。";
        /// `agent/get` failed.
        AppUnread = "DI-209", 409, "The app could not be read from WeCom, so its visible scope and trusted domain are those of the last time.",
            "未能从企业微信读取该应用，其可见范围与可信域名仍为上次读取的结果。",
            "Look up the number in the detail, which says what WeCom refused. The app is read again by itself.", "详情中的编号说明了企业微信拒绝的原因，请查阅该编号。系统会自动重新读取该应用。";
        /// A narrower scope, seen between two syncs.
        ScopeWaits = "DI-210", 409, "The integration app's visible scope changed in WeCom since the last sync, which has to apply it.",
            "集成应用的可见范围自上次同步后发生了变化，需同步后生效。", "Synchronise the data source; where it has a schedule, that begins by itself.", "请同步该数据源；已设置自动同步的会自动开始。";
        /// A run was taken back, and no admin has started or confirmed one since.
        SyncWaits = "DI-211", 409, "A sync was taken back, so no sync is applied by itself until an admin has started or confirmed one.",
            "有一次同步已被撤销，在管理员手动发起或确认同步之前，不会自动应用任何同步。", "Plan a sync and look at it (menjin sync plan); then apply it, or mend in WeCom what was wrong first.",
            "请先预览同步并查看（menjin sync plan），然后应用；或先在企业微信中改正问题。";
        /// 60020 at a probe.
        IpUntrusted = "DI-212", 409, "WeCom does not trust the address that this server calls from, so it refuses everything.",
            "企业微信不信任本服务器的出口 IP，拒绝所有调用。", "Add the address named in the detail to the trusted IPs (企业可信IP); it works after about a minute. The console asks for a trusted domain or a callback URL first.",
            "请将详情所列的地址加入企业可信IP，约一分钟后生效。企业微信管理后台会要求先设置可信域名或接收消息服务器URL。";
        /// 40056, 301002 at a probe.
        AgentMismatch = "DI-213", 409, "The AgentId and the secret are not of the same WeCom app.",
            "AgentId 与 Secret 不属于同一企业微信应用。", "Copy AgentId and secret again, both from the page of the same app, and save them.", "请从同一应用的页面重新复制AgentId和Secret并保存。";
        /// 48002 at `user/list_id`.
        ContactsSecretIsApps = "DI-214", 409, "The contacts secret is the secret of an app, so the members of the corp cannot be listed with it.",
            "所填通讯录 Secret 实为应用的 Secret，无法列出企业成员。", "Save the contacts-sync secret as contacts_secret, or null: an app's secret belongs into app.secret.",
            "请将通讯录同步Secret保存为contacts_secret，或将其设为null：应用的Secret应填入app.secret。";
        /// `agent/get` without a line of scope, or with lines that hold nobody.
        ScopeEmpty = "DI-215", 409, "Nobody is inside the visible scope of the app, so nobody can sign in through it.",
            "应用的可见范围内没有成员，无人可通过该应用登录。", "Choose departments, members or tags in the app's visible scope (可见范围).", "请在该应用的可见范围中选择部门、成员或标签。";
        /// 48009, where no app reads the details.
        DetailsWithheld = "DI-216", 409, "WeCom gives this contacts secret only IDs, no names, and there is no app that could read them.",
            "企业微信仅向该通讯录 Secret 返回成员 ID，且没有可读取姓名的应用。", "Enter a self-built app whose visible scope is the whole corp as the app of the data source.", "请将可见范围为整个企业的自建应用填为该数据源的应用。";
        /// No answer at the probe before saving.
        Unproven = "DI-217", 409, "WeCom gave no usable answer when this credential was tried, so nobody knows whether it works.",
            "尝试该凭据时企业微信未给出有效答复，尚不确定其是否可用。", "Nothing, if WeCom is only busy: it is tried again by itself. Else see what the detail says about the connection.",
            "如果企业微信只是繁忙，则无需处理：系统会自动重试。否则请查看详情中的连接信息。";
        /// Other refusals.
        CapabilityRefused = "DI-218", 409, "WeCom does not let this credential do what it is needed for.",
            "企业微信不允许该凭据执行所需的操作。", "Look up the WeCom code of the detail at https://open.work.weixin.qq.com/devtool/query and grant the permission in WeCom's console.",
            "请在https://open.work.weixin.qq.com/devtool/query查询详情中的企业微信错误码，并在企业微信管理后台授予相应权限。";
        /// 48002 at `agent/get`.
        AppSecretIsContacts = "DI-219", 409, "The secret of the app is the contacts-sync secret, so nobody can sign in with it.",
            "所填应用 Secret 实为通讯录同步 Secret，无法用于登录。", "Save the secret from the page of the app; the contacts-sync secret belongs into contacts_secret.", "请保存该应用页面上的Secret；通讯录同步Secret应填入contacts_secret。";
        /// 48002, 84074 at `externalcontact/get_follow_user_list`.
        CustomerSecretIsAnothers = "DI-250", 409, "The customer secret may not read external contacts: it is neither the secret of Customer Contact nor of an app on its list.",
            "所填客户 Secret 无权读取外部联系人：既不是客户联系的 Secret，也不属于其可调用应用。", "Save the secret from the place named there as customer_secret, or add the app to the list 可调用应用 of that page.",
            "请将所示页面上的Secret保存为customer_secret，或在该页面的“可调用应用”中加入该应用。";
        /// `inactive_alert` (reference 17.1).
        AppWillBeClosed = "DI-221", 409, "WeCom is going to switch the app off because it is not used; nobody can sign in with it then.",
            "企业微信将因长期未使用而停用该应用，届时无法登录。", "Confirm in the WeCom console that the app is in use, before the date given as effective_at.", "请在effective_at所示日期之前，在企业微信管理后台确认该应用仍在使用。";
        /// `close_inactive_agent`.
        AppClosedUnused = "DI-222", 409, "WeCom has switched the app off because it was not used.",
            "企业微信已因长期未使用而停用该应用。", "Enable the app again in the WeCom console.", "请在企业微信管理后台重新启用该应用。";
        /// `low_active_alert`.
        AppWillBeLowActive = "DI-223", 409, "WeCom is going to treat the app as little used, and may restrict it.",
            "企业微信将把该应用视为低活跃应用，可能加以限制。", "See what WeCom's console says about the app, before the date given as effective_at.", "请在effective_at所示日期之前，查看企业微信管理后台对该应用的说明。";
        /// `low_active`.
        AppLowActive = "DI-224", 409, "WeCom treats the app as little used, and may restrict it.",
            "企业微信已将该应用视为低活跃应用，可能加以限制。", "See what WeCom's console says about the app.", "请查看企业微信管理后台对该应用的说明。";
        /// `unlicensed_notify`.
        LicencesMissing = "DI-225", 409, "WeCom says that members use the app without a licence.",
            "企业微信提示有成员未获得该应用所需的许可。", "Assign licences in the WeCom console. The notice goes a week after WeCom said it last.", "请在企业微信管理后台分配许可。企业微信最后一次提示的一周后，此提示自动消失。";
    }
}

/// The corp IDs differ. The gate refuses a sign-in with the same number (`gate::failure::GateFailure::CorpMismatch`); the gate lies above
/// this room, so the number is repeated here and held equal by a test of `admin`.
pub static CORP_MISMATCH: Entry = Entry {
    number: "GT-104",
    status: 409,
    en: "The auth source and the data source have different corp IDs, so synced users cannot sign in.",
    zh: "认证源与数据源的企业 ID 不一致，同步的用户无法登录。",
    remedy: "Correct the corp ID on the side where it was mistyped; they must be exactly equal.",
    remedy_zh: "请改正填错的一方的企业ID；两者必须完全相同。",
};

/// Kind of a credential: `contacts`, the contacts-sync secret of a data source, `external_contacts`, its secret of 客户联系, or `app`, the secret of a
/// WeCom app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// The contacts-sync secret of a data source.
    Contacts,
    /// The secret of 客户联系 of a data source.
    ExternalContacts,
    /// The secret of a WeCom app.
    App,
}

/// Something that is wrong with a set-up whose single fields may all be fine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SetupProblem)]
pub struct Problem {
    /// Stable reference number, explained in `docs/errors.md`.
    #[schema(pattern = "^[A-Z]{2}-[0-9]{3}$", example = "DI-212")]
    pub number: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The credential that WeCom refused something; absent: it is not about what a credential may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub credential: Option<CredentialKind>,
    /// What is wrong, in a sentence in English.
    pub title: &'static str,
    /// The same sentence in Chinese.
    pub title_zh: &'static str,
    /// Which values clash, or what was seen; may be empty.
    pub detail: String,
    /// What to do about it, in English.
    pub remedy: &'static str,
    /// The same in Chinese.
    pub remedy_zh: &'static str,
    /// Where in WeCom's console it is mended; absent: not there.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub place: Option<&'static str>,
    /// Since when, milliseconds since 1970; absent: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub since: Option<Timestamp>,
    /// From when on it takes effect, where that was announced, milliseconds since 1970; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub effective_at: Option<Timestamp>,
    /// When it is looked again whether it is over, milliseconds since 1970; absent: not by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_try_at: Option<Timestamp>,
}

impl Problem {
    /// Makes a problem of this kind.
    pub fn of(entry: &'static Entry, detail: impl Into<String>) -> Self {
        Self {
            number: entry.number,
            severity: severity_of(entry.number),
            credential: None,
            title: entry.en,
            title_zh: entry.zh,
            place: place_of(entry.number),
            detail: detail.into(),
            remedy: entry.remedy,
            remedy_zh: entry.remedy_zh,
            since: None,
            effective_at: None,
            next_try_at: None,
        }
    }

    /// Makes a problem of the kind with this reference number, whichever room's; `None`: no such number is known here.
    pub fn of_number(number: &str, detail: impl Into<String>) -> Option<Self> {
        Some(Self::of(crate::entry(number)?, detail))
    }

    /// The same problem as something that works in part, or may pass.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}
