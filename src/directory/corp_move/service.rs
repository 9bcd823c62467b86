//! What the use cases of moves share: their dependencies, reading, and the credential of the new app.

use uuid::Uuid;

use super::{
    failure::MoveFailure,
    model::{APP_SECRET, CONTACTS_SECRET, CorpMove, ENTERED_FOR, How, State},
    store::{self, joiners, pairs},
    view::{Beside, JoinerView, MoveView, PairView},
};
use crate::{
    crypto::seal::Sealer,
    directory::{service::Directory, store::Change, sync::Sync},
    kernel::{
        clock::Timestamp,
        failure::Result,
        pagination::{Listing, Page},
        sorting::{SortedListing, SortedPage},
    },
    store::Database,
    wecom::{
        WeCom,
        model::{Credential, SecretKind},
    },
};

/// The use cases of moves. Cheap to clone.
#[derive(Clone)]
pub struct CorpMoves {
    pub(super) directory: Directory,
    pub(super) sync: Sync,
    pub(super) wecom: WeCom,
}

impl CorpMoves {
    /// Over these parts.
    pub const fn new(directory: Directory, sync: Sync, wecom: WeCom) -> Self {
        Self { directory, sync, wecom }
    }

    pub(super) fn database(&self) -> &Database {
        &self.directory.deps.database
    }

    pub(super) fn sealer(&self) -> &Sealer {
        &self.directory.deps.sealer
    }

    pub(super) fn now(&self) -> Timestamp {
        self.directory.deps.clock.now()
    }

    pub(super) async fn begin(&self, actor: &str) -> Result<Change> {
        self.directory.change(actor).await
    }

    /// A move of a data source.
    ///
    /// # Errors
    /// `MV-101` when there is none.
    pub(super) async fn find(&self, source: Uuid, id: Uuid) -> Result<CorpMove> {
        let found = store::find(self.database(), source, id).await?;
        found.ok_or_else(|| MoveFailure::NotFound.into())
    }

    /// A move that is being planned.
    ///
    /// # Errors
    /// `MV-101` when there is none, `MV-111` when it is none any more.
    pub(super) async fn planned(&self, source: Uuid, id: Uuid) -> Result<CorpMove> {
        let found = self.find(source, id).await?;
        match found.state {
            State::Planned => Ok(found),
            _ => Err(MoveFailure::NotPlanned.into()),
        }
    }

    /// Lists the moves of a data source.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source.
    pub async fn moves(&self, source: Uuid, page: &SortedPage) -> Result<SortedListing<MoveView>> {
        self.directory.source(source).await?;
        let found = store::list(self.database(), source, page).await?;
        let mut items = Vec::new();
        for one in found.items {
            items.push(self.view(one).await?);
        }
        Ok(SortedListing {
            items,
            next_cursor: found.next_cursor,
        })
    }

    /// One move as it stands now.
    ///
    /// # Errors
    /// `MV-101` when there is none.
    pub async fn shown(&self, source: Uuid, id: Uuid) -> Result<MoveView> {
        let one = self.find(source, id).await?;
        self.view(one).await
    }

    /// Lists the pairs of a move, or those that are paired so.
    ///
    /// # Errors
    /// `MV-101` when there is no such move.
    pub async fn pairs(&self, (source, id): (Uuid, Uuid), how: Option<How>, page: Page) -> Result<Listing<PairView>> {
        self.find(source, id).await?;
        let found = pairs::list(self.database(), id, how, page).await?;
        Ok(Listing {
            items: found.items.into_iter().map(PairView::from).collect(),
            next_cursor: found.next_cursor,
        })
    }

    /// Lists the members who joined after the change of a move that can still be taken back; of others nobody.
    ///
    /// # Errors
    /// `MV-101` when there is no such move.
    pub async fn joined(&self, (source, id): (Uuid, Uuid), page: Page) -> Result<Listing<JoinerView>> {
        let one = self.find(source, id).await?;
        if one.state != State::Done {
            return Ok(Listing {
                items: Vec::new(),
                next_cursor: None,
            });
        }
        let found = joiners::list(self.database(), (source, id), page).await?;
        Ok(Listing {
            items: found.items.into_iter().map(JoinerView::from).collect(),
            next_cursor: found.next_cursor,
        })
    }

    /// How many pairs of a planned move an admin entered so long ago that they count no more.
    pub(super) async fn entered_long_ago(&self, one: &CorpMove) -> Result<u64> {
        let since = self.now().minus(ENTERED_FOR).millis();
        pairs::entered_before(self.database(), one.id, since).await
    }

    async fn view(&self, one: CorpMove) -> Result<MoveView> {
        let db = self.database();
        let joined = match one.state {
            State::Done => Some(joiners::count(db.reader(), (one.source, one.id)).await?),
            _ => None,
        };
        let entered_long_ago = match one.state {
            State::Planned => self.entered_long_ago(&one).await?,
            _ => 0,
        };
        let beside = Beside {
            suite_name: store::suite_name(db, one.suite).await?,
            pairs: pairs::counts(db, one.id).await?,
            rehearsal: store::rehearsal(db, &one, self.now()).await?,
            joined,
            entered_long_ago,
        };
        let etag = store::tag_of(&one);
        Ok(MoveView::of(one, etag, beside))
    }

    /// The credential of the new app, opened.
    pub(super) fn own_app(&self, one: &CorpMove) -> Result<Credential> {
        let sealed = one.secret_sealed.as_deref().ok_or(MoveFailure::NotPlanned)?;
        Ok(Credential {
            corp_id: one.corp_id.clone(),
            secret: self.sealer().open_text(APP_SECRET, sealed)?,
            kind: SecretKind::App { agent_id: one.agent_id },
            suite: None,
        })
    }

    /// The contacts-sync secret, opened.
    pub(super) fn own_contacts(&self, one: &CorpMove) -> Result<Option<Credential>> {
        let Some(sealed) = one.contacts_sealed.as_deref() else {
            return Ok(None);
        };
        Ok(Some(Credential {
            corp_id: one.corp_id.clone(),
            secret: self.sealer().open_text(CONTACTS_SECRET, sealed)?,
            kind: SecretKind::ContactsSync,
            suite: None,
        }))
    }
}
