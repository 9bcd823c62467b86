//! Failures of access requests (`AR-…`).

use crate::catalogue;

catalogue! {
    /// Failures of access requests.
    pub enum RequestFailure {
        /// No proof of a scan in this browser, or one that is too old.
        NotProven = "AR-101", 403, "Scan again first: this page needs a sign-in of the last ten minutes in this browser.",
            "请先重新扫码：此页面需要本浏览器在最近十分钟内的一次扫码。",
            "Applying rests on the proof of the scan just made, which is bound to the browser. The person scans again and is led back here.",
            "申请以刚完成的扫码为凭据，且凭据与浏览器绑定。请重新扫码，之后会回到此页面。";
        /// There is no such request.
        NotFound = "AR-102", 404, "There is no such access request.",
            "没有该访问申请。", "List the requests: GET /api/v1/access-requests.", "请列出申请：GET /api/v1/access-requests。";
        /// Somebody decided, or it is over for another reason.
        Decided = "AR-103", 409, "This access request has been decided already.",
            "该访问申请已有结果。", "The detail says how, by whom and when. Nothing has changed by this; what was decided can be changed at the user.",
            "详情说明了结果、处理人和时间。本次操作未作任何更改；如需调整，请在用户处修改。";
        /// The link is none of ours.
        LinkUnknown = "AR-104", 404, "This link is not known here.",
            "无法识别该链接。", "Open the link exactly as it was sent, or find the request in the console.", "请按收到的原样打开链接，或在控制台中查找该申请。";
        /// The link was sent more than a day ago.
        LinkExpired = "AR-105", 410, "This link has expired.",
            "该链接已失效。", "Links work for 24 hours. An approver who is signed in can make it work again on its page, or decide in the console.",
            "链接的有效期为24小时。已登录的审批人可在链接页面使其重新生效，或在控制台中处理。";
        /// The member has a user by now.
        Overtaken = "AR-106", 409, "This person has an account already.",
            "此人已有账号。", "A sync or an admin imported the member meanwhile; the request is closed. Whether they can sign in, the page of their user says.",
            "该成员已由同步或管理员导入，申请已关闭。能否登录见该用户的页面。";
        /// Something that was entered cannot be taken.
        Invalid = "AR-107", 422, "Something that was entered cannot be accepted.",
            "填写的内容无法接受。", "The detail names the fields.", "详情列出了有误的字段。";
        /// Portals other than the one that was asked for.
        OtherPortal = "AR-108", 403, "Only an admin can open applications that were not asked for.",
            "只有管理员可以开通未申请的应用。", "Leave the portal out, or let somebody with the role admin approve.", "请去掉该门户，或由具有admin角色的人审批。";
        /// Neither a console role that suffices nor a named approver.
        NotAnApprover = "AR-109", 403, "You are not among those who decide about this request.",
            "您不是该申请的审批人。", "Add the user to the data source's approvers, or give them the console role operator.", "请将该用户加入数据源的approvers，或授予其控制台角色operator。";
        /// No sync has read the member.
        NotRead = "AR-110", 409, "No sync has read this member yet.",
            "尚未有同步读取到该成员。", "Start a sync of the data source, then approve. Nothing was decided.", "请先启动该数据源的同步，然后再批准。本次未作任何决定。";
        /// The data source takes no requests.
        SwitchedOff = "AR-111", 403, "This company does not take access requests here.",
            "该企业未开放访问申请。", "Set access_requests of the data source to true.", "请将数据源的access_requests设为true。";
        /// Too many of one member.
        TooManyOfMember = "AR-112", 429, "You have asked several times today. Please try again tomorrow.",
            "您今天已多次申请，请明天再试。", "A member can make three requests in 24 hours.", "每名成员在24小时内最多申请三次。";
        /// Too many of one corp.
        TooManyOfCorp = "AR-113", 429, "Too many requests are waiting here. Please ask your administrator.",
            "待处理的申请过多，请联系管理员。", "200 requests of a data source can be open. Decide those that wait.", "每个数据源最多有200个待处理的申请，请先处理。";
        /// The form is not one that this browser was shown.
        Unconfirmed = "AR-114", 403, "This form was not sent from its page.",
            "该表单并非从其页面提交。", "Open the page again and send the form from there.", "请重新打开页面，并从页面提交表单。";
        /// Whoever asked has left, or somebody else has the userid by now.
        OtherPerson = "AR-115", 409, "The person who asked is no longer the one with this member ID.",
            "申请人已不再是使用该成员ID的人。", "They left the company, or the member ID was given to somebody else. The request closes by itself; whoever has the member ID now can ask on their own.",
            "申请人已离职，或该成员ID已分配给他人。该申请会自动关闭；现在使用该成员ID的人可自行申请。";
        /// The user would be disabled from the start.
        MemberOutside = "AR-116", 409, "This person could not sign in: WeCom shows them as disabled, not activated, or outside.",
            "批准后此人仍无法登录：企业微信显示该成员已禁用、未激活或不在可见范围内。",
            "Nothing was decided. Enable or invite the member in WeCom, or add them to the app's visible scope, start a sync of the data source, then approve.",
            "本次未作任何决定。请在企业微信中启用、邀请该成员，或将其加入应用的可见范围，同步该数据源后再批准。";
        /// The data source is off, or is being removed.
        SourceOff = "AR-117", 409, "This company is switched off here: nobody of it can sign in.",
            "该企业的数据源已停用：其成员均无法登录。", "Nothing was decided. Set enabled of the data source to true, then approve; where it is being removed, refuse the request.",
            "本次未作任何决定。请将数据源的enabled设为true后再批准；若数据源正在移除，请拒绝该申请。";
        /// An admin left the member out, or removed their user; who decides has no console role, or pressed a card, which does not show it.
        LeftOut = "AR-118", 403, "An admin decided before that this person stays out.",
            "管理员此前已决定此人不得进入。", "Nothing was decided. Somebody with the console role operator or more can approve by the link, in the console or over the API; or refuse the request.",
            "本次未作任何决定。可由具有控制台角色operator或更高角色的人通过链接、控制台或API批准，或拒绝该申请。";
        /// A press of a card that was not sent to whoever pressed, by that app, about this request.
        ForeignCard = "AR-119", 403, "This card was not sent to you here, so its buttons do nothing.",
            "该卡片并非在此发送给您，其按钮无效。", "Nothing was decided. Whoever decides gets a card of their own: subscribe them to access_requested; the request also stands in the console.",
            "本次未作任何决定。审批人会收到自己的卡片：请为其订阅access_requested；也可在控制台中处理该申请。";
        /// A username other than the member ID.
        OtherUsername = "AR-120", 403, "Only an operator can choose a username other than the member ID.",
            "只有操作员才能指定成员ID以外的用户名。", "Leave the member ID as it is, or let somebody with the console role operator approve. Nothing was decided.",
            "请保留成员ID，或由具有控制台角色operator的人审批。本次未作任何决定。";
        /// Groups, which only an admin gives.
        Groups = "AR-121", 403, "Only an admin can put people into groups, by a link only shortly after signing in.",
            "只有管理员可以将人员加入用户组；通过链接时，须刚刚登录过。", "Nothing was decided. Leave the groups out, decide in the console, or let somebody with the role admin approve.",
            "本次未作任何决定。请去掉用户组、在控制台中处理，或由具有admin角色的人审批。";
    }
}
