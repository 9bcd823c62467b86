//! Errors of the account page.

use crate::catalogue;

catalogue! {
    /// Failures of the account page.
    pub enum AccountFailure {
        /// The browser has no valid session.
        NotSignedIn = "AC-101", 403, "You are not signed in in this browser.",
            "您尚未在此浏览器中登录。", "Open any application and sign in, then return to this page.", "请打开任一应用并登录，然后回到此页面。";
        /// The confirmation token (CSRF) is not that of this session.
        Unconfirmed = "AC-102", 403, "This could not be confirmed in this browser.",
            "无法在此浏览器中确认该操作。", "Open the page again. A form that another site posted is refused with this number too.", "请重新打开此页面。其他网站提交的表单也会以此编号拒绝。";
        /// The entry is not this person's, or does not exist any more.
        EntryNotFound = "AC-103", 404, "There is no such entry among your sign-ins.",
            "您的登录记录中没有该条目。", "It ended already, or belongs to somebody else. Open the page again.", "该条目已结束，或属于他人。请重新打开此页面。";
    }
}
