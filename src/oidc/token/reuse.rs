//! Something single-use came twice: the family dies, and the event is on record once.

use serde_json::json;
use uuid::Uuid;

use crate::{
    audit::{Kind, Record},
    kernel::failure::Result,
    oidc::{client::Client, failure::OidcFailure, provider::Provider},
};

impl Provider {
    /// Ends the family of a code or refresh token that was used twice.
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
