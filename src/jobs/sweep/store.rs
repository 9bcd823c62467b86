//! Queries of the sweep. Whatever one of them finds over stays over: an ended session never comes back, a revoked or run-out family is
//! never refreshed again. So it does no harm that finding and removing are two statements; and what is still cached of it decides nothing either,
//! since date and state that make it over are in the copy too: a removal is not counted as a change.

use entity::{
    access_request, audit_event, card_event, card_settlement, external_contact_event, failure_trace, idempotency_key,
    name_proof, oauth_grant, one_time_link, refresh_token, session, suite_installation, suite_invitation, suite_push,
    sync_row, sync_run,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use super::window::{BATCH, ROUNDS, Window};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

/// The last id of the next batch of grants older than `bound`; `None`: the walk has reached its end.
pub(super) async fn last_grant(database: &Database, after: Option<Uuid>, bound: Uuid) -> Result<Option<Uuid>> {
    let select = oauth_grant::Entity::find();
    last(database.reader(), select, oauth_grant::Column::Id, (after, bound)).await
}

/// The last id of the next batch of sessions older than `bound`.
pub(super) async fn last_session(database: &Database, after: Option<Uuid>, bound: Uuid) -> Result<Option<Uuid>> {
    let select = session::Entity::find();
    last(database.reader(), select, session::Column::Id, (after, bound)).await
}

/// The last id of the next batch of refresh tokens older than `bound`.
pub(super) async fn last_token(database: &Database, after: Option<Uuid>, bound: Uuid) -> Result<Option<Uuid>> {
    let select = refresh_token::Entity::find();
    last(database.reader(), select, refresh_token::Column::Id, (after, bound)).await
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

async fn remove(database: &Database, over: impl QueryTrait + Send + Sync) -> Result<u64> {
    Ok(database.write_one(&over).await?)
}

fn within<C: ColumnTrait>(id: C, window: Window) -> Condition {
    Condition::all()
        .add_option(window.after.map(|after| id.gt(after)))
        .add(id.lte(window.last))
}

/// Removes the grants of a window that are over since `before`, each with its refresh tokens: revoked, or run out.
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
    // A very long family may need another sweep to be gone: its grant waits for its last token.
    let over = oauth_grant::Entity::delete_many()
        .filter(oauth_grant::Column::Id.is_in(over))
        .filter(Expr::exists(tokens_of_grant().to_owned()).not());
    remove(database, over).await
}

/// Whether a grant has run out: the session is past its end, and no token of the family was made or could be used since `before`, so
/// neither kind can be good any more.
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
    let over = refresh_token::Entity::delete_many().filter(refresh_token::Column::Id.in_subquery(batch));
    remove(database, over).await
}

/// Removes the refresh tokens of a window that were used and would have run out before `before` in any case. Reads first: the one writer is
/// not held for nothing.
pub(super) async fn sweep_used(database: &Database, window: Window, before: Timestamp) -> Result<u64> {
    let used: Vec<Uuid> = refresh_token::Entity::find()
        .select_only()
        .column(refresh_token::Column::Id)
        .filter(within(refresh_token::Column::Id, window))
        .filter(refresh_token::Column::ConsumedAt.is_not_null())
        .filter(refresh_token::Column::ExpiresAt.lt(before.millis()))
        .into_tuple()
        .all(database.reader())
        .await?;
    if used.is_empty() {
        return Ok(0);
    }
    let over = refresh_token::Entity::delete_many().filter(refresh_token::Column::Id.is_in(used));
    remove(database, over).await
}

/// Removes one-time links that nobody can use any more. There is at most one of a kind for each user, so they need no walk.
pub(super) async fn sweep_links(database: &Database, before: Timestamp) -> Result<u64> {
    let over = one_time_link::Column::ExpiresAt.lt(before.millis());
    let found = one_time_link::Entity::find()
        .filter(over.clone())
        .one(database.reader());
    if found.await?.is_none() {
        return Ok(0);
    }
    let over = one_time_link::Entity::delete_many().filter(over);
    remove(database, over).await
}

/// Removes the oldest ended run started before `bound`, if there is one: a batch of its rows, and with the last of them the run. Returns
/// how many runs were removed.
pub(super) async fn sweep_run(database: &Database, bound: Uuid) -> Result<Option<u64>> {
    let oldest: Option<Uuid> = sync_run::Entity::find()
        .select_only()
        .column(sync_run::Column::Id)
        .filter(sync_run::Column::Id.lt(bound))
        .filter(sync_run::Column::FinishedAt.is_not_null())
        .order_by_asc(sync_run::Column::Id)
        .into_tuple()
        .one(database.reader())
        .await?;
    let Some(run) = oldest else { return Ok(None) };
    let batch = sync_row::Entity::find()
        .select_only()
        .column(sync_row::Column::Id)
        .filter(sync_row::Column::RunId.eq(run))
        .limit(BATCH)
        .into_query();
    let rows = sync_row::Entity::delete_many()
        .filter(sync_row::Column::Id.in_subquery(batch))
        .exec(database.writer())
        .await?;
    if rows.rows_affected >= BATCH {
        return Ok(Some(0));
    }
    let removed = sync_run::Entity::delete_by_id(run).exec(database.writer()).await?;
    Ok(Some(removed.rows_affected))
}

/// Removes the sessions of a window past their absolute end since `before`, in which nothing is granted any more.
pub(super) async fn sweep_sessions(database: &Database, window: Window, before: Timestamp) -> Result<u64> {
    let mut grants = Query::select();
    grants.expr(Expr::val(1)).from(oauth_grant::Entity).and_where(
        oauth_grant::Column::SessionId
            .into_expr()
            .equals((session::Entity, session::Column::Id)),
    );
    let over = session::Entity::delete_many()
        .filter(within(session::Column::Id, window))
        .filter(session::Column::ExpiresAt.lt(before.millis()))
        .filter(Expr::exists(grants).not());
    remove(database, over).await
}

/// Removes one batch of the oldest audit events.
pub(super) async fn sweep_events(database: &Database, before: Timestamp) -> Result<u64> {
    let batch = audit_event::Entity::find()
        .select_only()
        .column(audit_event::Column::Id)
        .filter(audit_event::Column::At.lt(before.millis()))
        .order_by_asc(audit_event::Column::At)
        .limit(BATCH)
        .into_query();
    let over = audit_event::Entity::delete_many().filter(audit_event::Column::Id.in_subquery(batch));
    remove(database, over).await
}

/// Removes one batch of the oldest traces.
pub(super) async fn sweep_traces(database: &Database, before: Timestamp) -> Result<u64> {
    let batch = failure_trace::Entity::find()
        .select_only()
        .column(failure_trace::Column::Reference)
        .filter(failure_trace::Column::At.lt(before.millis()))
        .order_by_asc(failure_trace::Column::At)
        .limit(BATCH)
        .into_query();
    let over = failure_trace::Entity::delete_many().filter(failure_trace::Column::Reference.in_subquery(batch));
    remove(database, over).await
}

/// Removes a batch of idempotency keys that are past their end. Whoever took an expired key over meanwhile keeps it.
pub(super) async fn sweep_idempotency_keys(database: &Database, now: Timestamp) -> Result<u64> {
    let over = idempotency_key::Column::ExpiresAt.lte(now.millis());
    sweep_batch::<idempotency_key::Entity>(database, idempotency_key::Column::Id, over).await
}

/// Removes a batch of presses older than `before`. What was pressed again meanwhile stays.
pub(super) async fn sweep_card_events(database: &Database, before: Timestamp) -> Result<u64> {
    let over = card_event::Column::ReceivedAt.lt(before.millis());
    sweep_batch::<card_event::Entity>(database, card_event::Column::Id, over).await
}

/// Removes a batch of events about customers older than `before`.
pub(super) async fn sweep_external_contact_events(database: &Database, before: Timestamp) -> Result<u64> {
    let over = external_contact_event::Column::ReceivedAt.lt(before.millis());
    sweep_batch::<external_contact_event::Entity>(database, external_contact_event::Column::Id, over).await
}

/// Removes a batch of access requests that were over before this moment.
pub(super) async fn sweep_access_requests(database: &Database, before: Timestamp) -> Result<u64> {
    let over = access_request::Column::DecidedAt.lt(before.millis());
    sweep_batch::<access_request::Entity>(database, access_request::Column::Id, over).await
}

/// Removes what was proved in sessions that are over: nobody can look by one any more. There are few, so they need no walk.
pub(super) async fn sweep_name_proofs(database: &Database, now: Timestamp) -> Result<u64> {
    let mut over = Query::select();
    over.expr(Expr::val(1))
        .from(session::Entity)
        .and_where(
            session::Column::Id
                .into_expr()
                .equals((name_proof::Entity, name_proof::Column::SessionId)),
        )
        .cond_where(
            Condition::any()
                .add(session::Column::EndedAt.is_not_null())
                .add(session::Column::ExpiresAt.lte(now.millis())),
        );
    let over = Expr::exists(over);
    let found = name_proof::Entity::find().filter(over.clone()).one(database.reader());
    if found.await?.is_none() {
        return Ok(0);
    }
    let over = name_proof::Entity::delete_many().filter(over);
    remove(database, over).await
}

/// Removes a batch of pushes to suites that were acted on before this moment.
pub(super) async fn sweep_suite_pushes(database: &Database, before: Timestamp) -> Result<u64> {
    let over = suite_push::Column::HandledAt.lt(before.millis());
    sweep_batch::<suite_push::Entity>(database, suite_push::Column::Id, over).await
}

/// Removes a batch of installations that expired, or whose company deleted the app, before this moment, and of whom nothing is left to remove.
pub(super) async fn sweep_installations(database: &Database, before: Timestamp) -> Result<u64> {
    type Column = suite_installation::Column;
    let over = Column::Status
        .is_in(["expired", "cancelled"])
        .and(Column::RemovalDue.eq(false))
        .and(Column::CandidateSealed.is_null())
        .and(Column::UpdatedAt.lt(before.millis()));
    sweep_batch::<suite_installation::Entity>(database, Column::Id, over).await
}

/// Removes a batch of invitations that could be used before this moment, and by which nothing is still being connected.
pub(super) async fn sweep_invitations(database: &Database, before: Timestamp) -> Result<u64> {
    type Column = suite_invitation::Column;
    let done = Column::FulfilledAt.is_not_null().or(Column::AuthCodeDigest.is_null());
    let over = Column::ExpiresAt.lt(before.millis()).and(done);
    sweep_batch::<suite_invitation::Entity>(database, Column::Id, over).await
}

/// Removes a batch of rows that are over by this condition, which is asked again when they are removed.
async fn sweep_batch<E: EntityTrait>(database: &Database, id: E::Column, over: SimpleExpr) -> Result<u64> {
    let ids: Vec<Uuid> = E::find()
        .select_only()
        .column(id)
        .filter(over.clone())
        .limit(BATCH)
        .into_tuple()
        .all(database.reader())
        .await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let over = E::delete_many().filter(id.is_in(ids)).filter(over);
    remove(database, over).await
}

/// Removes a batch of matters decided before this moment whose cards need nothing more.
pub(super) async fn sweep_card_settlements(database: &Database, before: Timestamp) -> Result<u64> {
    let over = Condition::all()
        .add(card_settlement::Column::SettledAt.lt(before.millis()))
        .add(card_settlement::Column::NextAt.is_null());
    let subjects: Vec<String> = card_settlement::Entity::find()
        .select_only()
        .column(card_settlement::Column::Subject)
        .filter(over.clone())
        .limit(BATCH)
        .into_tuple()
        .all(database.reader())
        .await?;
    if subjects.is_empty() {
        return Ok(0);
    }
    let over = card_settlement::Entity::delete_many()
        .filter(card_settlement::Column::Subject.is_in(subjects))
        .filter(over);
    remove(database, over).await
}
