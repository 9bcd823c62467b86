//! Release of the claims of one person to one client, with the database query that groups and the member need.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Place, ReleaseContext};
use crate::{
    gate::facts::Person,
    kernel::failure::Result,
    oidc::{client::Client, provider::Provider, terms},
};

/// Whose claims are released to which client, under which scope and terms.
pub struct ClaimsQuery<'a> {
    /// The client that gets the claims.
    pub client: &'a Client,
    /// The person they are about.
    pub person: &'a Person,
    /// The member they signed in as.
    pub member: Option<Uuid>,
    /// Scope of the token.
    pub scope: &'a str,
    /// What was agreed besides the scope. Where people are asked, the names in it are what they said yes to.
    pub terms: &'a terms::GrantTerms,
}

impl Provider {
    /// The claims released in this place, without `sub` and other claims of the protocol. No query unless groups or the member are needed,
    /// then one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::oidc) async fn claims_about(
        &self,
        about: &ClaimsQuery<'_>,
        place: Place,
    ) -> Result<Map<String, Value>> {
        let rules = &about.client.metadata.claims;
        let asked = match place {
            Place::Userinfo => &about.terms.claims.userinfo,
            Place::IdToken | Place::FullIdToken => &about.terms.claims.id_token,
        };
        let context = ReleaseContext {
            granted: about.scope,
            registered: &about.client.scopes,
            asked,
        };
        let member = match rules.needs_affiliation(place, context) {
            true => self.store().find_affiliation(about.person.id, about.member).await?,
            false => None,
        };
        let subject = self.subject(about.client, about.person.id)?;
        Ok(rules.release(place, context, about.person, &subject, member.as_ref()))
    }
}
