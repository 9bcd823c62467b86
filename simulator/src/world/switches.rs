//! Every fact which the reference tags `[U]` or `[1]`, as a switch with a reasoned default; and the thresholds of §12.

use serde::{Deserialize, Serialize};

use super::{
    message_switches::MessageSwitches, private_info_switches::PrivateInfoSwitches, shapes::Shapes,
    suite_switches::SuiteSwitches,
};

/// What the new web login does when the scanning member is outside the app's visible scope (§2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanScopeCheck {
    /// Lets the scan pass: the relying party has to check the scope itself.
    #[default]
    Pass,
    /// Blocks in the client, as the legacy page does.
    Block,
}

/// How a held-back sensitive field looks (§3.4). Gender is "0" either way only when `Empty`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingField {
    /// The key is absent.
    #[default]
    Absent,
    /// The key is there with an empty value (gender "0").
    Empty,
}

/// What the files of exports are like (§5.7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFiles {
    /// As they were told.
    #[default]
    Sound,
    /// Of the size that was told, with one byte changed, so that their MD5 is another.
    Changed,
    /// The first half only.
    Truncated,
    /// Gone before their time (404).
    Gone,
    /// Elsewhere, says a redirect.
    Redirected,
    /// Encrypted with another key than the one that was given.
    OtherKey,
    /// Encrypted well, but no JSON.
    NotJson,
    /// Rows of members lack `department`.
    Placeless,
}

/// The two shapes of the hint in `errmsg` (§1.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HintShape {
    /// `1623396709_161_c9ab…` (unix seconds, a number, 32 hex digits).
    #[default]
    Stamped,
    /// A bare number of 24 digits.
    Digits,
}

/// One field per uncertain fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Out-of-scope member at the new web login. Default: pass.
    pub scan_scope_check: ScanScopeCheck,
    /// Redirects also carry `appid=<corpid>` (§2.1). Default: yes.
    pub redirect_carries_appid: bool,
    /// A refusal in the new web login redirects with `state` only, as the legacy page does. Default: no, it stays.
    pub web_refusal_redirects: bool,
    /// A disabled or inactive member can still confirm (a session may outlive, §3.4). Default: yes, the harder case.
    pub inactive_may_confirm: bool,
    /// `web_callback_domain: None` (and `oauth_domain: None` in the client, and unset domains of suites) allows any host. Default: yes, for easy demos.
    pub unset_domain_allows_any: bool,
    /// Web login also accepts the app's OAuth trusted domain (§2 table). Default: yes.
    pub web_accepts_oauth_domain: bool,
    /// Code for "not visible to this app": 60111 or 60011, 50002, 60021 (§3.4). Default: 60111.
    pub not_visible_code: i32,
    /// Code for an unknown department: 60003 or 60123 (§5.2). Default: 60003.
    pub unknown_department_code: i32,
    /// `gettoken` checks the trusted IPs itself (§1.2). Default: no, the first business call does.
    pub gettoken_checks_ip: bool,
    /// Repeated `gettoken` inside the validity returns the same token (§1.2). Default: yes.
    pub same_token_until_expiry: bool,
    /// What an expired token answers: 40014 or 42001 (§1.3). Default: 40014, as seen since 2024.
    pub expired_token_code: i32,
    /// A code survives an exchange which failed with a token error (§1.3). Default: yes.
    pub code_survives_token_error: bool,
    /// What a contacts-sync token gets for exchanging a code: 50001 or 48002 (§5.1). Default: 50001.
    pub contacts_exchange_code: i32,
    /// `fetch_child=1` is accepted but ignored (§5.3). Default: yes.
    pub ignore_fetch_child: bool,
    /// `department/get` answers the contacts-sync helper on a new IP (§5.1). Default: yes.
    pub department_get_on_new_ip: bool,
    /// `tag/list` and `tag/get` answer the contacts-sync helper on a new IP (§5.1). Default: yes.
    pub tags_on_new_ip: bool,
    /// `tag/list` shows an app all tags of the corp (§5.1). Default: yes; else only the tags in its scope.
    pub tag_list_shows_all: bool,
    /// Held-back sensitive fields are absent or empty (§3.3, §3.4). Default: absent.
    pub missing_sensitive: MissingField,
    /// `agent/get` leaves empty `allow_*` objects out (§4.1). Default: no.
    pub omit_empty_scope: bool,
    /// The privacy exchange shows `expires_in` beside `user_ticket` (§3.1). Default: no.
    pub user_ticket_shows_expiry: bool,
    /// Shape of the hint in `errmsg` (§1.1). Default: stamped.
    pub hint_shape: HintShape,
    /// Disabling and enabling a member tells apps `unsubscribe` and `subscribe` (§17.1). Default: yes.
    pub disabling_tells_apps: bool,
    /// What calls of an app that WeCom switched off for disuse answer: 48006 or 50003 (§17.1). Default: 48006.
    pub disused_code: i32,
    /// `department/list` for a scope without departments: 0 (`[]`) or 60011 (§17.2). Default: `[]`.
    pub no_departments_code: i32,
    /// `enable` (1 / 0) beside `status` (§17.2). Default: yes.
    pub shows_enable: bool,
    /// `from ip:` in `errmsg` is empty (§17.2). Default: no.
    pub empty_from_ip: bool,
    /// Shapes of replies (§17.2). Default: none, as documented.
    pub shapes: Shapes,
    /// `expires_in` of a token given out again counts down, or stays 7200 (§17.3). Default: stays, as most report.
    pub expires_in_counts_down: bool,
    /// In-app OAuth takes `scope=snsapi_userinfo` as `snsapi_base` (§17.3). Default: yes.
    pub userinfo_scope_is_base: bool,
    /// `id=0` at the department lists means all (§17.3). Default: yes; else an unknown department.
    pub id_zero_means_all: bool,
    /// `export/*` answers the contacts-sync helper on a new IP (§5.1). Default: no.
    pub export_on_new_ip: bool,
    /// Exports end with status 3, failed (§5.7). Default: no.
    pub exports_fail: bool,
    /// Exported files hold the envelope of callbacks around the JSON (§5.7). Default: no, bare JSON.
    pub export_has_envelope: bool,
    /// `status` of a job is a text, as some SDKs have it (§5.7). Default: no.
    pub export_status_is_text: bool,
    /// A job that finds nothing to write ends with an empty `data_list` (§5.7 does not say). Default: no, a file with an empty list.
    pub export_of_nothing_has_no_file: bool,
    /// What is wrong with exported files. Default: nothing.
    pub export_files: ExportFiles,
    /// Base URL of the host that exported files are said to be at (§5.7). Default: this one.
    pub export_host: Option<String>,
    /// Rows of one file, where fewer than the `block_size` of the call. Default: none, as many as the call says.
    pub export_rows_per_file: Option<usize>,
    /// Contact events carry only what §7.1 leaves since 2022-08-15. Default: yes.
    pub restricted_events: bool,
    /// Contacts-sync callbacks carry `AgentID` 2000002 (§6.3). Default: no.
    pub contacts_agentid: bool,
    /// Values in callback XML are wrapped in CDATA (§6.5). Default: yes.
    pub cdata: bool,
    /// Callbacks are JSON (§6.6). Default: no, XML.
    pub json_callbacks: bool,
    /// Retries carry a fresh timestamp and nonce (§6.5). Default: yes.
    pub fresh_timestamp_on_retry: bool,
    /// App messages and cards (§10).
    pub messages: MessageSwitches,
    /// Private fields by consent (§2.4, §3.3).
    pub private_info: PrivateInfoSwitches,
    /// Suites (§9).
    pub suites: SuiteSwitches,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            scan_scope_check: ScanScopeCheck::Pass,
            redirect_carries_appid: true,
            web_refusal_redirects: false,
            inactive_may_confirm: true,
            unset_domain_allows_any: true,
            web_accepts_oauth_domain: true,
            not_visible_code: 60111,
            unknown_department_code: 60003,
            gettoken_checks_ip: false,
            same_token_until_expiry: true,
            expired_token_code: 40014,
            code_survives_token_error: true,
            contacts_exchange_code: 50001,
            ignore_fetch_child: true,
            department_get_on_new_ip: true,
            tags_on_new_ip: true,
            tag_list_shows_all: true,
            missing_sensitive: MissingField::Absent,
            omit_empty_scope: false,
            user_ticket_shows_expiry: false,
            hint_shape: HintShape::Stamped,
            disabling_tells_apps: true,
            disused_code: 48006,
            no_departments_code: 0,
            shows_enable: true,
            empty_from_ip: false,
            shapes: Shapes::default(),
            expires_in_counts_down: false,
            userinfo_scope_is_base: true,
            id_zero_means_all: true,
            export_on_new_ip: false,
            exports_fail: false,
            export_has_envelope: false,
            export_status_is_text: false,
            export_of_nothing_has_no_file: false,
            export_files: ExportFiles::Sound,
            export_host: None,
            export_rows_per_file: None,
            restricted_events: true,
            contacts_agentid: false,
            cdata: true,
            json_callbacks: false,
            fresh_timestamp_on_retry: true,
            messages: MessageSwitches::default(),
            private_info: PrivateInfoSwitches::default(),
            suites: SuiteSwitches::default(),
        }
    }
}

/// Thresholds of §12; a block lasts as long as the window which was exceeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// One corp, one API, per minute.
    pub corp_per_minute: u32,
    /// One corp, one API, per hour.
    pub corp_per_hour: u32,
    /// One IP, one API, per minute.
    pub ip_per_minute: u32,
    /// One IP, one API, per hour.
    pub ip_per_hour: u32,
    /// Wrong secrets of one IP within an hour; more block the IP for an hour (§1.2).
    pub wrong_secrets_per_hour: u32,
    /// App messages to one member per minute; more are dropped without an error.
    pub messages_per_minute: u32,
    /// App messages to one member per hour; more are dropped without an error.
    pub messages_per_hour: u32,
    /// Messages of one app a day, counted by receivers, for each account of the corp; more are refused.
    pub messages_per_account: u32,
    /// `get_jsapi_ticket` of one corp per hour.
    pub jsapi_tickets_per_corp: u32,
    /// `get_jsapi_ticket` of one app per hour.
    pub jsapi_tickets_per_app: u32,
    /// Seconds an export takes. WeCom's take minutes; by default it is done at once.
    pub export_seconds: u64,
    /// How often a job is asked about in vain before it is done: first it is queued, then it runs.
    pub export_polls: u32,
    /// Time limit of the GET verification in milliseconds. WeCom grants 1000 (§6.4); the default spares busy test machines.
    pub verify_timeout_ms: u64,
    /// Time limit of one callback delivery in milliseconds (§6.5).
    pub callback_timeout_ms: u64,
    /// Time limit of one push to a command callback in milliseconds. WeCom grants 1000 (§6.5); the default spares busy test machines.
    pub push_timeout_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            corp_per_minute: 10_000,
            corp_per_hour: 150_000,
            ip_per_minute: 20_000,
            ip_per_hour: 600_000,
            wrong_secrets_per_hour: 2_000,
            messages_per_minute: 30,
            messages_per_hour: 1_000,
            messages_per_account: 200,
            jsapi_tickets_per_corp: 400,
            jsapi_tickets_per_app: 100,
            export_seconds: 0,
            export_polls: 0,
            verify_timeout_ms: 3_000,
            callback_timeout_ms: 5_000,
            push_timeout_ms: 3_000,
        }
    }
}
