//! Ends sessions: what was granted in them is revoked, and logout deliveries are written, in the same transaction.

use entity::{oauth_grant, session};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::Store;
use crate::{
    audit,
    directory::session_end::{self, SessionEnd},
};

impl Store {
    /// Ends a session; one conditional statement decides who ended it. Its grants are revoked and logout deliveries are written in the same
    /// transaction. Answers whose it was, if it was not ended before.
    pub(in crate::signin) async fn end_session(&self, id: Uuid, end: &SessionEnd<'_>) -> Result<Option<Uuid>, DbErr> {
        let transaction = self.database.begin().await?;
        let user: Option<Uuid> = session::Entity::find_by_id(id)
            .select_only()
            .column(session::Column::UserId)
            .into_tuple()
            .one(&transaction)
            .await?;
        if let Some(user) = user {
            transaction.concerns(user);
        }
        let ended = end_with_grants(&transaction, &[id], end).await?;
        transaction.commit().await?;
        Ok(user.filter(|_| ended == 1))
    }

    /// Ends sessions, and records it of each that was not ended before; returns how many those were.
    pub(in crate::signin) async fn end_many_sessions(
        &self,
        ids: &[Uuid],
        end: &SessionEnd<'_>,
        record: impl Fn(Uuid, Uuid) -> audit::Record + Send,
    ) -> Result<u64, DbErr> {
        let transaction = self.database.begin().await?;
        let living: Vec<(Uuid, Uuid)> = session::Entity::find()
            .select_only()
            .columns([session::Column::Id, session::Column::UserId])
            .filter(session::Column::Id.is_in(ids.iter().copied()))
            .filter(session::Column::EndedAt.is_null())
            // Locked in one order by all, so that no two wait for each other.
            .order_by_asc(session::Column::Id)
            .lock_exclusive()
            .into_tuple()
            .all(&transaction)
            .await?;
        living.iter().for_each(|(_, user)| transaction.concerns(*user));
        let ids: Vec<Uuid> = living.iter().map(|(id, _)| *id).collect();
        let ended = end_with_grants(&transaction, &ids, end).await?;
        for (id, user) in living {
            audit::store::insert_in_transaction(&transaction, end.entropy, end.now, record(id, user)).await?;
        }
        transaction.commit().await?;
        Ok(ended)
    }
}

/// Ends these sessions and revokes what was granted in them; returns how many were not ended before.
async fn end_with_grants(transaction: &impl ConnectionTrait, ids: &[Uuid], end: &SessionEnd<'_>) -> Result<u64, DbErr> {
    let whose = Condition::all().add(session::Column::Id.is_in(ids.iter().copied()));
    let ended = session_end::store::end_sessions(transaction, whose, end).await?;
    oauth_grant::Entity::update_many()
        .col_expr(oauth_grant::Column::RevokedAt, Expr::value(end.now.millis()))
        .col_expr(oauth_grant::Column::RevokeReason, Expr::value(end.reason))
        .filter(oauth_grant::Column::SessionId.is_in(ids.iter().copied()))
        .filter(oauth_grant::Column::RevokedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(ended)
}
