//! Queries of the apps through which people of a data source sign in, besides its integration app: their scopes, and who has something open
//! through them.

use std::collections::HashSet;

use entity::{auth_source, member, session, wecom_app};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, sea_query::SimpleExpr,
};
use uuid::Uuid;

use super::{Stored, scope};
use crate::{
    directory::sync::{
        mirror::{OtherApp, ThroughApp},
        source::{App, Source},
    },
    kernel::failure::Result,
    store::Database,
};

/// A member with a session that was opened through an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The user.
    pub user: Uuid,
    /// The member they are.
    pub member: Uuid,
    /// In WeCom's letter case.
    pub userid: String,
    /// Lower-cased userid.
    pub key: String,
    /// WeCom's department ids.
    pub departments: Vec<i64>,
}

/// The scopes of those apps that WeCom described the last time it was asked: of the others nothing is known now.
pub async fn load(db: &Database, source: &Source) -> Stored<Vec<OtherApp>> {
    let read = of_source(source)
        .filter(wecom_app::Column::ScopeFetchedAt.is_not_null())
        .filter(wecom_app::Column::ReadFailure.is_null());
    let mut found = Vec::new();
    for row in read.all(db.reader()).await? {
        found.push(OtherApp {
            scope: scope::lines(db.reader(), row.id).await?,
            signed_in: users(db, row.id).await?,
            app: ThroughApp {
                id: row.id,
                agent_id: row.agent_id,
            },
        });
    }
    Ok(found)
}

/// Lists those apps with their secrets.
pub async fn list(db: &Database, source: &Source) -> Result<Vec<App>> {
    let rows = of_source(source).all(db.reader()).await?;
    Ok(rows.into_iter().map(App::from).collect())
}

/// Finds the one with this AgentId.
pub async fn find(db: &Database, source: &Source, agent_id: i64) -> Result<Option<App>> {
    let row = of_source(source)
        .filter(wecom_app::Column::AgentId.eq(agent_id))
        .one(db.reader())
        .await?;
    Ok(row.map(App::from))
}

/// Members of a data source who have a session that was opened through an app.
pub async fn signed_in(db: &Database, app: Uuid, data_source: Uuid) -> Result<Vec<SignedIn>> {
    let mut found = Vec::new();
    let users: Vec<Uuid> = users(db, app).await?.into_iter().collect();
    for users in users.chunks(500) {
        let rows = member::Entity::find()
            .filter(member::Column::DataSourceId.eq(data_source))
            .filter(member::Column::State.eq("present"))
            .filter(member::Column::UserId.is_in(users.iter().copied()))
            .all(db.reader())
            .await?;
        found.extend(rows.into_iter().filter_map(|row| {
            Some(SignedIn {
                user: row.user_id?,
                member: row.id,
                userid: row.userid,
                key: row.userid_key,
                departments: row.departments.0,
            })
        }));
    }
    Ok(found)
}

/// Users with a session that was opened through an app and has not been ended.
async fn users(db: &Database, app: Uuid) -> Stored<HashSet<Uuid>> {
    let users: Vec<Uuid> = session::Entity::find()
        .select_only()
        .column(session::Column::UserId)
        .distinct()
        .filter(session::Column::EndedAt.is_null())
        .filter(
            session::Column::AuthSourceId.in_subquery(
                auth_source::Entity::find()
                    .select_only()
                    .column(auth_source::Column::Id)
                    .filter(auth_source::Column::AppId.eq(app))
                    .into_query(),
            ),
        )
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(users.into_iter().collect())
}

/// Apps of this mode: installed from this suite, or made by the corp itself.
pub(super) fn in_mode(suite: Option<Uuid>) -> SimpleExpr {
    match suite {
        Some(suite) => wecom_app::Column::Suite.eq(suite),
        None => wecom_app::Column::Suite.is_null(),
    }
}

/// The apps of the corp with an auth source that is switched on, but for the integration app.
fn of_source(source: &Source) -> Select<wecom_app::Entity> {
    let used = auth_source::Entity::find()
        .select_only()
        .column(auth_source::Column::AppId)
        .filter(auth_source::Column::Enabled.eq(true))
        .into_query();
    let apps = wecom_app::Entity::find()
        .filter(wecom_app::Column::Id.in_subquery(used))
        .filter(wecom_app::Column::CorpId.eq(&source.corp_id))
        .filter(in_mode(source.suite))
        .order_by_asc(wecom_app::Column::Id);
    match &source.app {
        Some(app) => apps.filter(wecom_app::Column::Id.ne(app.id)),
        None => apps,
    }
}
