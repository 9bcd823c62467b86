//! Fills the outbox: a notice, and a delivery for each who is told of it.

use std::{collections::BTreeMap, time::Duration};

use entity::{notice, notice_channel, notice_delivery, notice_subscription};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    crypto::seal::Sealer,
    directory::store::Change,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    notices::{
        attempt::LEASE,
        delivery::{ChannelKind, State},
        failure::NoticeFailure,
        model::{NewNotice, To, Topic},
        store::people::{self, Way},
        timing::{Digest, Times},
    },
    web::texts::Lang,
};

/// The column by which the content of a notice is sealed.
pub(in crate::notices) const CONTENT: &str = "notice.content";
/// How long it is tried to deliver what may be told.
pub(in crate::notices) const RETRY_PERIOD: Duration = Duration::from_secs(24 * 60 * 60);
/// Longest task id of a card, bytes (reference 10).
const LONGEST_TASK_ID: usize = 128;

/// What of a notice is sealed.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::notices) struct Content {
    pub(in crate::notices) facts: BTreeMap<String, String>,
    pub(in crate::notices) path: Option<String>,
    /// Who gets the buttons of its card; none: it was kept before that was asked, and everybody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::notices) pressers: Option<Vec<String>>,
}

/// Puts a notice into the outbox, and a delivery for each who is told of it; returns the ids of the deliveries. To be called in the transaction of
/// what it tells of, so that both are one commit. The deliveries are sent within a second or so.
///
/// # Errors
/// When the database does not answer; `NO-101` for a member without a data source, and for a task id that WeCom does not take.
pub async fn enqueue<C: ConnectionTrait>(
    connection: &C,
    sealer: &Sealer,
    entropy: &Entropy,
    now: Timestamp,
    notice: &NewNotice,
) -> Result<Vec<Uuid>> {
    check(notice)?;
    let id = entropy.id(now);
    let deliveries: Vec<notice_delivery::ActiveModel> = match &notice.to {
        To::Subscribers => {
            let told = subscribers(connection, notice).await?;
            let to_subscriber = |told| to_subscriber(blank(id, now), told, (notice.topic, now));
            told.iter().map(to_subscriber).collect()
        }
        _ => {
            let ways = people::ways(connection, notice).await?;
            let to_person = |way| to_person(blank(id, now), way, notice.until);
            ways.into_iter().map(to_person).collect()
        }
    };
    // That nobody subscribed is worth knowing; that a person cannot be reached is seen where they are.
    if deliveries.is_empty() && notice.to != To::Subscribers {
        return Ok(Vec::new());
    }
    insert_notice(connection, sealer, (id, now), notice).await?;
    let ids: Vec<Uuid> = deliveries.iter().map(|_| entropy.id(now)).collect();
    let rows = deliveries
        .into_iter()
        .zip(&ids)
        .map(|(row, id)| notice_delivery::ActiveModel { id: Set(*id), ..row });
    if !ids.is_empty() {
        notice_delivery::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(ids)
}

async fn insert_notice<C: ConnectionTrait>(
    connection: &C,
    sealer: &Sealer,
    (id, now): (Uuid, Timestamp),
    notice: &NewNotice,
) -> Result<()> {
    let content = Content {
        facts: notice.facts.clone(),
        path: notice.path.clone(),
        pressers: notice.card.as_ref().map(|card| card.pressers.clone()),
    };
    let content = serde_json::to_vec(&content).map_err(|error| NoticeFailure::Invalid.failure().cause(error))?;
    let row = notice::ActiveModel {
        id: Set(id),
        topic: Set(notice.topic.word().to_owned()),
        data_source_id: Set(notice.data_source),
        subject: Set(notice.subject.clone()),
        content: Set(sealer.seal(CONTENT, &content)?),
        card: Set(notice.card.as_ref().map(|card| card.task_id.clone())),
        created_at: Set(now.millis()),
    };
    notice::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}

/// A test message by one channel to one address.
pub(in crate::notices) struct Trial {
    pub(in crate::notices) channel: Uuid,
    pub(in crate::notices) data_source: Option<Uuid>,
    pub(in crate::notices) kind: ChannelKind,
    pub(in crate::notices) address: Option<String>,
    pub(in crate::notices) lang: Lang,
}

/// Puts a test message into the outbox, leased for whoever does, to be tried once; returns the ids of the notice and of its delivery.
pub(in crate::notices) async fn enqueue_trial(change: &Change, sealer: &Sealer, to: &Trial) -> Result<(Uuid, Uuid)> {
    let (now, notice, delivery) = (change.now(), change.id(), change.id());
    let tested = NewNotice {
        topic: Topic::Test,
        data_source: to.data_source,
        subject: format!("notice_channel:{}", to.channel),
        facts: BTreeMap::new(),
        path: None,
        card: None,
        to: To::Subscribers,
        until: None,
    };
    insert_notice(change.transaction(), sealer, (notice, now), &tested).await?;
    let row = notice_delivery::ActiveModel {
        id: Set(delivery),
        channel_id: Set(Some(to.channel)),
        data_source_id: Set(to.data_source),
        kind: Set(to.kind.word().to_owned()),
        address: Set(to.address.clone()),
        language: Set(to.lang.tag().to_owned()),
        attempts: Set(1),
        leased: Set(true),
        next_at: Set(now.plus(LEASE).millis()),
        deadline: Set(now.millis()),
        ..blank(notice, now)
    };
    notice_delivery::Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await?;
    Ok((notice, delivery))
}

fn check(notice: &NewNotice) -> Result<()> {
    let invalid = |what: &str| Err(NoticeFailure::Invalid.failure().detail(what));
    if matches!(notice.to, To::Member { .. }) && notice.data_source.is_none() {
        return invalid("a member is told over the app of a data source");
    }
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-@".contains(&byte);
    let fits = |card: &str| (1..=LONGEST_TASK_ID).contains(&card.len()) && card.bytes().all(letter);
    if notice.card.as_ref().is_some_and(|card| !fits(&card.task_id)) {
        return invalid("a card's task id has 1 to 128 letters, digits and _ - @");
    }
    Ok(())
}

/// A delivery of a notice that is due at once and has neither id nor address yet.
fn blank(notice: Uuid, now: Timestamp) -> notice_delivery::ActiveModel {
    notice_delivery::ActiveModel {
        id: NotSet,
        notice_id: Set(notice),
        channel_id: Set(None),
        subscription_id: Set(None),
        data_source_id: Set(None),
        kind: Set(ChannelKind::Wecom.word().to_owned()),
        address: Set(None),
        language: Set(Lang::Zh.tag().to_owned()),
        state: Set(State::Pending.word().to_owned()),
        digest: Set(false),
        digest_of: Set(None),
        attempts: Set(0),
        leased: Set(false),
        next_at: Set(now.millis()),
        deadline: Set(now.plus(RETRY_PERIOD).millis()),
        last_status: Set(None),
        last_error: Set(None),
        provider_id: Set(None),
        agent_id: Set(None),
        response_code: Set(None),
        card_state: Set(None),
        created_at: Set(now.millis()),
        delivered_at: Set(None),
    }
}

fn to_person(blank: notice_delivery::ActiveModel, way: Way, until: Option<Timestamp>) -> notice_delivery::ActiveModel {
    let deadline = match (until, &blank.deadline) {
        (Some(until), Set(usual)) => Set(until.millis().min(*usual)),
        _ => blank.deadline.clone(),
    };
    notice_delivery::ActiveModel {
        channel_id: Set(way.channel),
        data_source_id: Set(way.data_source),
        kind: Set(way.kind.word().to_owned()),
        address: Set(Some(way.address)),
        language: Set(way.lang.tag().to_owned()),
        deadline,
        ..blank
    }
}

type Told = (notice_subscription::Model, notice_channel::Model);

fn to_subscriber(
    blank: notice_delivery::ActiveModel,
    (subscription, channel): &Told,
    (topic, now): (Topic, Timestamp),
) -> notice_delivery::ActiveModel {
    let mut times = times_of(subscription);
    // Its link lives for a day only.
    if topic == Topic::AccessRequested {
        times.digest = Digest::None;
    }
    let first = times.first_moment(now);
    let state = if first > now { State::Held } else { State::Pending };
    notice_delivery::ActiveModel {
        channel_id: Set(Some(channel.id)),
        subscription_id: Set(Some(subscription.id)),
        data_source_id: Set(channel.data_source_id),
        kind: Set(channel.kind.clone()),
        address: Set(subscription.address.clone()),
        language: Set(subscription.language.clone()),
        state: Set(state.word().to_owned()),
        digest: Set(times.digest != Digest::None),
        next_at: Set(first.millis()),
        deadline: Set(first.plus(RETRY_PERIOD).millis()),
        ..blank
    }
}

/// When a subscriber may be told.
pub(in crate::notices) fn times_of(subscription: &notice_subscription::Model) -> Times {
    Times {
        quiet: subscription.quiet_from.zip(subscription.quiet_to),
        utc_offset: subscription.utc_offset,
        digest: Digest::of(&subscription.digest).unwrap_or(Digest::None),
    }
}

/// Who subscribed to this, by channels that are enabled. There are few of them.
async fn subscribers<C: ConnectionTrait>(connection: &C, notice: &NewNotice) -> Result<Vec<Told>> {
    let about = notice_subscription::Column::DataSourceId;
    let wanted = Condition::any()
        .add(about.is_null())
        .add_option(notice.data_source.map(|id| about.eq(id)));
    let subscriptions = notice_subscription::Entity::find()
        .filter(wanted)
        .order_by_asc(notice_subscription::Column::Id)
        .all(connection)
        .await?;
    let channels = notice_channel::Entity::find()
        .filter(notice_channel::Column::Enabled.eq(true))
        .all(connection)
        .await?;
    let word = notice.topic.word();
    let told = subscriptions.into_iter().filter_map(|subscription| {
        let subscribed = subscription.topics.0.iter().any(|topic| topic == word);
        let channel = channels.iter().find(|channel| channel.id == subscription.channel_id)?;
        subscribed.then(|| (subscription, channel.clone()))
    });
    Ok(told.collect())
}
