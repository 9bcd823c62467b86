//! Ends sessions, fills the outbox of back-channel logouts, and deletes credentials.

use entity::{client, logout_delivery, oauth_grant, one_time_link, passkey, recovery_code, session, totp, users};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{LOGOUT_RETRY_PERIOD, SessionEnd};

/// Rows per statement: 13 columns each, far below SQLite's 32 766 values.
const BATCH: usize = 500;

/// Ends the living sessions among `whose` and enqueues a logout for each of their portals; returns how many ended. To be called inside the
/// transaction of whatever ends them.
///
/// Closes the race with a code redeemed at the same moment: whoever writes a grant locks its session's row first and finds it ended, or is
/// found here, because the grants are read after the rows were ended.
///
/// # Errors
/// When the database does not answer.
pub async fn end_sessions<C: ConnectionTrait>(
    connection: &C,
    whose: Condition,
    end: &SessionEnd<'_>,
) -> Result<u64, DbErr> {
    let ended = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(end.now.millis()))
        .col_expr(session::Column::EndReason, Expr::value(end.reason))
        .filter(whose.clone())
        .filter(session::Column::EndedAt.is_null())
        .exec(connection)
        .await?
        .rows_affected;
    if ended > 0 {
        enqueue_logouts(connection, whose, end).await?;
    }
    Ok(ended)
}

/// Ends the sessions of these users and revokes what was granted in their name. To be called inside the transaction of whatever ends them.
///
/// # Errors
/// When the database does not answer.
pub async fn end_sessions_and_grants<C: ConnectionTrait>(
    connection: &C,
    ids: &[Uuid],
    end: &SessionEnd<'_>,
) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let whose = Condition::all().add(session::Column::UserId.is_in(ids.iter().copied()));
    end_sessions(connection, whose, end).await?;
    oauth_grant::Entity::update_many()
        .col_expr(oauth_grant::Column::RevokedAt, Expr::value(end.now.millis()))
        .col_expr(oauth_grant::Column::RevokeReason, Expr::value(end.reason))
        .filter(oauth_grant::Column::UserId.is_in(ids.iter().copied()))
        .filter(oauth_grant::Column::RevokedAt.is_null())
        .exec(connection)
        .await
        .map(|_| ())
}

/// Deletes all credentials of these users: password, one-time codes, recovery codes, passkeys, and links that lead to new ones. For when an account
/// may become another person's, or more than it was. To be called inside the transaction that makes it so.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_credentials<C: ConnectionTrait>(connection: &C, ids: &[Uuid]) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    users::Entity::update_many()
        .col_expr(users::Column::PasswordHash, Expr::value(None::<String>))
        .filter(users::Column::Id.is_in(ids.iter().copied()))
        .filter(users::Column::PasswordHash.is_not_null())
        .exec(connection)
        .await?;
    totp::Entity::delete_many()
        .filter(totp::Column::UserId.is_in(ids.iter().copied()))
        .exec(connection)
        .await?;
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::UserId.is_in(ids.iter().copied()))
        .exec(connection)
        .await?;
    passkey::Entity::delete_many()
        .filter(passkey::Column::UserId.is_in(ids.iter().copied()))
        .exec(connection)
        .await?;
    delete_links(connection, ids).await
}

/// Deletes all one-time links of these users.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_links<C: ConnectionTrait>(connection: &C, ids: &[Uuid]) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::UserId.is_in(ids.iter().copied()))
        .exec(connection)
        .await
        .map(|_| ())
}

/// Enqueues logout deliveries for the sessions that ended at this very moment for this very reason: those of the statement before, and
/// those another one ended in the same millisecond, for which a second row is not written.
async fn enqueue_logouts<C: ConnectionTrait>(
    connection: &C,
    whose: Condition,
    end: &SessionEnd<'_>,
) -> Result<(), DbErr> {
    let listening = listening(connection).await?;
    if listening.is_empty() {
        return Ok(());
    }
    let to_session = oauth_grant::Entity::belongs_to(session::Entity)
        .from(oauth_grant::Column::SessionId)
        .to(session::Column::Id);
    let entered: Vec<(Uuid, Uuid, Uuid)> = oauth_grant::Entity::find()
        .select_only()
        .column(oauth_grant::Column::SessionId)
        .column(oauth_grant::Column::UserId)
        .column(oauth_grant::Column::ClientId)
        .distinct()
        .join(JoinType::InnerJoin, to_session.into())
        .filter(whose)
        .filter(session::Column::EndedAt.eq(end.now.millis()))
        .filter(session::Column::EndReason.eq(end.reason))
        .filter(oauth_grant::Column::ClientId.is_in(listening))
        .into_tuple()
        .all(connection)
        .await?;
    let once = OnConflict::columns([logout_delivery::Column::SessionId, logout_delivery::Column::ClientId])
        .do_nothing()
        .to_owned();
    for batch in entered.chunks(BATCH) {
        logout_delivery::Entity::insert_many(batch.iter().map(|entered| row(*entered, end)))
            .on_conflict(once.clone())
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// The portals with a back-channel logout URI. There are few portals, and the URI is inside a document that the two databases read
/// differently.
async fn listening<C: ConnectionTrait>(connection: &C) -> Result<Vec<Uuid>, DbErr> {
    let clients: Vec<(Uuid, serde_json::Value)> = client::Entity::find()
        .select_only()
        .column(client::Column::Id)
        .column(client::Column::Metadata)
        .into_tuple()
        .all(connection)
        .await?;
    let listens = |metadata: &serde_json::Value| {
        metadata
            .get("backchannel_logout_uri")
            .is_some_and(serde_json::Value::is_string)
    };
    Ok(clients
        .into_iter()
        .filter(|(_, metadata)| listens(metadata))
        .map(|(id, _)| id)
        .collect())
}

fn row((session, user, client): (Uuid, Uuid, Uuid), end: &SessionEnd<'_>) -> logout_delivery::ActiveModel {
    logout_delivery::ActiveModel {
        id: Set(end.entropy.id(end.now)),
        session_id: Set(session),
        user_id: Set(user),
        client_id: Set(client),
        offboarding_id: Set(None),
        reason: Set(end.reason.to_owned()),
        state: Set("pending".to_owned()),
        attempts: Set(0),
        next_at: Set(end.now.millis()),
        deadline: Set(end.now.plus(LOGOUT_RETRY_PERIOD).millis()),
        last_status: Set(None),
        last_error: Set(None),
        created_at: Set(end.now.millis()),
        delivered_at: Set(None),
    }
}
