//! Queries of audit events.

pub(super) mod people;

use std::time::Duration;

use entity::audit_event;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::model::{EventCondition, EventView, Person};
use crate::{
    kernel::{
        clock::Timestamp,
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    store::{Database, keyset},
};

type Column = audit_event::Column;

/// How far the moment in a row's id may lie from the moment it tells.
const SLACK: Duration = Duration::from_secs(60);
/// The last moment that an id can begin with, milliseconds.
const LAST_MILLIS: u64 = (1 << 48) - 1;

pub(super) async fn list(
    database: &Database,
    wanted: &EventCondition,
    page: &SortedPage,
) -> Result<SortedListing<EventView>> {
    let select = audit_event::Entity::find().filter(condition(wanted));
    let rows = keyset::sorted(database.reader(), select, (Column::Id, Column::Id), page).await?;
    Ok(page.cut_by_id(rows, |row| row.id).map(view))
}

fn condition(wanted: &EventCondition) -> Condition {
    let filter = &wanted.filter;
    let is = |column: Column, value: &Option<String>| value.as_ref().map(|value| column.eq(value));
    Condition::all()
        .add_option(is(Column::Reference, &filter.reference))
        .add_option(is(Column::Kind, &filter.kind))
        .add_option(is(Column::Number, &filter.number))
        .add_option(wanted.actors.as_ref().map(|actors| Column::Actor.is_in(actors)))
        .add_option(is(Column::ClientId, &wanted.client_id))
        .add_option(filter.data_source.map(|id| Column::DataSourceId.eq(id)))
        .add_option(wanted.person.as_ref().map(about))
        .add_option(filter.since.map(|since| {
            // Ids begin with their moment, and the list is in their order: this is where it ends.
            let first = Timestamp::from_millis(since).minus(SLACK);
            Condition::all()
                .add(Column::At.gte(since))
                .add(Column::Id.gte(bound(first, [0; 10])))
        }))
        .add_option(filter.until.map(|until| {
            let last = Timestamp::from_millis(until).plus(SLACK);
            Condition::all()
                .add(Column::At.lt(until))
                .add(Column::Id.lte(bound(last, [0xff; 10])))
        }))
}

/// The least or greatest id of a moment. An id has 48 bits for it, and a moment beyond them would begin again at the first.
fn bound(at: Timestamp, rest: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.millis()).unwrap_or(0).min(LAST_MILLIS);
    uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
}

/// About this person, or done by them. Nobody finds nothing.
fn about(person: &Person) -> Condition {
    let mut any = Condition::any().add(Column::UserId.is_in(person.users.iter().copied()));
    if !person.members.is_empty() {
        any = any
            .add(Column::MemberId.is_in(person.members.iter().copied()))
            .add(Column::Actor.is_in(person.actors.iter()));
    }
    any
}

pub(super) async fn find(database: &Database, reference: &str) -> Result<Option<EventView>> {
    let row = audit_event::Entity::find()
        .filter(Column::Reference.eq(reference))
        .order_by_desc(Column::Id)
        .one(database.reader())
        .await?;
    Ok(row.map(view))
}

fn view(row: audit_event::Model) -> EventView {
    let entry = row.number.as_deref().and_then(crate::entry);
    EventView {
        id: row.id,
        at: row.at,
        kind: row.kind,
        actor: row.actor,
        subject: row.subject,
        reference: row.reference,
        remedy: entry.map(|entry| entry.remedy),
        remedy_zh: entry.map(|entry| entry.remedy_zh),
        number: row.number,
        user_id: row.user_id,
        member_id: row.member_id,
        client_id: row.client_id,
        data_source_id: row.data_source_id,
        detail: row.detail,
    }
}
