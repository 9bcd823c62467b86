//! What can go wrong when an admin registers a portal.

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
    }
}
