//! Failures of the device flow, among them the answers to polling (RFC 8628 §3.5).

use crate::{catalogue, oidc::failure::Fault};

catalogue! {
    /// Failures of the device flow.
    pub enum DeviceFailure {
        /// No device waits for this user code.
        UserCodeUnknown = "OP-280", 400, "No device is waiting for this code. It may have expired.",
            "没有设备在等待此代码，它可能已过期。", "Codes live ten minutes and can be used once; let the device show a new one.", "代码的有效期为十分钟，且只能使用一次；请让设备显示新的代码。";
        /// Too many device codes were asked for.
        TooManyDevices = "OP-281", 429, "Too many device codes were requested. Try again in a few minutes.",
            "设备代码请求过于频繁，请几分钟后再试。", "A public client gets 30 device codes per address and ten minutes, any client 3000.", "公开客户端每个地址每十分钟可获得30个设备代码，任何门户最多3000个。";
        /// Too many user codes were tried.
        TooManyTries = "OP-282", 429, "Too many codes were tried. Wait ten minutes.",
            "尝试次数过多，请十分钟后再试。", "A person can try 30 codes in ten minutes, an address without a signed-in person 300.", "每人每十分钟可尝试30个代码，无人登录的地址可尝试300个。";
        /// The device code is unknown or another client's.
        DeviceCodeUnknown = "OP-283", 400, "The device code is not valid.",
            "设备代码无效。", "It was never issued to this client, or so long ago that it is forgotten.", "该代码从未签发给此门户，或时间过久，已无记录。";
        /// The answer did not come from the page shown to this browser.
        Unconfirmed = "OP-284", 403, "The answer could not be confirmed in this browser.",
            "无法在此浏览器确认该操作。", "Type the code again.", "请重新输入代码。";
        /// Nobody has decided yet.
        Pending = "OP-285", 400, "Nobody has answered yet.",
            "尚未确认。", "Normal while the person is busy; poll again after the interval.", "用户尚未处理时属正常情况；请在间隔之后再次轮询。";
        /// The device polls too fast.
        SlowDown = "OP-286", 400, "The device polls too fast; the interval is five seconds longer now.",
            "轮询过于频繁，间隔已增加五秒。", "Wait the interval between polls, and five seconds more after each slow_down.", "请在两次轮询之间等待规定的间隔，每收到一次slow_down再增加五秒。";
        /// Nobody decided in time.
        Expired = "OP-287", 400, "The device code has expired.",
            "设备代码已过期。", "Ask for a new one.", "请申请新的设备代码。";
        /// The person said no.
        Denied = "OP-288", 400, "The person declined.",
            "用户已拒绝。", "Ask again only if the person starts again.", "只有在用户重新发起时才可再次询问。";
        /// The device code was redeemed before.
        Reused = "OP-289", 400, "The device code was used before; its tokens have been revoked.",
            "设备代码已被使用，相关令牌已撤销。", "Redeem a device code once. If the device did, somebody else saw the code.", "每个设备代码只能兑换一次。如果设备确实只兑换了一次，则有他人得到了该代码。";
    }
}

impl From<DeviceFailure> for Fault {
    fn from(kind: DeviceFailure) -> Self {
        let error = match kind {
            DeviceFailure::Pending => "authorization_pending",
            DeviceFailure::SlowDown => "slow_down",
            DeviceFailure::Expired => "expired_token",
            DeviceFailure::Denied => "access_denied",
            DeviceFailure::DeviceCodeUnknown | DeviceFailure::Reused => "invalid_grant",
            DeviceFailure::TooManyDevices => "temporarily_unavailable",
            DeviceFailure::UserCodeUnknown | DeviceFailure::TooManyTries | DeviceFailure::Unconfirmed => {
                "invalid_request"
            }
        };
        Self {
            error,
            failure: kind.failure(),
        }
    }
}
