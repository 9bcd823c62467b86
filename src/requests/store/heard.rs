//! Whether anybody who may decide is told that somebody asks.

use entity::{data_source, notice_channel, notice_subscription, users};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func},
};
use uuid::Uuid;

use super::approvers::{may_decide, person, user_of_member};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    notices::{Topic, delivery::ChannelKind},
    store::Database,
};

/// Data sources that take access requests of which nobody is told who may decide: row id and name. An e-mail address that is no user's, such as that of a
/// mailbox of several, and a webhook count as somebody who may.
///
/// # Errors
/// When the database does not answer.
pub async fn unheard(db: &Database, now: Timestamp) -> Result<Vec<(Uuid, String)>> {
    let sources = data_source::Entity::find()
        .filter(data_source::Column::Enabled.eq(true))
        .filter(data_source::Column::AccessRequests.eq(true))
        .order_by_asc(data_source::Column::Id)
        .all(db.reader())
        .await?;
    let mut unheard = Vec::new();
    for source in sources {
        if !is_heard(db, source.id, now).await? {
            unheard.push((source.id, source.name));
        }
    }
    Ok(unheard)
}

async fn is_heard(db: &Database, source: Uuid, now: Timestamp) -> Result<bool> {
    let about = notice_subscription::Column::DataSourceId;
    let subscriptions = notice_subscription::Entity::find()
        .filter(Condition::any().add(about.is_null()).add(about.eq(source)))
        .all(db.reader())
        .await?;
    let word = Topic::AccessRequested.word();
    for subscription in subscriptions {
        if !subscription.topics.0.iter().any(|topic| topic == word) {
            continue;
        }
        let channel = notice_channel::Entity::find_by_id(subscription.channel_id)
            .filter(notice_channel::Column::Enabled.eq(true))
            .one(db.reader())
            .await?;
        let Some(channel) = channel else { continue };
        let address = subscription.address.unwrap_or_default();
        if decides(db, (&channel, &address), (source, now)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether whoever has this address may decide.
async fn decides(
    db: &Database,
    (channel, address): (&notice_channel::Model, &str),
    (source, now): (Uuid, Timestamp),
) -> Result<bool> {
    let people: Vec<Uuid> = match (ChannelKind::of(&channel.kind), channel.data_source_id) {
        (Some(ChannelKind::Wecom), Some(corp)) => user_of_member(db, corp, address).await?.into_iter().collect(),
        (Some(ChannelKind::Email), _) => {
            let theirs = of_address(db, address).await?;
            if theirs.is_empty() {
                return Ok(true);
            }
            theirs
        }
        (Some(ChannelKind::Webhook), _) => return Ok(true),
        _ => Vec::new(),
    };
    for user in people {
        if person(db, user, source, now).await?.as_ref().is_some_and(may_decide) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn of_address(db: &Database, address: &str) -> Result<Vec<Uuid>> {
    let lower = Expr::expr(Func::lower(Expr::col(users::Column::Email)));
    Ok(users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(lower.eq(address.to_lowercase()))
        .into_tuple()
        .all(db.reader())
        .await?)
}
