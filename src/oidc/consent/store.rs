//! Queries of consents.

use entity::{client, client_registration, consent, json::Strings, oauth_grant, users};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    agreement::merged,
    model::{ConsentView, Consents},
};
use crate::{
    audit::{self, Record},
    kernel::clock::Timestamp,
    oidc::metadata::Metadata,
    store::database::unreadable,
};

/// A portal as pages show it to people.
#[derive(Clone, Debug)]
pub struct ClientDisplay {
    /// Its name.
    pub name: String,
    /// Whether it registered itself, so that nobody here vouched for the name.
    pub self_registered: bool,
    /// Addresses of its logo, privacy policy and terms.
    pub metadata: Metadata,
}

/// A person as pages show them.
#[derive(Clone, Debug)]
pub struct ConsentUser {
    /// Display name, or else the username.
    pub name: String,
    /// Username.
    pub username: String,
}

pub(super) async fn agreed(connection: &impl ConnectionTrait, user: Uuid, portal: Uuid) -> Result<Vec<String>, DbErr> {
    let row = consent::Entity::find()
        .filter(consent::Column::UserId.eq(user))
        .filter(consent::Column::ClientId.eq(portal))
        .one(connection)
        .await?;
    Ok(row.map(|row| row.scopes.0).unwrap_or_default())
}

pub(super) async fn client_id(connection: &impl ConnectionTrait, portal: Uuid) -> Result<Option<String>, DbErr> {
    let row = client::Entity::find_by_id(portal).one(connection).await?;
    Ok(row.map(|row| row.client_id))
}

pub(super) async fn client_display(
    connection: &impl ConnectionTrait,
    portal: Uuid,
) -> Result<Option<ClientDisplay>, DbErr> {
    let Some(row) = client::Entity::find_by_id(portal).one(connection).await? else {
        return Ok(None);
    };
    let metadata = serde_json::from_value(row.metadata).map_err(|_| unreadable("client.metadata"))?;
    let registration = client_registration::Entity::find_by_id(portal).one(connection).await?;
    Ok(Some(ClientDisplay {
        name: row.name,
        self_registered: registration.is_some(),
        metadata,
    }))
}

pub(super) async fn consent_user(connection: &impl ConnectionTrait, user: Uuid) -> Result<Option<ConsentUser>, DbErr> {
    let row = users::Entity::find_by_id(user).one(connection).await?;
    Ok(row.map(|row| ConsentUser {
        name: row
            .display_name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| row.username.clone()),
        username: row.username,
    }))
}

pub(super) async fn of(connection: &impl ConnectionTrait, user: Uuid) -> Result<Vec<ConsentView>, DbErr> {
    let rows = consent::Entity::find()
        .filter(consent::Column::UserId.eq(user))
        .order_by_asc(consent::Column::Id)
        .all(connection)
        .await?;
    let portals = client::Entity::find()
        .filter(client::Column::Id.is_in(rows.iter().map(|row| row.client_id)))
        .all(connection)
        .await?;
    let views = rows.into_iter().filter_map(|row| {
        let portal = portals.iter().find(|portal| portal.id == row.client_id)?;
        Some(ConsentView {
            portal: portal.id,
            client_id: portal.client_id.clone(),
            name: portal.name.clone(),
            scopes: row.scopes.0,
            granted_at: row.granted_at,
        })
    });
    Ok(views.collect())
}

impl Consents {
    /// Stores a consent by one upsert on (person, portal). Race: two answers at once may each have read the same row before; the later
    /// writes what it read and its own items, so the worst outcome is that the person is asked once more.
    pub(super) async fn remember(
        &self,
        user: Uuid,
        portal: Uuid,
        items: &[String],
        event: Record,
    ) -> Result<(), DbErr> {
        let now = self.clock.now();
        let transaction = self.database.begin().await?;
        let before = agreed(&transaction, user, portal).await?;
        let row = consent::ActiveModel {
            id: Set(self.entropy.id(now)),
            user_id: Set(user),
            client_id: Set(portal),
            scopes: Set(Strings(merged(before, items))),
            granted_at: Set(now.millis()),
        };
        let mut taken = OnConflict::columns([consent::Column::UserId, consent::Column::ClientId]);
        taken.update_columns([consent::Column::Scopes, consent::Column::GrantedAt]);
        consent::Entity::insert(row)
            .on_conflict(taken)
            .exec_without_returning(&transaction)
            .await?;
        audit::store::insert_in_transaction(&transaction, &self.entropy, now, event).await?;
        transaction.commit().await
    }

    /// Deletes a consent and revokes its grants in one transaction; the event is written only when there was something to end.
    ///
    /// Race: redeeming a code writes its grant first and reads the consent afterwards (`token::code`). Between our statements and our
    /// commit, on PostgreSQL, we do not see such a grant, and its request still sees the consent. So the grants are revoked once more
    /// after the commit: a request that read the consent before it had written its grant by then, and one that reads after it finds no
    /// consent.
    pub(super) async fn forget(&self, user: Uuid, portal: Uuid, event: Record) -> Result<bool, DbErr> {
        let now = self.clock.now();
        let transaction = self.database.begin().await?;
        transaction.concerns(user);
        let forgotten = consent::Entity::delete_many()
            .filter(consent::Column::UserId.eq(user))
            .filter(consent::Column::ClientId.eq(portal))
            .exec(&transaction)
            .await?;
        let revoked = withdraw(&transaction, (user, portal), now).await?;
        let anything = forgotten.rows_affected > 0 || revoked > 0;
        if anything {
            audit::store::insert_in_transaction(&transaction, &self.entropy, now, event).await?;
        }
        transaction.commit().await?;
        if anything {
            withdraw(&self.database.writer_about(user), (user, portal), now).await?;
        }
        Ok(anything)
    }
}

/// Revokes the grants of a person to a portal; returns how many.
async fn withdraw(
    connection: &impl ConnectionTrait,
    (user, portal): (Uuid, Uuid),
    now: Timestamp,
) -> Result<u64, DbErr> {
    let revoked = oauth_grant::Entity::update_many()
        .col_expr(oauth_grant::Column::RevokedAt, Expr::value(now.millis()))
        .col_expr(oauth_grant::Column::RevokeReason, Expr::value("withdrawn"))
        .filter(oauth_grant::Column::UserId.eq(user))
        .filter(oauth_grant::Column::ClientId.eq(portal))
        .filter(oauth_grant::Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    Ok(revoked.rows_affected)
}
