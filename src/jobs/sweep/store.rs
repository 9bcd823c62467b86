//! Statements of sweeping. Whatever one of them finds over stays over: an ended session never comes back, a revoked or run-out family is
//! never refreshed again. So it does no harm that finding and removing are two statements.

use entity::{audit_event, oauth_grant, refresh_token, session};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::{BATCH, ROUNDS, Window};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

/// The last id of the next batch of grants older than `bound`; none: the walk has reached its end.
pub(super) async fn last_grant(database: &Database, after: Option<Uuid>, bound: Uuid) -> Result<Option<Uuid>> {
    let select = oauth_grant::Entity::find();
    last(database.reader(), select, oauth_grant::Column::Id, (after, bound)).await
}

/// The last id of the next batch of sessions older than `bound`.
pub(super) async fn last_session(database: &Database, after: Option<Uuid>, bound: Uuid) -> Result<Option<Uuid>> {
    let select = session::Entity::find();
    last(database.reader(), select, session::Column::Id, (after, bound)).await
}

async fn last<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    select: Select<E>,
    id: E::Column,
    (after, bound): (Option<Uuid>, Uuid),
) -> Result<Option<Uuid>> {
    let select = after.into_iter().fold(select, |all, after| all.filter(id.gt(after)));
    let ids: Vec<Uuid> = select
        .filter(id.lt(bound))
        .order_by_asc(id)
        .limit(BATCH)
        .select_only()
        .column(id)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(ids.last().copied())
}

fn within<C: ColumnTrait>(id: C, window: Window) -> Condition {
    Condition::all()
        .add_option(window.after.map(|after| id.gt(after)))
        .add(id.lte(window.last))
}

/// Grants of a window that are over since `before`, each with its refresh tokens: revoked, or run out.
pub(super) async fn sweep_grants(database: &Database, window: Window, before: Timestamp) -> Result<u64> {
    let to_session = oauth_grant::Entity::belongs_to(session::Entity)
        .from(oauth_grant::Column::SessionId)
        .to(session::Column::Id);
    let over: Vec<Uuid> = oauth_grant::Entity::find()
        .select_only()
        .column(oauth_grant::Column::Id)
        .join(JoinType::InnerJoin, to_session.into())
        .filter(within(oauth_grant::Column::Id, window))
        .filter(
            Condition::any()
                .add(oauth_grant::Column::RevokedAt.lt(before.millis()))
                .add(ran_out(before)),
        )
        .into_tuple()
        .all(database.reader())
        .await?;
    if over.is_empty() {
        return Ok(0);
    }
    for _ in 0..ROUNDS {
        if sweep_tokens(database, &over).await? < BATCH {
            break;
        }
    }
    // A very long family may need another look to be gone: its grant waits for its last token.
    let removed = oauth_grant::Entity::delete_many()
        .filter(oauth_grant::Column::Id.is_in(over))
        .filter(Expr::exists(tokens_of_grant().to_owned()).not())
        .exec(database.writer())
        .await?;
    Ok(removed.rows_affected)
}

/// The session is past its end, and no token of the family was made or could be used since `before`: neither kind can be good any more.
fn ran_out(before: Timestamp) -> Condition {
    let mut recent = tokens_of_grant();
    recent.cond_where(
        Condition::any()
            .add(refresh_token::Column::ExpiresAt.gte(before.millis()))
            .add(refresh_token::Column::CreatedAt.gte(before.millis())),
    );
    Condition::all()
        .add(session::Column::ExpiresAt.lt(before.millis()))
        .add(oauth_grant::Column::CreatedAt.lt(before.millis()))
        .add(Expr::exists(recent).not())
}

fn tokens_of_grant() -> sea_orm::sea_query::SelectStatement {
    let mut select = Query::select();
    select.expr(Expr::val(1)).from(refresh_token::Entity).and_where(
        refresh_token::Column::GrantId
            .into_expr()
            .equals((oauth_grant::Entity, oauth_grant::Column::Id)),
    );
    select
}

async fn sweep_tokens(database: &Database, grants: &[Uuid]) -> Result<u64> {
    let batch = refresh_token::Entity::find()
        .select_only()
        .column(refresh_token::Column::Id)
        .filter(refresh_token::Column::GrantId.is_in(grants.iter().copied()))
        .limit(BATCH)
        .into_query();
    let removed = refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::Id.in_subquery(batch))
        .exec(database.writer())
        .await?;
    Ok(removed.rows_affected)
}

/// Sessions of a window past their absolute end since `before`, in which nothing is granted any more.
pub(super) async fn sweep_sessions(database: &Database, window: Window, before: Timestamp) -> Result<u64> {
    let mut grants = Query::select();
    grants.expr(Expr::val(1)).from(oauth_grant::Entity).and_where(
        oauth_grant::Column::SessionId
            .into_expr()
            .equals((session::Entity, session::Column::Id)),
    );
    let removed = session::Entity::delete_many()
        .filter(within(session::Column::Id, window))
        .filter(session::Column::ExpiresAt.lt(before.millis()))
        .filter(Expr::exists(grants).not())
        .exec(database.writer())
        .await?;
    Ok(removed.rows_affected)
}

/// One batch of the oldest events.
pub(super) async fn sweep_events(database: &Database, before: Timestamp) -> Result<u64> {
    let batch = audit_event::Entity::find()
        .select_only()
        .column(audit_event::Column::Id)
        .filter(audit_event::Column::At.lt(before.millis()))
        .order_by_asc(audit_event::Column::At)
        .limit(BATCH)
        .into_query();
    let removed = audit_event::Entity::delete_many()
        .filter(audit_event::Column::Id.in_subquery(batch))
        .exec(database.writer())
        .await?;
    Ok(removed.rows_affected)
}
