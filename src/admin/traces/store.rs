//! Queries of traces.

use entity::{audit_event, failure_trace};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use super::model::Kept;
use crate::{kernel::failure::Result, store::Database};

/// What is stored under a code: its trace and its audit event, or one of them.
pub(super) async fn find(database: &Database, reference: &str) -> Result<Option<Kept>> {
    let reader = database.reader();
    let trace = failure_trace::Entity::find_by_id(reference).one(reader).await?;
    let event = audit_event::Entity::find()
        .filter(audit_event::Column::Reference.eq(reference))
        .order_by_desc(audit_event::Column::Id)
        .one(reader)
        .await?;
    let known = event.as_ref().and_then(|event| Some((event.at, event.number.clone()?)));
    let told = trace.as_ref().map(|trace| (trace.at, trace.number.clone()));
    let Some((at, number)) = told.or(known) else {
        return Ok(None);
    };
    Ok(Some(Kept {
        at,
        number,
        trace: trace.map_or(Value::Null, |trace| trace.detail),
        event: event.map_or(
            Value::Null,
            |event| json!({ "actor": event.actor, "subject": event.subject, "detail": event.detail }),
        ),
    }))
}
