//! Errors of the consent page, and of requests and codes without consent.

use crate::{catalogue, oidc::failure::Fault};

catalogue! {
    /// Failures of consent.
    pub enum ConsentFailure {
        /// The answer does not come from the browser and the person who were asked.
        NotAsked = "OP-320", 403, "This question was put to somebody else, or in another browser.",
            "该授权请求不属于当前浏览器中的用户。", "Go back to the application and start again. A form that another site posted is refused with this number too.", "请返回应用重新开始。其他网站提交的表单也会以此编号拒绝。";
        /// The question was answered already, or too long ago.
        Answered = "OP-321", 400, "This question was answered already or has expired.",
            "该授权请求已处理或已过期。", "Go back to the application and start again.", "请返回应用重新开始。";
        /// Consent is needed, and `prompt=none` forbids asking.
        Required = "OP-322", 400, "The person has to be asked for consent.",
            "需要用户授权。", "Normal answer to prompt=none while consent is missing; send the person without prompt=none.", "尚未取得同意时，这是对prompt=none的正常应答；请不带prompt=none重新引导用户登录。";
        /// The person said no.
        Declined = "OP-323", 403, "The person declined.",
            "用户拒绝了授权。", "The person pressed the second button of the consent page; they may be asked again.", "用户在授权页面点击了第二个按钮；可以再次询问。";
        /// The consent was taken back between the code and its redemption.
        Withdrawn = "OP-324", 400, "The consent behind this code was taken back.",
            "该授权码对应的授权已被撤销。", "Send the person through the authorization endpoint again; they will be asked again.", "请让用户重新经过授权端点，届时会再次询问。";
    }
}

impl ConsentFailure {
    /// A fault with its OAuth error code (RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core 3.1.2.6).
    pub fn fault(self) -> Fault {
        let error = match self {
            Self::Required => "consent_required",
            Self::Declined => "access_denied",
            Self::Withdrawn => "invalid_grant",
            Self::NotAsked | Self::Answered => "invalid_request",
        };
        Fault {
            error,
            failure: self.failure(),
        }
    }
}
