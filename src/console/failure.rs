//! Errors of the console itself; what an operation fails with is the admin API's.

use crate::catalogue;

catalogue! {
    /// Failures of the console.
    pub enum ConsoleFailure {
        /// The confirmation token (CSRF) of a form is not that of this session.
        Unconfirmed = "CO-101", 403, "This could not be confirmed in this browser.",
            "无法在此浏览器中确认该操作。", "Open the page again. A form that another site posted is refused with this number too.", "请重新打开此页面。其他网站提交的表单也会以此编号拒绝。";
        /// Somebody without a console role.
        NotAnOperator = "CO-102", 403, "You have no role in the console.",
            "您没有控制台角色。", "An owner gives roles: PATCH /api/v1/users/ID with console_role.", "角色由所有者授予：PATCH /api/v1/users/ID，字段为console_role。";
        /// What the admin API answered could not be read by the page.
        Unreadable = "CO-103", 500, "This page could not be made.",
            "无法生成此页面。", "The log has the cause under the reference.", "日志中该参考码下记录了原因。";
        /// A welcome link that was used or is too old, or the console has an owner already.
        WelcomeOver = "CO-104", 404, "This link does not work any more.",
            "此链接已失效。", "While nobody owns the console, each start prints a new link. Who lost their way in is let in again by menjin admin owner reset.",
            "在控制台尚无所有者时，每次启动都会打印新的链接。无法登录的人，可用menjin admin owner reset重新放行。";
        /// A form that was kept until a new proof was given, and is not any more: it was sent, or too much time went by.
        NotKept = "CO-105", 410, "What you entered is no longer kept; nothing was done by this click.",
            "您填写的内容已不再保留，本次点击未执行任何操作。", "It was sent already, or a quarter of an hour went by. Look whether it was done, and enter it again if not.",
            "内容已经提交过，或已超过一刻钟。请先查看是否已执行，如未执行请重新填写。";
        /// A form without the word of the button that decides what it does.
        Undecided = "CO-106", 422, "The form did not say what is to be done; nothing was done.",
            "表单未说明要执行的操作，未执行任何操作。", "Open the page again and press one of its buttons.", "请重新打开此页面，并点击其中一个按钮。";
        /// Somebody at an address that takes a higher role than theirs.
        NotYourRole = "CO-107", 403, "Your role does not allow this; nothing was done.",
            "您的角色无权执行此操作，未执行任何操作。", "The page says which role it takes and who has it. An owner or an admin gives roles, in the console's settings.",
            "页面说明了所需的角色及拥有该角色的人员。角色由所有者或管理员在控制台的设置中授予。";
        /// An auth source whose corp ID is not that of its data source, and nobody said that it is meant so.
        CorpMismatch = "CO-110", 422, "The corp ID is not that of the data source, so nobody could sign in; nothing was saved.",
            "企业 ID 与数据源不一致，将无人能登录，未保存。", "Correct the corp ID on the side where it was mistyped; they must be exactly equal.", "请改正填错的一方的企业ID；两者必须完全相同。";
    }
}
