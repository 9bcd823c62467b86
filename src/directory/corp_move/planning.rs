//! Planning a move: the new app is entered, tried live, and proved to be one of the same company, as far as WeCom tells.

use uuid::Uuid;

use super::{
    failure::MoveFailure,
    input::{MoveChange, NewMove},
    model::{APP_SECRET, CONTACTS_SECRET, CorpMove, ProvenBy},
    service::CorpMoves,
    store::planning::{self, Edit, Leaving, New},
    view::MoveView,
};
use crate::{
    directory::{
        probe::entered::{Entered, Form},
        suite,
    },
    kernel::{entity_tag::IfMatch, failure::Result, secret::Secret},
    wecom::model::{Credential, SecretKind},
};

impl CorpMoves {
    /// Plans a move.
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields, `DI-236` to `DI-241` for credentials that WeCom refuses, `MV-102`, `MV-103`, `MV-110`, `MV-113`.
    pub async fn plan(&self, actor: &str, source: Uuid, input: &NewMove) -> Result<MoveView> {
        input.check()?;
        let leaving = planning::leaving(self.database(), source).await?;
        planning::free(self.database(), (&input.corp_id, input.agent_id)).await?;
        let entered = entered(
            (&input.corp_id, input.agent_id),
            Some(&input.app_secret),
            input.contacts_secret.as_ref(),
        );
        self.directory.probe_entered(actor, entered).await?;
        let proven_by = self.proven(&leaving, &input.corp_id).await?;
        let contacts = input.contacts_secret.as_ref();
        let secret = self.sealer().seal(APP_SECRET, input.app_secret.expose().as_bytes())?;
        let new = New {
            corp_id: &input.corp_id,
            agent_id: input.agent_id,
            secret,
            contacts: self.directory.seal(CONTACTS_SECRET, contacts)?,
            proven_by,
        };
        let id = planning::plan(self.begin(actor).await?, &leaving, new).await?;
        self.shown(source, id).await
    }

    /// Whether WeCom says that the corp ID is that of the company which installed the suite.
    async fn proven(&self, leaving: &Leaving, corp_id: &str) -> Result<Option<ProvenBy>> {
        if leaving.source.corp_id == corp_id {
            return Ok(Some(ProvenBy::SameId));
        }
        let credential = suite::store::credential(self.database(), self.sealer(), self.now(), leaving.suite).await?;
        let Some(provider) = credential.and_then(|suite| suite.provider) else {
            return Ok(None);
        };
        match self.wecom.open_corp_id(&provider, corp_id).await {
            Ok(known) if known == leaving.source.corp_id => Ok(Some(ProvenBy::Provider)),
            Ok(_) => Err(MoveFailure::OtherCorp
                .failure()
                .field("corp_id", "is another company's, as the service provider knows them")),
            // 40013: it is no company that the provider could know.
            Err(error) if error.errcode == Some(40013) => Err(MoveFailure::OtherCorp
                .failure()
                .field("corp_id", "is no company's, as WeCom tells the service provider")),
            Err(error) => {
                // Another proof may come with the pairs, or by an admin's word.
                tracing::warn!(%error, "WeCom does not say by which ID the service provider knows a company");
                Ok(None)
            }
        }
    }

    /// Changes a planned move; credentials are tried.
    ///
    /// # Errors
    /// As for planning; `MV-101`, `MV-111`, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn change(
        &self,
        actor: &str,
        (source, id): (Uuid, Uuid),
        (input, if_match): (&MoveChange, &IfMatch),
    ) -> Result<MoveView> {
        input.check()?;
        let one = self.planned(source, id).await?;
        let contacts = input.contacts_secret.as_ref().and_then(Option::as_ref);
        if input.app_secret.is_some() || contacts.is_some() {
            let entered = entered((&one.corp_id, one.agent_id), input.app_secret.as_ref(), contacts);
            self.directory.probe_entered(actor, entered).await?;
        }
        let edit = Edit {
            fields: input.fields(),
            secret: self.directory.seal(APP_SECRET, input.app_secret.as_ref())?,
            contacts: match &input.contacts_secret {
                Some(secret) => Some(self.directory.seal(CONTACTS_SECRET, secret.as_ref())?),
                None => None,
            },
            confirmed: input.corp_confirmed,
        };
        planning::edit(self.begin(actor).await?, (source, id), (edit, if_match)).await?;
        self.shown(source, id).await
    }

    /// Gives a planned move up.
    ///
    /// # Errors
    /// `MV-101`, `MV-111`, `AD-114`.
    pub async fn drop_planned(&self, actor: &str, ids: (Uuid, Uuid), if_match: &IfMatch) -> Result<()> {
        planning::drop_planned(self.begin(actor).await?, ids, if_match).await
    }

    /// The credentials of a move, to be tried.
    pub(super) fn entered_of(&self, one: &CorpMove) -> Result<Entered> {
        let (app, contacts) = (self.own_app(one)?, self.own_contacts(one)?);
        Ok(Entered {
            app: Some(app),
            contacts,
            ..entered((&one.corp_id, one.agent_id), None, None)
        })
    }
}

fn entered(
    (corp_id, agent_id): (&str, i64),
    app: Option<&Secret<String>>,
    contacts: Option<&Secret<String>>,
) -> Entered {
    let of = |secret: &Secret<String>, kind: SecretKind| Credential {
        corp_id: corp_id.to_owned(),
        secret: secret.clone(),
        kind,
        suite: None,
    };
    Entered {
        // The names of its fields.
        form: Form::AuthSource,
        corp_id: Some(corp_id.to_owned()),
        agent_id: Some(agent_id),
        contacts: contacts.map(|secret| of(secret, SecretKind::ContactsSync)),
        customers: None,
        app: app.map(|secret| of(secret, SecretKind::App { agent_id })),
        again: Vec::new(),
        save_anyway: false,
    }
}
