//! What can go wrong on the page of one's own sign-ins.

use crate::catalogue;

catalogue! {
    /// Failures of the account page.
    pub enum AccountFailure {
        /// Nobody is signed in in this browser.
        NobodyThere = "AC-101", 403, "You are not signed in in this browser.",
            "您尚未在此浏览器中登录。", "Open any application and sign in, then return to this page.";
        /// The form was not shown to this session.
        Unconfirmed = "AC-102", 403, "This could not be confirmed in this browser.",
            "无法在此浏览器中确认该操作。", "Open the page again. A form that another site posted is refused with this number too.";
        /// Not this person's, or gone.
        NotYours = "AC-103", 404, "There is no such entry among your sign-ins.",
            "您的登录记录中没有该条目。", "It ended already, or belongs to somebody else. Open the page again.";
    }
}
