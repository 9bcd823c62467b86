//! The change, and its undo: while no run of the data source is under way, and followed by one at once.

use uuid::Uuid;

use super::{
    failure::MoveFailure,
    input::ChangeInput,
    model::{CorpMove, State},
    service::CorpMoves,
    store::{
        self,
        changing::{self, NewApp},
        undoing,
    },
    view::{MoveView, RehearsalView},
};
use crate::{
    directory::{
        data_source::model::CONTACTS_SECRET,
        sync::{Cause, Run},
        wecom_app,
    },
    kernel::{entity_tag::IfMatch, failure::Result},
};

impl CorpMoves {
    /// Changes the app of the data source, as it was rehearsed; a sync follows, which may do as much as the rehearsal showed.
    ///
    /// # Errors
    /// `MV-104` to `MV-109`, `MV-114` and `MV-118` where something is to be done before, `SY-101` while a run is under way, `AD-114`, and as for trying
    /// credentials.
    pub async fn carry_out(
        &self,
        actor: &str,
        (source, id): (Uuid, Uuid),
        (input, if_match): (&ChangeInput, &IfMatch),
    ) -> Result<MoveView> {
        if_match.judge(&store::tag_of(&self.find(source, id).await?))?;
        let one = self.planned(source, id).await?;
        self.agree(&one, input.accept).await?;
        // They may have been reset in WeCom since, and ids given to others.
        let proof = self.directory.probe_entered(actor, self.entered_of(&one)?).await?;
        if let Err(failure) = self.still_paired(&one).await {
            // Another admin was faster.
            self.planned(source, id).await?;
            return Err(failure);
        }
        let (app, contacts) = (self.own_app(&one)?, self.own_contacts(&one)?);
        let new = NewApp {
            secret: self.sealer().seal(wecom_app::SECRET, app.secret.expose().as_bytes())?,
            contacts: match contacts {
                Some(contacts) => Some(
                    self.sealer()
                        .seal(CONTACTS_SECRET, contacts.secret.expose().as_bytes())?,
                ),
                None => None,
            },
            proof,
        };
        let work = async { changing::change(self.begin(actor).await?, &one, (new, if_match)).await };
        self.sync.alone(source, work).await?;
        self.follow(source, self.sync.start(source, Cause::Manual).await);
        self.shown(source, id).await
    }

    /// Whether an admin agreed, by looking at the rehearsal; whoever syncs then reads there what to.
    async fn agree(&self, one: &CorpMove, accept: bool) -> Result<()> {
        if one.paired_at.is_none() {
            return Err(MoveFailure::NotPaired.into());
        }
        if one.proven_by.is_none() {
            return Err(MoveFailure::NotProven.into());
        }
        match self.entered_long_ago(one).await? {
            0 => {}
            many => return Err(MoveFailure::EnteredLongAgo.failure().detail(format!("{many} pairs"))),
        }
        let rehearsal = store::rehearsal(self.database(), one, self.now()).await?;
        let Some(rehearsal) = rehearsal.filter(RehearsalView::is_over) else {
            return Err(MoveFailure::NotRehearsed.into());
        };
        match rehearsal.pauses && !accept {
            true => Err(MoveFailure::WouldPause.into()),
            false => Ok(()),
        }
    }

    /// Takes a move back, while the company has the suite's app; a sync by that follows.
    ///
    /// # Errors
    /// `MV-101`, `MV-112`, `IN-109`, `IN-112`, `SY-101`, `AD-114`.
    pub async fn undo(&self, actor: &str, (source, id): (Uuid, Uuid), if_match: &IfMatch) -> Result<MoveView> {
        let one = self.find(source, id).await?;
        if_match.judge(&store::tag_of(&one))?;
        if one.state != State::Done {
            return Err(MoveFailure::NothingToUndo.into());
        }
        let work = async {
            let joined = self.joined_pairs(&one).await?;
            undoing::undo(self.begin(actor).await?, (&one, &joined), if_match).await
        };
        self.sync.alone(source, work).await?;
        self.follow(source, self.sync.start(source, Cause::Manual).await);
        self.shown(source, id).await
    }

    /// Says that a move is not taken back any more.
    ///
    /// # Errors
    /// `MV-101`, `MV-112`, `AD-114`.
    pub async fn finish(&self, actor: &str, (source, id): (Uuid, Uuid), if_match: &IfMatch) -> Result<MoveView> {
        undoing::finish(self.begin(actor).await?, (source, id), if_match).await?;
        self.shown(source, id).await
    }

    /// Launches the sync that follows. Where it does not start the schedule does so: it is due from the moment of the change.
    fn follow(&self, source: Uuid, started: Result<Run>) {
        match started {
            Ok(run) => {
                self.sync.launch(run);
            }
            Err(failure) => {
                tracing::warn!(%failure, data_source = %source, "the sync after a move did not start at once")
            }
        }
    }
}
