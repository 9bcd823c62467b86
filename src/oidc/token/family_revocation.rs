//! Reuse detection of refresh tokens and codes: revokes the token family and writes one audit event.

use serde_json::json;
use uuid::Uuid;

use crate::{
    audit::{Kind, Record},
    kernel::failure::Result,
    oidc::{client::Client, failure::OidcFailure, provider::Provider},
};

impl Provider {
    /// Revokes the family of a code or refresh token that was used twice.
    pub(super) async fn end_family(&self, client: &Client, grant: Uuid, kind: OidcFailure) -> Result<()> {
        let reason = match kind {
            OidcFailure::CodeReused => "code_reuse",
            _ => "refresh_reuse",
        };
        let event = Record {
            kind: Kind::ReuseDetected,
            actor: format!("client:{}", client.client_id),
            subject: format!("grant:{grant}"),
            reference: None,
            number: Some(kind.entry().number),
            detail: json!({ "reason": reason }),
        };
        let now = self.deps().clock.now();
        self.store().revoke_grant(grant, reason, now, Some(event)).await?;
        Ok(())
    }
}
