//! Queries of subscriptions.

use entity::{
    data_source,
    json::Strings,
    notice_channel,
    notice_subscription::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    input::{Desired, NewSubscription, SubscriptionChange},
    view::{SubscriptionFilter, SubscriptionView},
};
use crate::{
    audit::difference::Difference,
    crypto::digest::entity_tag,
    directory::store::Change,
    kernel::{
        entity_tag::{EntityTag, IfMatch},
        failure::{Failure, Result},
        sorting::{SortedListing, SortedPage},
    },
    notices::{delivery::ChannelKind, failure::NoticeFailure, model::Topic, store::outbox::times_of},
    store::{Database, database::unreadable, keyset},
    web::texts::Lang,
};

/// Most subscriptions.
const MOST: u64 = 500;

fn tag_of(row: &Model) -> EntityTag {
    let times = (row.quiet_from, row.quiet_to, row.utc_offset, &row.digest);
    entity_tag(&(row.data_source_id, &row.address, &row.topics, &row.language, times))
}

fn topics_of(row: &Model) -> Vec<Topic> {
    row.topics.0.iter().filter_map(|word| Topic::of(word)).collect()
}

fn desired_of(row: &Model) -> Desired {
    let times = times_of(row);
    Desired {
        data_source_id: row.data_source_id,
        address: row.address.clone(),
        topics: topics_of(row),
        lang: Lang::of_tag(&row.language).unwrap_or(Lang::Zh),
        quiet: times.quiet,
        utc_offset: times.utc_offset,
        digest: times.digest,
    }
}

fn view(row: Model, channel: &notice_channel::Model) -> Result<SubscriptionView, DbErr> {
    Ok(SubscriptionView {
        etag: tag_of(&row),
        id: row.id,
        channel_id: row.channel_id,
        channel: channel.name.clone(),
        kind: kind_of(channel)?,
        data_source_id: row.data_source_id,
        topics: topics_of(&row),
        digest: times_of(&row).digest,
        address: row.address,
        language: row.language,
        quiet_from: row.quiet_from,
        quiet_to: row.quiet_to,
        utc_offset: row.utc_offset,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn kind_of(channel: &notice_channel::Model) -> Result<ChannelKind, DbErr> {
    ChannelKind::of(&channel.kind).ok_or_else(|| unreadable("notice_channel.kind"))
}

fn shown(row: &Model, channel: &notice_channel::Model) -> Result<Value, DbErr> {
    Ok(serde_json::to_value(view(row.clone(), channel)?).unwrap_or_default())
}

fn subject(id: Uuid) -> String {
    format!("notice_subscription:{id}")
}

fn invalid(field: &str, expected: impl std::fmt::Display) -> Failure {
    NoticeFailure::Invalid.failure().field(field, expected)
}

async fn must_exist(change: &Change, data_source: Option<Uuid>) -> Result<()> {
    let Some(id) = data_source else { return Ok(()) };
    let found = data_source::Entity::find_by_id(id).count(change.transaction()).await?;
    match found {
        0 => Err(invalid("data_source_id", "there is no such data source")),
        _ => Ok(()),
    }
}

async fn channel_of(change: &Change, id: Uuid) -> Result<Option<notice_channel::Model>, DbErr> {
    let found = notice_channel::Entity::find_by_id(id);
    found.one(change.transaction()).await
}

fn fill(row: &mut ActiveModel, desired: &Desired) {
    let words = desired.topics.iter().map(|topic| topic.word().to_owned());
    row.data_source_id = Set(desired.data_source_id);
    row.address = Set(desired.address.clone());
    row.topics = Set(Strings(words.collect()));
    row.language = Set(desired.lang.tag().to_owned());
    row.quiet_from = Set(desired.quiet.map(|quiet| quiet.0));
    row.quiet_to = Set(desired.quiet.map(|quiet| quiet.1));
    row.utc_offset = Set(desired.utc_offset);
    row.digest = Set(desired.digest.word().to_owned());
}

pub(super) async fn create(change: Change, input: &NewSubscription) -> Result<Uuid> {
    let channel = channel_of(&change, input.channel_id).await?;
    let channel = channel.ok_or_else(|| invalid("channel_id", "there is no such channel"))?;
    let desired = input.desired(kind_of(&channel)?)?;
    must_exist(&change, desired.data_source_id).await?;
    if Entity::find().count(change.transaction()).await? >= MOST {
        return Err(invalid("body", format_args!("there are {MOST} subscriptions already")));
    }
    let id = change.id();
    let mut row = ActiveModel {
        id: Set(id),
        channel_id: Set(channel.id),
        created_at: Set(change.millis()),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    fill(&mut row, &desired);
    Entity::insert(row).exec_without_returning(change.transaction()).await?;
    let written = Entity::find_by_id(id).one(change.transaction()).await?;
    let written = written.ok_or(NoticeFailure::NotFound)?;
    let created = Difference::created(&shown(&written, &channel)?);
    change.commit_difference(subject(id), ("created", &[]), created).await?;
    Ok(id)
}

async fn locked(change: &Change, id: Uuid, if_match: &IfMatch) -> Result<(Model, notice_channel::Model)> {
    let row = Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    let row = row.ok_or(NoticeFailure::NotFound)?;
    if_match.judge(&tag_of(&row))?;
    let channel = channel_of(change, row.channel_id).await?;
    Ok((row, channel.ok_or(NoticeFailure::NotFound)?))
}

pub(super) async fn change(change: Change, id: Uuid, input: &SubscriptionChange, if_match: &IfMatch) -> Result<()> {
    let (row, channel) = locked(&change, id, if_match).await?;
    let was = shown(&row, &channel)?;
    let desired = input.merged(&desired_of(&row), kind_of(&channel)?)?;
    if matches!(input.data_source_id, Some(Some(_))) {
        must_exist(&change, desired.data_source_id).await?;
    }
    let mut active = row.into_active_model();
    fill(&mut active, &desired);
    active.updated_at = Set(change.millis());
    let row = Entity::update(active).exec(change.transaction()).await?;
    let difference = Difference::between(&was, &shown(&row, &channel)?);
    change
        .commit_difference(subject(id), ("changed", &input.fields()), difference)
        .await
}

/// Deletes a subscription. What is on its way to the subscriber is delivered.
pub(super) async fn delete(change: Change, id: Uuid, if_match: &IfMatch) -> Result<()> {
    let (row, channel) = locked(&change, id, if_match).await?;
    let deleted = Difference::deleted(&shown(&row, &channel)?);
    Entity::delete_by_id(id).exec(change.transaction()).await?;
    change.commit_difference(subject(id), ("deleted", &[]), deleted).await
}

pub(super) async fn find(database: &Database, id: Uuid) -> Result<Option<SubscriptionView>> {
    let row = Entity::find_by_id(id).one(database.reader()).await?;
    Ok(views(database, row.into_iter().collect()).await?.into_iter().next())
}

pub(super) async fn list(
    database: &Database,
    filter: &SubscriptionFilter,
    page: &SortedPage,
) -> Result<SortedListing<SubscriptionView>> {
    let wanted = Condition::all()
        .add_option(filter.channel.map(|id| Column::ChannelId.eq(id)))
        .add_option(filter.data_source.map(|id| Column::DataSourceId.eq(id)));
    let select = Entity::find().filter(wanted);
    let rows = keyset::sorted(database.reader(), select, (Column::Id, Column::Id), page).await?;
    let cut = page.cut_by_id(rows, |row| row.id);
    Ok(SortedListing {
        items: views(database, cut.items).await?,
        next_cursor: cut.next_cursor,
    })
}

async fn views(database: &Database, rows: Vec<Model>) -> Result<Vec<SubscriptionView>> {
    let channels = notice_channel::Entity::find().all(database.reader()).await?;
    let mut shown = Vec::new();
    for row in rows {
        // Its channel may have been deleted in between.
        if let Some(channel) = channels.iter().find(|channel| channel.id == row.channel_id) {
            shown.push(view(row, channel)?);
        }
    }
    Ok(shown)
}
