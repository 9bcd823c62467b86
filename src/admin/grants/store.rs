//! Queries of grants.

use std::collections::HashMap;

use entity::{client, oauth_grant, refresh_token, users};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    REASON,
    model::{GrantFilter, GrantView, GrantsOf},
};
use crate::{
    directory::store::Change,
    kernel::{
        clock::Timestamp,
        failure::Result,
        pagination::{Listing, Page},
    },
    store::{Database, keyset},
};

type Column = oauth_grant::Column;

pub(super) async fn list(database: &Database, filter: &GrantFilter, page: Page) -> Result<Listing<GrantView>> {
    let revoked = |revoked| match revoked {
        true => Column::RevokedAt.is_not_null(),
        false => Column::RevokedAt.is_null(),
    };
    let wanted = Condition::all()
        .add_option(filter.user.map(|user| Column::UserId.eq(user)))
        .add_option(filter.client.map(|client| Column::ClientId.eq(client)))
        .add_option(filter.session.map(|session| Column::SessionId.eq(session)))
        .add_option(filter.revoked.map(revoked));
    let select = oauth_grant::Entity::find().filter(wanted);
    let rows = keyset::newest_first(database.reader(), select, Column::Id, page).await?;
    let cut = Listing::cut(rows, page, |row| row.id);
    Ok(Listing {
        items: views(database, cut.items).await?,
        next_cursor: cut.next_cursor,
    })
}

pub(super) async fn find(database: &Database, id: Uuid) -> Result<Option<GrantView>> {
    let row = oauth_grant::Entity::find_by_id(id).one(database.reader()).await?;
    let views = views(database, row.into_iter().collect()).await?;
    Ok(views.into_iter().next())
}

/// Ends a grant; nothing is recorded where it was ended already.
pub(super) async fn end(change: Change, id: Uuid) -> Result<()> {
    let ended = oauth_grant::Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(change.millis()))
        .col_expr(Column::RevokeReason, Expr::value(REASON))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(change.transaction())
        .await?;
    if ended.rows_affected == 0 {
        return Ok(());
    }
    change.commit(format!("grant:{id}"), "ended", &[]).await
}

/// The grants of a person or portal that were not ended and were there at the start of an operation.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub whose: GrantsOf,
    /// Milliseconds: not those that were given later.
    pub until: i64,
    /// Of people with a console role only those with one of these; `None`: of everybody.
    pub touchable: Option<&'static [&'static str]>,
}

impl Wanted {
    fn condition(self) -> Condition {
        let without = self.touchable.map(|roles| {
            let consoles = users::Entity::find()
                .select_only()
                .column(users::Column::Id)
                .filter(users::Column::ConsoleRole.is_not_null())
                .filter(users::Column::ConsoleRole.is_not_in(roles.iter().copied()));
            Column::UserId.not_in_subquery(consoles.into_query())
        });
        Condition::all()
            .add(match self.whose {
                GrantsOf::User(user) => Column::UserId.eq(user),
                GrantsOf::Client(client) => Column::ClientId.eq(client),
            })
            .add(Column::RevokedAt.is_null())
            .add(Column::CreatedAt.lte(self.until))
            .add_option(without)
    }
}

pub(super) async fn count(database: &Database, wanted: Wanted) -> Result<u64> {
    let grants = oauth_grant::Entity::find().filter(wanted.condition());
    Ok(grants.count(database.reader()).await?)
}

/// Ends so many of the wanted grants at most, in one statement; answers how many.
pub(super) async fn end_some(database: &Database, wanted: Wanted, now: Timestamp, most: u64) -> Result<u64> {
    let ids: Vec<Uuid> = oauth_grant::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(wanted.condition())
        .order_by_asc(Column::Id)
        .limit(most)
        .into_tuple()
        .all(database.reader())
        .await?;
    let ended = oauth_grant::Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now.millis()))
        .col_expr(Column::RevokeReason, Expr::value(REASON))
        .filter(Column::Id.is_in(ids))
        .filter(Column::RevokedAt.is_null())
        .exec(database.writer())
        .await?;
    Ok(ended.rows_affected)
}

async fn views(database: &Database, rows: Vec<oauth_grant::Model>) -> Result<Vec<GrantView>, DbErr> {
    let reader = database.reader();
    let people: HashMap<Uuid, String> = users::Entity::find()
        .select_only()
        .columns([users::Column::Id, users::Column::Username])
        .filter(users::Column::Id.is_in(rows.iter().map(|row| row.user_id)))
        .into_tuple::<(Uuid, String)>()
        .all(reader)
        .await?
        .into_iter()
        .collect();
    let portals: HashMap<Uuid, client::Model> = client::Entity::find()
        .filter(client::Column::Id.is_in(rows.iter().map(|row| row.client_id)))
        .all(reader)
        .await?
        .into_iter()
        .map(|portal| (portal.id, portal))
        .collect();
    let refreshed: HashMap<Uuid, (i64, i64)> = refresh_token::Entity::find()
        .select_only()
        .column(refresh_token::Column::GrantId)
        .column_as(refresh_token::Column::CreatedAt.max(), "used")
        .column_as(refresh_token::Column::ExpiresAt.max(), "expires")
        .filter(refresh_token::Column::GrantId.is_in(rows.iter().map(|row| row.id)))
        .group_by(refresh_token::Column::GrantId)
        .into_tuple::<(Uuid, i64, i64)>()
        .all(reader)
        .await?
        .into_iter()
        .map(|(grant, used, expires)| (grant, (used, expires)))
        .collect();
    let views = rows.into_iter().map(|row| {
        let portal = portals.get(&row.client_id);
        view(row, portal, &people, &refreshed)
    });
    Ok(views.collect())
}

fn view(
    row: oauth_grant::Model,
    portal: Option<&client::Model>,
    people: &HashMap<Uuid, String>,
    refreshed: &HashMap<Uuid, (i64, i64)>,
) -> GrantView {
    let refreshed = refreshed.get(&row.id).copied();
    let seconds = portal.map_or(0, |portal| portal.access_token_lifetime);
    let last_used_at = refreshed.map_or(row.created_at, |(used, _)| used.max(row.created_at));
    let access = last_used_at.saturating_add(seconds.saturating_mul(1000));
    GrantView {
        id: row.id,
        client: row.client_id,
        client_id: portal.map(|portal| portal.client_id.clone()),
        client_name: portal.map(|portal| portal.name.clone()),
        user_id: row.user_id,
        username: people.get(&row.user_id).cloned(),
        session_id: row.session_id,
        scopes: row.scope.split_whitespace().map(str::to_owned).collect(),
        offline: refreshed.is_some(),
        auth_time: row.auth_time,
        created_at: row.created_at,
        last_used_at,
        expires_at: refreshed.map_or(access, |(_, expires)| expires.max(access)),
        revoked_at: row.revoked_at,
        revoke_reason: row.revoke_reason,
    }
}
