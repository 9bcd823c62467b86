//! Queries of sessions.

use std::collections::HashMap;

use entity::{client, oauth_grant, session, users};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::SimpleExpr,
};
use uuid::Uuid;

use super::model::{Now, Scope, SessionFilter, SessionView};
use crate::{
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    store::{Database, keyset},
};

pub(super) async fn list(
    database: &Database,
    filter: &SessionFilter,
    page: &SortedPage,
    now: Now,
) -> Result<SortedListing<SessionView>> {
    let among = filter.among.as_deref();
    let wanted = Condition::all()
        .add_option(filter.user.map(|user| session::Column::UserId.eq(user)))
        .add_option(filter.auth_source.map(|id| session::Column::AuthSourceId.eq(id)))
        .add_option(filter.client.map(|portal| match among {
            Some(portals) if !portals.contains(&portal) => granted_to(&[]),
            _ => granted_to(&[portal]),
        }))
        .add_option(among.map(granted_to))
        .add_option(
            filter
                .active
                .map(|active| if active { is_active(now) } else { is_active(now).not() }),
        );
    let select = session::Entity::find().filter(wanted);
    let id = session::Column::Id;
    let rows = keyset::sorted(database.reader(), select, (id, id), page).await?;
    let cut = page.cut_by_id(rows, |row| row.id);
    Ok(SortedListing {
        items: views(database, cut.items, among, now).await?,
        next_cursor: cut.next_cursor,
    })
}

pub(super) async fn find(
    database: &Database,
    id: Uuid,
    among: Option<&[Uuid]>,
    now: Now,
) -> Result<Option<SessionView>> {
    let granted = among.map(granted_to);
    let row = session::Entity::find_by_id(id)
        .filter(Condition::all().add_option(granted))
        .one(database.reader())
        .await?;
    let views = views(database, row.into_iter().collect(), among, now).await?;
    Ok(views.into_iter().next())
}

pub(super) async fn not_ended(database: &Database, user: Uuid) -> Result<Vec<Uuid>> {
    let ids = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::EndedAt.is_null())
        .into_tuple();
    Ok(ids.all(database.reader()).await?)
}

/// The sessions of a scope that were not ended and were there at the start of an operation.
#[derive(Clone, Copy)]
pub(super) struct OfScope<'a> {
    pub scope: &'a Scope,
    /// Milliseconds: not those that began later.
    pub until: i64,
    /// Of people with a console role only those with one of these; `None`: of everybody.
    pub touchable: Option<&'static [&'static str]>,
}

impl OfScope<'_> {
    fn condition(self) -> Condition {
        let people = || users::Entity::find().select_only().column(users::Column::Id);
        let of_scope = match self.scope {
            Scope::User(user) => Some(session::Column::UserId.eq(*user)),
            Scope::Portal(portal) => {
                let granted = oauth_grant::Entity::find()
                    .select_only()
                    .column(oauth_grant::Column::SessionId)
                    .filter(oauth_grant::Column::ClientId.eq(*portal))
                    .filter(oauth_grant::Column::RevokedAt.is_null());
                Some(session::Column::Id.in_subquery(granted.into_query()))
            }
            Scope::DataSource(source) => {
                let own = people().filter(users::Column::DataSourceId.eq(*source));
                Some(session::Column::UserId.in_subquery(own.into_query()))
            }
            Scope::Everybody => None,
        };
        let without = self.touchable.map(|roles| {
            let others = users::Column::ConsoleRole.is_not_in(roles.iter().copied());
            let consoles = people().filter(users::Column::ConsoleRole.is_not_null()).filter(others);
            session::Column::UserId.not_in_subquery(consoles.into_query())
        });
        Condition::all()
            .add(session::Column::EndedAt.is_null())
            .add(session::Column::CreatedAt.lte(self.until))
            .add_option(of_scope)
            .add_option(without)
    }
}

pub(super) async fn count(database: &Database, of_scope: OfScope<'_>) -> Result<u64> {
    let sessions = session::Entity::find().filter(of_scope.condition());
    Ok(sessions.count(database.reader()).await?)
}

/// The next sessions by id, after this one.
pub(super) async fn next(
    database: &Database,
    of_scope: OfScope<'_>,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<Uuid>> {
    let ids = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(
            of_scope
                .condition()
                .add_option(after.map(|id| session::Column::Id.gt(id))),
        )
        .order_by_asc(session::Column::Id)
        .limit(most)
        .into_tuple();
    Ok(ids.all(database.reader()).await?)
}

fn is_active(now: Now) -> Condition {
    Condition::all()
        .add(session::Column::EndedAt.is_null())
        .add(session::Column::ExpiresAt.gt(now.now))
        .add(session::Column::LastSeenAt.gt(now.idle_since))
}

/// Condition: sessions in which one of these portals (row ids) was granted something, also if that is revoked.
fn granted_to(portals: &[Uuid]) -> SimpleExpr {
    let sessions = oauth_grant::Entity::find()
        .select_only()
        .column(oauth_grant::Column::SessionId)
        .filter(oauth_grant::Column::ClientId.is_in(portals.iter().copied()))
        .into_query();
    session::Column::Id.in_subquery(sessions)
}

async fn views(
    database: &Database,
    rows: Vec<session::Model>,
    among: Option<&[Uuid]>,
    now: Now,
) -> Result<Vec<SessionView>, DbErr> {
    let people: HashMap<Uuid, String> = users::Entity::find()
        .select_only()
        .columns([users::Column::Id, users::Column::Username])
        .filter(users::Column::Id.is_in(rows.iter().map(|row| row.user_id)))
        .into_tuple::<(Uuid, String)>()
        .all(database.reader())
        .await?
        .into_iter()
        .collect();
    let mut clients = clients_of(database, rows.iter().map(|row| row.id), among).await?;
    let views = rows.into_iter().map(|row| SessionView {
        username: people.get(&row.user_id).cloned(),
        active: row.ended_at.is_none() && row.expires_at > now.now && row.last_seen_at > now.idle_since,
        clients: clients.remove(&row.id).unwrap_or_default(),
        id: row.id,
        user_id: row.user_id,
        auth_source_id: row.auth_source_id,
        amr: row.amr.0,
        auth_time: row.auth_time,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        ended_at: row.ended_at,
        end_reason: row.end_reason,
        browser: row.browser,
        network: row.network,
    });
    Ok(views.collect())
}

/// `client_id`s with an active grant, by session, each once; where `among` is given, no other than those.
async fn clients_of(
    database: &Database,
    sessions: impl Iterator<Item = Uuid>,
    among: Option<&[Uuid]>,
) -> Result<HashMap<Uuid, Vec<String>>, DbErr> {
    let to_client = oauth_grant::Entity::belongs_to(client::Entity)
        .from(oauth_grant::Column::ClientId)
        .to(client::Column::Id);
    let pairs = oauth_grant::Entity::find()
        .select_only()
        .column(oauth_grant::Column::SessionId)
        .column(client::Column::ClientId)
        .distinct()
        .join(JoinType::InnerJoin, to_client.into())
        .filter(oauth_grant::Column::SessionId.is_in(sessions))
        .filter(oauth_grant::Column::RevokedAt.is_null())
        .filter(Condition::all().add_option(among.map(|ids| client::Column::Id.is_in(ids.iter().copied()))))
        .into_tuple::<(Uuid, String)>()
        .all(database.reader())
        .await?;
    let mut clients: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (session, client_id) in pairs {
        clients.entry(session).or_default().push(client_id);
    }
    for names in clients.values_mut() {
        names.sort_unstable();
    }
    Ok(clients)
}
