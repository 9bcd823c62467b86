//! Errors of the admin API for clients and initial access tokens.

use crate::catalogue;

catalogue! {
    /// Failures of registering clients.
    pub enum RegistrationFailure {
        /// One or more fields are not acceptable.
        Invalid = "RG-101", 422, "Some fields of the client cannot be accepted.",
            "门户的部分字段无效。", "The detail names each field and what is expected there.", "详情逐一列出了有误的字段及其要求。";
        /// No such client.
        NotFound = "RG-102", 404, "There is no such client.",
            "没有该门户。", "List the clients to see the ids that exist.", "请列出门户，查看现有的ID。";
        /// The client identifier is taken.
        ClientIdTaken = "RG-103", 409, "Another client has this client_id already.",
            "该 client_id 已被占用。", "Choose another client_id, or leave it out to have one generated.", "请另选client_id，或省略以自动生成。";
        /// A public client has no secret.
        PublicClient = "RG-104", 409, "A public client has no secret.",
            "公开客户端没有密钥。", "Public clients (auth_method none) prove themselves by PKCE alone.", "公开客户端（auth_method为none）只以PKCE证明身份。";
        /// The new method needs a secret that is not there.
        SecretNeeded = "RG-105", 409, "The client needs a new secret for that method.",
            "该认证方式需要新的密钥。", "Post {auth_method: ...} to /api/v1/clients/{id}/secret: it makes a secret and changes the method in one step.",
            "请将“{auth_method: ...}”提交到/api/v1/clients/{id}/secret：一步完成生成密钥和更改方式。";
        /// The client's method works without a secret.
        NoSecret = "RG-106", 409, "The client proves itself by its keys and has no secret.",
            "该门户使用密钥对认证，没有密钥。", "To give it one, post the new auth_method to /api/v1/clients/{id}/secret.", "如需密钥，请将新的auth_method提交到/api/v1/clients/{id}/secret。";
        /// The sector identifier could not be fetched, or does not list every redirect URI.
        Sector = "RG-107", 422, "The sector identifier does not vouch for the redirect URIs.",
            "sector_identifier_uri 未包含全部回调地址。", "It must answer 200 with a JSON array that has every redirect URI as an exact string.", "该地址须以200应答，内容为JSON数组，逐字包含每个回调地址。";
        /// Somebody else changed the client at the same moment.
        Meanwhile = "RG-108", 409, "The client was changed by somebody else at the same moment.",
            "该门户刚刚被他人修改。", "Send the change again.", "请重新提交更改。";
        /// One or more fields of an initial access token are not acceptable.
        InitialInvalid = "RG-109", 422, "Some fields of the initial access token cannot be accepted.",
            "初始访问令牌的部分字段无效。", "The detail names each field and what is expected there.", "详情逐一列出了有误的字段及其要求。";
        /// No such initial access token.
        InitialNotFound = "RG-110", 404, "There is no such initial access token.",
            "没有该初始访问令牌。", "List the initial access tokens to see the ids that exist.", "请列出初始访问令牌，查看现有的ID。";
    }
}
