//! Access requests that wait when their data source is removed: the database deletes them with it; here each is told of as closed.

use entity::access_request;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use crate::{
    audit::{self, Kind, Record},
    directory::store::audited_transaction::Change,
    kernel::failure::Result,
};

/// Tells of the open requests that are deleted with this data source, before they are.
pub(super) async fn tell_of_what_waits(change: &Change, source: Uuid) -> Result<()> {
    let open = access_request::Entity::find()
        .filter(access_request::Column::DataSourceId.eq(source))
        .filter(access_request::Column::State.eq("open"))
        .order_by_asc(access_request::Column::Id)
        .all(change.transaction())
        .await?;
    for request in open {
        let record = Record {
            kind: Kind::AccessRequestClosed,
            actor: change.actor().to_owned(),
            subject: format!("access_request:{}", request.id),
            reference: None,
            number: None,
            detail: json!({ "data_source_id": source, "userid": request.userid, "cause": "source_removed" }),
        };
        audit::store::insert_in_transaction(change.transaction(), change.entropy(), change.now(), record).await?;
    }
    Ok(())
}
