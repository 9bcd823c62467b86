//! What a portal would be told of somebody, before they sign in there.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Place, release::ClaimsQuery};
use crate::{
    kernel::failure::Result,
    oidc::{metadata::IdTokenClaims, provider::Provider, scope, terms::GrantTerms},
};

/// What a portal would be told of somebody: the claims about the person, not those about a sign-in (`exp`, `nonce`, `acr` …).
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimsPreview {
    /// `client_id` of the portal.
    client_id: String,
    /// Row id of the user.
    user_id: Uuid,
    /// The scopes that are taken as granted, with spaces between them.
    #[schema(example = "openid profile email")]
    scope: String,
    /// Claims of the ID token.
    #[schema(value_type = Object)]
    id_token: Map<String, Value>,
    /// Claims of userinfo.
    #[schema(value_type = Object)]
    userinfo: Map<String, Value>,
}

impl Provider {
    /// The claims that this portal would get about this user, as this member where they are several; `None`: there is no such user or portal. `scope`: what it asks for, of which it gets
    /// what it is registered for; absent: all of that. Claims requested by name are not there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn preview_claims(
        &self,
        client: Uuid,
        (user, member): (Uuid, Option<Uuid>),
        scope: Option<&str>,
    ) -> Result<Option<ClaimsPreview>> {
        let found = (
            self.store().find_client_by_id(client).await?,
            self.store().find_person(user).await?,
        );
        let (Some(client), Some(person)) = found else {
            return Ok(None);
        };
        let asked = |name: &&String| scope.is_none_or(|scope| scope::contains(scope, name));
        let granted: Vec<&str> = client.scopes.iter().filter(asked).map(String::as_str).collect();
        let granted = granted.join(" ");
        let about = ClaimsQuery {
            client: &client,
            person: &person,
            member,
            scope: &granted,
            terms: &GrantTerms::default(),
        };
        let place = match client.metadata.id_token_claims {
            IdTokenClaims::Minimal => Place::IdToken,
            IdTokenClaims::Scopes => Place::FullIdToken,
        };
        let mut id_token = self.claims_about(&about, place).await?;
        let mut userinfo = self.claims_about(&about, Place::Userinfo).await?;
        let subject = Value::from(self.subject(&client, user)?);
        id_token.insert("iss".to_owned(), self.issuer().into());
        id_token.insert("aud".to_owned(), client.client_id.as_str().into());
        id_token.insert("sub".to_owned(), subject.clone());
        userinfo.insert("sub".to_owned(), subject);
        Ok(Some(ClaimsPreview {
            client_id: client.client_id.clone(),
            user_id: user,
            scope: granted,
            id_token,
            userinfo,
        }))
    }
}
