//! Which companies have a suite installed: while any has, it stays, and so does its id.

use entity::suite_installation::{Column, Entity, Model};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    directory::{installation::state::Status, store::audited_transaction::Change, suite::failure::SuiteFailure},
    kernel::failure::Result,
};

/// Companies that are named where a suite must stay.
const NAMED: u64 = 20;

/// Fails in these words where companies have the suite installed, with their names.
pub(super) async fn by_nobody(change: &Change, suite: Uuid, otherwise: SuiteFailure) -> Result<()> {
    let live = [Status::Unbound, Status::Bound, Status::Moved].map(Status::word);
    // What is still to be removed of a company that is gone is removed first.
    let held = Condition::any()
        .add(Column::Status.is_in(live))
        .add(Column::RemovalDue.eq(true));
    let companies = Entity::find()
        .filter(Column::Suite.eq(suite))
        .filter(held)
        .order_by_asc(Column::Id)
        .limit(NAMED)
        .all(change.transaction())
        .await?;
    if companies.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = companies.into_iter().map(named).collect();
    let detail = format!("companies: {}", names.join(", "));
    Err(otherwise.failure().detail(detail))
}

fn named(company: Model) -> String {
    match company.corp_name.is_empty() {
        true => company.corp_id,
        false => company.corp_name,
    }
}

/// Forgets the installations of a suite that are over.
pub(super) async fn forget(change: &Change, suite: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Suite.eq(suite))
        .exec(change.transaction())
        .await?;
    Ok(())
}
