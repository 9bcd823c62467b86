//! Errors of the admin API for clients and initial access tokens.

use crate::catalogue;

catalogue! {
    /// Failures of registering clients.
    pub enum RegistrationFailure {
        /// One or more fields are not acceptable.
        Invalid = "RG-101", 422, "Some fields of the client cannot be accepted.",
            "应用的部分字段无效。", "The detail names each field and what is expected there.";
        /// No such client.
        NotFound = "RG-102", 404, "There is no such client.",
            "没有该应用。", "List the clients to see the ids that exist.";
        /// The client identifier is taken.
        ClientIdTaken = "RG-103", 409, "Another client has this client_id already.",
            "该 client_id 已被占用。", "Choose another client_id, or leave it out to have one generated.";
        /// A public client has no secret.
        PublicClient = "RG-104", 409, "A public client has no secret.",
            "公开客户端没有密钥。", "Public clients (auth_method none) prove themselves by PKCE alone.";
        /// The new method needs a secret that is not there.
        SecretNeeded = "RG-105", 409, "The client needs a new secret for that method.",
            "该认证方式需要新的密钥。", "Post {auth_method: ...} to /api/v1/clients/{id}/secret: it makes a secret and changes the method in one step.";
        /// The client's method works without a secret.
        NoSecret = "RG-106", 409, "The client proves itself by its keys and has no secret.",
            "该应用使用密钥对认证，没有密钥。", "To give it one, post the new auth_method to /api/v1/clients/{id}/secret.";
        /// The sector identifier could not be fetched, or does not list every redirect URI.
        Sector = "RG-107", 422, "The sector identifier does not vouch for the redirect URIs.",
            "sector_identifier_uri 未包含全部回调地址。", "It must answer 200 with a JSON array that has every redirect URI as an exact string.";
        /// Somebody else changed the client at the same moment.
        Meanwhile = "RG-108", 409, "The client was changed by somebody else at the same moment.",
            "该应用刚刚被他人修改。", "Send the change again.";
        /// One or more fields of an initial access token are not acceptable.
        InitialInvalid = "RG-109", 422, "Some fields of the initial access token cannot be accepted.",
            "初始访问令牌的部分字段无效。", "The detail names each field and what is expected there.";
        /// No such initial access token.
        InitialNotFound = "RG-110", 404, "There is no such initial access token.",
            "没有该初始访问令牌。", "List the initial access tokens to see the ids that exist.";
    }
}
