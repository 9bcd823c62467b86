//! Failures of installations (`IN-…`): of connecting a corp, and what is wrong with one that is connected.

use crate::catalogue;

catalogue! {
    /// Failures of installations.
    pub enum InstallationFailure {
        /// There is no such installation or invitation.
        NotFound = "IN-101", 404, "There is no such installation.",
            "没有该安装记录。", "List the installations: GET /api/v1/installations.", "请列出安装记录：GET /api/v1/installations。";
        /// The fields are not acceptable.
        Invalid = "IN-102", 422, "Something that was entered cannot be accepted.",
            "填写的内容无法接受。", "The detail names the fields.", "详情列出了有误的字段。";
        /// The suite has no good ticket.
        NoTicket = "IN-103", 409, "This suite has no valid ticket, so nothing can be installed by it now.",
            "该服务商应用没有有效的 Ticket，暂时无法安装。", "See the page of the suite: WeCom sends a ticket every ten minutes to its command callback; press the button that refreshes the ticket (刷新Ticket) in the provider console.",
            "请查看该服务商应用的页面：企业微信每十分钟向其指令回调推送Ticket；请在服务商管理后台点击“刷新Ticket”。";
        /// A `state` that is unknown, or another admin's.
        ForeignState = "IN-104", 403, "This return from WeCom does not belong to an invitation of yours.",
            "此次从企业微信返回的请求不属于您发起的邀请。", "Begin again at Connect a company, and finish in the same browser, signed in as the same person.",
            "请从“接入企业”重新开始，并在同一浏览器中以同一身份完成。";
        /// It was redeemed before.
        InvitationUsed = "IN-105", 409, "This invitation was used already.",
            "该邀请已被使用。", "The invitation shows what it led to. Make another one to connect another company.", "该邀请的页面显示了其结果。如需接入其他企业，请新建邀请。";
        /// Too late.
        InvitationExpired = "IN-106", 409, "This invitation has expired.",
            "该邀请已过期。", "Begin again at Connect a company.", "请从“接入企业”重新开始。";
        /// Somebody else was faster.
        AlreadyBound = "IN-108", 409, "This company is connected already.",
            "该企业已接入。", "The detail says by whom and when. Nothing has changed by this; edit its data source instead.", "详情说明了接入人和时间。本次操作未作任何更改；请改为编辑其数据源。";
        /// The corp is connected by another suite.
        BoundElsewhere = "IN-109", 409, "This company is connected through another app of this service provider.",
            "该企业已通过同一服务商的其他应用接入。", "The detail names the app. Its members have the same IDs in both, so one of them counts: let the company delete that app in WeCom first, then connect this one.",
            "详情列出了该应用。两个应用中的成员ID相同，只能使用其一：请先由该企业在企业微信中删除该应用，再接入此应用。";
        /// It moved to an app of its own.
        MovedAway = "IN-140", 409, "This company has moved from this app to one of its own.",
            "该企业已从此应用迁移到其自建应用。", "Its data source goes on by its own app. To come back to this app, take the move back, as long as that is possible.", "其数据源继续通过自建应用使用。如需改回此应用，请在可撤销期间撤销迁移。";
        /// Who scanned is of a corp that has no installation that waits.
        NotInstalled = "IN-110", 409, "The company of whoever scanned has not installed this app.",
            "扫码成员所在的企业尚未安装该应用。", "Install the app first: an admin of the company scans the app's QR code, chooses who may use it, and agrees. WeCom tells Menjin within seconds, and once: where it is installed and does not appear, let the company delete the app and install it again.",
            "请先安装应用：由该企业的管理员扫描应用二维码，选择可见范围并同意授权。企业微信会在数秒内通知Menjin，且只通知一次：如已安装却未显示，请该企业删除应用后重新安装。";
        /// It waited too long.
        Expired = "IN-111", 409, "The company installed the app, but nobody connected it in time.",
            "该企业已安装应用，但未在期限内完成接入。", "Let its admin delete the app in WeCom and install it again.", "请由该企业的管理员在企业微信中删除该应用后重新安装。";
        /// It is deleted.
        Cancelled = "IN-112", 409, "The company has deleted the app in WeCom.",
            "该企业已在企业微信中删除该应用。", "Let its admin install the app again.", "请由该企业的管理员重新安装该应用。";
        /// The member is not among those for whom the app was authorised.
        OutsideScope = "IN-113", 403, "Whoever scanned is not in the visible scope of the app.",
            "扫码成员不在该应用的可见范围内。", "Somebody for whom the company authorised the app must scan; the visible scope is changed in WeCom.", "请由该应用可见范围内的成员扫码；可见范围在企业微信中修改。";
        /// Of no corp.
        Outsider = "IN-114", 403, "Whoever scanned is not a member of a company in WeCom.",
            "扫码者不是企业微信中任何企业的成员。", "A member of the company that is to be connected must scan.", "请由要接入的企业的成员扫码。";
        /// Templates have no install page.
        NoBrowserWay = "IN-115", 422, "An app of a template (dk...) cannot be installed in the browser.",
            "代开发应用模板（dk…）不能通过浏览器安装。", "Choose the phone: WeCom installs templates by their QR code alone.", "请选择手机扫码：企业微信只支持用二维码安装代开发应用模板。";
        /// The scan that was begun is over, or was another one's.
        ScanOver = "IN-116", 409, "This scan has expired or was used already.",
            "此次扫码已过期或已被使用。", "Press I have installed it again, and scan anew.", "请再次点击“我已安装”并重新扫码。";
        /// WeCom has not told what was authorised, so nobody can be compared with it.
        NotRead = "IN-117", 409, "WeCom has not told yet what this company authorised.",
            "企业微信尚未返回该企业的授权信息。", "It is asked again by itself; try again in a minute. The installation says what WeCom answered.", "系统会自动重试，请一分钟后再试。安装记录中显示了企业微信的答复。";
        /// Whoever scanned is disabled, or has not joined.
        MemberInactive = "IN-107", 403, "Whoever scanned is disabled or has not joined the company in WeCom.",
            "扫码成员已被禁用或尚未加入企业。", "Somebody active in the visible scope of the app must scan.", "请由该应用可见范围内的在职成员扫码。";
        /// The data of before is still being removed.
        BeingRemoved = "IN-118", 409, "What was known of this company before is still being removed.",
            "该企业此前的数据仍在清除中。", "Try again in a minute.", "请一分钟后再试。";
        /// WeCom says so, and did not tell that the app was deleted.
        Missing = "IN-119", 409, "WeCom says that this company has not installed the app; it is asked once more before access ends.",
            "企业微信称该企业未安装此应用；系统会再次确认，之后才会结束访问。", "Nothing: where the app was deleted, the company is disconnected within minutes; where its secret was reset, the new one is on its way.",
            "无需处理：若应用已删除，数分钟内将取消接入；若Secret已重置，新的授权码即将到达。";
        /// Binding by a retry, in the name of somebody whose role is gone.
        NoStanding = "IN-121", 403, "Whoever asked to connect this company may not do so any more.",
            "发起接入的人已无权接入该企业。", "Let somebody with the console role admin connect it: by phone, with a scan of one of its members.", "请由具有控制台角色admin的人接入：选择手机扫码，由其成员扫码。";
        /// Reading what was authorised failed.
        Unread = "IN-120", 409, "WeCom does not say what this company authorised; it is asked again by itself.",
            "企业微信未返回该企业的授权信息，系统会自动重试。", "See what the detail says; where it lasts, see the page of the suite.", "请查看详情；如持续出现，请查看该服务商应用的页面。";
        /// Its data source was removed here.
        SourceRemoved = "IN-122", 409, "The data source of this company was removed here, while the app is still installed in WeCom.",
            "该企业的数据源已在此删除，但其企业微信中仍安装着该应用。", "Connect it again by a scan of one of its members, or let the company delete the app in WeCom.", "请由其成员扫码重新接入，或由该企业在企业微信中删除该应用。";
        /// `auth_mode` 1.
        ByMember = "IN-123", 409, "A member installed this app for themselves, not an admin for the company.",
            "该应用由成员个人安装，而非由企业管理员安装。", "Only that member is in its scope. Let an admin of the company install it.", "仅该成员在可见范围内。请由企业管理员安装。";
        /// Told late, by WeCom's moment: what came later counts.
        Superseded = "IN-130", 409, "WeCom told something newer of this installation before.",
            "此前已收到关于该安装的更新通知。", "Nothing: what is newer counts.", "无需处理：以较新的通知为准。";
        /// A push that could not be acted on within its time.
        PushGivenUp = "IN-131", 409, "This push of WeCom could not be acted on in time.",
            "未能在期限内处理企业微信的该推送。", "Let the company's admin install the app again, or change its visible scope in WeCom, which tells Menjin anew.", "请由该企业的管理员重新安装该应用，或在企业微信中修改可见范围，以再次通知Menjin。";
    }
}

#[cfg(test)]
mod tests {
    use super::InstallationFailure;

    #[test]
    fn sentences_fit_a_protocol_error() {
        for entry in InstallationFailure::ENTRIES {
            let printable = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
            assert!(entry.en.chars().all(printable), "{}", entry.number);
            assert!(entry.number.starts_with("IN-1") && !entry.zh.is_empty());
        }
    }
}
