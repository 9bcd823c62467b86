//! The offer: who is asked for which fields, the page that says so, and the ways on from it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    directory::{
        auth_source,
        private_fields::{Answer, Askable, store},
        user::provenance::Field,
    },
    kernel::failure::Result,
    signin::{failure::SignInFailure, journey::Journeys},
    web::context,
    wecom::{
        login_url::{self, Login, Scope},
        model::{Credential, SecretKind},
    },
};

/// Where offers are shown, below it their token.
pub const PLACE: &str = "/signin/private-fields/";

/// How long an offer can be taken up, and WeCom's answer to it counts.
pub(super) const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// What somebody is asked for.
#[derive(Debug)]
pub struct Due {
    person: Askable,
    fields: Vec<Field>,
}

/// For which portal, and where it goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Purpose {
    /// Row id of the portal.
    pub portal: Uuid,
    /// Its `client_id`, for the log.
    pub client_id: String,
    /// Local path with query.
    pub return_to: String,
}

/// An offer, as stored under its token, which is also the `state` that goes to WeCom: works once there, and only in the browser of the
/// session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Offer {
    pub(super) session: Uuid,
    pub(super) user: Uuid,
    pub(super) auth_source: Uuid,
    pub(super) corp_id: String,
    pub(super) fields: Vec<Field>,
    pub(super) purpose: Purpose,
}

/// An offer as its page shows it.
#[derive(Debug)]
pub enum OfferView {
    /// It is this person's.
    Open {
        /// The portal's name.
        portal: String,
        /// What it needs.
        fields: Vec<Field>,
    },
    /// It is not made to whoever is signed in in this browser, if anybody is: the browser goes on to this local path.
    GoOn(String),
}

pub(super) fn key(token: &str) -> String {
    format!("private-fields:{token}")
}

impl Journeys {
    /// What the person of this session is asked for now, out of what a portal requires. `None`: nothing.
    ///
    /// # Errors
    /// When the database does not answer; so for all here, and when the ephemeral store does not.
    pub async fn private_fields_due(&self, session: Uuid, required: &[Field]) -> Result<Option<Due>> {
        let Some(person) = store::askable(self.deps.database.reader(), session).await? else {
            return Ok(None);
        };
        let fields = person.due(required, self.deps.clock.now());
        Ok((!fields.is_empty()).then_some(Due { person, fields }))
    }

    /// Keeps an offer to the person of this session, and returns its token.
    ///
    /// # Errors
    /// See [`Journeys::private_fields_due`].
    pub async fn offer_private_fields(&self, (session, due): (Uuid, Due), purpose: Purpose) -> Result<String> {
        let token = self.deps.entropy.hex_id();
        let offer = Offer {
            session,
            user: due.person.user,
            auth_source: due.person.auth_source,
            corp_id: due.person.corp_id,
            fields: due.fields,
            purpose,
        };
        self.put_json(&key(&token), &offer, LIFETIME).await?;
        Ok(token)
    }

    /// The offer behind a token, for its page.
    ///
    /// # Errors
    /// `SI-101` when there is none or it is too old; so for the others here.
    pub async fn private_fields_offer(&self, token: &str, cookie: Option<&str>) -> Result<OfferView> {
        let offer = self.private_offer(token).await?;
        if !self.is_offered_to(&offer, cookie).await? {
            return Ok(OfferView::GoOn(offer.purpose.return_to));
        }
        let portal = self.store.portal(offer.purpose.portal, self.local_ways()).await?;
        Ok(OfferView::Open {
            portal: portal.map(|portal| portal.name).unwrap_or_default(),
            fields: offer.fields,
        })
    }

    /// Where the browser goes to be asked by WeCom; on to where it was going, if the app that would ask is gone, or of another corp than the
    /// person's, or the offer was made in another browser.
    ///
    /// # Errors
    /// See [`Journeys::private_fields_offer`].
    pub async fn ask_for_private_fields(&self, token: &str, cookie: Option<&str>) -> Result<String> {
        let offer = self.private_offer(token).await?;
        if !self.is_offered_to(&offer, cookie).await? {
            return Ok(offer.purpose.return_to);
        }
        let app = self.asking_app(offer.auth_source).await?;
        let Some((credential, agent_id)) = app.filter(|(app, _)| app.corp_id == offer.corp_id) else {
            return Ok(offer.purpose.return_to);
        };
        let (writer, now) = (self.deps.database.writer(), self.deps.clock.now());
        if let Err(error) = store::note_asked(writer, offer.user, &offer.fields, now).await {
            tracing::warn!(%error, "that somebody was asked for private fields could not be noted");
        }
        let login = Login {
            corp_id: &credential.corp_id,
            agent_id,
            suite_id: credential.third_party().map(|suite| suite.suite_id.as_str()),
            redirect_uri: &format!("{}/wecom/private-fields", self.deps.public_url),
            state: token,
        };
        Ok(login_url::in_app(&self.deps.endpoints, login, Scope::PrivateInfo))
    }

    /// The person does not want to be asked; returns where it goes on, in another browser without a note.
    ///
    /// # Errors
    /// See [`Journeys::private_fields_offer`].
    pub async fn decline_private_fields(&self, token: &str, cookie: Option<&str>) -> Result<String> {
        let offer = self.private_offer(token).await?;
        if self.is_offered_to(&offer, cookie).await? {
            let declined = (Answer::Declined, self.deps.clock.now());
            let noted = store::note(self.deps.database.writer(), offer.user, &offer.fields, declined);
            if let Err(error) = noted.await {
                tracing::warn!(%error, "that somebody declined private fields could not be noted");
            }
        }
        Ok(offer.purpose.return_to)
    }

    /// The app of an auth source, which is mandatory in what goes to WeCom.
    pub(super) async fn asking_app(&self, auth_source: Uuid) -> Result<Option<(Credential, i64)>> {
        let now = self.deps.clock.now();
        let found = auth_source::store::credential(&self.deps.database, &self.deps.sealer, now, auth_source).await?;
        Ok(found.and_then(|credential| match credential.kind {
            SecretKind::App { agent_id } => Some((credential, agent_id)),
            SecretKind::ContactsSync | SecretKind::ExternalContacts => None,
        }))
    }

    async fn private_offer(&self, token: &str) -> Result<Offer> {
        let offer: Option<Offer> = self.get_json(&key(token)).await?;
        let offer = offer.ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        context::portal(&offer.purpose.client_id);
        Ok(offer)
    }

    /// Whether this is the browser of the session that an offer was made to.
    pub(super) async fn is_offered_to(&self, offer: &Offer, cookie: Option<&str>) -> Result<bool> {
        let Some(cookie) = cookie else { return Ok(false) };
        let session = self.deps.sessions.find(cookie).await?;
        Ok(session.is_some_and(|session| session.id == offer.session && session.user == offer.user))
    }
}
