//! Failures of the admin API itself (`AD-…`): token, role, pages of lists, fields.

use crate::catalogue;

catalogue! {
    /// Failures of the admin API itself.
    pub enum AdminFailure {
        /// No bearer token.
        TokenMissing = "AD-101", 401, "This needs an API token.",
            "此操作需要 API 令牌。", "Send the header Authorization: Bearer followed by the token.", "请发送Authorization请求头，内容为Bearer加API令牌。";
        /// Unknown, expired or revoked.
        TokenInvalid = "AD-102", 401, "This API token is not valid.",
            "API 令牌无效。", "It is mistyped, expired or revoked: create another one with a token that still works, or set one in the configuration.", "令牌有误、已过期或已吊销：请用仍有效的令牌另建一个，或在配置中设置一个。";
        /// The role does not suffice.
        Forbidden = "AD-103", 403, "The role of this API token does not allow that.",
            "该 API 令牌的角色无权执行此操作。", "The detail names the role that is needed.", "详情列出了所需的角色。";
        /// Cursor or limit is not acceptable.
        PageInvalid = "AD-104", 400, "This page of the list does not exist.",
            "列表分页参数无效。", "Take cursor from next_cursor of the page before, and limit between 1 and 200.", "cursor请取自上一页的next_cursor，limit须为1至200。";
        /// One or more fields are not acceptable.
        Invalid = "AD-105", 422, "Some fields cannot be accepted.",
            "部分字段无效。", "The detail names each field and what is expected there.", "详情逐一列出了有误的字段及其要求。";
        /// No such token or event.
        NotFound = "AD-106", 404, "There is no such entry.",
            "没有该条目。", "List the resource to see what exists.", "请列出该资源，查看有哪些条目。";
        /// The last owner token that never expires cannot be revoked.
        LastOwner = "AD-107", 409, "This is the last API token with the role owner that never expires.",
            "这是最后一个永不过期的所有者令牌。", "Create another owner token before revoking this one.", "请先另建一个所有者令牌，再吊销此令牌。";
        /// The operator's token is too weak or equals another token.
        OperatorToken = "AD-108", 422, "The API token set by the operator cannot be used.",
            "运维设置的 API 令牌不可用。", "It needs 32 to 512 visible ASCII characters without blanks, and must not equal a token that was created over the API.", "须为32至512个可见ASCII字符，不含空格，且不得与通过API创建的令牌相同。";
        /// The idempotency key has no acceptable form.
        IdempotencyKeyInvalid = "AD-110", 400, "The header Idempotency-Key cannot be used.",
            "Idempotency-Key 请求头无效。", "Send it once, with 1 to 255 visible ASCII characters, best a new UUID for each operation.", "请只发送一次，为1至255个可见ASCII字符，最好每次操作都使用新的UUID。";
        /// The key was used for another request.
        IdempotencyKeyReused = "AD-111", 422, "This Idempotency-Key was used for another request.",
            "该 Idempotency-Key 已用于其他请求。", "Choose a new key for each operation; repeat one only with the same method, address and body.", "请为每次操作使用新的键；仅当请求方法、地址和请求体完全相同时才可重复使用。";
        /// The first request with this key is under way.
        IdempotencyKeyBusy = "AD-112", 409, "A request with this Idempotency-Key is being carried out.",
            "使用该 Idempotency-Key 的请求正在处理中。", "Send the same request again in a few seconds.", "请几秒后重新发送同一请求。";
        /// The answer to the first request was too large.
        IdempotentReplyTooLarge = "AD-113", 409, "The request with this Idempotency-Key was carried out; its answer was too large to be kept.",
            "使用该 Idempotency-Key 的请求已执行，但结果过大未保留。", "Read the resource to see what came of it.", "请读取该资源，查看执行结果。";
        /// Some of the fields are none a token of this kind may change.
        FieldForbidden = "AD-120", 403, "This API token may not change some of these fields.",
            "该 API 令牌无权修改其中的某些字段。", "The detail names them. Who may sign in, and what a portal is trusted with, an admin decides.", "详情列出了这些字段。谁可以登录、门户享有哪些信任，由管理员决定。";
        /// No such trial.
        TrialUnknown = "AD-140", 404, "There is no such trial of a sign-in.",
            "没有该试登录。", "Trials are kept for 20 minutes. Make a new one: POST /api/v1/clients/ID/trials.", "试登录保留20分钟。请新建一次：POST /api/v1/clients/ID/trials。";
        /// A token would create or revoke one with more power.
        MorePower = "AD-121", 403, "An API token may not create or revoke one that may do more than itself.",
            "API 令牌不能创建或吊销权限高于自身的令牌。", "Use an API token whose role is owner.", "请使用角色为owner的API令牌。";
    }
}
