//! Queries of alerts: whether somebody wants them, and what was told last.

use std::collections::BTreeMap;

use entity::{notice, notice_channel, notice_subscription};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::deliveries::kept;
use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Timestamp, failure::Result},
    notices::model::Topic,
    store::Database,
};

/// Whether a subscription to alerts leads to a channel that is enabled.
pub(in crate::notices) async fn is_wanted(database: &Database) -> Result<bool> {
    let enabled = notice_channel::Entity::find()
        .select_only()
        .column(notice_channel::Column::Id)
        .filter(notice_channel::Column::Enabled.eq(true));
    let subscriptions = notice_subscription::Entity::find()
        .filter(notice_subscription::Column::ChannelId.in_subquery(enabled.into_query()))
        .all(database.reader())
        .await?;
    let word = Topic::Alert.word();
    Ok(subscriptions
        .iter()
        .any(|subscription| subscription.topics.0.iter().any(|topic| topic == word)))
}

/// The facts of the last notice of this matter, if it was told since then.
pub(in crate::notices) async fn last_told(
    database: &Database,
    sealer: &Sealer,
    subject: &str,
    since: Timestamp,
) -> Result<Option<BTreeMap<String, String>>> {
    let row = notice::Entity::find()
        .filter(notice::Column::Subject.eq(subject))
        .filter(notice::Column::CreatedAt.gt(since.millis()))
        .order_by_desc(notice::Column::Id)
        .one(database.reader())
        .await?;
    row.map(|row| Ok(kept(&row, sealer)?.facts)).transpose()
}
