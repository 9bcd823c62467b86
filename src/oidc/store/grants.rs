//! Queries of grants and their refresh tokens. Everything that decides is one conditional statement.

use entity::{oauth_grant, refresh_token, session};
use futures_util::FutureExt;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::Store;
use crate::{
    audit::{self, Record},
    kernel::clock::Timestamp,
    oidc::terms::Terms,
    store::{First, database::unreadable},
};

/// A grant about to be written.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// Chosen when the code was issued.
    pub id: Uuid,
    /// From which session.
    pub session: Uuid,
    /// Who.
    pub user: Uuid,
    /// Which portal.
    pub client: Uuid,
    /// Granted scope.
    pub scope: String,
    /// Agreed besides the scope.
    pub terms: Terms,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
}

/// A refresh token about to be written.
#[derive(Clone, Debug)]
pub struct Successor {
    /// SHA-256, base64url.
    pub digest: String,
    /// End of its life.
    pub expires: Timestamp,
}

/// A refresh token as found, with its grant.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// Row id.
    pub id: Uuid,
    /// End of its life.
    pub expires: Timestamp,
    /// Used already.
    pub consumed: bool,
    /// Its grant.
    pub grant: NewGrant,
    /// The grant is dead.
    pub revoked: bool,
}

impl Store {
    /// Writes a grant with its first refresh token, if it gets one, and the event that tells of it; false, and nothing is written, when
    /// the session ended meanwhile. Its row is locked against that end, so that a portal that gets tokens is told of every end that
    /// comes after them (see `directory::ending`).
    pub(in crate::oidc) async fn add_grant(
        &self,
        grant: &NewGrant,
        refresh: Option<&Successor>,
        now: Timestamp,
        event: Record,
    ) -> Result<bool, DbErr> {
        let row = oauth_grant::ActiveModel {
            id: Set(grant.id),
            session_id: Set(grant.session),
            user_id: Set(grant.user),
            client_id: Set(grant.client),
            scope: Set(grant.scope.clone()),
            terms: Set(serde_json::to_value(&grant.terms).unwrap_or_default()),
            auth_time: Set(grant.auth_time.millis()),
            created_at: Set(now.millis()),
            revoked_at: Set(None),
            revoke_reason: Set(None),
        };
        let first = refresh.map(|token| self.refresh_row(grant.id, token, now));
        let (entropy, session) = (self.entropy.clone(), grant.session);
        // Only adds rows: nobody can have remembered a grant that was not there.
        let write = self.database.write(move |transaction| {
            let (row, first, event, entropy) = (row.clone(), first.clone(), event.clone(), entropy.clone());
            async move {
                let session = session::Entity::find_by_id(session)
                    .lock_shared()
                    .one(transaction)
                    .await?;
                if session.is_none_or(|session| session.ended_at.is_some()) {
                    return Ok(false);
                }
                insert(transaction, row).await?;
                if let Some(first) = first {
                    insert(transaction, first).await?;
                }
                audit::store::record(transaction, &entropy, now, event).await?;
                Ok(true)
            }
            .boxed()
        });
        write.await
    }

    fn refresh_row(&self, grant: Uuid, token: &Successor, now: Timestamp) -> refresh_token::ActiveModel {
        refresh_token::ActiveModel {
            id: Set(self.entropy.id(now)),
            grant_id: Set(grant),
            digest: Set(token.digest.clone()),
            created_at: Set(now.millis()),
            expires_at: Set(token.expires.millis()),
            consumed_at: Set(None),
        }
    }

    /// Kills a grant; true if it was alive, and then `event` is on record too. One conditional statement, so that of any number of
    /// callers one writes the event.
    pub(in crate::oidc) async fn revoke_grant(
        &self,
        grant: Uuid,
        reason: &str,
        now: Timestamp,
        event: Option<Record>,
    ) -> Result<bool, DbErr> {
        let transaction = self.database.begin().await?;
        let revoked = oauth_grant::Entity::update_many()
            .col_expr(oauth_grant::Column::RevokedAt, Expr::value(now.millis()))
            .col_expr(oauth_grant::Column::RevokeReason, Expr::value(reason))
            .filter(oauth_grant::Column::Id.eq(grant))
            .filter(oauth_grant::Column::RevokedAt.is_null())
            .exec(&transaction)
            .await?;
        let was_alive = revoked.rows_affected == 1;
        if let (true, Some(event)) = (was_alive, event) {
            self.record(&transaction, now, event).await?;
        }
        transaction.commit().await?;
        Ok(was_alive)
    }

    /// The refresh token with this digest.
    pub(in crate::oidc) async fn find_refresh(&self, digest: &str) -> Result<Option<Refresh>, DbErr> {
        let to_grant = refresh_token::Entity::belongs_to(oauth_grant::Entity)
            .from(refresh_token::Column::GrantId)
            .to(oauth_grant::Column::Id);
        let found = refresh_token::Entity::find()
            .filter(refresh_token::Column::Digest.eq(digest))
            .join(JoinType::InnerJoin, to_grant.into())
            .select_also(oauth_grant::Entity)
            .first(self.database.reader())
            .await?;
        let Some((token, Some(grant))) = found else {
            return Ok(None);
        };
        let terms = serde_json::from_value(grant.terms).map_err(|_| unreadable("oauth_grant.terms"))?;
        Ok(Some(Refresh {
            id: token.id,
            expires: Timestamp::from_millis(token.expires_at),
            consumed: token.consumed_at.is_some(),
            revoked: grant.revoked_at.is_some(),
            grant: NewGrant {
                id: grant.id,
                session: grant.session_id,
                user: grant.user_id,
                client: grant.client_id,
                scope: grant.scope,
                terms,
                auth_time: Timestamp::from_millis(grant.auth_time),
            },
        }))
    }

    /// Consumes a refresh token and writes its successor; false when it was consumed already. Of any number of parallel callers one
    /// changes the row: the others find `consumed_at` set, wait though they may have on its lock.
    pub(in crate::oidc) async fn rotate(
        &self,
        token: &Refresh,
        successor: &Successor,
        now: Timestamp,
    ) -> Result<bool, DbErr> {
        let (id, next) = (token.id, self.refresh_row(token.grant.id, successor, now));
        // Refresh tokens are read each time, so marking one needs no notice.
        let write = self.database.write(move |transaction| {
            let next = next.clone();
            async move {
                let consumed = refresh_token::Entity::update_many()
                    .col_expr(refresh_token::Column::ConsumedAt, Expr::value(now.millis()))
                    .filter(refresh_token::Column::Id.eq(id))
                    .filter(refresh_token::Column::ConsumedAt.is_null())
                    .exec(transaction)
                    .await?;
                if consumed.rows_affected == 1 {
                    insert(transaction, next).await?;
                }
                Ok(consumed.rows_affected == 1)
            }
            .boxed()
        });
        write.await
    }
}

async fn insert<A>(transaction: &impl ConnectionTrait, row: A) -> Result<(), DbErr>
where
    A: ActiveModelTrait,
{
    let insert = <A::Entity as EntityTrait>::insert(row);
    insert.exec_without_returning(transaction).await.map(|_| ())
}
