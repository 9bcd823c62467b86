//! Takes a change back: the data source has the suite's app again, its members the ids that the suite knows, and the installation is bound. One
//! transaction, and only while the company has the suite's app.

use entity::{callback_endpoint, data_source, wecom_app};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::{
    changing::{locked_source, shown, switch_auth_sources},
    closing::{self, OF_SUITE},
    joiners, locked, pairs,
    planning::{commit_end, end},
    renaming::{Renaming, Way, rename_corp},
    tag_of, unlearning,
};
use crate::{
    audit::difference::Difference,
    directory::{
        corp_move::{
            failure::MoveFailure,
            model::{CorpMove, Pair, State},
        },
        data_source::model::ReadBy,
        installation::store::moving,
        probe::{holder::Holder, store as probe_store},
        store::Change,
        sync::store::moved::end_waiting,
        wecom_app::store as app_store,
    },
    kernel::{entity_tag::IfMatch, failure::Result},
};

async fn done(change: &Change, (source, id): (Uuid, Uuid), if_match: &IfMatch) -> Result<CorpMove> {
    let held = locked(change, source, id).await?;
    if_match.judge(&tag_of(&held))?;
    match held.state {
        State::Done => Ok(held),
        _ => Err(MoveFailure::NothingToUndo.into()),
    }
}

/// Takes a move back. `known`: who joined since, and is known to the suite.
///
/// # Errors
/// `MV-112` where that cannot be any more, `IN-109` where the company is connected through another suite meanwhile.
pub(in crate::directory::corp_move) async fn undo(
    change: Change,
    (one, known): (&CorpMove, &[Pair]),
    if_match: &IfMatch,
) -> Result<()> {
    let installation = moving::locked(&change, one.installation).await?;
    let held = done(&change, (one.source, one.id), if_match).await?;
    let source = locked_source(&change, held.source).await?;
    let Some(old_app) = held.from_app.filter(|_| source.suite.is_none()) else {
        return Err(MoveFailure::NothingToUndo.into());
    };
    if app_store::find(&change, Some(old_app)).await?.is_none() {
        return Err(MoveFailure::NothingToUndo.into());
    }
    moving::back(&change, &installation, held.source).await?;
    pairs::add(&change, held.id, known).await?;
    let joined = joiners::count(change.transaction(), (held.source, held.id)).await?;
    let renaming = Renaming {
        id: held.id,
        source: held.source,
        way: Way::Back,
        now: change.millis(),
    };
    renaming.carry_out(&change).await?;
    let (was, new_app) = (shown(&source), source.app_id);
    let source = back(&change, &held, old_app).await?;
    rename_corp(
        change.transaction(),
        held.source,
        (&source.corp_id, &source.corp_key),
        change.millis(),
    )
    .await?;
    // Whatever signs in by the company's own app, also if an admin made it since.
    let made = app_of(change.transaction(), &held).await?;
    let mut own: Vec<Uuid> = made.into_iter().chain(new_app).collect();
    own.dedup();
    for app in own {
        switch_auth_sources(&change, (Some(app), &source.corp_id), old_app).await?;
        app_store::remove_unused(&change, app).await?;
    }
    forget_own(&change, held.source).await?;
    unlearning::of_own_app(&change, &held).await?;
    end_waiting(change.transaction(), held.source, change.now()).await?;
    let difference = Difference::between(&was, &shown(&source)).also("joined_meanwhile", joined);
    change
        .tell(format!("data_source:{}", held.source), "moved_back", difference)
        .await?;
    // What the company's own app told of them is nobody's any more.
    pairs::forget(&change, held.id).await?;
    end(&change, &held, State::Undone).await?;
    commit_end(change, held, State::Undone).await
}

async fn back(change: &Change, held: &CorpMove, app: Uuid) -> Result<data_source::Model> {
    let row = data_source::ActiveModel {
        id: Unchanged(held.source),
        suite: Set(Some(held.suite)),
        corp_id: Set(held.from_corp_id.clone()),
        corp_key: Set(data_source::corp_key(&held.from_corp_id, Some(held.suite))),
        app_id: Set(Some(app)),
        // As a company is read that a suite connects.
        read_by: Set(ReadBy::Lists.word().to_owned()),
        // Secrets of the company's own know other ids than the suite.
        contacts_secret_sealed: Set(None),
        customer_secret_sealed: Set(None),
        sync_fence: Set(None),
        undone_run: Set(None),
        next_sync_at: Set(Some(change.millis())),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    Ok(data_source::Entity::update(row).exec(change.transaction()).await?)
}

/// The app that a move was made to, if it is still there.
async fn app_of<C: ConnectionTrait>(tx: &C, held: &CorpMove) -> Result<Option<Uuid>, DbErr> {
    wecom_app::Entity::find()
        .select_only()
        .column(wecom_app::Column::Id)
        .filter(wecom_app::Column::CorpId.eq(&held.corp_id))
        .filter(wecom_app::Column::AgentId.eq(held.agent_id))
        .filter(wecom_app::Column::Suite.is_null())
        .into_tuple()
        .one(tx)
        .await
}

/// Forgets what was known by the company's own app: its events would name members by other ids.
async fn forget_own(change: &Change, source: Uuid) -> Result<()> {
    callback_endpoint::Entity::delete_many()
        .filter(callback_endpoint::Column::DataSourceId.eq(source))
        .filter(callback_endpoint::Column::Owner.ne(OF_SUITE))
        .exec(change.transaction())
        .await?;
    for holder in [Holder::Contacts(source), Holder::ExternalContacts(source)] {
        probe_store::remove(change.transaction(), holder).await?;
    }
    Ok(())
}

/// Says that a move is not taken back any more: the ids before are forgotten.
///
/// # Errors
/// `MV-112` where it is not one that could be.
pub(in crate::directory::corp_move) async fn finish(
    change: Change,
    ids: (Uuid, Uuid),
    if_match: &IfMatch,
) -> Result<()> {
    let held = done(&change, ids, if_match).await?;
    end(&change, &held, State::Final).await?;
    let left = held.from_app.zip(held.changed.as_ref().map(|(_, at)| *at));
    closing::forget(&change, (held.source, held.id), left).await?;
    commit_end(change, held, State::Final).await
}
