//! What remains of a move once nobody takes it back: an admin says so, or the company deletes the suite's app. Ids that the suite told are removed then
//! (reference 9.6).

use entity::{callback_endpoint, corp_move};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use super::{pairs, unlearning};
use crate::{
    audit::difference::Difference,
    directory::{
        corp_move::model::{State, subject},
        store::Change,
        wecom_app::store as app_store,
    },
    kernel::failure::Result,
};

/// The owner of the row in which the events of a suite's company are recorded.
pub(super) const OF_SUITE: &str = "suite";

/// The company deleted the suite's app: of its moves one that is planned is given up, and one that was made is for good.
///
/// # Errors
/// When the database does not answer.
pub(in crate::directory) async fn by_deletion(change: &Change, installation: Uuid) -> Result<()> {
    let rows = corp_move::Entity::find()
        .filter(corp_move::Column::Installation.eq(installation))
        .lock_exclusive()
        .all(change.transaction())
        .await?;
    for row in rows {
        let state = match State::of(&row.state) {
            Some(State::Planned) => Some(State::Dropped),
            Some(State::Done) => Some(State::Final),
            _ => None,
        };
        let left = row.from_app.zip(row.changed_at).filter(|_| state == Some(State::Final));
        forget(change, (row.data_source_id, row.id), left).await?;
        let Some(state) = state else { continue };
        let ended = corp_move::ActiveModel {
            id: Unchanged(row.id),
            state: Set(state.word().to_owned()),
            open_for: Set(None),
            app_secret_sealed: Set(None),
            contacts_secret_sealed: Set(None),
            ended_by: Set(Some(change.actor().to_owned())),
            ended_at: Set(Some(change.millis())),
            ..Default::default()
        };
        corp_move::Entity::update(ended).exec(change.transaction()).await?;
        let difference = Difference::between(&json!({ "state": row.state }), &json!({ "state": state }));
        let difference = difference.also("data_source_id", row.data_source_id.to_string());
        change.tell(subject(row.id), state.word(), difference).await?;
    }
    Ok(())
}

/// Forgets the pairs of a move, and, where it was made, the app that was left, when it was, and all that it told.
pub(super) async fn forget(change: &Change, (source, id): (Uuid, Uuid), left: Option<(Uuid, i64)>) -> Result<()> {
    if let Some((_, at)) = left {
        unlearning::of_suite(change, (source, id, at)).await?;
    }
    pairs::forget(change, id).await?;
    let Some((app, _)) = left else { return Ok(()) };
    callback_endpoint::Entity::delete_many()
        .filter(callback_endpoint::Column::DataSourceId.eq(source))
        .filter(callback_endpoint::Column::Owner.eq(OF_SUITE))
        .exec(change.transaction())
        .await?;
    app_store::remove_unused(change, app).await?;
    Ok(())
}
