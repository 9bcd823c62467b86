//! Batch writes (group commit) of grants and refresh token rotations: a few statements per kind, whatever the number of items.

use std::collections::{HashMap, HashSet};

use entity::{audit_event, oauth_grant, refresh_token, session};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use crate::{
    kernel::clock::Timestamp,
    store::batch_kind::{BatchKind, add_rows},
};

/// Grants with their first refresh tokens and the events that tell of them.
pub struct Grants;

/// One grant.
pub struct GrantItem {
    /// In which session.
    pub session: Uuid,
    /// Its row.
    pub grant: oauth_grant::ActiveModel,
    /// Its first refresh token, if it gets one.
    pub refresh: Option<refresh_token::ActiveModel>,
    /// Its audit event.
    pub event: audit_event::ActiveModel,
}

/// The session was live when the grant was written.
#[derive(Clone, Copy, Debug)]
pub struct LiveSession {
    /// The member the person signed in as.
    pub member: Option<Uuid>,
}

impl BatchKind for Grants {
    type Item = GrantItem;
    /// None, and nothing is written: the session ended meanwhile.
    type Answer = Option<LiveSession>;

    fn write<'t>(
        &'t self,
        transaction: &'t DatabaseTransaction,
        items: &'t [GrantItem],
    ) -> BoxFuture<'t, Result<Vec<Option<LiveSession>>, DbErr>> {
        async move {
            let alive = lock_live_sessions(transaction, items).await?;
            let written = items.iter().filter(|item| alive.contains_key(&item.session));
            add_rows(transaction, written.clone().map(|item| item.grant.clone()).collect()).await?;
            let tokens = written.clone().filter_map(|item| item.refresh.clone()).collect();
            add_rows(transaction, tokens).await?;
            add_rows(transaction, written.map(|item| item.event.clone()).collect()).await?;
            Ok(items.iter().map(|item| alive.get(&item.session).copied()).collect())
        }
        .boxed()
    }
}

/// The sessions that have not ended. Their rows are locked against ending, so that a portal that gets tokens also gets a logout delivery
/// for every session end after them (see `directory::session_end`).
async fn lock_live_sessions(
    transaction: &DatabaseTransaction,
    items: &[GrantItem],
) -> Result<HashMap<Uuid, LiveSession>, DbErr> {
    let found: Vec<(Uuid, Option<Uuid>)> = session::Entity::find()
        .select_only()
        .columns([session::Column::Id, session::Column::MemberId])
        .filter(session::Column::Id.is_in(items.iter().map(|item| item.session)))
        .filter(session::Column::EndedAt.is_null())
        .lock_shared()
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(found
        .into_iter()
        .map(|(id, member)| (id, LiveSession { member }))
        .collect())
}

/// Refresh tokens that are consumed, each for its successor.
pub struct Rotations;

/// One refresh token consumed.
pub struct Rotation {
    /// Its row.
    pub id: Uuid,
    /// When.
    pub now: Timestamp,
    /// Its successor.
    pub next: refresh_token::ActiveModel,
}

impl BatchKind for Rotations {
    type Item = Rotation;
    /// False, and no successor is written: it was consumed before.
    type Answer = bool;

    /// Of any number of parallel callers one changes the row: on PostgreSQL the others wait for its lock and find `consumed_at` set, and
    /// within one batch the row is given to the first item.
    fn write<'t>(
        &'t self,
        transaction: &'t DatabaseTransaction,
        items: &'t [Rotation],
    ) -> BoxFuture<'t, Result<Vec<bool>, DbErr>> {
        async move {
            let now = items.iter().map(|item| item.now.millis()).max();
            let consumed = refresh_token::Entity::update_many()
                .col_expr(refresh_token::Column::ConsumedAt, Expr::value(now))
                .filter(refresh_token::Column::Id.is_in(items.iter().map(|item| item.id)))
                .filter(refresh_token::Column::ConsumedAt.is_null())
                .exec_with_returning(transaction)
                .await?;
            let mut consumed: HashSet<Uuid> = consumed.into_iter().map(|row| row.id).collect();
            let won: Vec<bool> = items.iter().map(|item| consumed.remove(&item.id)).collect();
            let winners = items.iter().zip(&won).filter(|(_, won)| **won);
            add_rows(transaction, winners.map(|(item, _)| item.next.clone()).collect()).await?;
            Ok(won)
        }
        .boxed()
    }
}
