//! Rehearsing: a sync that only plans, over what the new app shows and with the ids that members would have.

use uuid::Uuid;

use super::{
    failure::MoveFailure,
    model::CorpMove,
    service::CorpMoves,
    store::{self, pairs, planning},
    view::MoveView,
};
use crate::{
    directory::{
        data_source::model::CONTACTS_SECRET,
        sync::{
            rehearsal::Moved,
            source::{App, Rehearsal},
        },
        wecom_app,
    },
    kernel::{entity_tag::IfMatch, failure::Result},
};

impl CorpMoves {
    /// Starts the rehearsal of a planned move in the background; its run tells how it goes.
    ///
    /// # Errors
    /// `MV-101`, `MV-105`, `MV-111`, `AD-114`; `MV-106` where it was edited at that moment; `SY-101` while a run is under way, `SY-103` where the data source is disabled.
    pub async fn rehearse(&self, actor: &str, (source, id): (Uuid, Uuid), if_match: &IfMatch) -> Result<MoveView> {
        let one = self.planned(source, id).await?;
        if_match.judge(&store::tag_of(&one))?;
        if one.paired_at.is_none() {
            return Err(MoveFailure::NotPaired.into());
        }
        let moved = self.moved(&one).await?;
        let run = self.sync.start_rehearsal(source, moved).await?;
        let noted = async { planning::rehearsed(self.begin(actor).await?, (&one, run.id()), if_match).await };
        if let Err(failure) = noted.await {
            return Err(self.sync.give_up(run, failure).await);
        }
        self.sync.launch(run);
        self.shown(source, id).await
    }

    /// The data source as it would be.
    async fn moved(&self, one: &CorpMove) -> Result<Moved> {
        let app = self.own_app(one)?;
        let contacts = self.own_contacts(one)?;
        let sealer = self.sealer();
        let seal = |context: &str, secret: &str| sealer.seal(context, secret.as_bytes());
        Ok(Moved {
            app: App {
                // Of no row: nothing of it is kept.
                id: one.id,
                corp_id: one.corp_id.clone(),
                agent_id: one.agent_id,
                secret_sealed: seal(wecom_app::SECRET, app.secret.expose())?,
                suite: None,
            },
            contacts_secret_sealed: match contacts {
                Some(contacts) => Some(seal(CONTACTS_SECRET, contacts.secret.expose())?),
                None => None,
            },
            rehearsal: Rehearsal {
                leaves: one.from_app,
                ids: pairs::ids(self.database(), one.id).await?,
                ..Rehearsal::default()
            },
        })
    }
}
