//! Errors of the console itself; what an operation fails with is the admin API's.

use crate::catalogue;

catalogue! {
    /// Failures of the console.
    pub enum ConsoleFailure {
        /// The confirmation token (CSRF) of a form is not that of this session.
        Unconfirmed = "CO-101", 403, "This could not be confirmed in this browser.",
            "无法在此浏览器中确认该操作。", "Open the page again. A form that another site posted is refused with this number too.";
        /// Somebody without a console role.
        NotAnOperator = "CO-102", 403, "You have no role in the console.",
            "您没有控制台角色。", "An owner gives roles: PATCH /api/v1/users/ID with console_role.";
        /// What the admin API answered could not be read by the page.
        Unreadable = "CO-103", 500, "This page could not be made.",
            "无法生成此页面。", "The log has the cause under the reference.";
        /// A welcome link that was used or is too old, or the console has an owner already.
        WelcomeOver = "CO-104", 404, "This link does not work any more.",
            "此链接已失效。", "While nobody owns the console, each start prints a new link. Who lost their way in is let in again by menjin admin owner reset.";
    }
}
