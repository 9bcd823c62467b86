//! Removes what WeCom told of a corp that deleted the app (reference 9.6): its members, departments and tags, what runs noted of them, and the values
//! that it gave its people. In batches, so that others write in between. The people stay, without access, and with them their `sub`; the audit log
//! keeps ids.

use entity::{
    callback_endpoint, company_branding, data_source, department, external_contact_count, external_contact_event,
    member, pending_look, scope_entry,
    suite_installation::{ActiveModel, Entity},
    sync_row, sync_run, tag, users,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::locked;
use crate::{
    directory::{
        data_source::store::connecting,
        installation::model::Installation,
        store::Change,
        user::{
            provenance::{Field, Origin},
            store::{document, provenance_of},
        },
        wecom_app::store::installed,
    },
    kernel::failure::Result,
    store::{Database, writer::Transaction},
};

/// The owner of the row in which the events of a suite's company are recorded.
const OF_SUITE: &str = "suite";
/// Rows in one transaction.
const BATCH: u64 = 500;

/// A transaction that removes: the installation is locked, and must still be one whose data goes. `None`: it is another one by now.
async fn begin(db: &Database, (id, source): (Uuid, Uuid)) -> Result<Option<Transaction>> {
    let tx = db.begin().await?;
    let row = Entity::find_by_id(id).lock_exclusive().one(&tx).await?;
    let goes = row.is_some_and(|row| row.removal_due && row.data_source_id == Some(source));
    Ok(goes.then_some(tx))
}

/// Removes a batch of these rows, which belong to the data source; returns how many they were.
async fn batch<E: EntityTrait>(db: &Database, of: (Uuid, Uuid), (rows, id): (Select<E>, E::Column)) -> Result<u64> {
    let rows = rows.select_only().column(id).limit(BATCH);
    let ids: Vec<Uuid> = rows.into_tuple().all(db.reader()).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let Some(tx) = begin(db, of).await? else { return Ok(0) };
    let gone = E::delete_many().filter(id.is_in(ids)).exec(&tx).await?;
    tx.commit().await?;
    Ok(gone.rows_affected)
}

/// Removes a batch of the members of a data source; returns how many they were.
pub(in crate::directory::installation) async fn members(db: &Database, of: (Uuid, Uuid)) -> Result<u64> {
    let theirs = member::Entity::find().filter(member::Column::DataSourceId.eq(of.1));
    batch(db, of, (theirs, member::Column::Id)).await
}

/// Removes what runs noted of the members of a data source, a batch at a time; returns how many rows that were.
pub(in crate::directory::installation) async fn notes(db: &Database, of: (Uuid, Uuid)) -> Result<u64> {
    let runs = sync_run::Entity::find()
        .select_only()
        .column(sync_run::Column::Id)
        .filter(sync_run::Column::DataSourceId.eq(of.1))
        .into_query();
    let theirs = sync_row::Entity::find().filter(sync_row::Column::RunId.in_subquery(runs));
    batch(db, of, (theirs, sync_row::Column::Id)).await
}

/// Removes what WeCom told of the customers of a company, a batch at a time; returns how many events that were.
pub(in crate::directory::installation) async fn customers(db: &Database, of: (Uuid, Uuid)) -> Result<u64> {
    type Event = external_contact_event::Column;
    let theirs = external_contact_event::Entity::find().filter(Event::DataSourceId.eq(of.1));
    batch(db, of, (theirs, Event::Id)).await
}

/// Empties the values that WeCom gave to a batch of the people of a data source; answers the last of them, `None` once there are no more.
pub(in crate::directory::installation) async fn values(
    db: &Database,
    of: (Uuid, Uuid),
    after: Uuid,
) -> Result<Option<Uuid>> {
    let Some(tx) = begin(db, of).await? else {
        return Ok(None);
    };
    let last = empty_batch(&tx, of.1, after).await?;
    tx.commit().await?;
    Ok(last)
}

/// Empties the values that WeCom gave to all people of a data source, within a transaction.
pub(in crate::directory) async fn empty_all<C: ConnectionTrait>(tx: &C, source: Uuid) -> Result<(), DbErr> {
    let mut last = Some(Uuid::nil());
    while let Some(after) = last {
        last = empty_batch(tx, source, after).await?;
    }
    Ok(())
}

async fn empty_batch<C: ConnectionTrait>(tx: &C, source: Uuid, after: Uuid) -> Result<Option<Uuid>, DbErr> {
    let rows = users::Entity::find()
        .filter(users::Column::DataSourceId.eq(source))
        .filter(users::Column::Id.gt(after))
        .order_by_asc(users::Column::Id)
        .limit(BATCH)
        .lock_exclusive()
        .all(tx)
        .await?;
    let last = rows.last().map(|row| row.id);
    for row in rows {
        if let Some(row) = emptied(row)? {
            users::Entity::update(row).exec(tx).await?;
        }
    }
    Ok(last)
}

/// A user without the values that WeCom gave; `None`: it gave none.
fn emptied(row: users::Model) -> Result<Option<users::ActiveModel>, DbErr> {
    let mut provenance = provenance_of(row.provenance.clone())?;
    let given = |field: &Field| match provenance.origin(*field) {
        Origin::Wecom { .. } | Origin::Consent { .. } => true,
        // Made of what WeCom told.
        Origin::Template => *field == Field::Email,
        Origin::Admin { .. } | Origin::Unknown => false,
    };
    let fields: Vec<Field> = Field::FILLED_BY_WECOM.into_iter().filter(given).collect();
    if fields.is_empty() {
        return Ok(None);
    }
    let mut new = users::ActiveModel {
        id: Unchanged(row.id),
        ..Default::default()
    };
    for field in fields {
        provenance.take_back(field);
        match field {
            Field::DisplayName => new.display_name = Set(None),
            Field::Email => {
                new.email = Set(None);
                new.email_verified = Set(false);
            }
            Field::PhoneNumber => {
                new.phone_number = Set(None);
                new.phone_verified = Set(false);
            }
            Field::Picture => new.picture = Set(None),
            Field::Nickname => new.nickname = Set(None),
            _ => new.gender = Set(None),
        }
    }
    new.provenance = Set(document(&provenance));
    Ok(Some(new))
}

/// Removes departments, tags and the scope of the app, and says that everything is gone. False where there is nothing to remove any more.
pub(in crate::directory::installation) async fn finish(change: Change, id: Uuid) -> Result<bool> {
    let held = locked(&change, id).await?;
    let Some(held) = held.filter(|held| held.removal_due) else {
        return Ok(false);
    };
    if let Some(source) = held.data_source {
        rest(change.transaction(), source).await?;
        if !held.status.is_live() {
            connecting::call(&change, source, (&held.corp_name, &held.corp_id)).await?;
        }
    }
    mark(&change, &held).await?;
    let detail = json!({ "action": "data_removed", "fields": [], "data_source_id": held.data_source });
    change.commit_with(held.subject(), detail).await?;
    Ok(true)
}

async fn rest<C: ConnectionTrait>(tx: &C, source: Uuid) -> Result<(), DbErr> {
    department::Entity::delete_many()
        .filter(department::Column::DataSourceId.eq(source))
        .exec(tx)
        .await?;
    tag::Entity::delete_many()
        .filter(tag::Column::DataSourceId.eq(source))
        .exec(tx)
        .await?;
    external_contact_count::Entity::delete_many()
        .filter(external_contact_count::Column::DataSourceId.eq(source))
        .exec(tx)
        .await?;
    // Where the suite's callbacks recorded its events.
    callback_endpoint::Entity::delete_many()
        .filter(callback_endpoint::Column::DataSourceId.eq(source))
        .filter(callback_endpoint::Column::Owner.eq(OF_SUITE))
        .exec(tx)
        .await?;
    company_branding::Entity::delete_by_id(source).exec(tx).await?;
    pending_look::Entity::delete_many()
        .filter(pending_look::Column::DataSourceId.eq(source))
        .exec(tx)
        .await?;
    let app = installed::of_source(tx, source).await?;
    scope_entry::Entity::delete_many()
        .filter(scope_entry::Column::AppId.is_in(app))
        .exec(tx)
        .await?;
    forget_dates(tx, source).await
}

/// Nothing is held that a run could have confirmed.
async fn forget_dates<C: ConnectionTrait>(tx: &C, source: Uuid) -> Result<(), DbErr> {
    data_source::Entity::update_many()
        .col_expr(data_source::Column::NextSyncAt, Expr::value(None::<i64>))
        .col_expr(data_source::Column::MembersConfirmedAt, Expr::value(None::<i64>))
        .filter(Condition::all().add(data_source::Column::Id.eq(source)))
        .exec(tx)
        .await
        .map(|_| ())
}

/// Says that there is nothing left to remove, and forgets what WeCom called the company and its app; a company that is back keeps its name. What
/// waits is looked at at once.
async fn mark(change: &Change, held: &Installation) -> Result<(), DbErr> {
    let waits = held.status.is_live() || held.candidate_sealed.is_some();
    let mut row = ActiveModel {
        id: Unchanged(held.id),
        removal_due: Set(false),
        removed_at: Set(Some(change.millis())),
        next_at: Set(waits.then(|| change.millis())),
        attempts: Set(0),
        problem: Set(None),
        problem_detail: Set(None),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    if !held.status.is_live() {
        row.corp_name = Set(String::new());
        row.app_name = Set(String::new());
        row.installed_by = Set(None);
    }
    Entity::update(row).exec(change.transaction()).await.map(|_| ())
}
