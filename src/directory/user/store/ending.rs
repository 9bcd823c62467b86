//! Ends what users have who may no longer come in.

use entity::{member, users};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::directory::{
    offboarding::{
        self,
        model::{EndReason, Ending, LearnedBy, Leaver, Reach},
    },
    session_end,
    store::audited_transaction::Change,
};

/// Ends the sessions and revokes the grants of these users, set-based.
pub(super) async fn end_everything(change: &Change, ids: &[Uuid], reason: &str) -> Result<(), DbErr> {
    session_end::store::end_sessions_and_grants(change.transaction(), ids, &change.end(reason)).await
}

/// Ends the access of a user by an admin's hand.
pub(super) async fn end_access(change: &Change, user: &users::Model, reason: EndReason) -> Result<(), DbErr> {
    end_access_seen(change, user, reason, json!({ "actor": change.actor() })).await
}

/// Ends the access of a user whose date an admin sets to a moment that has passed.
pub(super) async fn end_by_date(change: &Change, user: &users::Model, until: i64) -> Result<(), DbErr> {
    let evidence = json!({ "actor": change.actor(), "access_until": until });
    end_access_seen(change, user, EndReason::AccessEnded, evidence).await
}

async fn end_access_seen(
    change: &Change,
    user: &users::Model,
    reason: EndReason,
    evidence: Value,
) -> Result<(), DbErr> {
    let member = member::Entity::find()
        .filter(member::Column::UserId.eq(user.id))
        .one(change.transaction())
        .await?;
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
