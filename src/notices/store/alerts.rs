//! Queries of alerts: whether somebody wants them, what was told last, and what stood then.

use std::collections::BTreeMap;

use entity::{notice, notice_channel, notice_delivery, notice_subscription, setting};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::OnConflict,
};
use uuid::Uuid;

use super::deliveries::kept;
use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Timestamp, failure::Result},
    notices::{
        alert_memory::Contact,
        alert_presence::Presences,
        channel::{settings::Settings, store as channels},
        delivery::State,
        failure::is_unreadable,
        model::Topic,
    },
    store::Database,
    web::texts::Lang,
};

/// Most subscriptions that are told from memory.
const MOST_CONTACTS: usize = 20;
/// The row of `setting` that says which troubles stood at the last look.
const PRESENCES: &str = "notices.troubles";
/// States of a delivery that somebody had, or is to have.
pub(super) const HAD: [&str; 3] = [State::Pending.word(), State::Held.word(), State::Delivered.word()];

/// The subscriptions to alerts that lead to a channel which is enabled.
async fn wanted(database: &Database) -> Result<Vec<notice_subscription::Model>> {
    let enabled = notice_channel::Entity::find()
        .select_only()
        .column(notice_channel::Column::Id)
        .filter(notice_channel::Column::Enabled.eq(true));
    let mut subscriptions = notice_subscription::Entity::find()
        .filter(notice_subscription::Column::ChannelId.in_subquery(enabled.into_query()))
        .order_by_asc(notice_subscription::Column::Id)
        .all(database.reader())
        .await?;
    let word = Topic::Alert.word();
    subscriptions.retain(|subscription| subscription.topics.0.iter().any(|topic| topic == word));
    Ok(subscriptions)
}

/// Whether anybody subscribed to alerts, and of whoever subscribed to those of the installation what it takes to tell them without the database. A channel whose
/// secret does not open is left out.
pub(in crate::notices) async fn subscribed(database: &Database, sealer: &Sealer) -> Result<(bool, Vec<Contact>)> {
    let subscriptions = wanted(database).await?;
    let all = subscriptions.iter().filter(|one| one.data_source_id.is_none());
    let mut contacts = Vec::new();
    for subscription in all {
        if contacts.len() == MOST_CONTACTS {
            break;
        }
        let channel = match channels::opened(database, sealer, subscription.channel_id).await {
            Ok(Some(channel)) if !matches!(channel.settings, Settings::Wecom) => channel,
            Ok(_) => continue,
            Err(failure) if is_unreadable(&failure) => continue,
            Err(failure) => return Err(failure),
        };
        contacts.push(Contact {
            subscription: subscription.id,
            settings: channel.settings,
            secret: channel.secret,
            address: subscription.address.clone(),
            lang: Lang::of_tag(&subscription.language).unwrap_or(Lang::Zh),
        });
    }
    Ok((!subscriptions.is_empty(), contacts))
}

/// What was told of a matter.
pub(in crate::notices) struct Told {
    /// The facts of the last notice that somebody had, or is to have; none of one that cannot be read.
    pub(in crate::notices) facts: Option<BTreeMap<String, String>>,
    /// Whether there is a notice at all.
    pub(in crate::notices) written: bool,
}

/// What was told of this matter since then. A notice that nobody accepted and nobody is to have counts if it was made after `tried_since`; one that was for
/// nobody does not.
pub(in crate::notices) async fn last_told(
    database: &Database,
    sealer: &Sealer,
    subject: &str,
    (since, tried_since): (Timestamp, Timestamp),
) -> Result<Told> {
    let notices: Vec<(Uuid, i64)> = notice::Entity::find()
        .select_only()
        .columns([notice::Column::Id, notice::Column::CreatedAt])
        .filter(notice::Column::Subject.eq(subject))
        .filter(notice::Column::CreatedAt.gt(since.millis()))
        .order_by_desc(notice::Column::Id)
        .into_tuple()
        .all(database.reader())
        .await?;
    let written = !notices.is_empty();
    let deliveries: Vec<(Uuid, String)> = notice_delivery::Entity::find()
        .select_only()
        .columns([notice_delivery::Column::NoticeId, notice_delivery::Column::State])
        .filter(notice_delivery::Column::NoticeId.is_in(notices.iter().map(|(id, _)| *id)))
        .into_tuple()
        .all(database.reader())
        .await?;
    let counts = |(id, at): &&(Uuid, i64)| {
        let mut own = deliveries.iter().filter(|(notice, _)| notice == id);
        own.any(|(_, state)| *at > tried_since.millis() || HAD.contains(&state.as_str()))
    };
    let Some((last, _)) = notices.iter().find(counts) else {
        return Ok(Told { facts: None, written });
    };
    let row = notice::Entity::find_by_id(*last).one(database.reader()).await?;
    let facts = row.map(|row| match kept(&row, sealer) {
        Ok(kept) => Ok(kept.facts),
        // Sealed under another key: what it said is not known, so the trouble is told once more, by a notice that can be read.
        Err(failure) if is_unreadable(&failure) => Ok(BTreeMap::new()),
        Err(failure) => Err(failure),
    });
    let facts = facts.transpose()?;
    Ok(Told { facts, written })
}

/// Which troubles stood at the last look.
pub(in crate::notices) async fn presences(database: &Database) -> Result<Presences> {
    let row = setting::Entity::find_by_id(PRESENCES.to_owned())
        .one(database.reader())
        .await?;
    // What cannot be read is of another version: then each trouble stands since it is found.
    Ok(row
        .and_then(|row| serde_json::from_str(&row.value).ok())
        .unwrap_or_default())
}

/// Keeps them for the next look.
pub(in crate::notices) async fn keep_presences(
    database: &Database,
    presences: &Presences,
    now: Timestamp,
) -> Result<()> {
    let row = setting::ActiveModel {
        name: Set(PRESENCES.to_owned()),
        value: Set(serde_json::to_string(presences).unwrap_or_default()),
        created_at: Set(now.millis()),
    };
    let replace = OnConflict::column(setting::Column::Name)
        .update_columns([setting::Column::Value, setting::Column::CreatedAt])
        .to_owned();
    setting::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(database.writer())
        .await?;
    Ok(())
}
