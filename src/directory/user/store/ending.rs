//! Ends what users have who may no longer come in.

use entity::{member, oauth_grant, session, users};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement},
};
use uuid::Uuid;

use crate::directory::{
    offboarding::{
        self,
        model::{EndReason, Ending, LearnedBy, Leaver, Reach},
    },
    session_end,
    store::audited_transaction::Change,
    user::input::Status,
};

/// Ends the sessions and revokes the grants of these users, set-based.
pub(super) async fn end_everything(change: &Change, ids: &[Uuid], reason: &str) -> Result<(), DbErr> {
    session_end::store::end_sessions_and_grants(change.transaction(), ids, &change.end(reason)).await
}

/// Ends the access of a user by an admin's hand.
pub(super) async fn end_access(change: &Change, user: &users::Model, reason: EndReason) -> Result<(), DbErr> {
    let member = member::Entity::find()
        .filter(member::Column::UserId.eq(user.id))
        .one(change.transaction())
        .await?;
    let evidence = serde_json::json!({ "actor": change.actor() });
    let ending = Ending {
        entropy: change.entropy(),
        now: change.now(),
        reason,
        learned_by: LearnedBy::Admin,
        reach: Reach::Everywhere,
        data_source: user.data_source_id,
        evidence: &evidence,
    };
    let leaver = Leaver {
        user: user.id,
        member: member.as_ref().map(|member| member.id),
        userid: member.map(|member| member.userid),
        may_disable: true,
    };
    offboarding::store::end_access(change.transaction(), &ending, &[leaver])
        .await
        .map(|_| ())
}

async fn end_sessions(change: &Change, whose: Condition, reason: &str) -> Result<(), DbErr> {
    session_end::store::end_sessions(change.transaction(), whose, &change.end(reason))
        .await
        .map(|_| ())
}

async fn revoke_grants(change: &Change, whose: Condition, reason: &str) -> Result<(), DbErr> {
    oauth_grant::Entity::update_many()
        .col_expr(oauth_grant::Column::RevokedAt, Expr::value(change.millis()))
        .col_expr(oauth_grant::Column::RevokeReason, Expr::value(reason))
        .filter(whose)
        .filter(oauth_grant::Column::RevokedAt.is_null())
        .exec(change.transaction())
        .await
        .map(|_| ())
}

/// Disables every active user of a data source, ends their sessions and revokes their grants; by subqueries, since there may be 100,000.
pub(in crate::directory) async fn disable_all_of(change: &Change, source: Uuid, reason: &str) -> Result<(), DbErr> {
    let of_source = || -> SelectStatement {
        users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(users::Column::DataSourceId.eq(source))
            .into_query()
    };
    let sessions = Condition::all().add(session::Column::UserId.in_subquery(of_source()));
    end_sessions(change, sessions, reason).await?;
    let grants = Condition::all().add(oauth_grant::Column::UserId.in_subquery(of_source()));
    revoke_grants(change, grants, reason).await?;
    users::Entity::update_many()
        .col_expr(users::Column::Status, Expr::value(Status::Disabled.word()))
        .col_expr(users::Column::DisabledReason, Expr::value(reason))
        .col_expr(users::Column::UpdatedAt, Expr::value(change.millis()))
        .filter(users::Column::DataSourceId.eq(source))
        .filter(users::Column::Status.eq(Status::Active.word()))
        .exec(change.transaction())
        .await
        .map(|_| ())
}
