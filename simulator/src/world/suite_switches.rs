//! Switches of the service-provider side: what the reference (§0.2, §2.4, §5.1, §6.3, §9) leaves open, each with a default that says why.

use serde::{Deserialize, Serialize};

/// What `auth_user_info` of a new installation is like; each part may be missing (§9.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthUserInfo {
    /// Ids; `name` and `avatar` are empty, as in the published sample.
    #[default]
    Ids,
    /// The object is there, and all of it is empty.
    Empty,
    /// The object is missing.
    Missing,
}

/// One field per uncertain fact about suites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SuiteSwitches {
    /// Corpids are encrypted per provider (§0.2, the id upgrade). Default: yes, as for every provider of today.
    pub encrypted_corpids: bool,
    /// Userids of corps which installed are encrypted too (§9.8: by the policy of the id upgrade). Default: yes.
    pub encrypted_userids: bool,
    /// `open_userid` stands beside the userids of members (§3.4: third-party only). Default: yes, as the page lists it.
    pub tells_open_userids: bool,
    /// The command callback's URL is verified with the provider's corpid as receive id (§6.3). Default: no, with the suite id by the general rule.
    pub command_verified_as_provider: bool,
    /// An installation in the browser also pushes `create_auth`, with the code of the redirect (§9.2). Default: no.
    pub browser_install_pushes_create_auth: bool,
    /// `create_auth` has `State` where the QR code carried one (§9.3). Default: yes.
    pub create_auth_carries_state: bool,
    /// `get_permanent_code` has `state` where the QR code carried one (§9.4). Default: yes.
    pub state_in_permanent_code: bool,
    /// `InfoType` begins with a blank, as was seen (§9.1). Default: no.
    pub info_type_leading_blank: bool,
    /// Successful replies of `service/*` lack `errcode` and `errmsg` (§1.1). Default: no.
    pub service_lacks_errcode: bool,
    /// `auth_user_info` (§9.4). Default: ids without a name.
    pub auth_user_info: AuthUserInfo,
    /// `get_corp_token` serves apps from a template too (§9.5). Default: no, 48002.
    pub template_gets_corp_token: bool,
    /// `agent/get_admin_list` answers apps from a template (§9.5). Default: yes; else there is no such address.
    pub template_admin_list: bool,
    /// Installing again gives a new permanent code and ends the old one. Default: yes, the harder case; the reference is silent.
    pub reinstall_renews_permanent_code: bool,
    /// What a permanent code answers whose app was deleted: 40084 or 48004 (§9.5). Default: 40084.
    pub cancelled_code: i32,
    /// What corp tokens of a deleted app answer: 40014 or 48004. Default: 40014; the reference is silent.
    pub cancelled_token_code: i32,
    /// Positions, aliases, landlines and attributes of members are told: §5.1 denies only names and sensitive items. Default: no.
    pub ordinary_fields: bool,
    /// In-app OAuth of a member whose corp lacks the suite shows that it must be installed first (§2.4). Default: no, it gives a code.
    pub uninstalled_must_install_first: bool,
    /// `expires_in` of a pre-auth code (§9.2: the sample's value). Default: 1200.
    pub pre_auth_code_seconds: u64,
    /// Seconds for which a web login lets its browser see names by the display component. Default: 7200; the reference is silent.
    pub viewer_seconds: u64,
    /// Pushes tickets by the clock. Default: yes; off, only those on demand are pushed.
    pub pushes_tickets: bool,
    /// The customer-contact callback carries `AgentID` 2000003 (§6.3). Default: no.
    pub customers_agentid: bool,
}

impl Default for SuiteSwitches {
    fn default() -> Self {
        Self {
            encrypted_corpids: true,
            encrypted_userids: true,
            tells_open_userids: true,
            command_verified_as_provider: false,
            browser_install_pushes_create_auth: false,
            create_auth_carries_state: true,
            state_in_permanent_code: true,
            info_type_leading_blank: false,
            service_lacks_errcode: false,
            auth_user_info: AuthUserInfo::Ids,
            template_gets_corp_token: false,
            template_admin_list: true,
            reinstall_renews_permanent_code: true,
            cancelled_code: 40084,
            cancelled_token_code: 40014,
            ordinary_fields: false,
            uninstalled_must_install_first: false,
            pre_auth_code_seconds: 1200,
            viewer_seconds: 7200,
            pushes_tickets: true,
            customers_agentid: false,
        }
    }
}
