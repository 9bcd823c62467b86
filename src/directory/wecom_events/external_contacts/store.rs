//! Queries of events about customers.

use entity::{data_source, external_contact_count, external_contact_event};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    model::{Arrived, EventFilter, ROOM, STEP},
    view::{CountView, EventView},
};
use crate::{
    kernel::{
        clock::Timestamp,
        failure::Result,
        pagination::{Listing, Page},
    },
    store::{Database, keyset},
};

type Column = external_contact_event::Column;
type Counted = external_contact_count::Column;

/// Records an event and counts it, both or neither; false: it was recorded before.
pub(in crate::directory) async fn record(db: &Database, arrived: Arrived) -> Result<bool> {
    let (change, now) = (arrived.event.change.word(), arrived.received_at.millis());
    let once = OnConflict::columns([Column::DataSourceId, Column::Digest])
        .do_nothing()
        .to_owned();
    // What is delivered again waits for no writer.
    let known = external_contact_event::Entity::find()
        .filter(Column::DataSourceId.eq(arrived.data_source))
        .filter(Column::Digest.eq(&arrived.digest));
    if known.count(db.reader()).await? > 0 {
        return Ok(false);
    }
    let row = row_of(&arrived);
    let tx = db.begin().await?;
    let inserted = external_contact_event::Entity::insert(row)
        .on_conflict(once)
        .exec_without_returning(&tx)
        .await?;
    if inserted == 0 {
        return Ok(false);
    }
    let first = external_contact_count::ActiveModel {
        data_source_id: Set(arrived.data_source),
        change: Set(change.to_owned()),
        total: Set(1),
        first_at: Set(now),
        last_at: Set(now),
    };
    let total = Expr::col((external_contact_count::Entity, Counted::Total));
    let again = OnConflict::columns([Counted::DataSourceId, Counted::Change])
        .update_column(Counted::LastAt)
        .value(Counted::Total, total.add(1))
        .to_owned();
    external_contact_count::Entity::insert(first)
        .on_conflict(again)
        .exec_without_returning(&tx)
        .await?;
    let counted = external_contact_count::Entity::find_by_id((arrived.data_source, change.to_owned()))
        .one(&tx)
        .await?;
    if counted.is_some_and(|counted| counted.total % STEP == 0) {
        remove_surplus(&tx, arrived.data_source).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Removes the oldest events of a data source, so that more find room.
async fn remove_surplus<C: ConnectionTrait>(tx: &C, source: Uuid) -> Result<(), DbErr> {
    let first_over: Option<Uuid> = external_contact_event::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::DataSourceId.eq(source))
        .order_by_desc(Column::Id)
        .offset(ROOM)
        .limit(1)
        .into_tuple()
        .one(tx)
        .await?;
    if let Some(first_over) = first_over {
        external_contact_event::Entity::delete_many()
            .filter(Column::DataSourceId.eq(source))
            .filter(Column::Id.lte(first_over))
            .exec(tx)
            .await?;
    }
    Ok(())
}

fn row_of(arrived: &Arrived) -> external_contact_event::ActiveModel {
    let event = &arrived.event;
    external_contact_event::ActiveModel {
        id: Set(arrived.id),
        data_source_id: Set(arrived.data_source),
        change: Set(event.change.word().to_owned()),
        userid: Set(event.userid.clone()),
        external_userid: Set(event.external_userid.clone()),
        chat_id: Set(event.chat_id.clone()),
        detail: Set(event.detail.clone()),
        told_at: Set(arrived.told_at.map(Timestamp::millis)),
        received_at: Set(arrived.received_at.millis()),
        digest: Set(arrived.digest.clone()),
    }
}

/// Whether there is such a data source.
pub(super) async fn is_source(db: &Database, id: Uuid) -> Result<bool> {
    let found = data_source::Entity::find_by_id(id).count(db.reader()).await?;
    Ok(found > 0)
}

/// Lists events of a data source, the newest first.
pub(super) async fn list(db: &Database, source: Uuid, filter: &EventFilter, page: Page) -> Result<Listing<EventView>> {
    let wanted = Condition::all()
        .add(Column::DataSourceId.eq(source))
        .add_option(filter.change.as_ref().map(|change| Column::Change.eq(change)))
        .add_option(filter.userid.as_ref().map(|userid| Column::Userid.eq(userid)))
        .add_option(filter.external_userid.as_ref().map(|id| Column::ExternalUserid.eq(id)));
    let select = external_contact_event::Entity::find().filter(wanted);
    let rows = keyset::newest_first(db.reader(), select, Column::Id, page).await?;
    let views = rows.into_iter().map(event_view).collect();
    Ok(Listing::cut(views, page, |view: &EventView| view.id))
}

/// How many events of each kind a data source was told of, by kind.
pub(super) async fn counts(db: &Database, source: Uuid) -> Result<Vec<CountView>> {
    let rows = external_contact_count::Entity::find()
        .filter(Counted::DataSourceId.eq(source))
        .order_by_asc(Counted::Change)
        .all(db.reader())
        .await?;
    Ok(rows.into_iter().map(count_view).collect())
}

fn event_view(row: external_contact_event::Model) -> EventView {
    EventView {
        id: row.id,
        change: row.change,
        userid: row.userid,
        external_userid: row.external_userid,
        chat_id: row.chat_id,
        detail: row.detail,
        told_at: row.told_at,
        received_at: row.received_at,
    }
}

fn count_view(row: external_contact_count::Model) -> CountView {
    CountView {
        change: row.change,
        total: row.total,
        first_at: row.first_at,
        last_at: row.last_at,
    }
}
