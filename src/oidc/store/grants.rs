//! Queries of grants and their refresh tokens. Everything that decides is one conditional statement.

use entity::{oauth_grant, refresh_token};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect, sea_query::Expr};
use std::sync::Arc;
use uuid::Uuid;

use super::{
    grant_batches::{GrantItem, Rotation},
    handle::Store,
};
use crate::{
    audit::{self, Record},
    kernel::clock::Timestamp,
    oidc::store::model::{Grant, NewRefreshToken, RefreshToken},
    store::{About, UniqueRow, database::unreadable},
};

impl Store {
    /// Writes a grant with its first refresh token, if it gets one, and its audit event; false, and nothing is written, when
    /// the session ended meanwhile. What is used next, the grant state and the refresh token, is cached.
    pub(in crate::oidc) async fn add_grant(
        &self,
        grant: &Grant,
        refresh: Option<&NewRefreshToken>,
        now: Timestamp,
        event: Record,
    ) -> Result<bool, DbErr> {
        let version = self.version_of(grant.user).await?;
        let first = refresh.map(|token| RefreshToken {
            id: self.entropy.id(now),
            expires: token.expires,
            consumed: false,
            grant: grant.clone(),
            revoked: false,
            version,
        });
        let granted = GrantItem {
            session: grant.session,
            grant: grant.row(now),
            refresh: refresh.zip(first.as_ref()).map(|(token, first)| first.row(token, now)),
            event: audit::store::row(&self.entropy, now, event),
        };
        let Some(alive) = self.grants.write(granted).await? else {
            return Ok(false);
        };
        self.cache_grant_state(version, grant, alive).await;
        if let Some((token, first)) = refresh.zip(first) {
            self.cache_refresh(token, first);
        }
        Ok(true)
    }

    /// Caches a refresh token just written, so that its use need not read it.
    fn cache_refresh(&self, token: &NewRefreshToken, refresh: RefreshToken) {
        self.caches
            .refreshes
            .insert(refresh.version, token.digest.clone(), refresh);
    }

    /// Revokes a grant; true if it was not revoked before, and then `event` is written too. One conditional statement, so that of any
    /// number of callers one writes the event.
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
            .exec_with_returning(&transaction)
            .await?;
        // What is cached of a grant is about its person.
        revoked.iter().for_each(|grant| transaction.concerns(grant.user_id));
        let was_alive = !revoked.is_empty();
        if let (true, Some(event)) = (was_alive, event) {
            self.record(&transaction, now, event).await?;
        }
        transaction.commit().await?;
        Ok(was_alive)
    }

    /// The refresh token with this digest, from the cache if it is there: that it is unused is certain only when it was
    /// [rotated](Self::rotate), that its grant is not revoked is certain.
    pub(in crate::oidc) async fn cached_refresh(&self, digest: &str) -> Result<Option<Arc<RefreshToken>>, DbErr> {
        let load = || self.find_refresh(digest);
        self.caches.refreshes.get(&self.database, digest, load).await
    }

    /// The refresh token with this digest.
    pub(in crate::oidc) async fn find_refresh(&self, digest: &str) -> Result<Option<RefreshToken>, DbErr> {
        let moment = self.database.moment().await?;
        let to_grant = refresh_token::Entity::belongs_to(oauth_grant::Entity)
            .from(refresh_token::Column::GrantId)
            .to(oauth_grant::Column::Id);
        let found = refresh_token::Entity::find()
            .filter(refresh_token::Column::Digest.eq(digest))
            .join(JoinType::InnerJoin, to_grant.into())
            .select_also(oauth_grant::Entity)
            .unique_row(self.database.reader())
            .await?;
        let Some((token, Some(grant))) = found else {
            return Ok(None);
        };
        let terms = serde_json::from_value(grant.terms).map_err(|_| unreadable("oauth_grant.terms"))?;
        Ok(Some(RefreshToken {
            id: token.id,
            expires: Timestamp::from_millis(token.expires_at),
            consumed: token.consumed_at.is_some(),
            revoked: grant.revoked_at.is_some(),
            grant: Grant {
                id: grant.id,
                session: grant.session_id,
                user: grant.user_id,
                client: grant.client_id,
                scope: grant.scope,
                terms,
                auth_time: Timestamp::from_millis(grant.auth_time),
            },
            version: moment.map(|moment| moment.version(About::Person(grant.user_id))),
        }))
    }

    /// Consumes a refresh token, found under `digest`, and writes its successor; false when it was consumed already. Of any number of
    /// parallel callers one gets true.
    pub(in crate::oidc) async fn rotate(
        &self,
        (digest, token): (&str, &RefreshToken),
        successor: &NewRefreshToken,
        now: Timestamp,
    ) -> Result<bool, DbErr> {
        let next = RefreshToken {
            id: self.entropy.id(now),
            expires: successor.expires,
            ..token.clone()
        };
        let rotation = Rotation {
            id: token.id,
            now,
            next: next.row(successor, now),
        };
        let won = self.rotations.write(rotation).await;
        self.caches.refreshes.remove(digest);
        if let Ok(true) = won {
            self.cache_refresh(successor, next);
        }
        won
    }
}

impl Grant {
    fn row(&self, now: Timestamp) -> oauth_grant::ActiveModel {
        oauth_grant::ActiveModel {
            id: Set(self.id),
            session_id: Set(self.session),
            user_id: Set(self.user),
            client_id: Set(self.client),
            scope: Set(self.scope.clone()),
            terms: Set(serde_json::to_value(&self.terms).unwrap_or_default()),
            auth_time: Set(self.auth_time.millis()),
            created_at: Set(now.millis()),
            revoked_at: Set(None),
            revoke_reason: Set(None),
        }
    }
}

impl RefreshToken {
    /// The row of an unused token.
    fn row(&self, token: &NewRefreshToken, now: Timestamp) -> refresh_token::ActiveModel {
        refresh_token::ActiveModel {
            id: Set(self.id),
            grant_id: Set(self.grant.id),
            digest: Set(token.digest.clone()),
            created_at: Set(now.millis()),
            expires_at: Set(token.expires.millis()),
            consumed_at: Set(None),
        }
    }
}
