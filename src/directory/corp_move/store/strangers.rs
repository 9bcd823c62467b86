//! Requests for access of people whom no pair names: whose they are is not known under the other ids, and somebody else may have theirs.

use entity::{access_request, corp_move_pair};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    audit::{self, Kind, Record},
    directory::{corp_move::model::How, store::Change},
};

/// Closes those of a data source whose ids are in no pair of a move, in the column that has them as they are called until now.
pub(super) async fn close_requests(
    change: &Change,
    (id, source): (Uuid, Uuid),
    called: corp_move_pair::Column,
) -> Result<(), DbErr> {
    type Pair = corp_move_pair::Column;
    let paired = corp_move_pair::Entity::find()
        .select_only()
        .column(called)
        .filter(Pair::MoveId.eq(id))
        .filter(Pair::NewKey.is_not_null())
        .filter(Pair::How.ne(How::GaveUp.word()));
    let open = access_request::Entity::find()
        .filter(access_request::Column::DataSourceId.eq(source))
        .filter(access_request::Column::State.eq("open"))
        .filter(access_request::Column::UseridKey.not_in_subquery(paired.into_query()))
        .order_by_asc(access_request::Column::Id)
        .all(change.transaction())
        .await?;
    for request in open {
        let row = access_request::ActiveModel {
            id: Unchanged(request.id),
            state: Set("closed".to_owned()),
            decided_at: Set(Some(change.millis())),
            decided_by: Set(Some(change.actor().to_owned())),
            decision: Set(Some(json!({ "via": "itself", "because": "company_moved" }))),
            // Told within seconds by whoever tends requests (`requests/tending.rs`).
            untold: Set(true),
            version: Set(request.version.saturating_add(1)),
            ..Default::default()
        };
        access_request::Entity::update(row).exec(change.transaction()).await?;
        let record = Record {
            kind: Kind::AccessRequestClosed,
            actor: change.actor().to_owned(),
            subject: format!("access_request:{}", request.id),
            reference: None,
            number: None,
            detail: json!({ "data_source_id": source, "userid": request.userid, "cause": "company_moved" }),
        };
        audit::store::insert_in_transaction(change.transaction(), change.entropy(), change.now(), record).await?;
    }
    Ok(())
}
