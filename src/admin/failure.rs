//! Failures of the admin API itself (`AD-…`): token, role, pages of lists, fields.

use crate::catalogue;

catalogue! {
    /// Failures of the admin API itself.
    pub enum AdminFailure {
        /// No bearer token.
        TokenMissing = "AD-101", 401, "This needs an API token.",
            "此操作需要 API 令牌。", "Send the header Authorization: Bearer followed by the token.";
        /// Unknown, expired or revoked.
        TokenInvalid = "AD-102", 401, "This API token is not valid.",
            "API 令牌无效。", "It is mistyped, expired or revoked: create another one with a token that still works, or set one in the configuration.";
        /// The role does not suffice.
        Forbidden = "AD-103", 403, "The role of this API token does not allow that.",
            "该 API 令牌的角色无权执行此操作。", "The detail names the role that is needed.";
        /// Cursor or limit is not acceptable.
        PageInvalid = "AD-104", 400, "This page of the list does not exist.",
            "列表分页参数无效。", "Take cursor from next_cursor of the page before, and limit between 1 and 200.";
        /// One or more fields are not acceptable.
        Invalid = "AD-105", 422, "Some fields cannot be accepted.",
            "部分字段无效。", "The detail names each field and what is expected there.";
        /// No such token or event.
        NotFound = "AD-106", 404, "There is no such entry.",
            "没有该条目。", "List the resource to see what exists.";
        /// The last owner token that never expires cannot be revoked.
        LastOwner = "AD-107", 409, "This is the last API token with the role owner that never expires.",
            "这是最后一个永不过期的所有者令牌。", "Create another owner token before revoking this one.";
        /// The operator's token is too weak or equals another token.
        OperatorToken = "AD-108", 422, "The API token set by the operator cannot be used.",
            "运维设置的 API 令牌不可用。", "It needs 32 to 512 visible ASCII characters without blanks, and must not equal a token that was created over the API.";
        /// The idempotency key has no acceptable form.
        IdempotencyKeyInvalid = "AD-110", 400, "The header Idempotency-Key cannot be used.",
            "Idempotency-Key 请求头无效。", "Send it once, with 1 to 255 visible ASCII characters, best a new UUID for each operation.";
        /// The key was used for another request.
        IdempotencyKeyReused = "AD-111", 422, "This Idempotency-Key was used for another request.",
            "该 Idempotency-Key 已用于其他请求。", "Choose a new key for each operation; repeat one only with the same method, address and body.";
        /// The first request with this key is under way.
        IdempotencyKeyBusy = "AD-112", 409, "A request with this Idempotency-Key is being carried out.",
            "使用该 Idempotency-Key 的请求正在处理中。", "Send the same request again in a few seconds.";
        /// The answer to the first request was too large.
        IdempotentReplyTooLarge = "AD-113", 409, "The request with this Idempotency-Key was carried out; its answer was too large to be kept.",
            "使用该 Idempotency-Key 的请求已执行，但结果过大未保留。", "Read the resource to see what came of it.";
        /// Some of the fields are none a token of this kind may change.
        FieldForbidden = "AD-120", 403, "This API token may not change some of these fields.",
            "该 API 令牌无权修改其中的某些字段。", "The detail names them. Who may sign in, and what a portal is trusted with, an admin decides.";
        /// A token would create or revoke one with more power.
        MorePower = "AD-121", 403, "An API token may not create or revoke one that may do more than itself.",
            "API 令牌不能创建或吊销权限高于自身的令牌。", "Use an API token whose role is owner.";
    }
}
