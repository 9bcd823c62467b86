//! Queries of probes: what was seen of each credential, and who probes it next.

use std::collections::BTreeMap;

use entity::{data_source, probe, setting, wecom_app};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    QueryTrait, sea_query::OnConflict,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{egress::NamedAddress, holder::Holder, model::Kept};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

type Column = probe::Column;

/// Row of `setting` with the address that WeCom named last.
const EGRESS: &str = "wecom_egress";

/// Names a row.
const KEY: [Column; 2] = [Column::HolderId, Column::Holder];

/// All that is kept.
pub async fn all(db: &Database) -> Result<BTreeMap<Holder, Kept>> {
    let rows = probe::Entity::find().all(db.reader()).await?;
    let known = rows
        .into_iter()
        .filter_map(|row| Some((Holder::of(&row.holder, row.holder_id)?, kept(row))));
    Ok(known.collect())
}

/// What is kept of one credential.
pub async fn find(db: &Database, holder: Holder) -> Result<Option<Kept>> {
    let row = probe::Entity::find_by_id(key(holder)).one(db.reader()).await?;
    Ok(row.map(kept))
}

/// Keeps what was seen of a credential that is being saved, in place of what was seen of the one before.
pub async fn put<C: ConnectionTrait>(tx: &C, holder: Holder, kept: &Kept) -> Result<(), DbErr> {
    let replace = OnConflict::columns(KEY)
        .update_columns([
            Column::Capabilities,
            Column::App,
            Column::ProbedAt,
            Column::TriedAt,
            Column::Unanswered,
            Column::NextAt,
        ])
        .to_owned();
    probe::Entity::insert(row(holder, kept))
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await?;
    remember(tx, kept).await
}

/// Forgets a credential that is gone.
pub async fn remove<C: ConnectionTrait>(tx: &C, holder: Holder) -> Result<(), DbErr> {
    probe::Entity::delete_by_id(key(holder)).exec(tx).await.map(drop)
}

/// Forgets the credentials whose data source or app is gone. A secret that does not open at this moment is none of them.
pub async fn remove_orphans(db: &Database) -> Result<()> {
    let sources = data_source::Entity::find()
        .select_only()
        .column(data_source::Column::Id);
    let apps = wecom_app::Entity::find().select_only().column(wecom_app::Column::Id);
    let gone = probe::Entity::delete_many()
        .filter(Column::HolderId.not_in_subquery(sources.into_query()))
        .filter(Column::HolderId.not_in_subquery(apps.into_query()));
    gone.exec(db.writer()).await?;
    Ok(())
}

/// Claims the next probe of a credential until a moment; false when somebody else did, or it was saved anew.
pub async fn claim(db: &Database, holder: Holder, before: Option<&Kept>, until: Timestamp) -> Result<bool> {
    let Some(before) = before else {
        let first = Kept {
            next_at: until.millis(),
            ..Kept::default()
        };
        let ignore = OnConflict::columns(KEY).do_nothing().to_owned();
        let inserted = probe::Entity::insert(row(holder, &first))
            .on_conflict(ignore)
            .exec_without_returning(db.writer())
            .await?;
        return Ok(inserted == 1);
    };
    let updated = probe::Entity::update_many()
        .col_expr(Column::NextAt, until.millis().into())
        .filter(of(holder))
        .filter(Column::NextAt.eq(before.next_at))
        .exec(db.writer())
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Keeps what a claimed probe saw; nothing where the credential was saved anew meanwhile.
pub async fn record(db: &Database, holder: Holder, claimed: Timestamp, kept: &Kept) -> Result<()> {
    probe::Entity::update_many()
        .set(row(holder, kept))
        .filter(of(holder))
        .filter(Column::NextAt.eq(claimed.millis()))
        .exec(db.writer())
        .await?;
    Ok(remember(db.writer(), kept).await?)
}

/// The address that WeCom named last as that of our calls.
pub async fn named_address<C: ConnectionTrait>(db: &C) -> Result<Option<NamedAddress>, DbErr> {
    let row = setting::Entity::find_by_id(EGRESS.to_owned()).one(db).await?;
    Ok(row.and_then(|row| serde_json::from_str(&row.value).ok()))
}

/// Remembers the address that a probe was told.
async fn remember<C: ConnectionTrait>(db: &C, kept: &Kept) -> Result<(), DbErr> {
    let Some(named) = NamedAddress::of(kept) else {
        return Ok(());
    };
    let known = named_address(db).await?;
    if known.is_some_and(|known| named.adds_nothing_to(&known)) {
        return Ok(());
    }
    let row = setting::ActiveModel {
        name: Set(EGRESS.to_owned()),
        value: Set(json(&named).to_string()),
        created_at: Set(named.at),
    };
    let replace = OnConflict::column(setting::Column::Name)
        .update_columns([setting::Column::Value, setting::Column::CreatedAt])
        .to_owned();
    setting::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db)
        .await
        .map(drop)
}

fn key(holder: Holder) -> (Uuid, String) {
    (holder.id(), holder.word().to_owned())
}

fn of(holder: Holder) -> Condition {
    Condition::all()
        .add(Column::HolderId.eq(holder.id()))
        .add(Column::Holder.eq(holder.word()))
}

fn row(holder: Holder, kept: &Kept) -> probe::ActiveModel {
    probe::ActiveModel {
        holder_id: Set(holder.id()),
        holder: Set(holder.word().to_owned()),
        capabilities: Set(json(&kept.rows)),
        app: Set(kept.app.as_ref().map(json)),
        probed_at: Set(kept.at.map(Timestamp::millis)),
        tried_at: Set(kept.tried_at.map(Timestamp::millis)),
        unanswered: Set(kept.unanswered.as_ref().map(json)),
        next_at: Set(kept.next_at),
    }
}

fn kept(row: probe::Model) -> Kept {
    Kept {
        rows: read(row.capabilities).unwrap_or_default(),
        app: row.app.and_then(read),
        at: row.probed_at.map(Timestamp::from_millis),
        tried_at: row.tried_at.map(Timestamp::from_millis),
        unanswered: row.unanswered.and_then(read),
        next_at: row.next_at,
    }
}

fn json(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// `None`: of another version; it counts as never seen.
fn read<T: DeserializeOwned>(value: serde_json::Value) -> Option<T> {
    serde_json::from_value(value).ok()
}
