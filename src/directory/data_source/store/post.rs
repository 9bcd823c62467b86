//! What of the post room goes with a data source: its channels, and the subscriptions by them or about it. The database deletes them with
//! it; here each is told of as a deletion of its own.

use std::collections::BTreeSet;

use entity::{notice_channel, notice_subscription};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::{audit::difference::Difference, directory::store::audited_transaction::Change, kernel::failure::Result};

/// Tells of what is deleted with this data source, before it is.
pub(super) async fn tell_of_what_goes(change: &Change, source: Uuid) -> Result<()> {
    let of_it = notice_channel::Column::DataSourceId.eq(source);
    let channels = notice_channel::Entity::find().filter(of_it);
    let channels = channels.all(change.transaction()).await?;
    let ids: BTreeSet<Uuid> = channels.iter().map(|channel| channel.id).collect();
    let lost = Condition::any()
        .add(notice_subscription::Column::DataSourceId.eq(source))
        .add(notice_subscription::Column::ChannelId.is_in(ids));
    let subscriptions = notice_subscription::Entity::find().filter(lost);
    for subscription in subscriptions.all(change.transaction()).await? {
        let was = json!({
            "channel_id": subscription.channel_id,
            "data_source_id": subscription.data_source_id,
            "address": subscription.address,
            "topics": subscription.topics,
        });
        let subject = format!("notice_subscription:{}", subscription.id);
        change.tell(subject, "deleted", Difference::deleted(&was)).await?;
    }
    for channel in channels {
        let was = json!({ "kind": channel.kind, "name": channel.name, "data_source_id": channel.data_source_id });
        let subject = format!("notice_channel:{}", channel.id);
        change.tell(subject, "deleted", Difference::deleted(&was)).await?;
    }
    Ok(())
}
