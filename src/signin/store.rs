//! Queries of sessions and of the login page.

use entity::{auth_source, client, json::Strings, oauth_grant, session, wecom_app};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::sessions::Session;
use crate::{
    audit,
    directory::ending::{self, Ending},
    gate::Permit,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    store::Database,
};

/// Queries of this room.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
}

/// A door as the login page shows it.
#[derive(Clone, Debug)]
pub struct Door {
    /// Row id of the auth source.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Corp ID.
    pub corp_id: String,
    /// AgentId of its app.
    pub agent_id: i64,
}

/// A portal as the login page shows it.
#[derive(Clone, Debug)]
pub struct Portal {
    /// Its name.
    pub name: String,
    /// Its doors, switched on and accepted, the oldest first.
    pub doors: Vec<Door>,
}

impl Store {
    pub(super) const fn new(database: Database) -> Self {
        Self { database }
    }

    pub(super) async fn open_session(
        &self,
        (id, digest): (Uuid, String),
        permit: &Permit,
        amr: &[&str],
        (now, expires): (Timestamp, Timestamp),
    ) -> Result<(), DbErr> {
        let row = session::ActiveModel {
            id: Set(id),
            digest: Set(digest),
            user_id: Set(permit.person().id),
            member_id: Set(permit.member()),
            auth_source_id: Set(permit.auth_source()),
            auth_time: Set(now.millis()),
            amr: Set(list(amr)),
            created_at: Set(now.millis()),
            last_seen_at: Set(now.millis()),
            expires_at: Set(expires.millis()),
            ended_at: Set(None),
            end_reason: Set(None),
        };
        session::Entity::insert(row)
            .exec_without_returning(self.database.writer())
            .await
            .map(|_| ())
    }

    /// The same person signed in again: same `sid`, new cookie, new `auth_time`.
    pub(super) async fn renew_session(
        &self,
        (id, digest): (Uuid, String),
        permit: &Permit,
        amr: &[&str],
        (now, expires): (Timestamp, Timestamp),
    ) -> Result<(), DbErr> {
        let row = session::ActiveModel {
            id: Set(id),
            digest: Set(digest),
            member_id: Set(permit.member()),
            auth_source_id: Set(permit.auth_source()),
            auth_time: Set(now.millis()),
            amr: Set(list(amr)),
            last_seen_at: Set(now.millis()),
            expires_at: Set(expires.millis()),
            ..Default::default()
        };
        session::Entity::update(row)
            .exec(self.database.writer())
            .await
            .map(|_| ())
    }

    pub(super) async fn find_session(&self, digest: &str) -> Result<Option<Session>, DbErr> {
        let row = session::Entity::find()
            .filter(session::Column::Digest.eq(digest))
            .filter(session::Column::EndedAt.is_null())
            .one(self.database.reader())
            .await?;
        Ok(row.map(|row| Session {
            id: row.id,
            user: row.user_id,
            auth_time: Timestamp::from_millis(row.auth_time),
            amr: row.amr.0,
            expires: Timestamp::from_millis(row.expires_at),
            last_seen: Timestamp::from_millis(row.last_seen_at),
        }))
    }

    pub(super) async fn touch_session(&self, id: Uuid, now: Timestamp) -> Result<(), DbErr> {
        session::Entity::update_many()
            .col_expr(session::Column::LastSeenAt, Expr::value(now.millis()))
            .filter(session::Column::Id.eq(id))
            .exec(self.database.writer())
            .await
            .map(|_| ())
    }

    /// One conditional statement decides who ended it; grants die and portals' messages are written in the same transaction.
    pub(super) async fn end_session(&self, id: Uuid, ending: &Ending<'_>) -> Result<bool, DbErr> {
        let (now, reason) = (ending.now, ending.reason);
        let transaction = self.database.begin().await?;
        let whose = Condition::all().add(session::Column::Id.eq(id));
        let ended = ending::store::end_sessions(&transaction, whose, ending).await?;
        oauth_grant::Entity::update_many()
            .col_expr(oauth_grant::Column::RevokedAt, Expr::value(now.millis()))
            .col_expr(oauth_grant::Column::RevokeReason, Expr::value(reason))
            .filter(oauth_grant::Column::SessionId.eq(id))
            .filter(oauth_grant::Column::RevokedAt.is_null())
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(ended == 1)
    }

    pub(super) async fn portal(&self, id: Uuid) -> Result<Option<Portal>, DbErr> {
        let Some(portal) = client::Entity::find_by_id(id).one(self.database.reader()).await? else {
            return Ok(None);
        };
        let accepted = portal.auth_sources.map(|list| list.0);
        let rows = auth_source::Entity::find()
            .join(
                JoinType::InnerJoin,
                auth_source::Entity::belongs_to(wecom_app::Entity)
                    .from(auth_source::Column::AppId)
                    .to(wecom_app::Column::Id)
                    .into(),
            )
            .select_also(wecom_app::Entity)
            .filter(auth_source::Column::Enabled.eq(true))
            .order_by_asc(auth_source::Column::Id)
            .all(self.database.reader())
            .await?;
        let doors = rows
            .into_iter()
            .filter(|(door, _)| accepted.as_ref().is_none_or(|ids| ids.contains(&door.id.to_string())))
            .filter_map(|(door, app)| {
                let agent_id = app?.agent_id;
                Some(Door {
                    id: door.id,
                    name: door.name,
                    corp_id: door.corp_id,
                    agent_id,
                })
            })
            .collect();
        Ok(Some(Portal {
            name: portal.name,
            doors,
        }))
    }

    pub(super) async fn record(&self, entropy: &Entropy, now: Timestamp, record: audit::Record) -> Result<(), DbErr> {
        audit::store::record(self.database.writer(), entropy, now, record).await
    }
}

fn list(words: &[&str]) -> Strings {
    Strings(words.iter().map(|word| (*word).to_owned()).collect())
}
