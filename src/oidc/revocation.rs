//! Token revocation (RFC 7009), for authenticated clients: revokes the grant of a token, or a client's own token by its `jti`.

use uuid::Uuid;

use super::{
    failure::Fault,
    provider::Provider,
    token::{access_token::AccessClaims, client_request::ClientRequest},
};
use crate::{crypto::digest::sha256_base64url, kernel::clock::Timestamp};

impl Provider {
    /// `POST /oauth2/revoke`. Revokes the whole grant, whichever of its tokens is sent. Unknown and foreign tokens are no error and change
    /// nothing (RFC 7009 §2.2).
    ///
    /// A client's own token has no grant: its `jti` is kept as revoked in the ephemeral store until it expires, and introspection answers
    /// inactive. A resource server that only verifies signatures accepts it until then, and so does everybody if the ephemeral store is
    /// lost.
    ///
    /// # Errors
    /// When the client does not authenticate or `token` is missing.
    pub async fn revoke(&self, call: ClientRequest<'_>) -> Result<(), Fault> {
        let (params, client) = self.client_call(call).await?;
        let token = params.required("token")?;
        let refresh = self.store().find_refresh(&sha256_base64url(token.as_bytes())).await?;
        if let Some(refresh) = refresh {
            return match refresh.grant.client == client.id {
                true => self.end_grant(refresh.grant.id).await,
                false => Ok(()),
            };
        }
        let claims = self.verify_access_token(token).await?;
        match claims.filter(|claims| claims.client_id == client.client_id) {
            Some(AccessClaims { gid: Some(grant), .. }) => self.end_grant(grant).await,
            Some(claims) => self.note_revoked(&claims).await,
            None => Ok(()),
        }
    }

    async fn end_grant(&self, grant: Uuid) -> Result<(), Fault> {
        let now = self.deps().clock.now();
        self.store().revoke_grant(grant, "revoked", now, None).await?;
        Ok(())
    }

    async fn note_revoked(&self, claims: &AccessClaims) -> Result<(), Fault> {
        let left = Timestamp::from_secs(claims.exp).since(self.deps().clock.now());
        self.deps()
            .ephemeral
            .put(&revocation_key(&claims.jti), b"1", left)
            .await?;
        Ok(())
    }
}

/// Key of a revoked `jti` in the ephemeral store. Each `jti` is ours, 32 hex characters.
pub(in crate::oidc) fn revocation_key(jti: &str) -> String {
    format!("revoked:{jti}")
}
