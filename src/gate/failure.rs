//! Refusals of the gate (`GT-…`): one reference number per check.

use crate::catalogue;

catalogue! {
    /// Refusals of the gate.
    pub enum GateFailure {
        /// The portal is switched off.
        PortalDisabled = "GT-101", 403, "This application is switched off.",
            "该应用已停用。", "Enable the client to let people in again.", "请启用该门户，使人员可以重新进入。";
        /// The auth source is switched off or gone.
        AuthSourceDisabled = "GT-102", 403, "This way of signing in is switched off.",
            "该登录方式已停用。", "Enable the auth source, or offer the portal another one.", "请启用该认证源，或为门户提供另一个认证源。";
        /// The portal does not accept this auth source.
        AuthSourceNotAllowed = "GT-103", 403, "This application does not accept this way of signing in.",
            "该应用不接受此登录方式。", "Add the auth source to the client's auth_sources.", "请将该认证源加入门户的auth_sources。";
        /// No data source has the auth source's corp ID, or it is bound to one with another corp ID.
        CorpMismatch = "GT-104", 403, "This way of signing in does not belong to a synced company directory.",
            "该登录方式与已同步的企业通讯录不匹配。",
            "The auth source's corp ID differs from the data source's: correct whichever was mistyped. Users synced from another corp cannot sign in through it.",
            "认证源与数据源的企业ID不一致：请改正填错的一方。从其他企业同步的用户不能通过它登录。";
        /// The data source is off, or its users may not sign in with WeCom.
        WeComLoginOff = "GT-105", 403, "Signing in with WeCom is switched off for your company.",
            "您的企业未开启企业微信登录。", "Enable the data source and its WeCom login method.", "请启用该数据源及其企业微信登录方式。";
        /// Not a member of the corp: WeCom returned no userid.
        NotAMember = "GT-106", 403, "You are not a member of this company in WeCom.",
            "您不是该企业的企业微信成员。", "WeCom gave an openid instead of a userid: the person who scanned is not an employee. Menjin never uses an openid as an identity.",
            "企业微信返回的是openid而不是userid：扫码的人不是企业成员。门禁从不以openid作为身份。";
        /// A member of a linked or upstream/downstream corp.
        LinkedCorp = "GT-107", 403, "You belong to another company that is linked in WeCom; this sign-in is for employees only.",
            "您属于互联企业，本登录仅供本企业成员使用。", "The person is a member of another corp; add that corp as a data source of its own if they shall sign in.", "此人是另一个企业的成员；如需让其登录，请将该企业添加为单独的数据源。";
        /// An employee of another corp, who signed in by the same app of a service provider.
        OtherCorp = "GT-126", 403, "You work for another company than the one this sign-in is for.",
            "您不属于该登录方式对应的企业。", "An employee of any company can complete the WeCom login of a service provider's app: this one is of another company than the auth source. Their own company has to be connected, and its auth source offered to the portal.",
            "任何企业的员工都能完成服务商应用的企业微信登录：此人不属于该认证源的企业。如需让其登录，请接入其所在企业，并将其认证源提供给门户。";
        /// Outside the WeCom app's visible scope.
        OutOfScope = "GT-108", 403, "Your account is outside the range of people this WeCom app is open to.",
            "您不在该企业微信应用的可见范围内。", "Add the member, their department or a tag to the app's visible scope in the WeCom console.", "请在企业微信管理后台将该成员、其部门或标签加入该应用的可见范围。";
        /// WeCom status is not active.
        NotActive = "GT-109", 403, "Your WeCom account is disabled or not activated.",
            "您的企业微信账号已停用或未激活。", "Only members with status 1 (active) may sign in.", "只有状态为1（已激活）的成员可以登录。";
        /// WeCom's status is none that it documents.
        StatusUnknown = "GT-120", 403, "WeCom does not say that your account is active.",
            "企业微信未说明您的账号处于激活状态。", "WeCom's status of the member is missing or none of 1 (active), 2 (disabled), 4 (not activated) and 5 (left). Look at the member's status here and in the WeCom console, and report it if it stays.",
            "企业微信给出的成员状态缺失，或不是1（已激活）、2（已禁用）、4（未激活）、5（退出企业）之一。请在此处和企业微信管理后台查看该成员的状态；如持续如此，请报告此问题。";
        /// In scope, but no user.
        NotImported = "GT-110", 403, "You have not been given an account here yet.",
            "您尚未开通账号。", "The member is not imported: run a sync, or look at the member's import reason. not_chosen: POST /api/v1/members/{id}/import; skipped or conflict: decide it under /api/v1/conflicts.",
            "该成员尚未导入：请运行同步，或查看该成员的导入原因。not_chosen：POST /api/v1/members/{id}/import；skipped或conflict：请在/api/v1/conflicts中决定。";
        /// The user is disabled.
        UserDisabled = "GT-111", 403, "Your account has been disabled.",
            "您的账号已被停用。", "The user's page says why, as does disabled_reason over the API.", "原因见该用户的停用原因。";
        /// The date has come until which the user had access.
        AccessEnded = "GT-121", 403, "Your access has ended.",
            "您的访问期限已到。", "The user's access_until has passed: move it, or set it to null, to let them in again.", "该用户的access_until已过：请改为更晚的日期或设为null，使其可以重新登录。";
        /// The portal is limited to other people.
        PortalNotAllowed = "GT-112", 403, "You are not among the people this application is open to.",
            "您不在该应用的授权范围内。", "Add the user or their department to the client's access rules.", "请将该用户或其部门加入门户的访问规则。";
        /// WeCom could not confirm the membership in time.
        NotConfirmed = "GT-113", 503, "WeCom cannot confirm your membership right now. Please try again shortly.",
            "企业微信暂时无法确认您的成员身份，请稍后再试。",
            "WeCom did not answer, or too many looks were made (wecom.looks_per_minute; the trace's live says OverBudget), and no earlier confirmation will do: it is a new sign-in, or WeCom never confirmed the member, or the scope read last does not cover them.",
            "企业微信没有应答，或查询过多（wecom.looks_per_minute；记录中的live为OverBudget），且没有可用的先前确认：这是新的登录，或企业微信从未确认过该成员，或最近读到的可见范围不含该成员。";
        /// The service provider is told other ids than those that are held.
        OtherIds = "GT-127", 503, "The IDs by which your company's members are known here have just changed. Please try again in a few minutes.",
            "您的企业成员在此使用的 ID 刚刚发生变化，请几分钟后再试。",
            "WeCom tells this service provider the members of the company by IDs of another kind than those that are held, plain or encrypted, and nothing that says who this person is (docs/service-provider.md). A sync looks at it; where that is paused (SY-170), look at its rows and confirm it, or let the provider go back to the IDs that it had.",
            "企业微信向该服务商返回的成员ID类型（明文或加密）与已保存的不同，且没有信息表明此人是谁（docs/service-provider.zh-CN.md）。同步会进行检查；如同步已暂停（SY-170），请查看其明细后确认，或让服务商恢复原来的ID。";
        /// WeCom has not answered for longer than the portal's grace.
        GraceOver = "GT-118", 503, "WeCom has not been reachable for too long to confirm your membership. Please try again later.",
            "企业微信长时间无法访问，暂不能确认您的成员身份，请稍后再试。",
            "The last confirmation is older than the client's membership_max_age and membership_grace together. Look at why WeCom does not answer, or, where the trace's live says OverBudget, at wecom.looks_per_minute; raise membership_grace if people may come in unconfirmed for longer.",
            "最近一次确认已超过门户的membership_max_age与membership_grace之和。请查明企业微信为何没有应答，若记录中的live为OverBudget，请查看wecom.looks_per_minute；如果允许人员在更长时间内未经确认即可进入，请调高membership_grace。";
        /// The session is over.
        SessionEnded = "GT-114", 403, "Your sign-in has ended. Please sign in again.",
            "您的登录已结束，请重新登录。", "The session was ended by logout, by an admin or because the member left.", "该会话因登出、管理员操作或成员离开而结束。";
        /// Neither the person's data source nor the configuration allows passwords.
        PasswordOff = "GT-115", 403, "Signing in with a password is switched off for your account.",
            "您的账号未开启密码登录。",
            "Enable the data source and add password to its login_methods; for people of no data source set password.local_users.",
            "请启用该数据源，并在其login_methods中加入password；对不属于任何数据源的人员，请设置password.local_users。";
        /// WeCom shows another person under the userid.
        UseridReused = "GT-116", 403, "This WeCom account belonged to somebody else here. Your own account is being prepared; please try again in a few minutes.",
            "该企业微信账号此前属于他人。正在为您准备新账号，请几分钟后再试。",
            "WeCom shows another person under this userid than the one who had it (docs/identity.md): that account was ended, and a sync imports the newcomer.",
            "企业微信在此userid下显示的已不是原来的人（docs/identity.md）：原账号已终止，同步会导入新成员。";
        /// It is in doubt who somebody is, and the data source waits for an admin.
        IdentityDoubtful = "GT-117", 403, "An administrator must confirm that this account is yours.",
            "需由管理员确认该账号属于您本人。",
            "What WeCom shows under this userid differs from what was known of its owner. Decide the finding: GET /api/v1/identity-findings?state=open, POST /api/v1/identity-findings/{id}/decide. The data source's doubtful_identity says whether people wait.",
            "企业微信在此userid下显示的信息与其原主人的已知信息不同。请对存疑项作出决定：GET /api/v1/identity-findings?state=open，POST /api/v1/identity-findings/{id}/decide。存疑期间是否须等待，由数据源的doubtful_identity决定。";
        /// Nobody can come in where no way leads.
        NoWayIn = "GT-123", 403, "There is no way of signing in for this account.",
            "该账号没有可用的登录方式。",
            "No auth source leads to this person's company, and they have no password: add an auth source with the corp ID of their data source, or give them a password (POST /api/v1/users/{id}/password-link).",
            "没有认证源对应此人所在的企业，此人也没有密码：请用其数据源的企业ID新建认证源，或为其设置密码（POST /api/v1/users/{id}/password-link）。";
        /// A what-if names something that there is not.
        WhatIfUnknown = "GT-124", 422, "The question names something that does not exist.",
            "查询中引用了不存在的对象。", "The detail names the parameters. List departments, users, auth-sources or wecom-apps for the ids that exist.",
            "详情列出了有误的参数。请列出departments、users、auth-sources或wecom-apps，查看现有的ID。";
    }
}
