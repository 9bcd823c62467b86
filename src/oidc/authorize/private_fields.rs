//! Private fields on the way to a code: inside WeCom, somebody who lacks a field that the portal requires is offered to let WeCom give it.
//! Whatever fails here, the request goes on without.

use uuid::Uuid;

use super::outcome::{AuthorizationContext, ConsentDecision, Outcome};
use crate::{
    directory::user::provenance::Field,
    kernel::failure::Result,
    oidc::{claims::ReleaseContext, provider::Provider},
    signin::private_fields::{PLACE, Purpose},
};

impl Provider {
    /// The page that makes the offer; `None`: nothing is missing that WeCom could give, they were asked before, or it is not WeCom's app.
    pub(super) async fn private_fields_due(
        &self,
        context: &AuthorizationContext<'_>,
        session: Uuid,
    ) -> Option<Outcome> {
        let nothing = context.client.metadata.required_fields.is_empty();
        let unasked = context.request.prompt.none || context.consent_decision == ConsentDecision::Yes;
        if nothing || unasked || !context.visitor.in_wecom {
            return None;
        }
        match self.offer_private_fields(context, session).await {
            Ok(token) => token.map(|token| Outcome::Ask(format!("{PLACE}{token}"))),
            Err(failure) => {
                tracing::warn!(%failure, "nobody could be offered to give private fields; the sign-in goes on");
                None
            }
        }
    }

    async fn offer_private_fields(&self, context: &AuthorizationContext<'_>, session: Uuid) -> Result<Option<String>> {
        let journeys = &self.deps().journeys;
        let Some(due) = journeys.private_fields_due(session, &told_of(context)).await? else {
            return Ok(None);
        };
        let (id, _) = self.kept(context).await?;
        let purpose = Purpose {
            portal: context.client.id,
            client_id: context.client.client_id.clone(),
            return_to: format!("/oauth2/authorize/resume?request={id}"),
        };
        Ok(Some(journeys.offer_private_fields((session, due), purpose).await?))
    }
}

/// The fields that the portal requires and is told of by this request: nobody is asked for what it would not get.
fn told_of(context: &AuthorizationContext<'_>) -> Vec<Field> {
    let (client, request) = (context.client, context.request);
    let asked = [&request.terms.claims.userinfo, &request.terms.claims.id_token];
    let told = |field: &Field| {
        let Some(claim) = claim_of(*field) else { return false };
        asked.iter().any(|asked| {
            let context = ReleaseContext {
                granted: &request.scope,
                registered: &client.scopes,
                asked,
            };
            client.metadata.claims.tells_of(claim, context)
        })
    };
    let required = client.metadata.required_fields.iter().copied();
    required.filter(told).collect()
}

/// The standard claim that has the value of a private field.
const fn claim_of(field: Field) -> Option<&'static str> {
    match field {
        Field::Email => Some("email"),
        Field::PhoneNumber => Some("phone_number"),
        Field::Picture => Some("picture"),
        Field::Gender => Some("gender"),
        _ => None,
    }
}
