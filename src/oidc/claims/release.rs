//! The claims of one person for one client, with what the database must be asked for.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Place, ReleaseContext};
use crate::{
    gate::facts::Person,
    kernel::failure::Result,
    oidc::{client::Client, metadata::Consent, provider::Provider, scope, terms},
};

/// About whom, to whom, on which grounds.
pub struct ClaimsQuery<'a> {
    /// To whom.
    pub client: &'a Client,
    /// About whom.
    pub person: &'a Person,
    /// The member they signed in as.
    pub member: Option<Uuid>,
    /// Scope of the token.
    pub scope: &'a str,
    /// Agreed besides.
    pub terms: &'a terms::Terms,
}

impl Provider {
    /// The claims for this place, without `sub` and what else the protocol says. No query unless groups or the member are needed, then one.
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
            Place::IdToken => &about.terms.claims.id_token,
        };
        // Where people are asked, they say yes to scopes: a name must not get around that.
        let consented: Vec<String> = match about.client.metadata.consent {
            Consent::Implicit => Vec::new(),
            Consent::Ask => scope::still(about.scope, &about.client.scopes)
                .split(' ')
                .map(str::to_owned)
                .collect(),
        };
        let context = ReleaseContext {
            granted: about.scope,
            registered: match about.client.metadata.consent {
                Consent::Implicit => &about.client.scopes,
                Consent::Ask => &consented,
            },
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
