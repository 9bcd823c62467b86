//! Errors of the admin operations on the outbox of back-channel logout.

use crate::catalogue;

catalogue! {
    /// Failures of the outbox.
    pub enum LogoutFailure {
        /// No such delivery.
        DeliveryUnknown = "OP-340", 404, "There is no such logout delivery.",
            "没有此退出通知记录。", "Settled deliveries are kept for 30 days.";
        /// The delivery was confirmed already.
        DeliveryDone = "OP-341", 409, "The portal has been told already.",
            "应用已收到退出通知。", "Only deliveries that were not delivered can be tried again.";
        /// An unknown state in a filter.
        StateUnknown = "OP-342", 400, "There is no such delivery state.",
            "没有此状态。", "Use pending, delivered, failed or abandoned.";
    }
}
