//! Queries of what is going on at portals: two for a whole page.

use std::collections::HashMap;

use entity::{audit_event, client, logout_delivery};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use uuid::Uuid;

use super::model::Activity;
use crate::{audit::Kind, store::Database};

/// What is going on at these portals.
pub(super) async fn activity(database: &Database, ids: &[Uuid]) -> Result<HashMap<Uuid, Activity>, DbErr> {
    let mut known: HashMap<Uuid, Activity> = HashMap::new();
    for (id, at) in last_sign_ins(database, ids).await? {
        known.entry(id).or_default().last_sign_in_at = at;
    }
    for (id, state, many) in undelivered(database, ids).await? {
        let logouts = &mut known.entry(id).or_default().logouts;
        let many = u64::try_from(many).unwrap_or_default();
        match state.as_str() {
            "pending" => logouts.pending = many,
            _ => logouts.failed = logouts.failed.saturating_add(many),
        }
    }
    Ok(known)
}

/// The newest event of each portal by which tokens went there, found from the end of its part of an index (migration `m0062`). The kind stands there as
/// the index has it, or no planner would know that it fits.
async fn last_sign_ins(database: &Database, ids: &[Uuid]) -> Result<Vec<(Uuid, Option<i64>)>, DbErr> {
    use audit_event::Column;
    let own = Expr::col((client::Entity, client::Column::ClientId));
    let newest = audit_event::Entity::find()
        .select_only()
        .column(Column::At)
        .filter(own.eq(Expr::col((audit_event::Entity, Column::ClientId))))
        .filter(Expr::cust(format!(
            "audit_event.kind = '{}'",
            Kind::TokensIssued.word()
        )))
        .order_by_desc(Column::Id)
        .limit(1);
    let newest: SimpleExpr = newest.into_query().into();
    client::Entity::find()
        .select_only()
        .column(client::Column::Id)
        .column_as(newest, "newest")
        .filter(client::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(database.reader())
        .await
}

/// How many logouts of each portal are in which of the states in which it has not heard of them.
async fn undelivered(database: &Database, ids: &[Uuid]) -> Result<Vec<(Uuid, String, i64)>, DbErr> {
    use logout_delivery::Column;
    logout_delivery::Entity::find()
        .select_only()
        .column(Column::ClientId)
        .column(Column::State)
        .column_as(Column::Id.count(), "many")
        .filter(Column::ClientId.is_in(ids.iter().copied()))
        .filter(Column::State.is_in(["pending", "failed", "abandoned"]))
        .group_by(Column::ClientId)
        .group_by(Column::State)
        .into_tuple()
        .all(database.reader())
        .await
}
