//! Queries of audit events.

use entity::audit_event;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};

use super::model::{EventFilter, EventView};
use crate::{
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
    store::{Database, keyset},
};

pub(super) async fn list(database: &Database, filter: &EventFilter, page: Page) -> Result<Listing<EventView>> {
    let wanted = Condition::all()
        .add_option(
            filter
                .reference
                .as_ref()
                .map(|code| audit_event::Column::Reference.eq(code)),
        )
        .add_option(filter.kind.as_ref().map(|kind| audit_event::Column::Kind.eq(kind)));
    let select = audit_event::Entity::find().filter(wanted);
    let rows = keyset::newest_first(database.reader(), select, audit_event::Column::Id, page).await?;
    Ok(Listing::cut(rows, page, |row| row.id).map(view))
}

pub(super) async fn find(database: &Database, reference: &str) -> Result<Option<EventView>> {
    let row = audit_event::Entity::find()
        .filter(audit_event::Column::Reference.eq(reference))
        .order_by_desc(audit_event::Column::Id)
        .one(database.reader())
        .await?;
    Ok(row.map(view))
}

fn remedy(number: &str) -> Option<&'static str> {
    let entry = crate::reference_numbers()
        .into_iter()
        .find(|entry| entry.number == number);
    entry.map(|entry| entry.remedy)
}

fn view(row: audit_event::Model) -> EventView {
    EventView {
        id: row.id,
        at: row.at,
        kind: row.kind,
        actor: row.actor,
        subject: row.subject,
        reference: row.reference,
        remedy: row.number.as_deref().and_then(remedy),
        number: row.number,
        detail: row.detail,
    }
}
